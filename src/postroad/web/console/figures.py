"""Numbers and times as people read them. Pure; the clock and the zone are handed in."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

NONE: Final = "–"
_MINUS: Final = "−"
_HOUR: Final = 3600
_MINUTE: Final = 60


def number(value: float | None) -> str:
    """248,616; − as such; – for nothing."""
    if value is None:
        return NONE
    text = f"{abs(value):,.0f}" if float(value).is_integer() else f"{abs(value):,.1f}"
    return f"{_MINUS}{text}" if value < 0 else text


def counted(count: int, one: str, many: str = "") -> str:
    """1 mail, 2,400 mails."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def share(part: float | None, whole: float | None) -> str:
    """61 %, 0.02 %; – of nothing. Only all of it is 100 %, and only nothing 0 %."""
    if part is None or not whole:
        return NONE
    percent = 100 * part / whole
    if percent >= 10 or percent == 0:
        rounded = round(percent)
        return "99 %" if rounded == 100 and part < whole else f"{rounded} %"
    return f"{percent:.1f} %" if percent >= 0.1 else f"{max(percent, 0.01):.2f} %"


def octets(size: int | None) -> str:
    """42 KB, decimal; 1.2 MB."""
    if size is None:
        return NONE
    if size < 1000:
        return f"{size} B"
    for unit, factor in (("KB", 10**3), ("MB", 10**6), ("GB", 10**9)):
        if size < factor * 999.5:
            amount = size / factor
            return (
                f"{amount:.1f} {unit}" if amount < 10 and unit != "KB" else f"{amount:.0f} {unit}"
            )
    return f"{size / 10**12:.1f} TB"


def duration(seconds: float | None) -> str:
    """9 min 24 s; the two largest units."""
    if seconds is None:
        return NONE
    whole = max(0, round(seconds))
    days, rest = divmod(whole, 24 * _HOUR)
    hours, rest = divmod(rest, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (left, "s")]
    first = next((at for at, (amount, _) in enumerate(parts) if amount), 3)
    shown = [f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount]
    return " ".join(shown) or "0 s"


def moment(at: datetime | None, now: datetime, zone: tzinfo) -> str:
    """Today 09:09; this year 6 Oct 09:01; else 12 Jan 2024."""
    if at is None:
        return NONE
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if local.year == today.year:
        return f"{local.day} {local:%b %H:%M}"
    return f"{local.day} {local:%b %Y}"


def exact(at: datetime, zone: tzinfo) -> str:
    """To the second and with the zone: for titles."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y %H:%M:%S %Z}"


def ago(at: datetime | None, now: datetime) -> str:
    """3 min ago; just now; in 2 h."""
    if at is None:
        return NONE
    gap = now - at
    if abs(gap) < timedelta(seconds=10):
        return "just now"
    seconds = abs(gap.total_seconds())
    for unit, size in (("d", 86400), ("h", _HOUR), ("min", _MINUTE), ("s", 1)):
        if seconds >= size:
            amount = f"{int(seconds // size)} {unit}"
            return f"{amount} ago" if gap > timedelta(0) else f"in {amount}"
    return "just now"
