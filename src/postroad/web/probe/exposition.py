"""The figures in the Prometheus text format. Names and meanings: docs/metrics.md."""

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from postroad import __version__
from postroad.core.metrics import LATENCY_BOUNDS, REPLY_BOUNDS, Figures


def exposed(figures: Figures) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures))
    return generate_latest(registry)


class _Collector(Collector):
    """One look, told once."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        return families(self._figures)


def families(figures: Figures) -> Iterator[Metric]:
    yield InfoMetricFamily("postroad", "The product.", value={"version": __version__})
    yield from _queues(figures)
    yield _by(
        "postroad_broker_references",
        "References that wait in the broker's queues, as a worker last read it there.",
        "queue",
        figures.broker.items(),
    )
    yield from _outcomes(figures)
    yield _by("postroad_runs", "Live runs by state.", "state", figures.runs.items())
    yield _by("postroad_workers", "Workers by state.", "state", figures.workers.items())
    yield _one(
        "postroad_in_flight_mails", "Mails in SMTP, as told by heartbeats.", figures.in_flight
    )
    yield _one("postroad_relays_stopped", "Relays out of use.", figures.relays_stopped)
    yield _by("postroad_alarms", "Alarms that stand, by kind.", "kind", figures.alarms.items())
    yield _by(
        "postroad_feed_lag_rows",
        "Journal rows that a feed has not published yet.",
        "feed",
        figures.feeds.items(),
    )
    yield _one("postroad_suppressions", "Suppressed addresses, estimated.", figures.suppressions)


def _queues(figures: Figures) -> Iterator[Metric]:
    labels = ["stage", "lane", "state"]
    mails = GaugeMetricFamily(
        "postroad_queue_mails", "Mails by stage, lane and state.", labels=labels
    )
    batches = GaugeMetricFamily(
        "postroad_queue_batches", "Batches by stage, lane and state.", labels=labels
    )
    oldest = GaugeMetricFamily(
        "postroad_queue_oldest_due_seconds",
        "How long the oldest due batch has been due.",
        labels=labels[:2],
    )
    for row in figures.queues:
        place = [row["stage"], row["lane"]]
        for state in ("waiting", "due", "owned"):
            mails.add_metric([*place, state], row[f"{state}_mails"])
        mails.add_metric([*place, "sending"], row["sending"])
        mails.add_metric([*place, "retry"], row["retries"])
        for state in ("waiting", "due", "rung", "owned"):
            batches.add_metric([*place, state], row[f"{state}_batches"])
        oldest.add_metric(place, row["oldest_due_seconds"] or 0)
    yield from (mails, batches, oldest)
    if figures.age_seconds is not None:
        text = "How old the figures of the queues are: no worker counts them while this grows."
        yield _one("postroad_queue_figures_age_seconds", text, figures.age_seconds)


def _outcomes(figures: Figures) -> Iterator[Metric]:
    outcomes = CounterMetricFamily(
        "postroad_outcomes",
        "Facts that decided a mail's state, by class of the reply (0: none).",
        labels=["outcome", "reply_class"],
    )
    for row in figures.outcomes:
        outcomes.add_metric([row["fact"], str(row["class"])], row["total"])
    yield outcomes
    yield _histogram(
        figures, "begin", "From the moment a batch was due to its first window, where mails begin."
    )
    yield _histogram(figures, "batch", "From the moment a batch was due to its last answer.")
    yield _histogram(
        figures, "reply", "From the beginning of a mail to the reply that settled it.", REPLY_BOUNDS
    )


def _histogram(
    figures: Figures, kind: str, text: str, bounds: Sequence[float] = LATENCY_BOUNDS
) -> Metric:
    counts = [0.0] * (len(bounds) + 1)
    seconds = 0.0
    for row in (row for row in figures.latencies if row["kind"] == kind):
        counts[row["bucket"]] += row["count"]
        seconds += row["seconds"]
    words = [*map(str, bounds), "+Inf"]
    buckets = [(word, sum(counts[: place + 1])) for place, word in enumerate(words)]
    return HistogramMetricFamily(
        f"postroad_{kind}_seconds", text, buckets=buckets, sum_value=seconds
    )


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _by(name: str, text: str, label: str, values: Iterable[tuple[str, int]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values:
        family.add_metric([key], value)
    return family
