"""What templates say beyond HTML. Built in: no `{% load %}` is needed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from django import forms, template
from django.conf import settings
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from . import bars, figures

register = template.Library()

_STATIC: Final = Path(__file__).parent.parent / "static"


@register.simple_tag
def asset(name: str) -> str:
    """The URL of a file of ours, with its hash, so that it may be kept for a year."""
    return f"{settings.STATIC_URL}{name}?v={_hash(name)}"


@cache
def _hash(name: str) -> str:
    path = Path(f"{_STATIC}/{name}")  # pathlib takes no SafeString
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "none"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An outline icon of the sprite. With a label where no word stands beside it."""
    url = f"{asset('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="pr-icon" role="img" aria-label="{}"><use href="{}"></use></svg>',
            label,
            url,
        )
    return format_html('<svg class="pr-icon" aria-hidden="true"><use href="{}"></use></svg>', url)


@register.simple_tag
def badge(word: str, label: str = "", tone: str = "") -> SafeString:
    """Dot and word for a state of a delivery, run or campaign."""
    chosen = tone or bars.TONES.get(word, "idle")
    return format_html('<span class="pr-badge pr-tone-{}">{}</span>', chosen, label or word)


@register.simple_tag
def bar(counts: Mapping[str, int], total: int, kind: str = "outcome") -> SafeString:
    """An outcome bar; kind 'outcome' (20 px) or 'queue' (12 px). Needs its legend beside it."""
    return _svg(kind, [(part.word, part.x, part.width) for part in bars.parts(counts, total)])


@register.simple_tag
def meter(value: float, limit: float, tone: str = "move") -> SafeString:
    """A 6 px bar of `value` against `limit`."""
    width = min(100.0, 100 * value / limit) if limit else 0.0
    return _svg("meter", [(tone, 0.0, round(width, 3))])


def _svg(kind: str, rects: Sequence[tuple[str, float, float]]) -> SafeString:
    """Widths are attributes, since the policy refuses style attributes."""
    inner = format_html_join(
        "", '<rect class="pr-fill-{}" x="{}%" width="{}%" height="100%"></rect>', rects
    )
    return format_html('<svg class="pr-bar pr-bar-{}" aria-hidden="true">{}</svg>', kind, inner)


@register.inclusion_tag("shell/_legend.html")
def legend(counts: Mapping[str, int], notes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The figures of an outcome bar, in its order. `notes`: a caption by state."""
    said = notes or {}
    shown = [word for word in bars.ORDER if counts.get(word)]
    return {"rows": [(word, counts[word], said.get(word, "")) for word in shown]}


@register.inclusion_tag("shell/_road.html")
def road(stations: Sequence[object]) -> dict[str, Any]:
    """Stations: objects with `state` (done, look, block, empty), icon, word, value, hint, url."""
    return {"stations": stations}


@register.inclusion_tag("shell/_field.html")
def field(bound: forms.BoundField, hint: str = "") -> dict[str, Any]:
    """Label, control, fault and hint of one form field."""
    return {"field": bound, "control": control(bound), "hint": hint or bound.help_text} | _kind(
        bound
    )


@register.simple_tag
def control(bound: forms.BoundField, placeholder: str = "") -> SafeString:
    """The bare control of a form field, with our classes."""
    kind = _kind(bound)["kind"]
    names = {"select": "form-select", "check": "form-check-input", "segments": ""}
    attributes: dict[str, Any] = {"class": names.get(kind, "form-control")}
    if placeholder:
        attributes["placeholder"] = placeholder
    if bound.errors:
        attributes["aria-describedby"] = f"{bound.auto_id}-fault"
    return bound.as_widget(attrs=attributes)


def _kind(bound: forms.BoundField) -> dict[str, str]:
    match bound.field.widget:
        case forms.CheckboxInput():
            return {"kind": "check"}
        case forms.RadioSelect():
            return {"kind": "segments"}
        case forms.Select():
            return {"kind": "select"}
        case _:
            return {"kind": "text"}


class LiveNode(template.Node):
    """A region that polls its own fragment each second."""

    def __init__(
        self,
        nodelist: NodeList,
        region: FilterExpression,
        url: FilterExpression,
        named: Mapping[str, FilterExpression],
    ) -> None:
        self.nodelist, self.region, self.url, self.named = nodelist, region, url, named

    def render(self, context: Context) -> SafeString:
        named = {name: value.resolve(context) for name, value in self.named.items()}
        attributes = format_html('id="{}"', self.region.resolve(context))
        if named.get("class"):
            attributes = format_html('{} class="{}"', attributes, named["class"])
        if not named.get("over"):
            attributes = format_html(
                '{} data-live hx-get="{}" hx-trigger="every 1s" hx-swap="morph:innerHTML"'
                ' hx-ext="morph" hx-target="this"',
                attributes,
                self.url.resolve(context),
            )
        body = self.nodelist.render(context)
        return format_html("<{0} {1}>{2}</{0}>", named.get("tag", "div"), attributes, body)


@register.tag
def live(parser: Parser, token: Token) -> LiveNode:
    """{% live "run-progress" url over=run.is_over class="pr-stack" %}{% include … %}{% endlive %}.

    The include is the template that `url` answers; its last segment starts with _.
    """
    _, region, url, *rest = token.split_contents()
    named = token_kwargs(rest, parser)
    nodelist = parser.parse(("endlive",))
    parser.delete_first_token()
    return LiveNode(nodelist, parser.compile_filter(region), parser.compile_filter(url), named)


@register.filter
def number(value: float | None) -> SafeString:
    """248,616; a zero is grey."""
    text = figures.number(value)
    return format_html('<span class="pr-zero">{}</span>' if not value else "{}", text)


@register.filter
def plain_number(value: float | None) -> str:
    """248,616 without markup, for titles and sentences."""
    return figures.number(value)


@register.filter
def share(part: float | None, whole: float | None) -> str:
    return figures.share(part, whole)


@register.filter
def octets(size: int | None) -> SafeString:
    """42 KB, the exact octets on hover."""
    exact = f"{size:,} octets" if size is not None else ""
    return format_html('<span title="{}">{}</span>', exact, figures.octets(size))


@register.filter
def duration(seconds: float | None) -> str:
    return figures.duration(seconds)


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """Short, with the exact time on hover, in the machine's zone."""
    if at is None:
        return figures.NONE
    zone = timezone.get_current_timezone()
    short = figures.moment(at, timezone.now(), zone)
    return _time(at, short)


@register.filter
def ago(at: datetime | None) -> SafeString | str:
    """3 min ago, with the exact time on hover."""
    return figures.NONE if at is None else _time(at, figures.ago(at, timezone.now()))


@register.filter
def millisecond(at: datetime) -> SafeString:
    """A journal's time."""
    local = at.astimezone(timezone.get_current_timezone())
    return _time(at, f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}")


def _time(at: datetime, short: str) -> SafeString:
    exact = figures.exact(at, timezone.get_current_timezone())
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, short)


@register.filter
def counted(count: int, words: str) -> str:
    """1 mail, 2 mails: words 'mail,mails', or 'mail' for a plain s."""
    return figures.counted(count, *words.split(","))


@register.filter
def lane_name(lane: str) -> str:
    """'google' as Google; a domain's own lane as the domain is written."""
    return lane if "." in lane else _LANE_NAMES.get(lane, lane.capitalize())


_LANE_NAMES: Final = {"gmx": "GMX", "mailru": "Mail.ru"}


@register.filter
def lane_names(lanes: str) -> str:
    """'google, gmx' as Google, GMX."""
    return ", ".join(lane_name(lane) for lane in lanes.split(", ") if lane)


@register.filter
def initials(name: str) -> str:
    """CV of Clara Voss."""
    return "".join(word[0] for word in name.split()[:2]).upper()


@register.filter
def day(at: datetime) -> str:
    """Tuesday 24 November."""
    local = at.astimezone(timezone.get_current_timezone())
    return f"{local:%A} {local.day} {local:%B}"


@register.filter
def zone(at: datetime) -> str:
    """The zone in which the console shows times, by name."""
    return timezone.get_current_timezone_name()


@register.filter
def at(things: Mapping[Any, Any], key: Any) -> Any:
    """The entry of a mapping, '' when there is none."""
    return things.get(key, "")
