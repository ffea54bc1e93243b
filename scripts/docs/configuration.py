"""docs/configuration.md, from the settings schema."""

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from postroad.settings import Settings
from scripts.docs.markdown import code, page, table

_INTRODUCTION = """\
Every process of Postroad reads its settings from the environment when it starts. A value that
cannot be read is named, and nothing starts. What changes while Postroad runs (relays and their
limits, the public address, the undo time, the sender) is set in the console and kept in the
database; where the console has no value yet, the one from here holds.

`POSTROAD_RELAY_PASSWORD` is read by `postroad send` only: the password of the relay named by
`--relay`, so that it appears in no list of processes."""

_HOME = "`$XDG_DATA_HOME/postroad` or `~/.local/share/postroad`; root: `/var/lib/postroad`"

_IN_IT = """\
## What lies in the home

Everything: the embedded database and copies of its programs (`postgres/`), the sandbox inbox
(`inbox.sqlite`), logs (`log/`), and `secret.key`, which opens the relays' passwords. Keep a copy of
that key apart from backups of the database."""


def configuration_page() -> str:
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    heads = ("variable", "default", "range", "meaning")
    source = "src/postroad/settings.py"
    return page("Configuration", source, _INTRODUCTION, table(heads, rows), _IN_IT)


def _row(name: str, field: FieldInfo) -> tuple[str, str, str, str]:
    return (
        code(_variable(name, field)),
        _default(name, field),
        _range(field),
        field.description or "",
    )


def _variable(name: str, field: FieldInfo) -> str:
    if isinstance(field.validation_alias, str):
        return field.validation_alias
    return f"{Settings.model_config['env_prefix']}{name}".upper()


def _default(name: str, field: FieldInfo) -> str:
    if name == "home":
        return _HOME
    return code(str(field.default)) if field.default != "" else "empty"


def _range(field: FieldInfo) -> str:
    words = []
    for bound in field.metadata:
        match bound:
            case Ge(least):
                words.append(f"{least} or more")
            case Gt(below):
                words.append(f"more than {below}")
            case Le(most):
                words.append(f"at most {most}")
    return ", ".join(words)
