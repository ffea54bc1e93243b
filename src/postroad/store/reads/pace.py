"""How fast a run went."""

from postroad.core.ids import RunId
from postroad.core.pace import Mark, Span, news
from postroad.store.rows import rows


def pace(run_id: RunId) -> tuple[Span, ...]:
    """In their order; the last one is up to a span old."""
    return tuple(Span(**found) for found in rows("run_pace", {"run": run_id}))


def marks(run_id: RunId) -> tuple[Mark, ...]:
    """In their order, the last ones where there are many."""
    found = rows("run_marks", {"run": run_id})
    return news([Mark(row["at"], row["kind"], row["relay"], row["lane"]) for row in found])
