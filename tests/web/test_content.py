"""A content: brought or written, checked with line and column, previewed as a real contact."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from postroad.app import App
from postroad.core.campaign import CampaignFields
from postroad.core.contact import Known
from postroad.core.ids import ContentId
from postroad.core.lifecycle import RunState
from postroad.core.revision import NewRevision
from postroad.core.saved import Saved
from postroad.store.writes import contact as contact_writes
from postroad.testing.runs import RunBuilder, a_person

PDF = b"%PDF-1.4 not much of one"


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def a_content(app: App, source: str = "Dear {{ name }},\n\nhello.\n", **more: Any) -> ContentId:
    revision = NewRevision(**{"subject": "A letter", "format": "md", "source": source} | more)
    saved = app.contents.create("Letter", revision, "test")
    assert isinstance(saved, Saved), saved
    return saved.id


def people(*entered: Any) -> None:
    contact_writes.put_contacts(entered, Known.FILL, (), "test")


def typed(**changed: Any) -> dict[str, Any]:
    form = {"name": "Letter", "format": "md", "subject": "Hello", "source": "Dear {{ name }},"}
    return form | changed


def test_an_empty_list_offers_to_write_the_first(manager: Client) -> None:
    assert "No content yet" in words(manager.get("/content/"))


def test_a_letter_is_uploaded_and_named_by_its_file(app: App, manager: Client) -> None:
    file = SimpleUploadedFile("Winter letter.html", "<p>Dear {{ name }}, ä</p>".encode())
    answer = manager.post("/content/new/", typed(name="", source="", upload=file))
    assert answer.status_code == 303
    (row,) = app.contents.all()
    latest = app.contents.latest(row.id)
    assert latest is not None
    assert (row.name, latest.format) == ("Winter letter", "html")
    assert latest.source == "<p>Dear {{ name }}, ä</p>"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("letter.html", b"\x89PNG\x00\x1a", "The file is not text: it has a NUL at byte 4."),
        ("letter.txt", b"Gr\xfc\xdfe", "The file is not UTF-8: byte 2"),
        ("letter.exe", b"MZ", "can&#x27;t be a content"),
        ("letter.md", b"x" * (2 * 1024 * 1024 + 9), "a content has at most 2,097,152"),
    ],
)
def test_a_file_that_is_no_text_is_refused_on_its_field_and_nothing_typed_is_lost(
    app: App, manager: Client, name: str, data: bytes, said: str
) -> None:
    answer = manager.post("/content/new/", typed(upload=SimpleUploadedFile(name, data)))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_upload-fault"' in page
    assert said in page
    assert "Dear {{ name }}," in page
    assert app.contents.all() == []


def test_a_template_with_a_fault_is_refused_naming_line_and_column(
    app: App, manager: Client
) -> None:
    answer = manager.post("/content/new/", typed(source="Dear,\n\nyou {{ name"))
    assert answer.status_code == 422
    assert "Body, line 3, column 5" in words(answer)
    assert "<mark>{{ name</mark>" in answer.content.decode()
    assert app.contents.all() == []


def test_an_endless_template_is_stopped_and_the_preview_says_so(app: App, manager: Client) -> None:
    people(a_person("a@example.org", "Ann"))
    content = a_content(app, "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}"
                             "{% endfor %}")  # fmt: skip
    assert "template does too much" in words(manager.get(f"/content/{content}/"))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("subject", "Hello\r\nBcc: everybody@example.org"),
        ("subject", "Hel\0lo"),
        ("source", "Dear\0 you"),
        ("name", "Let\0ter"),
    ],
)
def test_a_line_break_or_nul_never_gets_into_a_revision(
    app: App, manager: Client, field: str, text: str
) -> None:
    answer = manager.post("/content/new/", typed(**{field: text}))
    assert answer.status_code == 422
    assert f'id="id_{field}-fault"' in answer.content.decode()
    assert app.contents.all() == []


def test_an_unknown_variable_is_shown_in_its_line_with_a_suggestion(
    app: App, manager: Client
) -> None:
    answer = manager.post("/content/new/", typed(source="a\nDear {{ fist_name }}!", check="1"))
    said = words(answer)
    assert answer.status_code == 200
    assert "Body, line 2, column 9" in said
    assert "Did you mean first_name?" in said
    assert "<mark>fist_name</mark> }}!" in answer.content.decode()
    assert app.contents.all() == []


def test_an_attribute_of_the_book_is_a_known_variable(app: App, manager: Client) -> None:
    people(a_person("a@example.org", "Ann", attributes={"city": "Oslo"}))
    answer = manager.post("/content/new/", typed(source="to {{ city }}", check="1"))
    assert "No fault found." in words(answer)


def test_the_table_of_variables_follows_the_letter_and_its_policies_are_kept(
    app: App, manager: Client
) -> None:
    source = "Dear {{ first_name }} of {{ company }}"
    page = manager.post("/content/new/", typed(source=source, check="1")).content.decode()
    assert 'name="policy:first_name"' in page
    assert 'name="policy:company"' in page
    chosen = {"policy:first_name": "default", "default:first_name": "friend"}
    gone = {"policy:gone": "skip", "default:gone": ""}
    posted = typed(source=source) | chosen | gone | {"policy:company": "skip"}
    assert manager.post("/content/new/", posted).status_code == 303
    latest = app.contents.latest(app.contents.all()[0].id)
    assert latest is not None
    assert latest.policies == {
        "first_name": {"policy": "default", "default": "friend"},
        "company": {"policy": "skip", "default": ""},
    }
    page = manager.get(f"/content/{latest.content_id}/edit/").content.decode()
    assert re.search(r'name="default:first_name" value="friend"', page)


def test_policies_survive_a_letter_that_does_not_compile(manager: Client) -> None:
    posted = typed(source="{% if name %}", check="1") | {
        "policy:first_name": "default",
        "default:first_name": "friend",
    }
    page = manager.post("/content/new/", posted).content.decode()
    assert re.search(r'name="default:first_name" value="friend"', page)


def test_files_survive_a_fault_and_a_later_revision(app: App, manager: Client) -> None:
    files = [SimpleUploadedFile("cv ä.pdf", PDF, "application/pdf"), SimpleUploadedFile("b", b"b")]
    answer = manager.post("/content/new/", typed(subject="", attachments=files))
    assert answer.status_code == 422
    kept = re.findall(r'name="kept" value="([^"]+)"', answer.content.decode())
    assert [each.split(" ", 2)[2] for each in kept] == ["cv ä.pdf", "b"]
    answer = manager.post("/content/new/", typed(kept=kept, drop=["1"]))
    assert answer.status_code == 303
    (row,) = app.contents.all()
    (file,) = row.files
    assert (file.name, file.media_type, file.size) == ("cv ä.pdf", "application/pdf", len(PDF))
    got = manager.get(f"/content/{row.id}/revisions/1/files/1/")
    assert got.content == PDF
    assert got["Content-Disposition"].startswith("attachment")
    answer = manager.post(
        f"/content/{row.id}/edit/", typed(kept=kept[:1], base="1", source="Another")
    )
    latest = app.contents.latest(row.id)
    assert latest is not None
    assert (latest.number, latest.files) == (2, row.files)


def test_an_empty_file_is_refused_and_the_others_stay(manager: Client) -> None:
    files = [SimpleUploadedFile("good.txt", b"good"), SimpleUploadedFile("empty.txt", b"")]
    answer = manager.post("/content/new/", typed(attachments=files))
    assert answer.status_code == 422
    assert "empty.txt is empty: attach the right file." in words(answer)


def test_saving_makes_a_revision_and_the_same_again_makes_none(app: App, manager: Client) -> None:
    content = a_content(app)
    path = f"/content/{content}/edit/"
    same = typed(subject="A letter", source="Dear {{ name }},\r\n\r\nhello.\r\n", base="1")
    manager.post(path, same)
    assert len(app.contents.revisions(content)) == 1
    answer = manager.post(path, same | {"subject": "Another"})
    assert answer.status_code == 303
    assert [row.number for row in app.contents.revisions(content)] == [2, 1]
    assert "Revision 2 saved" in words(manager.get(answer["Location"]))
    assert "there is a newer one" in words(manager.get(f"/content/{content}/revisions/1/"))


def test_a_revision_of_another_tab_is_not_superseded_unseen(app: App, manager: Client) -> None:
    content = a_content(app)
    path = f"/content/{content}/edit/"
    manager.post(path, typed(source="The other tab", base="1"))
    answer = manager.post(path, typed(source="This tab", base="1"))
    assert answer.status_code == 422
    assert "Revision 2 was saved meanwhile" in words(answer)
    base = re.search(r'name="base" value="(\d+)"', answer.content.decode())
    assert base
    assert manager.post(path, typed(source="This tab", base=base[1])).status_code == 303
    assert len(app.contents.revisions(content)) == 3


def test_a_changed_content_abandons_the_verified_run_and_says_so(
    app: App, manager: Client, book: RunBuilder
) -> None:
    book.a_run(RunState.READY, 2)
    (row,) = app.contents.all()
    answer = manager.post(f"/content/{row.id}/edit/", typed(name=row.name, base="1"))
    assert "1 verified run abandoned: verify again" in words(manager.get(answer["Location"]))


def test_two_contents_of_one_name_are_refused_and_nothing_is_saved(
    app: App, manager: Client
) -> None:
    a_content(app)
    assert isinstance(app.contents.create("Other", NewRevision("S", "txt", "text"), "test"), Saved)
    answer = manager.post("/content/new/", typed())
    assert answer.status_code == 422
    assert "There is a content called" in words(answer)
    other = next(row for row in app.contents.all() if row.name == "Other")
    answer = manager.post(f"/content/{other.id}/edit/", typed(name="Letter", base="1"))
    assert answer.status_code == 422
    assert len(app.contents.revisions(other.id)) == 1


def test_a_preview_is_the_mail_of_a_contact_with_the_next_and_the_previous(
    app: App, manager: Client
) -> None:
    people(a_person("a@example.org", "Ann Alder"), a_person("b@example.org", "Ben Birch"),
           a_person("c@example.org", "Cai Cedar"))  # fmt: skip
    content = a_content(app, subject="For {{ first_name }}", files=())
    first = manager.get(f"/content/{content}/")
    assert "For Ann" in words(first)
    assert "Ann Alder &lt;a@example.org&gt;" in words(first)
    second = manager.get(key_of(first, "]"))
    assert "For Ben" in words(second)
    assert "For Ann" in words(manager.get(key_of(second, "[")))
    third = manager.get(key_of(second, "]"))
    assert "For Cai" in words(third)
    assert 'data-key="]"' not in third.content.decode()


def key_of(response: Any, key: str) -> str:
    found = re.search(rf'data-key="{re.escape(key)}" href="([^"]+)"', response.content.decode())
    assert found
    return found[1].replace("&amp;", "&")


def test_the_frame_holds_the_html_and_may_run_nothing(app: App, manager: Client) -> None:
    people(a_person("x@example.org", "<script>alert(1)</script>"))
    content = a_content(app)
    page = manager.get(f"/content/{content}/").content.decode()
    frame = re.search(r'<iframe[^>]* sandbox src="([^"]+)"', page)
    assert frame
    answer = manager.get(frame[1])
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"<script>" not in answer.content
    assert b"<p>hello.</p>" in answer.content


def test_the_text_version_is_shown_as_it_is_sent(app: App, manager: Client) -> None:
    people(a_person("a@example.org", "Ann"))
    content = a_content(
        app, "<p>Dear {{ name }}</p>", format="html", text_source="Plain {{ name }}"
    )
    page = manager.get(f"/content/{content}/revisions/1/?part=text").content.decode()
    assert re.search(r'<pre class="pr-letter"[^>]*>Plain Ann', page)


def test_a_person_whose_mail_fails_shows_why(app: App, manager: Client) -> None:
    people(a_person("a@example.org", "Ann"))
    content = a_content(app, "To {{ company }}")
    page = manager.get(f"/content/{content}/")
    assert "No mail for this person:" in words(page)
    assert "The mail needs company (line 1, column 7)" in words(page)
    assert "<iframe" not in page.content.decode()


def test_edge_cases_find_the_people_with_whom_letters_break(app: App, manager: Client) -> None:
    people(
        a_person("a@example.org", "Ann Alder"),
        a_person("b@example.org", "Bartholomew Featherstonehaugh-Cholmondeley"),
        a_person("info@example.org", ""),
        a_person("y@example.org", "Юлия Орлова"),
    )
    content = a_content(app, "Dear {{ name|default('all') }}", policies={})
    page = f"/content/{content}/revisions/1/?edge="
    assert "as Bartholomew" in words(manager.get(page + "longest"))
    assert "as info@example.org" in words(manager.get(page + "no_first_name"))
    assert "as Юлия Орлова" in words(manager.get(page + "non_latin"))


def test_an_edge_that_nobody_is_says_so(app: App, manager: Client) -> None:
    people(a_person("a@example.org", "Ann Alder"))
    content = a_content(app)
    said = words(manager.get(f"/content/{content}/revisions/1/?edge=non_latin"))
    assert "Nobody in the contacts is like that." in said


def test_without_a_contact_the_preview_asks_for_one(app: App, manager: Client) -> None:
    assert "Nobody to preview with" in words(manager.get(f"/content/{a_content(app)}/"))


def test_a_preview_is_from_the_sender_of_its_campaign(app: App, manager: Client) -> None:
    people(a_person("a@example.org", "Ann"))
    content = a_content(app)
    for name in ("First", "Second"):
        fields = CampaignFields(
            name, content_id=content, sender_name=name, sender_address="s@example.org"
        )
        app.campaigns.create(fields, "test")
    (second,) = [row for row in app.campaigns.all() if row.fields.name == "Second"]
    said = words(manager.get(f"/content/{content}/?campaign={second.id}"))
    assert "Second &lt;s@example.org&gt;" in said


def test_what_is_gone_is_not_found(app: App, manager: Client) -> None:
    content = a_content(app)
    for path in ("77/", "77/edit/", f"{content}/revisions/9/", f"{content}/revisions/1/files/1/"):
        assert manager.get(f"/content/{path}").status_code == 404
