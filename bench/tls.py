"""What TLS adds to a mail, and what a DKIM signature would: the other benchmarks have both off.

Counted is the worker's CPU, since whoever ends the TLS runs on these cores as well.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench import line
from bench.cpu import seconds_of
from bench.scene import OCTETS, a_scene, prepared, sent
from bench.sink import running_sink
from postroad.testing.certificates import make_certificates
from postroad.testing.product import Product

MAILS = line.Size("TLS_MAILS", 20_000)
CONNECTIONS = 8
SIGNATURES = 500


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_sink() as sink:
        certificates = make_certificates(Path(folder), datetime.now(UTC))
        with (
            a_front(certificates.valid, sink.port) as port,
            a_scene(sink.port, CONNECTIONS, 1) as product,
        ):
            clear = _worker_seconds(product)
            product.call(
                "UPDATE relay SET port = %s, tls = 'implicit', ca_file = %s RETURNING id",
                port, str(certificates.authority),
            )  # fmt: skip
            product.end()
            product.workers.clear()
            product.start_worker()
            sealed = _worker_seconds(product)
    micro = 1e6 / MAILS.now
    line.figures(
        "tls",
        f"{sealed * micro:.0f} µs of a worker's CPU a mail with TLS, {clear * micro:.0f} without;"
        f" a DKIM signature (RSA, 2048 bits) takes {_signature_seconds() * 1e6:.0f} µs more",
        MAILS,
    )


def _worker_seconds(product: Product) -> float:
    """Of CPU, for a whole run."""
    run, _ = prepared(product, MAILS.now)
    pids = [worker.pid for worker in product.workers]
    before = seconds_of(pids)
    sent(product, run, MAILS.now)
    return seconds_of(pids) - before


def _signature_seconds() -> float:
    """Hash and signature of one mail."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    mail = bytes(OCTETS)
    began = time.process_time()
    for _ in range(SIGNATURES):
        key.sign(mail, padding.PKCS1v15(), hashes.SHA256())
    return (time.process_time() - began) / SIGNATURES


@contextmanager
def a_front(certificate: Path, port: int) -> Iterator[int]:
    """The port at which a process of its own ends TLS before the sink."""
    command = [sys.executable, "-m", "bench.tls_front", str(certificate), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as front:
        try:
            assert front.stdout is not None
            yield int(front.stdout.readline())
        finally:
            front.kill()
