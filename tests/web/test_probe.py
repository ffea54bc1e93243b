"""Health, readiness and metrics: what machines are told, and who may ask."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from postroad.app import App
from postroad.core.lifecycle import RunState
from postroad.core.metrics import LATENCY_BOUNDS
from postroad.settings import Settings
from postroad.store.queries import query
from postroad.testing.runs import Hand, RunBuilder, deferred, rejected
from postroad.web.probe.exposition import families
from postroad.wiring.status import Status

from .conftest import make_client

ROOT = Path(__file__).parents[2]
STRANGER: Any = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


@pytest.fixture
def hand(app: App) -> Iterator[Hand]:
    with Hand(app.dsn) as hand:
        yield hand


def values(client: Client) -> dict[tuple[str, ...], float]:
    """(name, sorted label values …) → value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_health_and_readiness_need_no_session_and_tell_a_word(client: Client) -> None:
    assert client.get("/healthz", **STRANGER).json() == {"healthy": True}
    assert client.get("/readyz", **STRANGER).json() == {"ready": True, "missing": []}
    assert client.get("/readyz", headers={"host": "10.1.2.3:8025"}).status_code == 200
    assert client.post("/readyz").status_code == 405


def test_readiness_names_what_is_missing(app: App, settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    broker = SecretStr(f"amqp://user:hunter2@127.0.0.1:{port}/")
    status = Status(settings.model_copy(update={"broker_url": broker}))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0002_install_engine'")
    assert status.missing() == ["migrations", "broker"]
    answer = make_client(app).get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["migrations"])


def test_metrics_are_for_this_machine_and_for_the_token(
    app: App, client: Client, settings: Settings
) -> None:
    assert client.get("/metrics").status_code == 200
    refused = client.get("/metrics", **STRANGER)
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    # A proxy on this machine is no way round it.
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 401
    told = {"Authorization": "Bearer let-me-in"}
    assert client.get("/metrics", headers=told, **STRANGER).status_code == 401
    from dataclasses import replace

    token = settings.model_copy(update={"metrics_token": SecretStr("let-me-in")})
    other = make_client(replace(app, status=Status(token)))
    assert other.get("/metrics", headers=told, **STRANGER).status_code == 200
    wrong = {"Authorization": "Bearer let-me-out"}
    assert other.get("/metrics", headers=wrong, **STRANGER).status_code == 401


def test_metrics_tell_queues_outcomes_latencies_and_workers(
    client: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 250)
    batch = hand.begin()
    assert batch is not None
    hand.answer(batch, lambda n: rejected(n) if n % 50 == 0 else deferred(n), 100)
    for _ in range(2):
        hand.begin()
    hand.ask("SELECT note_answers(%s, 61.5)", [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    hand.ask("SELECT note_depths('{prepare}', '{9}')")
    hand.ask("UPDATE broker_queue SET at = now() - interval '2 minutes' RETURNING at")
    hand.ask("SELECT note_depths('{dispatch,dispatch.urgent}', '{12,7}')")
    hand.ask("SELECT compact_counts()")
    hand.ask("SELECT count_queues()")
    told = values(client)
    count = hand.ask("SELECT count(*) AS n FROM delivery_state WHERE state = 'rejected'")[0]["n"]
    assert count > 0
    assert told["postroad_outcomes_total", "rejected", "5"] == count
    assert told["postroad_outcomes_total", "deferred", "4"] == 100 - count
    assert told["postroad_queue_mails", "other", "dispatch", "owned"] == 150
    assert told["postroad_queue_mails", "other", "dispatch", "retry"] == 100 - count
    assert told["postroad_batch_seconds_count",] == 1
    assert told["postroad_begin_seconds_count",] == 3
    assert told["postroad_begin_seconds_bucket", "+Inf"] == 3
    assert told["postroad_runs", "running"] == 1
    assert told["postroad_reply_seconds_count",] == 4
    assert told["postroad_reply_seconds_bucket", "0.01"] == 3
    assert told["postroad_reply_seconds_sum",] == 61.5
    assert told["postroad_broker_references", "dispatch.urgent"] == 7
    assert ("postroad_broker_references", "prepare") not in told, "nobody has read it of late"
    assert told["postroad_workers", "alive"] >= 1
    hand.beat(-1)
    assert values(client)["postroad_workers", "silent"] >= 1
    assert run


def test_totals_only_grow_and_count_each_fact_once(
    client: Client, book: RunBuilder, hand: Hand
) -> None:
    book.a_run(RunState.RUNNING, 120)
    hand.dispatch()
    for _ in range(3):
        hand.ask("SELECT compact_counts()")
    hand.advance()
    assert values(client)["postroad_outcomes_total", "accepted", "2"] == 120
    (pace,) = hand.ask("SELECT sum(accepted) AS accepted FROM run_pace")
    assert pace["accepted"] == 120


def test_a_scrape_costs_the_same_at_ten_million_mails(
    client: Client, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 30)
    hand.connection.execute(
        "INSERT INTO batch (run_id, lane, stage, due_at, item_n, item_attempt, item_source,"
        " item_index) SELECT %s, 'google', 'dispatch', now(), '{1}', '{1}', '{1}', '{0}'"
        " FROM generate_series(1, 100000)",
        [run],
    )
    hand.connection.execute(
        "INSERT INTO journal (run_id, n, attempt, kind, actor)"
        " SELECT %s, k, 1, 'accepted', 'worker x' FROM generate_series(1, 100000) k",
        [run],
    )
    hand.ask("SELECT count_queues()")
    hand.connection.execute("ANALYZE batch; ANALYZE journal")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query('metrics')}")
        plan = "\n".join(line for (line,) in cursor.fetchall()).split("Planning")[0]
    top = next(line for line in plan.splitlines() if "Buffers:" in line)
    touched = sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", top))
    assert touched < 200, top


def test_the_bounds_are_those_of_the_database() -> None:
    path = ROOT / "src/postroad/engine/sql/functions/note_latency.sql"
    found = re.search(r"ARRAY\[([^\]]+)\]", path.read_text(encoding="utf-8"))
    assert found is not None
    assert tuple(float(bound) for bound in found[1].split(",")) == LATENCY_BOUNDS


def test_every_metric_is_explained_and_no_other_is(app: App) -> None:
    paper = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(postroad\w*)`", paper, re.MULTILINE))
    assert told == {family.name for family in families(app.status.metrics())} | {
        "postroad_queue_figures_age_seconds"
    }
