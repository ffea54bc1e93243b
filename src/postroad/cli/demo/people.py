"""The demo book: two hundred people, the same at every run; their domains can belong to nobody."""

import csv
import io
from dataclasses import dataclass
from typing import Final

from postroad.cli.demo.names import (
    COMPANIES,
    FAMILY_FIRST,
    FIRST_NAMES,
    LAST_NAMES,
    PRIVATE_DOMAINS,
    ROLES,
)
from postroad.core.outcome import Phase
from postroad.engine.smtp.inbox_faults import FaultPlan, FaultRule

PEOPLE: Final = 200
_NO_COMPANY_EVERY = 9
_NO_NAME_EVERY = 23
_BUSY = (16, 47, 81, 115, 149, 183)
_NOBODY = 62
_NARROW = 128


@dataclass(frozen=True, slots=True)
class Person:
    """Texts are '' where the book does not know them."""

    address: str
    name: str
    first_name: str
    last_name: str
    company: str


def demo_people() -> list[Person]:
    cultures = list(FIRST_NAMES)
    taken: set[str] = set()
    return [_person(n, cultures[n % len(cultures)], taken) for n in range(PEOPLE)]


def _person(n: int, culture: str, taken: set[str]) -> Person:
    turn = n // len(FIRST_NAMES)
    first, first_latin = _pick(FIRST_NAMES[culture], turn)
    last, last_latin = _pick(LAST_NAMES[culture], turn // 2 + n)
    company, domain = _pick_company(n)
    if n % _NO_NAME_EVERY == _NO_NAME_EVERY - 1 and company:
        return Person(_free(ROLES[n % len(ROLES)], domain, taken), "", "", "", company)
    name = f"{last} {first}" if culture in FAMILY_FIRST else f"{first} {last}"
    address = _free(f"{first_latin}.{last_latin}", domain, taken)
    return Person(address, name, first, last, company)


def _pick(names: str, turn: int) -> tuple[str, str]:
    choices = names.split()
    written, _, latin = choices[turn % len(choices)].partition("/")
    return written, latin


def _pick_company(n: int) -> tuple[str, str]:
    if n % _NO_COMPANY_EVERY == 4:
        return "", PRIVATE_DOMAINS[n % len(PRIVATE_DOMAINS)]
    written, _, latin = COMPANIES[n * 7 % len(COMPANIES)].partition("/")
    return written, f"{latin}.example"


def _free(local: str, domain: str, taken: set[str]) -> str:
    """A namesake at the same place has a number, as in life."""
    address, number = f"{local}@{domain}", 1
    while address in taken:
        number += 1
        address = f"{local}{number}@{domain}"
    taken.add(address)
    return address


def people_as_csv() -> bytes:
    """As a manager would export them from a spreadsheet."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("e-mail", "name", "first name", "last name", "company"))
    for one in demo_people():
        table.writerow((one.address, one.name, one.first_name, one.last_name, one.company))
    return text.getvalue().encode()


def demo_faults() -> FaultPlan:
    """What the demo's relay refuses, so that retry, rejection and dead letter are seen."""
    people = demo_people()
    busy = "451 4.2.1 Mailbox busy, try again in a moment"
    rules = [FaultRule(people[n].address, Phase.RCPT, busy) for n in _BUSY]
    nobody = "550 5.1.1 Nobody of that name here"
    rules.append(FaultRule(people[_NOBODY].address, Phase.RCPT, nobody, times=0))
    narrow = "552 5.3.4 Message too big for this mailbox"
    rules.append(FaultRule(people[_NARROW].address, Phase.DOT, narrow, times=0))
    return FaultPlan(tuple(rules))
