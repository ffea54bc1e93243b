"""Two hosts' workers against one host's, at a relay 20 ms away.

Hosts are network namespaces on this machine; database and relay share a third.
The relay keeps each final dot waiting for 20 ms, so that what a host can send
is set by its connections and not by these cores.
"""

import tempfile
from pathlib import Path

from bench import line
from bench.scene import LETTER, prepared, sent
from postroad.core.outcome import Phase
from postroad.testing import netns
from postroad.testing.database import private_server
from postroad.testing.fleet import Fleet, a_fleet
from postroad.testing.relay import Script

MAILS = line.Size("HOSTS_MAILS", 10_000)
CONNECTIONS = 10
HOSTS = ("mars", "venus")
RTT_SECONDS = 0.02
BAR = 1.8


def main() -> None:
    if absent := netns.missing():
        print(f"hosts: not measured: {absent}")
        return
    script = Script(delays={Phase.DOT: RTT_SECONDS})
    with (
        private_server() as server,
        tempfile.TemporaryDirectory() as folder,
        a_fleet(
            Path(folder), server.shelf, *HOSTS, script=script,
            settings={}, environment={"POSTROAD_DOMAIN_CONNECTIONS": "0"},
            connections=CONNECTIONS, letter=LETTER,
        ) as fleet,
    ):  # fmt: skip
        one, two = [_with_another(fleet, host) for host in HOSTS]
    print(f"  one host {one:,.0f}/s, two {two:,.0f}/s; {CONNECTIONS} connections each")
    line.ratio("hosts", two / one, "one host", BAR, MAILS)


def _with_another(fleet: Fleet, host: str) -> float:
    """Mails a second once this host works as well."""
    fleet.start_on(host)
    # A worker's first batches are slower: its revision and its connections are new.
    run, _ = prepared(fleet, MAILS.now)
    return sent(fleet, run, MAILS.now)
