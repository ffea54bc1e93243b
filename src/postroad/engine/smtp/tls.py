"""TLS with verified certificates, and what to tell people when it fails."""

import ssl

from postroad.core.mail import RelayTarget
from postroad.engine.smtp.replies import harmless

_EXPIRED, _NOT_YET_VALID = 10, 9
_UNTRUSTED = frozenset({2, 18, 19, 20, 21, 24, 26})
_OTHER_NAME = frozenset({62, 64})


def tls_context(relay: RelayTarget) -> ssl.SSLContext:
    """Verifies chain and name. Raises OSError or ssl.SSLError for an unreadable CA file."""
    context = ssl.create_default_context()
    if relay.ca_file:
        context.load_verify_locations(cafile=relay.ca_file)
    return context


def tls_description(tls: object) -> str:
    """'TLSv1.3 TLS_AES_256_GCM_SHA384', '' without TLS."""
    if tls is None:
        return ""
    cipher = getattr(tls, "cipher", lambda: None)()
    version = getattr(tls, "version", lambda: None)()
    return f"{version} {cipher[0]}" if cipher else str(version or "")


def certificate_advice(error: ssl.SSLCertVerificationError, relay: RelayTarget) -> str:
    """What is wrong with the certificate, and what to do."""
    reason = harmless(error.verify_message or str(error))
    match error.verify_code:
        case code if code == _EXPIRED:
            advice = "its owner must renew it; nothing was sent."
        case code if code == _NOT_YET_VALID:
            advice = "check this machine's clock; nothing was sent."
        case code if code in _OTHER_NAME:
            advice = (
                f"it is not made for {relay.host!r}: enter the host name that the provider "
                "names; nothing was sent."
            )
        case code if code in _UNTRUSTED:
            advice = (
                "nobody this machine trusts has signed it: name the authority's PEM file in the "
                "relay's settings, if you trust it; nothing was sent."
            )
        case _:
            advice = "ask the relay's owner; nothing was sent."
    return f"The relay's certificate can't be accepted ({reason}): {advice}"
