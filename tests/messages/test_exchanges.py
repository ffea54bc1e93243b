"""What outsiders see over a real broker: submit, follow, dead letters, what is put aside."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pika
import pytest
from aio_pika import connect
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError, DeliveryError

from postroad.core.ids import RunId
from postroad.engine.messages.frames import MAX_BODY, Outgoing, publish_all
from postroad.engine.messages.topology import EVENTS, declare
from postroad.testing.rabbitmq import RabbitMQNode
from postroad.testing.relay import Phase, Rule, Script
from tests.engine.rig import Rig, a_rig
from tests.messages.described import faults
from tests.messages.opened import open_campaign
from tests.messages.outsider import Outsider, an_outsider


@dataclass
class Stage:
    rig: Rig
    outsider: Outsider
    campaign: int


@asynccontextmanager
async def a_stage(
    dsn: str, url: str, script: Script | None = None, workers: int = 1
) -> AsyncIterator[Stage]:
    async with a_rig(dsn, script, workers, broker_url=url) as rig:
        await rig.until_true("SELECT count(*) = 1 FROM feed_position")
        with an_outsider(url) as outsider:
            yield Stage(rig, outsider, open_campaign(rig.connection))
        assert [fault for event in outsider.events for fault in faults("event", event)] == []


def a_message(stage: Stage, number: int = 1) -> dict[str, object]:
    return {
        "v": 1, "id": f"order {number}", "campaign": stage.campaign,
        "address": f"ann{number}@example.org", "name": "Ann", "data": {"order": "17"},
    }  # fmt: skip


async def test_a_submission_goes_out_and_is_followed_by_its_id(dsn: str, broker_url: str) -> None:
    async with a_stage(dsn, broker_url) as stage:
        stage.outsider.submit(a_message(stage))
        accepted = await asyncio.to_thread(stage.outsider.heard, "accepted", id="order 1")
        assert accepted["campaign"] == stage.campaign
        assert (accepted["n"], accepted["attempt"], accepted["key"]) == (1, 1, "order 1")
        await asyncio.to_thread(stage.outsider.heard, "finished", id="order 1")
        kinds = [event["kind"] for event in stage.outsider.events if event.get("id")]
        assert kinds == [
            "submitted", "selected", "prepared", "ready", "launched", "released", "accepted",
            "finished",
        ]  # fmt: skip
        assert "delivery.accepted" in stage.outsider.keys
        assert stage.rig.begun() == {"ann1@example.org": 1}


@pytest.mark.fault(18)
async def test_a_repeat_is_harmless(dsn: str, broker_url: str) -> None:
    async with a_stage(dsn, broker_url, workers=2) as stage:
        for _ in range(5):
            for number in range(4):
                stage.outsider.submit(a_message(stage, number))
        for number in range(4):
            await asyncio.to_thread(stage.outsider.heard, "finished", id=f"order {number}")
        await stage.rig.until_true("SELECT count(*) = 4 FROM run WHERE state = 'finished'")
        assert stage.rig.begun() == {f"ann{number}@example.org": 1 for number in range(4)}


@pytest.mark.fault(17)
async def test_what_is_unfit_is_put_aside_with_its_reason(dsn: str, broker_url: str) -> None:
    async with a_stage(dsn, broker_url) as stage:
        stage.rig.connection.execute("UPDATE campaign SET is_open = false")
        stage.outsider.submit(b"no json")
        headers, body = await asyncio.to_thread(stage.outsider.get, "postroad.aside")
        assert body == b"no json"
        assert headers["x-reason"] == "The message is no JSON object: see docs/messages."
        stage.outsider.submit(a_message(stage))
        headers, body = await asyncio.to_thread(stage.outsider.get, "postroad.aside")
        assert json.loads(body) == a_message(stage)
        assert headers["x-reason"].startswith("The campaign is not open for single mails")
        refused = await asyncio.to_thread(stage.outsider.heard, "message_refused", id="order 1")
        assert refused["text"] == headers["x-reason"]
        # Opened, the same id may come again.
        stage.rig.connection.execute("UPDATE campaign SET is_open = true")
        stage.outsider.submit(a_message(stage))
        await asyncio.to_thread(stage.outsider.heard, "finished", id="order 1")


async def test_a_dead_letter_moved_to_submit_is_requeued_once(dsn: str, broker_url: str) -> None:
    script = Script(rules=(Rule(Phase.DOT, reply="552 5.3.4 Too big", times=1),))
    async with a_stage(dsn, broker_url, script) as stage:
        stage.outsider.submit(a_message(stage))
        _, letter = await asyncio.to_thread(stage.outsider.get, "postroad.dead")
        read = json.loads(letter)
        assert faults("deadLetter", read) == []
        assert read == {
            "v": 1, "run": read["run"], "n": 1, "attempt": 1, "reason": "552 5.3.4 Too big",
        }  # fmt: skip
        for _ in range(3):
            stage.outsider.submit(letter)
        await asyncio.to_thread(stage.outsider.heard, "accepted", n=1)
        await stage.rig.until_true(
            "SELECT count(*) = 2 FROM journal WHERE kind = 'requeue_ignored'"
        )
        run = RunId(read["run"])
        await stage.rig.until(run, "finished")
        assert stage.rig.counts(run) == {"accepted": 1}
        assert stage.rig.begun() == {"ann1@example.org": 2}
        assert stage.outsider.depth("postroad.aside") == 0
        assert stage.outsider.depth("postroad.dead") == 0


async def test_every_fact_of_a_run_is_published_in_order(dsn: str, broker_url: str) -> None:
    async with a_stage(dsn, broker_url, workers=2) as stage:
        run = await stage.rig.finish(2500)
        await asyncio.to_thread(stage.outsider.heard, "finished", run=run)
        events = stage.outsider.events
        positions = [event["position"] for event in events]
        assert positions == sorted(set(positions))
        accepted = [event["n"] for event in events if event["kind"] == "accepted"]
        assert sorted(accepted) == list(range(1, 2501))
        assert {event["key"] for event in events if event["kind"] == "accepted"} == {
            str(number) for number in range(1, 2501)
        }


@pytest.mark.fault(4)
async def test_a_broker_killed_in_the_middle_loses_no_event(
    dsn: str, own_rabbitmq: RabbitMQNode
) -> None:
    """What was published into a durable queue and what was not yet: each fact once or more."""
    async with a_rig(dsn, workers=2, broker_url=own_rabbitmq.url) as rig:
        await rig.until_true("SELECT count(*) = 1 FROM feed_position")
        _keep_events(own_rabbitmq.url)
        # Else a broker that is killed within half a second forgets the queue and its binding.
        await asyncio.to_thread(own_rabbitmq.settle)
        run = await rig.ready(1500)
        rig.launch(run)
        await rig.until_true("SELECT count(*) > 200 FROM journal WHERE kind = 'accepted'")
        await asyncio.to_thread(own_rabbitmq.kill)
        await rig.until(run, "finished")
        await asyncio.to_thread(own_rabbitmq.start)
        await rig.until_true(
            "SELECT journal_id >= (SELECT max(id) FROM journal) FROM feed_position"
        )
        accepted = await asyncio.to_thread(_accepted_in, own_rabbitmq.url, 1500)
        assert accepted == set(range(1, 1501))


def _keep_events(url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("kept", "postroad.events", "delivery.accepted")


def _accepted_in(url: str, expected: int) -> set[int]:
    """A queue whose broker has just come back may be without a leader for a while."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        seen: set[int] = set()
        for _, _, body in channel.consume("kept", inactivity_timeout=30, auto_ack=True):
            if body is None:
                break
            seen.add(json.loads(body)["n"])
            if len(seen) == expected:
                break
    return seen


async def test_a_database_that_is_away_loses_no_message(dsn: str, broker_url: str) -> None:
    async with a_stage(dsn, broker_url) as stage:
        database = stage.rig.connection.info.dbname
        stage.rig.connection.execute(f"ALTER DATABASE {database} CONNECTION LIMIT 1")
        stage.rig.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        stage.outsider.submit(a_message(stage))
        stage.rig.connection.execute(f"ALTER DATABASE {database} CONNECTION LIMIT -1")
        await asyncio.to_thread(stage.outsider.heard, "finished", id="order 1")
        assert stage.outsider.depth("postroad.aside") == 0


@pytest.mark.parametrize("size", [1, 4096, MAX_BODY])
async def test_many_frames_in_one_write_are_read_as_they_were(broker_url: str, size: int) -> None:
    """Our own frames, read by another client; each is confirmed."""
    async with await connect(broker_url) as connection:
        await declare(connection)
        with an_outsider(broker_url) as outsider:
            wire = await (await connection.channel()).get_underlay_channel()
            bodies = [str(number).rjust(size).encode()[-size:] for number in range(30)]
            await publish_all(wire, [Outgoing(EVENTS, "a.b", body) for body in bodies])
            await publish_all(wire, [])
            await asyncio.to_thread(outsider.until, lambda: len(outsider.events) == 30, "all")
            assert outsider.events == [json.loads(body) for body in bodies]


async def test_a_page_that_is_refused_is_not_passed_over(broker_url: str) -> None:
    async with await connect(broker_url) as connection:
        channel = await connection.channel()
        full: dict[str, Any] = {"x-overflow": "reject-publish", "x-max-length": 1}
        await channel.declare_queue("small", arguments=full)
        wire = await channel.get_underlay_channel()
        with pytest.raises(DeliveryError):
            await publish_all(wire, [Outgoing("", "small", b"1")] * 5)
        with pytest.raises((AMQPError, ChannelInvalidStateError)):
            await publish_all(wire, [Outgoing("no such exchange", "small", b"1")])
