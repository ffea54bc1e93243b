"""Sizes are looked at before anything is read; names of files are never paths."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from postroad.app import App

MEGABYTE = 1024 * 1024
CONTENT = {"name": "c", "format": "txt", "subject": "s", "source": "Dear you"}


class Endless(io.RawIOBase):
    """A body that nobody should read: it says how much was taken."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.taken += max(size, 0)
        return b"x" * max(size, 0)


def post_endless(client: Client, path: str, octets: int) -> tuple[Any, Endless]:
    body = Endless()
    answer = client.generic(
        "POST", path, content_type="multipart/form-data; boundary=b",
        **{"wsgi.input": body, "CONTENT_LENGTH": str(octets)},  # type: ignore[arg-type]
    )  # fmt: skip
    return answer, body


@pytest.mark.parametrize("path", ["/contacts/import/", "/content/new/", "/account/login/"])
def test_a_stranger_cannot_fill_the_disk(path: str, client: Client) -> None:
    client.cookies["csrftoken"] = client.cookies["postroad_csrf_8025"] = "x" * 32
    answer, body = post_endless(client, path, 50 * MEGABYTE)
    assert answer.status_code == 413
    assert body.taken == 0


@pytest.mark.parametrize(
    ("path", "megabytes", "said"),
    [
        ("/content/new/", 80, "at most"),
        ("/contacts/paste/", 80, "import it as a CSV file"),
        ("/contacts/import/", 4000, "in parts"),
    ],
)
def test_a_body_too_large_is_refused_before_it_is_read(
    path: str, megabytes: int, said: str, manager: Client
) -> None:
    answer, body = post_endless(manager, path, megabytes * MEGABYTE)
    assert answer.status_code == 413
    assert body.taken == 0
    assert said in answer.content.decode()


def test_too_much_text_for_a_form_says_what_to_do(manager: Client, app: App) -> None:
    answer = manager.post("/contacts/paste/", {"text": "a@x.org," * 2_200_000})
    assert answer.status_code == 413
    assert "import it as a CSV file" in answer.content.decode()
    assert not app.contacts.page().rows


def test_too_many_files_or_fields_say_what_to_do(manager: Client, app: App) -> None:
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(101)]
    answer = manager.post("/content/new/", CONTENT | {"attachments": files})
    assert answer.status_code == 413
    assert "fewer" in answer.content.decode()
    answer = manager.post("/contacts/tag/", {"of": [str(n) for n in range(1001)], "name": "x"})
    assert answer.status_code in (303, 413)
    assert not app.contents.all()


def test_attachments_of_more_than_25_mb_are_refused_and_the_text_stays(
    manager: Client, app: App
) -> None:
    file = SimpleUploadedFile("large.bin", b"x" * (26 * MEGABYTE))
    answer = manager.post("/content/new/", CONTENT | {"attachments": file})
    assert answer.status_code == 422
    assert "Attach smaller ones, or link to them" in answer.content.decode()
    assert "Dear you" in answer.content.decode()
    assert not app.contents.all()


def post_file(manager: Client, path: str, field: str, name: str) -> Any:
    """As no browser sends it: the name as it is."""
    fields = CONTENT if "content" in path else {}
    parts = [f'name="{key}"\r\n\r\n{text}' for key, text in fields.items()]
    parts.append(f'name="{field}"; filename="{name}"\r\n\r\ne-mail\r\nann@x.org\r\n')
    body = "".join(f"--b\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
    return manager.generic(
        "POST", path, f"{body}--b--\r\n", content_type="multipart/form-data; boundary=b"
    )


@pytest.mark.parametrize("name", ["../../../x/evil.csv", "/x/evil.csv", "..\\\\..\\\\evil.csv"])
def test_the_name_of_an_upload_is_no_path(name: str, manager: Client, app: App) -> None:
    at = post_file(manager, "/contacts/import/", "file", name)["Location"]
    assert manager.post(at).status_code == 303
    assert [path.name for path in app.settings.home.rglob("*evil*")] == []
    assert post_file(manager, "/content/new/", "attachments", name).status_code == 303
    shown = manager.get("/content/1/revisions/1/files/1/")
    assert shown["Content-Disposition"] == 'attachment; filename="evil.csv"'


def test_bad_rows_start_no_formula_in_a_spreadsheet(manager: Client) -> None:
    rows = "e-mail,name\n=cmd|'/c calc'!A1,+1\n@SUM(1),-2\n\t=1,x\n"
    file = SimpleUploadedFile("x.csv", rows.encode())
    at = manager.post("/contacts/import/", {"file": file})["Location"]
    manager.post(at)
    answer = manager.get(f"{at}bad-rows/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    cells = [
        cell.strip('"') for line in answer.content.decode().splitlines() for cell in line.split(",")
    ]
    assert any("SUM" in cell for cell in cells)
    assert not [cell for cell in cells if cell.lstrip("\ufeff")[:1] in ("=", "+", "-", "@", "\t")]
