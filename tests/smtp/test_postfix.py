"""A Postfix of the test's own, that announces CHUNKING and is asked what it took."""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from postroad.core.ids import RelayId
from postroad.core.mail import RelayTarget
from postroad.core.outcome import Verdict
from postroad.engine.smtp.pool import Pool
from tests.smtp.mails import PATIENT, Outcomes, some_mails
from tests.smtp.test_conformance import free_port

POSTFIX = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
# What is taken is thrown away by `discard`, which writes it down.
MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log/mail.log
maillog_file_prefixes = {home}/log
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
smtpd_recipient_restrictions =
    check_recipient_access inline:{{{{person7@example.org = 550 5.1.1 nobody}}}},
    check_recipient_access inline:{{{{person8@example.org = 451 4.3.0 later}}}},
    permit_mynetworks, reject
smtpd_error_sleep_time = 0
default_transport = discard:
alias_maps =
alias_database =
local_recipient_maps =
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    target: RelayTarget
    log: Path

    def text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    async def until(self, event: str, count: int) -> None:
        async with asyncio.timeout(60):
            while True:
                if self.text().count(event) >= count:
                    return
                await asyncio.sleep(0.05)

    @property
    def taken(self) -> Counter[str]:
        return Counter(re.findall(r"to=<([^>]*)>.*status=sent", self.text()))


@contextmanager
def a_postfix() -> Iterator[Postfix]:
    if POSTFIX is None:
        pytest.skip("Postfix (Debian package postfix) is not installed")
    with tempfile.TemporaryDirectory(prefix="postroad-postfix-") as name:
        home, port = Path(name), free_port()
        home.chmod(0o755)
        for folder in ("etc", "queue", "data", "log"):
            (home / folder).mkdir()
        shutil.chown(home / "data", "postfix")
        (home / "etc" / "main.cf").write_text(MAIN.format(home=home))
        (home / "etc" / "master.cf").write_text(MASTER.format(port=port))
        command = [POSTFIX, "-c", str(home / "etc")]
        subprocess.run([*command, "start"], check=True, capture_output=True)
        try:
            target = RelayTarget(RelayId(1), "127.0.0.1", port, "none")
            yield Postfix(target, home / "log" / "mail.log")
        finally:
            subprocess.run([*command, "stop"], check=True, capture_output=True)


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="Postfix starts as root only")
async def test_postfix_takes_several_mails_in_one_write_and_each_once() -> None:
    with a_postfix() as postfix:
        await postfix.until("daemon started", 1)
        outcomes = Outcomes()
        pool = Pool(postfix.target, PATIENT, outcomes)
        body = b".stuffed\r\n" * 500
        pool.offer([*some_mails(200), *some_mails(20, first=1000, body=body)])
        await asyncio.wait_for(pool.drain(), 60)
        await pool.close()
        await postfix.until("status=sent", 218)
        # Told of each connection as it ends: that something came in chunks.
        await postfix.until(" bdat=", 1)
        taken = postfix.taken
    assert outcomes.counts == {Verdict.ACCEPTED: 218, Verdict.REJECTED: 1, Verdict.DEFERRED: 1}
    assert len(taken) == 218
    assert set(taken.values()) == {1}
    assert not {"person7@example.org", "person8@example.org"} & taken.keys()
