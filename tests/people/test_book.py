"""The book of contacts on real PostgreSQL: entered, imported, edited, deleted, listed."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroad.actions import (
    add_contacts,
    delete_contacts,
    edit_contact,
    import_contacts,
    tag_contacts,
)
from postroad.core.contact import DeletedContacts, Known, PutCounts
from postroad.core.ids import ContactId
from postroad.core.saved import Gone, Refused, Saved

from .conftest import ACTOR, ZONES, a_person

Rows = Callable[..., list[tuple[Any, ...]]]
Fill = Callable[..., None]

pytestmark = pytest.mark.usefixtures("book")


def pasted(text: str, *tags: str) -> add_contacts.Added | Refused:
    from postroad.store.writes import contact

    return add_contacts.add_contacts(contact, text, tags, ACTOR)


def imported(
    content: str | bytes, *tags: str, bad_file: io.StringIO | None = None
) -> import_contacts.Imported | Refused:
    from postroad.store.writes import contact

    data = content.encode() if isinstance(content, str) else content
    into = bad_file or io.StringIO()
    return import_contacts.import_contacts(contact, io.BytesIO(data), into, ZONES, tags, ACTOR)


def counts(outcome: add_contacts.Added | import_contacts.Imported | Refused) -> PutCounts:
    assert not isinstance(outcome, Refused), outcome
    return outcome.counts


def test_pasted_people_are_added_and_the_bad_pieces_stay_in_the_box(rows: Rows) -> None:
    outcome = pasted("Ann Lee <ann@x.org>, bob@x.org, carl, ANN@X.org", "press")
    assert isinstance(outcome, add_contacts.Added)
    assert outcome.counts == PutCounts(added=2, duplicates=1, tagged=2)
    assert outcome.rest == "carl"
    assert rows(
        "SELECT address, name, first_name, last_name, sort_key FROM contact ORDER BY 1"
    ) == [
        ("ann@x.org", "Ann Lee", "Ann", "Lee", "lee ann"),
        ("bob@x.org", "", "", "", "bob@x.org"),
    ]
    acts = rows("SELECT actor, text FROM journal WHERE kind = 'contacts_entered'")
    assert acts == [(ACTOR, "2 people entered: 2 new, 0 updated.")]


def test_pasting_fills_only_what_the_book_does_not_have(rows: Rows) -> None:
    pasted("Ann Lee <ann@x.org>, bob@x.org")
    again = counts(pasted("Anna Leigh <Ann@x.org>, Bob Ray <bob@x.org>"))
    assert again == PutCounts(updated=1, unchanged=1)
    found = rows("SELECT name, last_name, sort_key FROM contact ORDER BY address")
    assert found == [("Ann Lee", "Lee", "lee ann"), ("Bob Ray", "Ray", "ray bob")]


def test_an_empty_box_is_refused() -> None:
    assert isinstance(pasted(" \n,"), Refused)
    assert isinstance(pasted("a@x.org", "a\nb"), Refused)


def test_an_import_gives_known_people_what_the_file_has(rows: Rows) -> None:
    first = "email;name;company;zone;city\nann@x.org;Ann Lee;Acme;UTC;Wien\n"
    assert counts(imported(first)) == PutCounts(added=1)
    second = "email;name;company;zone;city;age\nANN@x.org;Ann Ray;;;;40\nbob@x.org;;;;;\n"
    assert counts(imported(second)) == PutCounts(added=1, updated=1)
    found = rows("SELECT name, last_name, company, zone, attributes, sort_key FROM contact"
                 " WHERE address_key = 'ann@x.org'")  # fmt: skip
    assert found == [
        ("Ann Ray", "Ray", "Acme", "UTC", {"city": "Wien", "age": "40"}, "ray ann"),
    ]


def test_a_lone_first_name_takes_no_family_name_away(rows: Rows) -> None:
    imported("email,name\nann@x.org,Ann Lee\n")
    assert counts(imported("email,first name\nann@x.org,Anna\n")) == PutCounts(unchanged=1)
    assert rows("SELECT name, sort_key FROM contact") == [("Ann Lee", "lee ann")]


@pytest.mark.fault(18)
def test_the_same_file_again_inserts_nobody_and_changes_nothing(rows: Rows) -> None:
    content = "email,name,tags,note\n" + "".join(
        f"p{n}@x.org,Person {n},a|b,note {n}\n" for n in range(200)
    )
    assert counts(imported(content)) == PutCounts(added=200, tagged=200)
    before = rows("SELECT id, changed_at, xmin FROM contact ORDER BY id")
    assert counts(imported(content)) == PutCounts(unchanged=200)
    assert rows("SELECT id, changed_at, xmin FROM contact ORDER BY id") == before
    assert rows("SELECT count(*) FROM contact_tag") == [(400,)]


def test_bad_rows_are_listed_for_mending_and_good_ones_are_in(rows: Rows) -> None:
    bad_file = io.StringIO()
    outcome = imported("email,name\na@x.org,A\nnobody,=1+1\nb@x.org,B\n", bad_file=bad_file)
    assert isinstance(outcome, import_contacts.Imported)
    assert outcome.counts.added == 2
    assert outcome.bad_rows == 1
    assert outcome.shown[0].line == 3
    assert bad_file.getvalue().splitlines() == [
        "line,reason,email,name",
        "3,the e-mail has no @: write it as name@example.org.,nobody,'=1+1",
    ]
    assert rows("SELECT count(*) FROM contact") == [(2,)]


def test_a_mended_list_of_bad_rows_can_be_imported_as_it_is(rows: Rows) -> None:
    bad_file = io.StringIO()
    imported("email,phone\nnobody,+43 1 2\n", bad_file=bad_file)
    outcome = imported(bad_file.getvalue().replace("nobody", "ann@x.org"))
    assert counts(outcome).added == 1
    (found,) = rows("SELECT attributes->>'phone' FROM contact")
    assert found == ("+43 1 2",)


def test_a_file_that_turns_out_to_be_no_text_leaves_the_book_as_it_was(rows: Rows) -> None:
    content = b"email\n" + b"".join(b"p%d@x.org\n" % n for n in range(5000)) + b"\xe4@x.org\n"
    outcome = imported(content)
    assert isinstance(outcome, Refused)
    assert "line 5002" in outcome.faults["file"]
    assert rows("SELECT count(*) FROM contact") == [(0,)]
    assert rows("SELECT count(*) FROM journal") == [(0,)]


def test_suppressed_people_are_imported_and_counted(rows: Rows) -> None:
    from postroad.actions.suppress_address import suppress_addresses
    from postroad.store.writes import suppression

    suppress_addresses(suppression, "ann@x.org", "", ACTOR)
    assert counts(imported("email\nAnn@X.org\nbob@x.org\n")).suppressed == 1
    assert rows("SELECT count(*) FROM suppression") == [(1,)]


def form(address: str, **more: Any) -> edit_contact.ContactForm:
    return edit_contact.ContactForm(address, **more)


def add(address: str, **more: Any) -> ContactId:
    from postroad.store.writes import contact

    outcome = edit_contact.add_contact(contact, form(address, **more), ZONES, ACTOR)
    assert isinstance(outcome, Saved), outcome
    return outcome.id


def test_a_person_is_edited_as_typed(rows: Rows) -> None:
    from postroad.store.reads import contact as reads
    from postroad.store.writes import contact

    key = add("ann@x.org", name="Ann Lee", tags=["a", "b"], attributes={"city": "Wien"})
    edited = form("Ann@Y.org", name="Ann", last_name="Ray", zone="UTC", tags=["b", "c"])
    assert edit_contact.edit_contact(contact, key, edited, ZONES, ACTOR) == Saved(key)
    detail = reads.detail(key)
    assert detail is not None
    row = detail.row
    assert (row.address, row.name, row.first_name, row.last_name) == ("Ann@y.org", "Ann", "", "Ray")
    assert row.tags == ("b", "c")
    assert detail.attributes == {}
    assert detail.changed_at > detail.created_at
    kinds = rows("SELECT kind FROM journal ORDER BY id")
    assert kinds == [("contact_added",), ("contact_edited",)]


def test_an_address_belongs_to_one_person_only() -> None:
    from postroad.store.writes import contact

    ann, bob = add("ann@x.org"), add("bob@x.org")
    taken = edit_contact.edit_contact(contact, bob, form("ANN@x.org"), ZONES, ACTOR)
    assert isinstance(taken, Refused)
    assert "address" in taken.faults
    again = edit_contact.add_contact(contact, form("Ann@x.org"), ZONES, ACTOR)
    assert isinstance(again, Refused)
    assert edit_contact.edit_contact(contact, ann, form("ANN@x.org"), ZONES, ACTOR) == Saved(ann)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"address": "ann"}, "address"),
        ({"name": "a\r\nBcc: b@x.org"}, "name"),
        ({"company": "\0"}, "company"),
        ({"zone": "Mars"}, "zone"),
        ({"tags": ["a\nb"]}, "tags"),
        ({"attributes": {"Not A Name": "x"}}, "attributes.Not A Name"),
        ({"attributes": {"name": "x"}}, "attributes.name"),
        ({"attributes": {"ok": "x\0"}}, "attributes.ok"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_written(
    bad: dict[str, Any], field: str, rows: Rows
) -> None:
    from postroad.store.writes import contact

    typed = form(**{"address": "ann@x.org", **bad})
    outcome = edit_contact.add_contact(contact, typed, ZONES, ACTOR)
    assert isinstance(outcome, Refused)
    assert list(outcome.faults) == [field]
    assert rows("SELECT count(*) FROM contact") == [(0,)]


def test_somebody_who_is_gone_cannot_be_edited() -> None:
    from postroad.store.writes import contact

    outcome = edit_contact.edit_contact(contact, ContactId(99), form("a@x.org"), ZONES, ACTOR)
    assert isinstance(outcome, Gone)


def test_the_deleted_come_back_as_they_were(rows: Rows) -> None:
    from postroad.store.writes import contact

    kept = add("ann@x.org", name="Ann Lee", tags=["a", "b"], attributes={"city": "Wien"})
    other = add("bob@x.org")
    everything = "SELECT to_jsonb(c) - 'changed_at' FROM contact c ORDER BY id"
    before = rows(everything)
    deleted = delete_contacts.delete_contacts(contact, [kept, other], ACTOR)
    assert isinstance(deleted, DeletedContacts)
    assert deleted.count == 2
    assert rows("SELECT count(*) FROM contact") == [(0,)]
    assert delete_contacts.delete_contacts(contact, [kept], ACTOR) == DeletedContacts(0, "[]")
    assert delete_contacts.restore_contacts(contact, deleted, ACTOR) == 2
    assert rows(everything) == before
    assert rows("SELECT count(*) FROM contact_tag") == [(2,)]
    assert delete_contacts.restore_contacts(contact, deleted, ACTOR) == 0


def test_who_was_entered_anew_stays_as_entered(rows: Rows) -> None:
    from postroad.store.writes import contact

    key = add("ann@x.org", name="Ann Lee")
    deleted = delete_contacts.delete_contacts(contact, [key], ACTOR)
    assert isinstance(deleted, DeletedContacts)
    add("ann@x.org", name="Ann Ray")
    assert delete_contacts.restore_contacts(contact, deleted, ACTOR) == 0
    assert rows("SELECT name FROM contact") == [("Ann Ray",)]


def test_tagging_says_whom_it_changed_so_that_it_can_be_undone(rows: Rows) -> None:
    from postroad.store.writes import contact

    ann, bob = add("ann@x.org", tags=["vip"]), add("bob@x.org")
    missing = ContactId(99)
    outcome = tag_contacts.tag_contacts(contact, [ann, bob, missing], " vip ", ACTOR)
    assert outcome == tag_contacts.Tagged("vip", (bob,))
    undone = tag_contacts.untag_contacts(contact, [bob], "vip", ACTOR)
    assert undone == tag_contacts.Tagged("vip", (bob,))
    assert rows("SELECT contact_id FROM contact_tag") == [(ann,)]
    assert isinstance(tag_contacts.tag_contacts(contact, [ann], " ", ACTOR), Refused)


def test_pages_walk_the_whole_list_both_ways(fill: Fill) -> None:
    from postroad.store.reads import contact as reads

    names = ["Ann Lee", "Bob Lee", "Éva Ács", "Zoë Öz", "Ann Lee", "Carl Ba", "Dora Ba"]
    fill(*(a_person(f"p{n}@x.org", name) for n, name in enumerate(names)))
    first = reads.page(size=3)
    assert first.previous is None
    assert first.total_estimate == 7
    second = reads.page(first.next, size=3)
    third = reads.page(second.next, size=3)
    assert third.next is None
    walked = [row.sort_key for page in (first, second, third) for row in page.rows]
    assert walked == sorted(walked)
    assert len(walked) == 7
    back = reads.page(third.previous, size=3)
    assert back.rows == second.rows
    assert reads.page(back.previous, size=3).rows == first.rows
    assert reads.page(back.previous, size=3).previous is None


@pytest.mark.parametrize("cursor", ["x", "", "!!", "W10", "WzEsMl0", "bnVsbA"])
def test_a_cursor_that_is_none_shows_the_first_page(cursor: str, fill: Fill) -> None:
    from postroad.store.reads import contact as reads

    fill(a_person("ann@x.org"))
    assert len(reads.page(cursor).rows) == 1


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("öz", {"zoe.o@post.org"}),
        ("OZ zo", {"zoe.o@post.org"}),
        ("Zoë Öz", {"zoe.o@post.org"}),
        ("post", {"zoe.o@post.org", "ann@post.org"}),
        ("ann lee", {"lee@x.org"}),
        ("ann", {"ann@post.org", "lee@x.org"}),
        ("ann@", {"ann@post.org"}),
        ("müller", {"lee@x.org"}),
        ("рома", {"r@x.org"}),
        ("%", {"zoe.o@post.org", "ann@post.org", "lee@x.org", "r@x.org"}),
        ("' | 'x':* & !", {"lee@x.org", "r@x.org"}),
        ("\\ \0 _", set()),
        ("nn", set()),
    ],
)
def test_a_search_finds_whose_words_begin_so(search: str, found: set[str], fill: Fill) -> None:
    from postroad.store.reads import contact as reads

    fill(
        a_person("ann@post.org"),
        a_person("zoe.o@post.org", "Zoë Öz"),
        a_person("lee@x.org", "Ann Lee", company="Müller GmbH"),
        a_person("r@x.org", "Роман Абрамцев"),
    )
    assert {row.address for row in reads.page(search=search).rows} == found


@given(search=st.text(st.sampled_from("aé'\\&|!:*() _@%\0\u2028-"), max_size=12))
@settings(max_examples=30)
def test_any_search_is_answered(search: str, book: str) -> None:
    from postroad.store.reads import contact as reads

    assert reads.page(search=search).rows == ()


def test_a_list_shows_tags_and_who_is_suppressed(fill: Fill) -> None:
    from postroad.actions.suppress_address import suppress_addresses
    from postroad.core.suppression import Reason
    from postroad.store.reads import contact as reads
    from postroad.store.writes import suppression

    fill(a_person("ann@x.org", tags=("b", "a")), a_person("bob@x.org"))
    suppress_addresses(suppression, "BOB@x.org", "asked by phone", ACTOR)
    ann, bob = reads.page().rows
    assert (ann.tags, ann.suppressed) == (("a", "b"), None)
    assert (bob.tags, bob.suppressed) == ((), Reason.MANAGER)
    assert [row.address for row in reads.page(tag="a").rows] == ["ann@x.org"]
    assert [(tag.name, tag.people) for tag in reads.tags()] == [("a", 1), ("b", 1)]


def test_a_list_costs_the_same_number_of_queries_at_1_and_at_50_rows(fill: Fill) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from postroad.store.reads import contact as reads

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            reads.page()
        return len(queries)

    fill(a_person("p@x.org", tags=("a",)))
    one = cost()
    fill(*(a_person(f"p{n}@x.org", tags=("a", "b")) for n in range(60)))
    assert cost() == one


def test_known_is_a_choice_of_two() -> None:
    from postroad.store.queries import query

    for known in Known:
        assert "ON CONFLICT" in query(f"put_entered_{known}")


def test_an_import_streams_from_a_file_on_disk(tmp_path: Path, rows: Rows) -> None:
    from postroad.store.writes import contact

    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"p{n}@x.org\n" for n in range(3000)))
    with path.open("rb") as file, (tmp_path / "bad.csv").open("w", newline="") as bad:
        outcome = import_contacts.import_contacts(contact, file, bad, ZONES, (), ACTOR)
    assert counts(outcome).added == 3000
    assert rows("SELECT count(*) FROM contact") == [(3000,)]
