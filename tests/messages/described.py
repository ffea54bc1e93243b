"""What docs/messages/asyncapi.yaml says of a message."""

from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

DOCUMENT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "docs" / "messages" / "asyncapi.yaml").read_text(encoding="utf-8")
)


def faults(name: str, message: object) -> list[str]:
    """In what it does not fit the schema of that name; references are into the document."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return [error.message for error in Draft7Validator(whole).iter_errors(message)]
