"""The sandbox inbox keeps what our own sessions send."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from postroad.core.ids import RelayId
from postroad.core.mail import RelayTarget
from postroad.core.outcome import Phase, Verdict
from postroad.engine.smtp.inbox import InboxStore, NewMail
from postroad.engine.smtp.inbox_faults import FaultPlan, FaultRule, read_fault_plan
from postroad.engine.smtp.pool import Pool
from postroad.engine.smtp.sandbox import serve_inbox
from tests.smtp.mails import PATIENT, Outcomes, a_mail, opened, sent, some_mails


@asynccontextmanager
async def an_inbox(
    store: InboxStore, faults: FaultPlan | None = None
) -> AsyncIterator[RelayTarget]:
    server = await serve_inbox(store, faults=faults)
    port = server.sockets[0].getsockname()[1]
    try:
        yield RelayTarget(RelayId(1), "127.0.0.1", port, "none")
    finally:
        server.close()


async def test_what_was_sent_is_kept_octet_by_octet(tmp_path: Path) -> None:
    mails = [
        a_mail(1, body=b".dots\r\n..\r\n.\r\nend\r\n"),
        a_mail(2, body=b"x" * 900 + b"\r\n"),
        a_mail(3, body=b"y" * 70 + b"\r\n" * 20_000),
        a_mail(4, body="Grüße\r\n".encode(), recipient="jürgen@bücher.example"),
    ]
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        async with an_inbox(store) as relay:
            session = await opened(relay)
            assert session.features.pipelining
            assert session.features.smtputf8
            session.abort()
            outcomes, _ = await sent(relay, mails)
        kept = [store.get(entry.id) for entry in reversed(store.page())]
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 4
    assert [one.content for one in kept if one] == [b"".join(mail.pieces) for mail in mails]
    assert [one.entry.recipient for one in kept if one] == [mail.recipient for mail in mails]
    assert outcomes[1].text == "250 2.0.0 kept as 1"


async def test_the_demo_faults_are_met_as_the_plan_says(tmp_path: Path) -> None:
    plan = tmp_path / "faults.json"
    rules = [
        {"match": "person1@*", "phase": "rcpt", "reply": "451 4.2.0 Try again", "times": 1},
        {"match": "person2@example.org", "phase": "rcpt", "reply": "550 5.1.1 No", "times": 0},
        {"match": "person3@*", "phase": "dot", "reply": "552 5.3.4 Too big", "times": 0},
    ]
    plan.write_text(json.dumps({"rules": rules}))
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        async with an_inbox(store, read_fault_plan(plan)) as relay:
            first, _ = await sent(relay, some_mails(4))
            again, _ = await sent(relay, some_mails(4))
        assert store.count() == 3
    a, d, r, dead = Verdict.ACCEPTED, Verdict.DEFERRED, Verdict.REJECTED, Verdict.DEAD
    assert first.verdicts == [d, r, dead, a]
    assert again.verdicts == [a, r, dead, a]


def test_a_plan_with_a_mistake_names_it(tmp_path: Path) -> None:
    plan = tmp_path / "faults.json"
    plan.write_text('{"rules": [{"match": "*", "phase": "banner", "reply": "451 no"}]}')
    with pytest.raises(msgspec.ValidationError, match="'rcpt' or 'dot'"):
        read_fault_plan(plan)
    with pytest.raises(ValueError, match="4yz"):
        FaultRule("*", Phase.RCPT, "250 fine")


async def test_four_connections_fill_one_inbox(tmp_path: Path) -> None:
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        async with an_inbox(store) as relay:
            outcomes = Outcomes()
            pool = Pool(relay, PATIENT, outcomes)
            pool.offer(some_mails(200))
            await asyncio.wait_for(pool.drain(), 20)
            await pool.close()
        assert outcomes.counts == {Verdict.ACCEPTED: 200}
        found = {entry.message_id for entry in store.page(limit=500)}
    assert found == {f"<{key}@example.com>" for key in range(1, 201)}


async def test_a_line_over_998_octets_is_the_messages_fault(tmp_path: Path) -> None:
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        async with an_inbox(store) as relay:
            mails = [a_mail(1, body=b"x" * 999 + b"\r\n"), a_mail(2)]
            outcomes, _ = await sent(relay, mails)
    assert outcomes.verdicts == [Verdict.DEAD, Verdict.ACCEPTED]


async def test_an_inbox_that_cannot_be_written_defers(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite"
    with InboxStore(path) as store:
        async with an_inbox(store) as relay:
            blocker = sqlite3.connect(path)
            blocker.execute("DROP TABLE mail")
            blocker.close()
            outcomes, _ = await sent(relay, some_mails(2))
    assert outcomes.verdicts == [Verdict.DEFERRED] * 2


def test_a_page_is_newest_first_searched_literally_and_goes_on(tmp_path: Path) -> None:
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        for number in range(1, 6):
            content = f"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_{number}0%?=\r\n\r\nHi\r\n".encode()
            store.add(NewMail(float(number), "me@x.example", f"p_{number}@x.example", content))
        first = store.page(limit=2)
        rest = store.page(before_id=first[-1].id)
        assert [entry.id for entry in first + rest] == [5, 4, 3, 2, 1]
        assert first[0].subject == "Grüße 50%"
        assert [entry.id for entry in store.page(search="30%")] == [3]
        assert [entry.id for entry in store.page(search="p_2")] == [2]
        assert store.page(search="pX2") == []
        assert store.page(search="'; DROP TABLE mail") == []
        assert store.get(99) is None


def test_numbers_are_not_given_out_again_after_clearing(tmp_path: Path) -> None:
    mail = NewMail(1.0, "", "a@x.example", b"no header at all")
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        store.add_all([mail, mail])
        assert store.clear() == 2
        assert store.count() == 0
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        assert store.add(mail) == 3


@pytest.mark.parametrize(
    "content", [b"", b"Subject: \xff\xfe\r\n\r\n", b"Message-ID: <<>\r\n\r\n", b"\0\r\n" * 99]
)
def test_any_content_can_be_kept(tmp_path: Path, content: bytes) -> None:
    with InboxStore(tmp_path / "inbox.sqlite") as store:
        number = store.add(NewMail(1.0, "", "a@x.example", content))
        kept = store.get(number)
    assert kept is not None
    assert kept.content == content
