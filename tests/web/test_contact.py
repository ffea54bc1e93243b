"""The book of people in the browser: pasted, imported, edited, tagged, deleted and put back."""

import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from postroad.app import App


def paste(manager: Client, text: str, tags: str = "") -> Any:
    return manager.post("/contacts/paste/", {"text": text, "tags": tags})


def addresses(app: App, **asked: Any) -> list[str]:
    return [row.address for row in app.contacts.page(**asked).rows]


def ids(app: App) -> list[int]:
    return [row.id for row in app.contacts.page().rows]


def shown(manager: Client, path: str, status: int = 200) -> str:
    answer = manager.get(path)
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def test_an_empty_book_says_what_to_do_next(manager: Client) -> None:
    text = shown(manager, "/contacts/")
    assert "The book is empty" in text
    assert 'href="/contacts/paste/"' in text
    assert 'href="/contacts/import/"' in text


def test_pasted_people_are_in_the_book_with_their_tags(manager: Client, app: App) -> None:
    answer = paste(manager, 'Ann Lee <ann@x.org>, "Ray, Bob" <bob@x.org>\ncy@x.org', "press; 2026")
    assert (answer.status_code, answer["Location"]) == (303, "/contacts/")
    text = shown(manager, "/contacts/")
    assert "3 contacts added" in text
    assert addresses(app, tag="press") == ["cy@x.org", "ann@x.org", "bob@x.org"]
    assert "Ray, Bob" in text
    assert text.count('<span class="pr-tag">2026</span>') == 3
    assert "cy@x.org to Ray" in text


def test_bad_pieces_stay_in_the_box_with_their_reason(manager: Client, app: App) -> None:
    answer = paste(manager, "ann@x.org, carl@, bob@x.org\nno address at all", "press")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(r"<textarea[^>]*>\s*carl@\nno address at all</textarea>", text)
    assert "2 people are</strong>" in text or "2 people are in the book" in text
    assert "2 pieces could not be read" in text
    assert "1:12" in text
    assert addresses(app) == ["ann@x.org", "bob@x.org"]
    assert 'value="press"' in text


def test_an_empty_box_and_a_bad_tag_are_refused_and_nothing_is_lost(
    manager: Client, app: App
) -> None:
    answer = paste(manager, " ,\n")
    assert answer.status_code == 422
    assert b"Nothing is in the box" in answer.content
    answer = paste(manager, "ann@x.org", "a" * 500)
    assert answer.status_code == 422
    assert b"ann@x.org" in answer.content
    assert b"shorten it" in answer.content
    assert addresses(app) == []


def test_a_name_that_is_markup_is_shown_as_text(manager: Client) -> None:
    paste(manager, "<b>Ann</b> Lee <ann@x.org>", "<i>tag</i>")
    text = shown(manager, "/contacts/")
    assert "<b>Ann</b>" not in text
    assert "<i>tag</i>" not in text
    assert "&lt;i&gt;tag&lt;/i&gt;" in text


def upload(manager: Client, content: str | bytes, name: str = "people.csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    file = io.BytesIO(data)
    file.name = name
    return manager.post("/contacts/import/", {"file": file})


CSV = (
    "E-Mail;Vorname;Nachname;Firma;Letzter Kauf;Tags\n"
    "ann@x.org;Ann;Lee;Acme;2026-01-02;press\n"
    "carl@;Carl;Ray;;;\n"
    "ann@x.org;Ann;Lee;Acme;2026-01-02;press\n"
)


def test_a_file_is_looked_at_then_imported_and_its_bad_rows_come_back(
    manager: Client, app: App
) -> None:
    answer = upload(manager, CSV)
    columns_page = answer["Location"]
    assert re.fullmatch(r"/contacts/import/[0-9a-f-]{36}/", columns_page)
    text = shown(manager, columns_page)
    assert "people.csv" in text
    assert "semicolon" in text
    assert "attribute <code>letzter_kauf</code>" in text
    assert "2026-01-02" in text
    assert "Not taken: the e-mail" in text
    assert addresses(app) == [], "looking writes nothing"

    answer = manager.post(columns_page, {"tags": "jazz"})
    assert answer["Location"] == f"{columns_page}result/"
    result = shown(manager, f"{columns_page}result/")
    assert "Lines that were not taken" in result
    assert "carl@, Carl, Ray" in result
    assert addresses(app, tag="jazz") == ["ann@x.org"]
    person = app.contacts.detail(app.contacts.page().rows[0].id)
    assert person is not None
    assert person.attributes == {"letzter_kauf": "2026-01-02"}

    bad = manager.get(f"{columns_page}bad-rows/")
    assert bad["Content-Disposition"].startswith("attachment")
    lines = bad.content.decode().splitlines()
    assert lines[0].startswith("line,reason,E-Mail")
    assert lines[1].startswith("3,")
    assert len(lines) == 2


def test_an_import_pressed_twice_is_done_once_and_the_upload_is_gone(
    manager: Client, app: App
) -> None:
    columns_page = upload(manager, CSV)["Location"]
    first = manager.post(columns_page, {"tags": ""})
    assert manager.post(columns_page, {"tags": ""})["Location"] == first["Location"]
    assert manager.get(columns_page)["Location"] == first["Location"]
    folder = app.settings.home / "imports"
    assert not list(folder.glob("*.csv.part"))
    key = columns_page.split("/")[3].replace("-", "")
    assert not (folder / f"{key}.csv").exists()
    assert (folder / f"{key}.bad.csv").stat().st_mode & 0o077 == 0
    assert addresses(app) == ["ann@x.org"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,phone\nAnn,123\n", "No column is called"),
        (b"e-mail\n\xff\xfe@x.org\n", "line 2"),
        ("", "The file is empty"),
        (b"e-mail\nann\x00@x.org\n", "Line 2"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(
    manager: Client, app: App, content: str | bytes, said: str
) -> None:
    answer = upload(manager, content)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert addresses(app) == []


def test_a_fault_far_down_in_the_file_leaves_the_book_as_it_was(manager: Client, app: App) -> None:
    rows = "".join(f"p{n}@x.org\n" for n in range(100))
    columns_page = upload(manager, f"e-mail\n{rows}".encode() + b"\xff@x.org\n")["Location"]
    answer = manager.post(columns_page, {"tags": ""})
    assert answer.status_code == 422
    assert b"line 102" in answer.content
    assert addresses(app) == []


def test_an_import_that_is_not_there_is_404(manager: Client) -> None:
    path = "/contacts/import/00000000-0000-0000-0000-000000000000/"
    assert manager.get(path).status_code == 404
    assert manager.get(f"{path}result/").status_code == 404
    assert manager.get(f"{path}bad-rows/").status_code == 404
    assert manager.get("/contacts/import/..%2f..%2fsecret/").status_code == 404


PERSON = {
    "address": "ann@x.org", "name": "Dr. Ann Lee", "first_name": "", "last_name": "",
    "company": "Acme", "zone": "Europe/Vienna", "tags": "press",
}  # fmt: skip


def test_one_person_is_added_seen_and_edited(manager: Client, app: App) -> None:
    attributes: dict[str, Any] = {"attribute": ["city", ""], "value": ["Linz\nUrfahr", ""]}
    answer = manager.post("/contacts/new/", PERSON | attributes)
    (key,) = ids(app)
    assert answer["Location"] == f"/contacts/{key}/"
    text = shown(manager, f"/contacts/{key}/")
    for word in ("Dr. Ann Lee", "Acme", "Europe/Vienna", "press", "city", "Linz<br>Urfahr"):
        assert word in text
    assert "May be mailed" in text
    assert "Nothing yet" in text

    form = shown(manager, f"/contacts/{key}/edit/")
    assert 'value="city"' in form
    assert 'value="Lee"' in form
    changed: dict[str, Any] = PERSON | {"last_name": "Leigh", "tags": "vinyl", "company": ""}
    changed |= {"attribute": ["city", "plz"], "value": ["", "4020"]}
    assert manager.post(f"/contacts/{key}/edit/", changed).status_code == 303
    person = app.contacts.detail(app.contacts.page().rows[0].id)
    assert person is not None
    assert person.row.tags == ("vinyl",)
    assert (person.row.last_name, person.row.company) == ("Leigh", "")
    assert person.attributes == {"plz": "4020"}


def test_faults_land_on_their_fields_and_what_was_typed_stays(manager: Client, app: App) -> None:
    bad = PERSON | {"address": "ann@", "zone": "Vienna"}
    answer = manager.post("/contacts/new/", bad | {"attribute": ["City"], "value": ["Linz"]})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="ann@"' in text
    assert "This time zone is not known" in text
    assert "use small letters" in text
    assert 'value="City"' in text
    twice = {"attribute": ["city", "city"], "value": ["a", "b"]}
    answer = manager.post("/contacts/new/", PERSON | twice)
    assert answer.status_code == 422
    assert b"This name is there twice" in answer.content
    paste(manager, "ann@x.org")
    answer = manager.post("/contacts/new/", PERSON)
    assert b"Another contact has this address" in answer.content
    assert addresses(app) == ["ann@x.org"]


def test_chosen_people_are_tagged_and_undo_takes_off_what_the_act_put_on(
    manager: Client, app: App
) -> None:
    paste(manager, "ann@x.org, bob@x.org, cy@x.org")
    people = ids(app)
    manager.post("/contacts/tag/", {"of": people[:1], "name": "vinyl"})
    answer = manager.post(
        "/contacts/tag/", {"of": people[:2], "name": "vinyl", "back": "/contacts/?q=x"}
    )
    assert answer["Location"] == "/contacts/?q=x"
    text = shown(manager, "/contacts/")
    assert "1 contact tagged “vinyl”" in text
    undo = re.search(r'action="(/contacts/untag/[^"]+)"', text)
    assert undo is not None
    manager.post(undo[1].replace("&amp;", "&"))
    assert addresses(app, tag="vinyl") == ["ann@x.org"]


def test_an_act_leads_back_to_our_own_pages_only(manager: Client, app: App) -> None:
    paste(manager, "ann@x.org")
    evil = {"of": ids(app), "name": "x", "back": "https://evil.example/"}
    assert manager.post("/contacts/tag/", evil)["Location"] == "/contacts/"


def test_deleted_people_come_back_as_they_were(manager: Client, app: App) -> None:
    paste(manager, "Ann Lee <ann@x.org>, bob@x.org", "press")
    manager.post("/contacts/delete/", {"of": ids(app)})
    assert addresses(app) == []
    text = shown(manager, "/contacts/")
    assert "2 contacts deleted" in text
    assert 'action="/contacts/restore/"' in text
    manager.post("/contacts/restore/")
    assert addresses(app, tag="press") == ["bob@x.org", "ann@x.org"]
    manager.post("/contacts/restore/")
    assert len(addresses(app)) == 2
    assert "Nobody is left to put back" in shown(manager, "/contacts/")


def test_an_act_on_nobody_says_so(manager: Client) -> None:
    for path in ("/contacts/tag/", "/contacts/untag/", "/contacts/delete/"):
        answer = manager.post(path, {"name": "x"})
        assert answer.status_code == 422, path
        assert b"choose contacts first" in answer.content


def test_the_chosen_go_into_an_audience_or_the_suppression_box(manager: Client, app: App) -> None:
    paste(manager, "ann@x.org, bob@x.org")
    of = {"of": ids(app)[:1]}
    to = manager.post("/contacts/to-audience/", of)["Location"]
    assert "ann@x.org</textarea>" in shown(manager, to)
    assert "bob@x.org" not in shown(manager, to)
    to = manager.post("/contacts/to-suppressions/", of)["Location"]
    assert "ann@x.org</textarea>" in shown(manager, to)


def test_search_tag_and_pages_live_in_the_address(manager: Client, app: App) -> None:
    paste(manager, "\n".join(f"Zoe Person{n:03} <p{n}@x.org>" for n in range(60)), "all")
    paste(manager, "Šimon Novák <simon@y.cz>")
    first = shown(manager, "/contacts/?tag=all")
    assert "Person000 to Person049" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = shown(manager, following[1].replace("&amp;", "&"))
    assert "Person050 to Person059" in second
    assert "tag=all" in second
    assert "Novák" in shown(manager, "/contacts/?q=novak")
    assert "Nobody matches" in shown(manager, "/contacts/?q=nobodyatall")
    assert shown(manager, "/contacts/?cursor=%00garbage")


def test_a_long_list_costs_as_many_queries_as_a_short_one(manager: Client, app: App) -> None:
    paste(manager, "p@x.org", "one")
    shown(manager, "/contacts/")  # The toast is shown, and written off, now.
    with CaptureQueriesContext(connection) as one:
        shown(manager, "/contacts/")
    paste(manager, "\n".join(f"p{n}@x.org" for n in range(50)), "one")
    shown(manager, "/contacts/")
    with CaptureQueriesContext(connection) as fifty:
        shown(manager, "/contacts/")
    assert len(fifty) == len(one)


def test_a_suppressed_person_is_shown_as_such(manager: Client, app: App) -> None:
    paste(manager, "ann@x.org")
    app.suppressions.add("ANN@x.org", "by phone", "manager")
    (key,) = ids(app)
    assert "Suppressed" in shown(manager, "/contacts/")
    text = shown(manager, f"/contacts/{key}/")
    assert "Never written to" in text
    assert "by phone" in text
    assert manager.get("/contacts/999/").status_code == 404
