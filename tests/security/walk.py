"""Every URL of the console with objects that exist, and what a page's HTML may not hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.urls import URLResolver, get_resolver

_PART = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Place:
    """One URL. `name` as `web:contact-edit`."""

    name: str
    path: str


def console(ids: Mapping[str, object]) -> Iterator[Place]:
    """All URLs of the console; `ids` has a value for each name of a part of a path."""
    yield from _walk(get_resolver(), "/", "", ids)


def _walk(
    resolver: URLResolver, prefix: str, space: str, ids: Mapping[str, object]
) -> Iterator[Place]:
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, route, one.namespace or space, ids)
        elif space == "web":
            yield Place(f"web:{one.name}", _PART.sub(lambda part: str(ids[part[1]]), route))


@dataclass
class Active(HTMLParser):
    """Collects what in a page could run or load: `found` is empty in a page of ours."""

    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        is_ours = tag == "script" and values.get("src", "").startswith("/static/")
        if tag in ("script", "object", "embed", "base", "meta-refresh") and not is_ours:
            self.found.append(f"<{tag} {values}>")
        if tag == "meta" and "http-equiv" in values:
            self.found.append(f"<meta {values}>")
        for name, value in values.items():
            self._look_at(tag, name, value)

    def _look_at(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in ("style", "srcdoc"):
            self.found.append(f"<{tag} {name}={value!r}>")
        is_address = name in ("href", "src", "action", "formaction", "hx-get", "hx-post")
        if is_address and not _is_harmless(value):
            self.found.append(f"<{tag} {name}={value!r}>")


def _is_harmless(address: str) -> bool:
    """Ours, or a part of the same page, or written to by a person's own program."""
    is_ours = address.startswith(("/", "?", "#")) and not address.startswith(("//", "/\\"))
    return not address or is_ours or address.startswith(("mailto:", "https://"))


def active_parts(html: str) -> list[str]:
    parser = Active()
    parser.feed(html)
    parser.close()
    return parser.found
