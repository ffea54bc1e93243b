"""docs/messages/asyncapi.yaml says what the product sends and takes."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from postroad.core.messages import PUBLISHED, Accepted, DeadLetter, read_message
from postroad.engine.messages.topology import EXCHANGES, QUEUES
from tests.messages.described import DOCUMENT, faults

MESSAGES = DOCUMENT["components"]["messages"]
SCHEMAS = DOCUMENT["components"]["schemas"]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"]] if "$ref" in part else []
        return here + [each for value in part.values() for each in references(value)]
    if isinstance(part, list):
        return [each for value in part for each in references(value)]
    return []


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert len(found) > 20
    for reference in found:
        at: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_one(name: str) -> None:
    Draft7Validator.check_schema(SCHEMAS[name])


EXAMPLES = [
    (name, example["payload"])
    for name, message in MESSAGES.items()
    for example in message.get("examples", [])
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_fits_its_schema(name: str, example: object) -> None:
    assert faults(name, example) == []


def test_what_outsiders_may_send_by_the_document_is_taken() -> None:
    taken = [
        (name, type(read_message(json.dumps(example).encode())))
        for name, example in EXAMPLES
        if name != "event"
    ]
    assert {*taken} == {("submission", Accepted), ("deadLetter", DeadLetter)}


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ""}, {"id": "x" * 201}, {"campaign": 0}, {"campaign": "7"}, {"campaign": 2**63},
        {"v": 2}, {"surprise": 1}, {"data": {"Order": 1}}, {"data": []}, {"name": None},
    ],
)  # fmt: skip
def test_schema_and_reader_refuse_the_same(changed: dict[str, Any]) -> None:
    message = {"id": "a", "campaign": 7, "address": "ann@example.org"} | changed
    assert faults("submission", message)
    assert not isinstance(read_message(json.dumps(message).encode()), Accepted)


def test_the_kinds_are_those_that_are_published() -> None:
    kinds = SCHEMAS["event"]["properties"]["kind"]["enum"]
    assert len(kinds) == len({*kinds})
    assert {*kinds} == {*PUBLISHED}


def test_the_channels_are_what_is_declared() -> None:
    bindings = [channel["bindings"]["amqp"] for channel in DOCUMENT["channels"].values()]
    exchanges = {each["exchange"]["name"]: each["exchange"]["type"] for each in bindings
                 if each["is"] == "routingKey"}  # fmt: skip
    assert exchanges == {name: kind.value for name, kind in EXCHANGES.items()}
    queues = {each["queue"]["name"] for each in bindings if each["is"] == "queue"}
    assert queues | {"postroad.submit"} == {*QUEUES}
