"""The job seeker's résumé: one page, a real PDF."""

from typing import Final

from postroad.cli.demo.pdf import A4, Colour, Page, write_pdf

FILE_NAME: Final = "Mara Lindqvist – résumé.pdf"

_INK: Final[Colour] = (0.13, 0.16, 0.22)
_SOFT: Final[Colour] = (0.40, 0.45, 0.53)
_ACCENT: Final[Colour] = (0.05, 0.42, 0.47)
_BAND: Final[Colour] = (0.93, 0.96, 0.96)
_WHITE: Final[Colour] = (1, 1, 1)
_PALE: Final[Colour] = (0.80, 0.92, 0.92)
_SIDE, _MAIN, _TOP = 36, 222, 690

_SIDEBAR: Final = (
    ("Contact", ("Norra Kajen 12, Vikstad", "+00 555 0142", "mara@lindqvist.example")),
    (
        "What I do well",
        (
            "Python, PostgreSQL, Linux",
            "Queues and messaging",
            "Making things not lose data",
            "Measuring before guessing",
            "Writing things down",
        ),
    ),
    ("Languages", ("Swedish (at home)", "English (at work)", "Deutsch (a glass of wine in)")),
    (
        "Education",
        ("M.Sc. Computer Science", "Vikstad Institute of Technology", "2012 – 2017"),
    ),
    ("Off duty", ("Letterpress printing", "Long-distance skating", "A very old bicycle")),
)
_WORK: Final = (
    (
        "Senior engineer, platform",
        "Skärgård Bank · since 2021",
        (
            "Moved payments from a nightly batch to a queue: 40 million entries",
            "a month, none lost, none booked twice.",
            "Wrote the fault book that the on-call rota now trains with.",
        ),
    ),
    (
        "Engineer, messaging",
        "Brevduva AB · 2018 – 2021",
        (
            "Cut the cost of a mailing platform by two thirds while its volume",
            "grew fivefold.",
            "Introduced limits per provider; complaints fell by 80 %.",
        ),
    ),
    (
        "Junior engineer",
        "Kanal & Co · 2017 – 2018",
        (
            "Replaced four hundred cron jobs by one scheduler people could read.",
            "Found out how much I like deleting code.",
        ),
    ),
    (
        "A gap, used well",
        "2020, seven months",
        ("Looked after my father, learned to set type by hand.",),
    ),
)


def resume_pdf() -> bytes:
    page = Page()
    _head(page)
    page.box(0, 0, 198, 718, _BAND)
    _sidebar(page)
    _work(page)
    _foot(page)
    return write_pdf(page, "Résumé of Mara Lindqvist", "Mara Lindqvist")


def _head(page: Page) -> None:
    page.box(0, 718, A4[0], A4[1] - 718, _ACCENT)
    page.text(_SIDE, 786, 30, "F2", _WHITE, "Mara Lindqvist")
    line = "Software engineer for the part that may not lose anything"
    page.text(_SIDE, 756, 12.5, "F1", _PALE, line)


def _sidebar(page: Page) -> None:
    y = _TOP
    for heading, lines in _SIDEBAR:
        page.text(_SIDE, y, 10, "F2", _ACCENT, heading.upper())
        y -= 17
        for line in lines:
            page.text(_SIDE, y, 9, "F1", _INK, line)
            y -= 14
        y -= 16


def _work(page: Page) -> None:
    page.text(_MAIN, _TOP, 10, "F2", _ACCENT, "WORK")
    y = _TOP - 24
    for role, place, lines in _WORK:
        page.text(_MAIN, y, 12.5, "F2", _INK, role)
        page.text(_MAIN, y - 15, 9, "F3", _SOFT, place)
        y -= 34
        for line in lines:
            page.text(_MAIN, y, 9.5, "F1", _INK, line)
            y -= 14
        y -= 18


def _foot(page: Page) -> None:
    page.box(_MAIN, 296, A4[0] - _MAIN - 36, 0.8, _ACCENT)
    page.text(_MAIN, 274, 10, "F3", _SOFT, "“Nothing she runs wakes anybody up.”")
    page.text(_MAIN, 259, 9, "F1", _SOFT, "Head of operations, Skärgård Bank; happy to be called.")
