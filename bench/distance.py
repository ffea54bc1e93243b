"""A relay 20 ms away, there and back, over 50 connections: how much of the distance is hidden.

One mail a round trip on each connection is what a client comes to that keeps
each connection busy and sends one mail at a time: connections ÷ RTT is the
peer, by arithmetic. The sink answers each command 20 ms after it came and does
not announce CHUNKING, with which several mails share a round trip.
"""

from bench import line
from bench.scene import a_scene, prepared, sent
from bench.sink import running_sink

MAILS = line.Size("DISTANT_MAILS", 40_000)
WORKERS = 2
CONNECTIONS = 25
RTT_MS = 20
BAR = 0.9


def main() -> None:
    ideal = WORKERS * CONNECTIONS / (RTT_MS / 1000)
    with (
        running_sink(RTT_MS, chunking=False) as sink,
        a_scene(sink.port, CONNECTIONS, WORKERS) as product,
    ):
        run, _ = prepared(product, MAILS.now)
        ours = sent(product, run, MAILS.now)
    print(f"  {ours:,.0f}/s; {WORKERS * CONNECTIONS} connections ÷ {RTT_MS} ms = {ideal:,.0f}/s")
    line.ratio("distance", ours / ideal, "connections ÷ RTT", BAR, MAILS)
