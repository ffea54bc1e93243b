"""SIGKILL of the console in the middle of a save, an import and a launch; FAULTS 6."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import pytest

from postroad.testing.database import TestServer

from .account import account_of
from .pressing import Manager, a_manager
from .rig import Rig, a_rig

PEOPLE = 1000
MAILS = 120
BEFORE_THE_ANSWER = ("LOCK TABLE django_session IN EXCLUSIVE MODE", "%django_session%")
"""The work is committed; the session, with the words for the next page, is not."""
IN_THE_MIDDLE_OF_PEOPLE: LiteralString = (
    "INSERT INTO contact (address, address_key) VALUES ('p500@example.org', 'p500@example.org')"
)
LETTER = {"name": "Letter", "format": "txt", "subject": "Hello", "source": "Dear you,"}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, postgres_server: TestServer) -> Iterator[Rig]:
    with a_rig(tmp_path_factory.mktemp("console"), postgres_server.shelf, workers=0) as made:
        made.call("INSERT INTO setting VALUES ('undo_seconds', '0') RETURNING 1")
        yield made


@pytest.fixture(scope="module")
def signed_in(rig: Rig) -> Manager:
    return a_manager(rig)


@pytest.fixture
def manager(signed_in: Manager) -> Manager:
    signed_in.open()
    return signed_in


def saved(rig: Rig, name: str) -> tuple[object, ...]:
    """Contents of that name, their revisions, and what the journal says of them."""
    return rig.call(
        "SELECT count(DISTINCT c.id), count(DISTINCT r.id), (SELECT count(*) FROM journal"
        " WHERE kind = 'content_saved' AND text LIKE '%%' || %s || '%%')"
        " FROM content c LEFT JOIN revision r ON r.content_id = c.id WHERE c.name = %s",
        name,
        name,
    )


@pytest.mark.fault(6)
@pytest.mark.parametrize("table", ["revision", "journal"])
def test_killed_in_the_middle_of_a_save_nothing_is_saved_and_pressing_again_saves_it(
    rig: Rig, manager: Manager, table: str
) -> None:
    name = f"Letter, {table}"
    form = LETTER | {"name": name}
    locks: dict[str, tuple[LiteralString, LiteralString]] = {
        "revision": ("LOCK TABLE revision IN EXCLUSIVE MODE", 'INSERT INTO "revision"%'),
        "journal": ("LOCK TABLE journal IN EXCLUSIVE MODE", "%journal%"),
    }
    manager.killed_while_waiting(*locks[table], "/content/new/", **form)
    assert saved(rig, name) == (0, 0, 0)
    manager.open()
    manager.press("/content/new/", **form)
    assert saved(rig, name) == (1, 1, 1)


@pytest.mark.fault(6)
def test_killed_between_a_save_and_its_answer_it_is_saved_once(rig: Rig, manager: Manager) -> None:
    form = LETTER | {"name": "Saved, not told"}
    manager.killed_while_waiting(*BEFORE_THE_ANSWER, "/content/new/", **form)
    assert saved(rig, form["name"]) == (1, 1, 1)
    manager.open()
    code, page = manager.visitor.post(f"{manager.url}/content/new/", **form)
    assert (code, "There is a content called" in page) == (422, True)
    assert saved(rig, form["name"]) == (1, 1, 1)


def uploaded(manager: Manager) -> str:
    """The path of the question of an import; the book is empty."""
    manager.rig.call(
        "WITH tags AS (DELETE FROM contact_tag), people AS (DELETE FROM contact),"
        " told AS (DELETE FROM journal WHERE kind = 'contacts_entered') SELECT 1"
    )
    rows = "".join(f"p{k}@example.org,Person {k}\n" for k in range(PEOPLE))
    file = f"email,name\n{rows}nobody,Bad row\n".encode()
    code, page = manager.visitor.upload(f"{manager.url}/contacts/import/", "people.csv", file)
    assert code == 200, page
    return manager.visitor.at.removeprefix(manager.url)


def entered(rig: Rig) -> tuple[object, ...]:
    """People in the book, how many have the tag, imports in the journal."""
    return rig.call(
        "SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM contact_tag),"
        " (SELECT count(*) FROM journal WHERE kind = 'contacts_entered')"
    )


@pytest.mark.fault(6)
@pytest.mark.parametrize(
    ("lock", "waiting"),
    [
        pytest.param(IN_THE_MIDDLE_OF_PEOPLE, "%INSERT INTO contact AS c%", id="people"),
        pytest.param("LOCK TABLE journal IN EXCLUSIVE MODE", "%journal%", id="journal"),
    ],
)
def test_killed_in_the_middle_of_an_import_nobody_is_in_and_pressing_again_enters_all(
    rig: Rig, manager: Manager, lock: LiteralString, waiting: LiteralString
) -> None:
    question = uploaded(manager)
    manager.killed_while_waiting(lock, waiting, question, tags="friends")
    assert entered(rig) == (0, 0, 0)
    manager.open()
    for _ in range(2):
        assert manager.press(question, tags="friends") == f"{question}result/"
        assert entered(rig) == (PEOPLE, PEOPLE, 1)
    assert "nobody" in manager.visitor.get(f"{manager.url}{question}bad-rows/")[1]


@pytest.mark.fault(6)
def test_killed_between_an_import_and_its_result_the_repeat_adds_nobody(
    rig: Rig, manager: Manager
) -> None:
    question = uploaded(manager)
    result = rig.home / "imports" / f"{question.split('/')[3].replace('-', '')}.json.part"
    # Opening it to write waits for a reader, who never comes.
    os.mkfifo(result)
    with manager.pressing(question, tags="friends"):
        rig.until(lambda: entered(rig) == (PEOPLE, PEOPLE, 1), "all are in")
    assert not Path(str(result).removesuffix(".part")).exists()
    result.unlink()
    manager.open()
    assert manager.press(question, tags="friends") == f"{question}result/"
    assert entered(rig)[:2] == (PEOPLE, PEOPLE)


@pytest.mark.fault(6)
def test_killed_in_the_middle_of_a_launch_nothing_is_launched_and_pressing_again_sends_once(
    tmp_path: Path, postgres_server: TestServer
) -> None:
    with a_rig(tmp_path, postgres_server.shelf, workers=1) as rig:
        manager = ready_to_launch(rig)
        # The run is changed and journaled by then; its batches are next.
        lock: LiteralString = "LOCK TABLE batch IN EXCLUSIVE MODE"
        manager.killed_while_waiting(lock, "%launch_run(%", "/runs/1/launch/", when="now")
        assert rig.state(1) == "ready"
        assert launched(rig) == 0
        assert rig.relay.accepted() == 0
        manager.open()
        goes_out_once(rig, manager)


@pytest.mark.fault(6)
def test_killed_between_a_launch_and_its_answer_it_goes_out_once(
    tmp_path: Path, postgres_server: TestServer
) -> None:
    with a_rig(tmp_path, postgres_server.shelf, workers=1) as rig:
        manager = ready_to_launch(rig)
        manager.killed_while_waiting(*BEFORE_THE_ANSWER, "/runs/1/launch/", when="now")
        assert launched(rig) == 1
        manager.open()
        goes_out_once(rig, manager)


def ready_to_launch(rig: Rig) -> Manager:
    rig.call("INSERT INTO setting VALUES ('undo_seconds', '0') RETURNING 1")
    assert rig.ready(MAILS) == 1
    return a_manager(rig)


def launched(rig: Rig) -> object:
    return rig.call("SELECT count(*) FROM journal WHERE kind = 'launched'")[0]


def goes_out_once(rig: Rig, manager: Manager) -> None:
    """Pressed again, and once more."""
    for _ in range(2):
        manager.press("/runs/1/launch/", when="now")
    rig.until_quiet(1)
    assert launched(rig) == 1
    account_of(rig, 1).must_add_up()
    assert rig.counts(1) == {"accepted": MAILS}
