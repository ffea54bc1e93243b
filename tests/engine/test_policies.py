"""What becomes of an unknown by itself: held, sent again, or looked up; counted at the relay."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from postroad.core.ids import RunId
from postroad.engine.lookup.turn import PolicyPlan
from postroad.testing.relay import Act, Phase, Rule, Script

from .rig import Rig, a_rig

pytestmark = pytest.mark.asyncio
LOST = "person2@example.org"
"""The relay reads the whole mail and hangs up."""


def hanging_up(times: int = 1, *, is_accepted: bool = False) -> Script:
    rule = Rule(Phase.DOT, Act.DROP, recipient=LOST, times=times, is_accepted=is_accepted)
    return Script(rules=(rule,))


@asynccontextmanager
async def a_hasty_rig(
    dsn: str,
    script: Script,
    programs: Path | None = None,
    after_seconds: float = 0,
    keep: Path | None = None,
) -> AsyncIterator[Rig]:
    """Whose policies do not wait; `after_seconds` is 15 minutes in the product."""
    async with a_rig(dsn, script, workers=0, keep=keep) as rig:
        rig.policy = PolicyPlan(after_seconds, programs, lookup_seconds=1)
        await rig.start_worker()
        await rig.start_worker()
        yield rig


async def rested(rig: Rig, **pins: object) -> RunId:
    """A run of 5 that is over, and whose policy has nothing left to do."""
    run = await rig.ready(5, **pins)
    rig.launch(run)
    await rig.until_true(
        "SELECT state = 'finished' AND NOT EXISTS (SELECT FROM attention WHERE policy IS NOT NULL)"
        " AND NOT EXISTS (SELECT FROM retry) FROM run WHERE id = %s",
        run,
    )
    await rig.stop_workers()
    rig.adds_up(run)
    return run


def acts(rig: Rig, run: RunId) -> list[tuple[object, ...]]:
    """What was decided about the lost mail, and by whom."""
    return rig.connection.execute(
        "SELECT kind, actor, attempt FROM journal WHERE run_id = %s AND n = 2"
        " AND actor IN ('policy', 'look-up', 'manager') ORDER BY id", [run],
    ).fetchall()  # fmt: skip


@pytest.mark.fault(14)
async def test_by_default_an_unknown_is_held_and_never_sent_again(database: str) -> None:
    async with a_hasty_rig(database, hanging_up()) as rig:
        run = await rested(rig)
        assert rig.counts(run) == {"accepted": 4, "unknown": 1}
        assert rig.begun()[LOST] == 1
        assert not acts(rig, run)


async def test_resend_sends_it_again_once_with_the_same_message_id(database: str) -> None:
    async with a_hasty_rig(database, hanging_up(is_accepted=True)) as rig:
        run = await rested(rig, unknown_policy="resend")
        assert rig.counts(run) == {"accepted": 5}
        tally = rig.relay.tally
        assert tally.begun_recipients[LOST] == 2
        lost = rig.call("SELECT message_id FROM delivery WHERE run_id = %s AND n = 2", run)
        # The relay had it after all: it can tell by the Message-ID that both are one.
        assert tally.twice == [f"<{lost[0]}>"]
        assert acts(rig, run) == [("settled_resend", "policy", 1)]


async def test_what_is_sent_again_has_the_octets_and_the_message_id_of_the_first(
    database: str, tmp_path: Path
) -> None:
    script = hanging_up(is_accepted=True)
    async with a_hasty_rig(database, script, keep=tmp_path) as rig:
        run = await rested(rig, unknown_policy="resend")
        prepared, message_id = rig.call(
            "SELECT p.item_sha256[d.index + 1], d.message_id FROM delivery d"
            " JOIN prepared p USING (batch_id) WHERE d.run_id = %s AND d.n = 2",
            run,
        )
        taken = [event for event in rig.relay.events
                 if event.event == "accepted" and event.recipient == LOST]  # fmt: skip
    assert [event.message_id for event in taken] == [f"<{message_id}>"] * 2
    for event in taken:
        date, _, octets = (tmp_path / f"{event.transaction}.eml").read_bytes().partition(b"\r\n")
        assert date.startswith(b"Date: ")
        assert hashlib.sha256(octets).digest() == prepared


@pytest.mark.parametrize("call", ["settle_by_policy(900)", "claim_lookups(8, 900, 30)"])
async def test_what_is_due_is_found_by_the_index_among_many_that_are_not(
    database: str, call: LiteralString
) -> None:
    """A look through the list takes some thousand buffers."""
    async with a_hasty_rig(database, hanging_up(), after_seconds=900) as rig:
        policy = "look_up" if "lookups" in call else "resend"
        await rig.finish(5, unknown_policy=policy)
        await rig.stop_workers()
        for others in (None, "resend", "look_up"):
            rig.connection.execute(
                "INSERT INTO attention (run_id, n, state, cause, text, policy)"
                " SELECT 100 + %s, k, 'unknown', 'no reply', 'Nothing came.', %s"
                " FROM generate_series(1, 30000) k",
                [len(others or ""), others],
            )
        rig.connection.execute("ANALYZE attention")
        explain: LiteralString = (
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT count(*) FROM {call}"
        )
        for is_due in (False, True):
            if is_due:
                rig.connection.execute("UPDATE attention SET since = '-infinity' WHERE run_id = 1")
            # The first call reads the function too.
            used = [buffers(rig, explain) for _ in range(2)]
            assert used[-1] < 300


def buffers(rig: Rig, explain: LiteralString) -> int:
    with rig.connection.transaction(force_rollback=True):
        plan = rig.call(explain)[0][0]["Plan"]  # type: ignore[index]
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


@pytest.mark.parametrize("limit", [1, 3])
async def test_resend_ends_at_its_limit_and_then_a_person_is_waited_for(
    database: str, limit: int
) -> None:
    async with a_hasty_rig(database, hanging_up(0)) as rig:
        run = await rested(rig, unknown_policy="resend", resend_limit=limit)
        assert rig.counts(run) == {"accepted": 4, "unknown": 1}
        assert rig.begun()[LOST] == 1 + limit
        again = [("settled_resend", "policy", attempt) for attempt in range(1, limit + 1)]
        assert acts(rig, run) == [*again, ("left_to_person", "policy", limit + 1)]
        settle = "SELECT settle_unknown(%s, 2, %s, 'resend', 0, 'manager')"
        assert rig.call(settle, run, limit + 1) == ("settled",), "a person still may"


async def test_nothing_is_sent_again_before_its_time(database: str) -> None:
    async with a_hasty_rig(database, hanging_up(), after_seconds=900) as rig:
        run = await rig.finish(5, unknown_policy="resend")
        await rig.stop_workers()
        assert rig.call("SELECT settle_by_policy(900)") == (None,)
        rig.call("UPDATE attention SET since = now() - interval '899 s' RETURNING 1")
        assert rig.call("SELECT settle_by_policy(900)") == (None,)
        rig.call("UPDATE attention SET since = now() - interval '901 s' RETURNING 1")
        assert rig.call("SELECT settle_by_policy(900)") == ("settled",)
        assert rig.call("SELECT settle_by_policy(900)") == (None,), "asked twice, done once"
        assert rig.call("SELECT count(*), max(attempt) FROM retry") == (1, 2)
        assert rig.state(run) == "running"
        assert rig.begun()[LOST] == 1


async def test_a_late_reply_before_its_time_leaves_the_policy_nothing_to_do(database: str) -> None:
    async with a_hasty_rig(database, hanging_up(), after_seconds=900) as rig:
        run = await rig.finish(5, unknown_policy="resend")
        await rig.stop_workers()
        late = json.dumps([{"n": 2, "attempt": 1, "kind": "accepted"}])
        rig.call("SELECT record_facts(%s, NULL, 'worker', %s)", run, late)
        assert rig.call("SELECT settle_by_policy(0)") == (None,)
        assert rig.counts(run) == {"accepted": 5}


async def test_a_stopped_run_sends_nothing_again(database: str) -> None:
    async with a_hasty_rig(database, hanging_up(), after_seconds=900) as rig:
        run = await rig.ready(5, unknown_policy="resend")
        rig.launch(run)
        await rig.until_true("SELECT count(*) > 0 FROM attention")
        with rig.connection.transaction():
            # Whether the run had ended by itself meanwhile is not the question here.
            rig.connection.execute("UPDATE run SET state = 'running', finished_at = NULL")
            rig.call("SELECT stop_run(%s, 'manager', '')::text", run)
        await rig.stop_workers()
        assert rig.call("SELECT settle_by_policy(0)") == ("left",)
        assert rig.call("SELECT settle_by_policy(0)") == (None,)
        assert rig.call("SELECT count(*) FROM retry") == (0,)
        assert rig.counts(run)["unknown"] == 1


async def test_after_a_restore_no_policy_acts_any_more(database: str) -> None:
    async with a_hasty_rig(database, hanging_up(), after_seconds=900) as rig:
        await rig.finish(5, unknown_policy="resend")
        await rig.stop_workers()
        rig.call("SELECT hold_live_runs('The database was restored.')")
        assert rig.call("SELECT settle_by_policy(0)") == (None,)
        assert rig.call("SELECT unknown_policy FROM run") == ("hold",)


def a_program(directory: Path, script: str) -> Path:
    directory.mkdir(exist_ok=True)
    program = directory / "ask-relay"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return directory


def set_lookup(rig: Rig, hook: str) -> None:
    rig.connection.execute(
        "INSERT INTO relay (id, name, host, port, tls, lookup)"
        " VALUES (1, 'Near', 'x', 1, 'none', %s)",
        [hook],
    )


async def test_a_mail_that_the_look_up_says_was_sent_is_settled_so(
    database: str, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    programs = a_program(tmp_path / "lookup", f"cat > {asked}; echo sent")
    async with a_hasty_rig(database, hanging_up(is_accepted=True), programs) as rig:
        set_lookup(rig, "ask-relay")
        run = await rested(rig, unknown_policy="look_up")
        assert rig.counts(run) == {"accepted": 5}
        assert rig.begun()[LOST] == 1
        assert acts(rig, run) == [("settled_sent", "look-up", 1)]
        question = json.loads(asked.read_text())
        lost = rig.call("SELECT message_id FROM delivery WHERE run_id = %s AND n = 2", run)[0]
        assert question.pop("at").endswith("+00:00")
        assert question == {"message_id": lost, "recipient": LOST, "relay": "Near"}


async def test_a_mail_that_the_look_up_says_was_not_sent_is_sent_again(
    database: str, tmp_path: Path
) -> None:
    programs = a_program(tmp_path, "echo not sent")
    async with a_hasty_rig(database, hanging_up(), programs) as rig:
        set_lookup(rig, "ask-relay")
        run = await rested(rig, unknown_policy="look_up")
        assert rig.counts(run) == {"accepted": 5}
        assert rig.begun()[LOST] == 2
        assert not rig.relay.tally.twice
        assert acts(rig, run) == [("settled_resend", "look-up", 1)]


@pytest.mark.parametrize(
    "script",
    ["echo unknown", "echo perhaps", "exit 0", "echo sent; exit 3", "sleep 60", "yes sent"],
)
async def test_without_an_answer_the_mail_waits_for_a_person(
    database: str, tmp_path: Path, script: str
) -> None:
    async with a_hasty_rig(database, hanging_up(), a_program(tmp_path, script)) as rig:
        set_lookup(rig, "ask-relay")
        run = await rested(rig, unknown_policy="look_up")
        assert rig.counts(run) == {"accepted": 4, "unknown": 1}
        assert rig.begun()[LOST] == 1
        assert acts(rig, run) == [("left_to_person", "look-up", 1)]


async def test_a_run_whose_relay_has_no_look_up_waits_for_a_person(database: str) -> None:
    async with a_hasty_rig(database, hanging_up()) as rig:
        run = await rested(rig, unknown_policy="look_up")
        assert acts(rig, run) == [("left_to_person", "look-up", 1)]


@pytest.mark.parametrize(
    ("answer", "state", "begun"),
    [
        ("HTTP/1.1 200 OK\r\n\r\nsent\n", "accepted", 1),
        ("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nnot sent", "accepted", 2),
        ("HTTP/1.1 500 Oh\r\n\r\nsent", "unknown", 1),
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\nsent", "unknown", 1),
        ("sent", "unknown", 1),
        ("", "unknown", 1),
    ],
)
async def test_a_look_up_over_http(database: str, answer: str, state: str, begun: int) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        asked.append(head + await reader.readexactly(length))
        writer.write(answer.encode())
        writer.close()

    async with (
        await asyncio.start_server(serve, "127.0.0.1", 0) as server,
        a_hasty_rig(database, hanging_up()) as rig,
    ):
        set_lookup(rig, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/q?a=b")
        run = await rested(rig, unknown_policy="look_up")
        assert rig.call("SELECT state FROM delivery_state WHERE run_id = %s AND n = 2", run) == (
            state,
        )
        assert rig.begun()[LOST] == begun
        assert len(asked) == 1
        assert asked[0].startswith(b"POST /q?a=b HTTP/1.0\r\n")


async def test_two_workers_ask_about_a_mail_once_at_a_time(database: str) -> None:
    async with a_hasty_rig(database, hanging_up(), after_seconds=900) as rig:
        await rig.finish(5, unknown_policy="look_up")
        await rig.stop_workers()
        claim = "SELECT count(*) FROM claim_lookups(8, %s, %s)"
        assert rig.call(claim, 900, 30) == (0,)
        assert rig.call(claim, 0, 30) == (1,)
        assert rig.call(claim, 0, 30) == (0,)
        assert rig.call(claim, 0, 0) == (1,), "its worker was lost: asked again"


async def test_a_late_answer_of_a_look_up_changes_nothing(database: str) -> None:
    async with a_hasty_rig(database, hanging_up(), after_seconds=900) as rig:
        run = await rig.finish(5, unknown_policy="look_up")
        await rig.stop_workers()
        said = "SELECT settle_by_lookup(%s, 2, 1, %s, 0, 'Said.')"
        assert rig.call(said, run, "not_sent") == ("settled",)
        assert rig.call(said, run, "not_sent") == ("not_unknown",)
        assert rig.call(said, run, "sent") == ("not_unknown",)
        assert rig.call("SELECT count(*) FROM retry") == (1,)


async def test_a_list_that_differs_from_the_states_stops_no_other_mail(database: str) -> None:
    script = Script(rules=(Rule(Phase.DOT, Act.DROP, recipient="person[23]@*", times=1),))
    async with a_hasty_rig(database, script, after_seconds=900) as rig:
        run = await rig.finish(5, unknown_policy="resend")
        await rig.stop_workers()
        rig.call("UPDATE attention SET since = now() - interval '1 day' WHERE n = 2 RETURNING 1")
        rig.call(
            "UPDATE delivery_state SET state = 'accepted', fact = 'accepted' WHERE n = 2"
            " RETURNING 1"
        )
        did = [rig.call("SELECT settle_by_policy(0)")[0] for _ in range(3)]
        assert did == ["changed", "settled", None]
        assert rig.call("SELECT run_id, n FROM retry") == (run, 3)


async def test_two_workers_at_one_unknown_send_it_again_once(database: str) -> None:
    async with a_hasty_rig(database, hanging_up(), after_seconds=900) as rig:
        await rig.finish(5, unknown_policy="resend")
        await rig.stop_workers()
        with (
            psycopg.connect(database) as first,
            psycopg.connect(database, autocommit=True) as second,
            ThreadPoolExecutor(1) as threads,
        ):
            settle = "SELECT settle_by_policy(0)"
            assert first.execute(settle).fetchone() == ("settled",)
            late = threads.submit(lambda: second.execute(settle).fetchone())
            waits, pid = "SELECT cardinality(pg_blocking_pids(%s)) > 0", second.info.backend_pid
            await rig.until_true(waits, pid)
            first.commit()
            assert late.result(10) == ("changed",)
        assert rig.call("SELECT count(*) FROM retry") == (1,)
