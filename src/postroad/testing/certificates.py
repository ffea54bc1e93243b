"""Certificates for tests: a small authority and what it did or did not sign well."""

import datetime as dt
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files; all but `authority` hold certificate and key, for localhost and 127.0.0.1."""

    authority: Path
    valid: Path
    expired: Path
    wrong_host: Path
    self_signed: Path


_Key = ec.EllipticCurvePrivateKey


def make_certificates(folder: Path, now: dt.datetime) -> Certificates:
    """Writes them into the folder, which exists. Valid for a day around `now`."""
    day = dt.timedelta(days=1)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Postroad test authority")
    root = _sign(_request(name, key, (now - 3 * day, now + day), is_authority=True), name, key)
    authority = folder / "authority.pem"
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def made(
        file: str, until: dt.datetime, host: str = "localhost", *, alone: bool = False
    ) -> Path:
        own = ec.generate_private_key(ec.SECP256R1())
        request = _request(_name(host), own, (now - 2 * day, until), host=host)
        issuer = (_name(host), own) if alone else (name, key)
        path = folder / file
        path.write_bytes(_pem(_sign(request, *issuer), own))
        return path

    return Certificates(
        authority,
        valid=made("valid.pem", now + day),
        expired=made("expired.pem", now - day),
        wrong_host=made("wrong_host.pem", now + day, "elsewhere.example"),
        self_signed=made("self_signed.pem", now + day, alone=True),
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _request(
    subject: x509.Name,
    key: _Key,
    valid: tuple[dt.datetime, dt.datetime],
    *,
    host: str = "",
    is_authority: bool = False,
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not host:
        return builder
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    if host == "localhost":
        names.append(x509.IPAddress(IPv4Address("127.0.0.1")))
    return builder.add_extension(x509.SubjectAlternativeName(names), critical=False)


def _sign(builder: x509.CertificateBuilder, issuer: x509.Name, key: _Key) -> x509.Certificate:
    return builder.issuer_name(issuer).sign(key, hashes.SHA256())


def _pem(certificate: x509.Certificate, key: _Key) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
