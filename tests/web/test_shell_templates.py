"""What no template may hold. The strict policy would break most of it."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "src" / "postroad" / "web"

FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son\w+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b"),
    "a script in the page": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a style sheet in the page": re.compile(r"<style\b", re.IGNORECASE),
    "|safe": re.compile(r"\|\s*safe\b"),
    "autoescape off": re.compile(r"{%\s*autoescape\s+off"),
    "a literal path in hx-": re.compile(r"\bhx-(get|post|put|patch|delete)\s*=\s*[\"']?/"),
    "a javascript: link": re.compile(r"javascript:", re.IGNORECASE),
    "a file from elsewhere": re.compile(
        r"<(script|link|img|iframe)[^>]*(src|href)=[\"']?(https?:)?//"
    ),
}
IN_CODE = re.compile(r"\b(mark_safe|SafeString\(|csrf_exempt)")


def faults(text: str) -> set[str]:
    return {what for what, pattern in FORBIDDEN.items() if pattern.search(text)}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<p style="color: red">', "a style attribute"),
        ('<a href="#" onclick="x()">', "an event attribute"),
        ('<a hx-on:click="x()">', "hx-on"),
        ("<script>x()</script>", "a script in the page"),
        ("{{ name|safe }}", "|safe"),
        ('<div hx-get="/runs/">', "a literal path in hx-"),
        ('<img src="https://x.example/a.png">', "a file from elsewhere"),
    ],
)
def test_the_scan_sees_what_it_looks_for(text: str, fault: str) -> None:
    assert fault in faults(text)


def test_no_template_holds_what_is_forbidden() -> None:
    templates = sorted(WEB.rglob("*.html"))
    assert len(templates) > 20
    found = {str(path.relative_to(WEB)): faults(path.read_text()) for path in templates}
    assert {path: what for path, what in found.items() if what} == {}


def test_no_code_of_the_console_trusts_a_string_blindly() -> None:
    console = WEB / "console"
    found = [str(path) for path in console.rglob("*.py") if IN_CODE.search(path.read_text())]
    assert found == []


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    known = set((WEB / "console" / "assets" / "icons.txt").read_text().split())
    named: dict[str, str] = {}
    for path in WEB.rglob("*.html"):
        for name in re.findall(r'{%\s*icon\s+"([\w-]+)"', path.read_text()):
            named[name] = path.name
        for name in re.findall(r'icon="([\w-]+)"', path.read_text()):
            named[name] = path.name
    assert {name: where for name, where in named.items() if name not in known} == {}
