"""A rate held by four workers at once: how much of it is used by the clock on the wall.

Counted at the relay, from its own file, while there is work: without the first
two seconds, in which connections are opened. No second may be too full.
"""

import tempfile
from pathlib import Path

from bench import line
from bench.scene import a_scene, until
from postroad.testing.rates import record_of
from postroad.testing.relay import read_events, relay_process

SECONDS = line.Size("LIMITS_SECONDS", 30)
A_SECOND = 50
WORKERS = 4
CONNECTIONS = 4
WARM_SECONDS = 2
BAR = 0.98


def main() -> None:
    mails = A_SECOND * (SECONDS.now + WARM_SECONDS)
    with (
        tempfile.TemporaryDirectory() as folder,
        relay_process(Path(folder), watches=True) as relay,
        a_scene(relay.port, CONNECTIONS, WORKERS) as product,
    ):
        product.call("SELECT set_bucket('relay', '1', %s, NULL)", 60 * A_SECOND)
        run = product.verify(mails)
        until(product, run, "ready")
        product.launch(run)
        until(product, run, "finished")
        assert product.counts(run) == {"accepted": mails}, product.counts(run)
        record = record_of(read_events(relay.file))
    since = record.begun[0].at + WARM_SECONDS
    # The last mails are each in some worker's hands: another has none to use its moment for.
    last = record.begun[mails * 9 // 10].at
    worst = record.worst_second()
    stood = record.stood_still(since, last)
    print(f"  {A_SECOND}/s: worst second {worst}; the relay stood still for {stood:.2f} s")
    used = record.used(A_SECOND, since, last)
    line.share("limits", used, f"of {A_SECOND}/s", BAR, SECONDS, is_kept=worst <= A_SECOND)
