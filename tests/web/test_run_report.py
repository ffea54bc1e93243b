"""The dry run's report, read back from the bytes that would be sent; and who has the run."""

import hashlib
import re
from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from postroad.app import App
from postroad.core.lifecycle import DeliveryState, RunState
from postroad.core.suppression import Reason
from postroad.store.writes import suppression as suppression_writes
from postroad.testing.runs import Hand, RunBuilder, a_person, rejected, some_people
from postroad.web.console.run.sizes import histogram


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


def words(response: object) -> str:
    text = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_report_groups_failures_by_cause_with_their_people(
    manager: Client, book: RunBuilder
) -> None:
    people = [*some_people(4), a_person("nofirm@example.org", "No Firm")]
    run = book.a_run(RunState.READY, people)
    said = words(manager.get(f"/runs/{run}/report/"))
    assert "4 of 5 prepared" in said
    assert "Variable company is missing" in said
    assert "nofirm@example.org" in said
    assert "prepare again" in said


def test_samples_are_read_back_from_the_kept_bytes(manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, [a_person("zoe@example.org", "Zoë", company="Ärger & Co")])
    said = words(manager.get(f"/runs/{run}/report/"))
    assert "A letter for Zoë" in said
    assert "Dear Zoë," in said


def test_one_mail_shows_its_exact_bytes(app: App, manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, [a_person("zoe@example.org", "Zoë", company="Firm")])
    page = manager.get(f"/runs/{run}/mails/1/")
    octets = manager.get(f"/runs/{run}/mails/1/source/").content
    assert hashlib.sha256(octets).hexdigest() in page.content.decode()
    read = message_from_bytes(octets, policy=policy.strict)
    assert read["Subject"] == "A letter for Zoë"
    assert read["To"] == "Zoë <zoe@example.org>"


def test_the_preview_may_load_nothing_and_run_nothing(manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, [a_person("x@example.org", "<script>alert(1)</script>")],
                     source="Dear {{ name }}")  # fmt: skip
    response = manager.get(f"/runs/{run}/mails/1/html/")
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in response["Content-Security-Policy"]
    assert b"<script>" not in response.content
    assert "<iframe" in manager.get(f"/runs/{run}/mails/1/").content.decode()


def test_a_recipient_whose_mail_failed_has_no_bytes(manager: Client, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, [a_person("nofirm@example.org", "No Firm")])
    assert manager.get(f"/runs/{run}/mails/1/").status_code == 404
    assert "none to read" in words(manager.get(f"/runs/{run}/report/"))


def test_greetings_are_skimmed_page_by_page_and_all_are_there(
    manager: Client, book: RunBuilder
) -> None:
    run = book.a_run(RunState.READY, 120)
    seen: list[str] = []
    path = f"/runs/{run}/greetings/"
    for _ in range(3):
        text = manager.get(path).content.decode()
        seen += re.findall(r"Dear Person \d+,", text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        path = f"/runs/{run}/greetings/{following.group(1)}" if following else ""
    assert path == ""
    assert len(seen) == len(set(seen)) == 120


def test_those_left_out_are_listed_with_the_reason(
    app: App, manager: Client, book: RunBuilder
) -> None:
    people = some_people(3)
    suppression_writes.suppress_addresses([people[0].address], Reason.MANAGER, "", "manager")
    run = book.a_run(RunState.READY, people)
    assert (
        f"/runs/{run}/omissions/?reason=suppressed"
        in manager.get(f"/runs/{run}/report/").content.decode()
    )
    said = words(manager.get(f"/runs/{run}/omissions/?reason=suppressed"))
    assert "person1@example.com" in said
    assert "person2@example.com" not in said
    assert "Nobody was left out" in words(manager.get(f"/runs/{run}/omissions/?reason=duplicate"))


def test_recipients_are_found_by_state_and_by_address(
    manager: Client, book: RunBuilder, database: str
) -> None:
    run = book.a_run(RunState.RUNNING, 60)
    with Hand(database) as hand:
        batch = hand.begin()
        assert batch is not None
        hand.answer(batch, rejected, 2)
    rejections = manager.get(f"/runs/{run}/recipients/?state=rejected").content.decode()
    assert len(re.findall(r'id="recipient-\d+"', rejections)) == 2
    assert "The account does not exist" in rejections
    waiting = manager.get(f"/runs/{run}/recipients/?state=prepared").content.decode()
    assert len(re.findall(r'id="recipient-\d+"', waiting)) == 50
    one = manager.get(f"/runs/{run}/recipients/?q=PERSON7@example.com").content.decode()
    assert re.findall(r"person\d+@example.com</", one) == ["person7@example.com</"]
    assert "Nobody of this run" in words(manager.get(f"/runs/{run}/recipients/?q=else@x.org"))


def test_pages_of_recipients_hold_everybody_once(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 130)
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = app.runs.recipients(run, 130, DeliveryState.PREPARED, after)
        seen += [row.n for row in page.rows]
        after = page.next_after
    assert seen == list(range(1, 131))


def test_a_page_of_a_rare_state_looks_through_a_bounded_part(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 5)
    page = app.runs.recipients(run, 1_000_000, DeliveryState.SKIPPED, 0)
    assert (page.rows, page.next_after, page.looked_to) == ((), 20_000, 20_000)
    last = app.runs.recipients(run, 1_000_000, DeliveryState.SKIPPED, 980_000)
    assert (last.next_after, last.looked_to) == (None, None)


def test_lists_ask_as_many_questions_for_fifty_as_for_one(
    manager: Client, book: RunBuilder
) -> None:
    one = book.a_run(RunState.READY, 1)
    many = book.a_run(RunState.READY, 60, name="Many")
    for path in ("report/", "greetings/", "recipients/", "omissions/", "mails/1/"):
        asked = []
        for run in (one, many):
            with CaptureQueriesContext(connection) as captured:
                assert manager.get(f"/runs/{run}/{path}").status_code == 200
            asked.append(len(captured))
        assert asked[0] == asked[1], path


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=99999999999", "state=nothing", "q=%00"]
)
def test_an_address_of_a_list_that_makes_no_sense_shows_a_page(
    manager: Client, book: RunBuilder, query: str
) -> None:
    run = book.a_run(RunState.READY, 2)
    for page in ("recipients", "omissions", "greetings"):
        assert manager.get(f"/runs/{run}/{page}/?{query}").status_code == 200


def test_a_histogram_holds_every_mail_once() -> None:
    sizes = [1000, 1000, 1500, 90_000]
    drawn = histogram(sizes)
    assert drawn is not None
    assert sum(bar.count for bar in drawn.bars) == 4
    assert (drawn.smallest, drawn.median, drawn.largest) == (1000, 1500, 90_000)
    assert max(bar.height for bar in drawn.bars) == 100
    same = histogram([700, 700])
    assert same is not None
    assert [bar.count for bar in same.bars] == [2]
    assert histogram([]) is None
