"""How fast a run went."""

from postroad.core.ids import RunId
from postroad.core.pace import Span
from postroad.store.rows import rows


def pace(run_id: RunId) -> tuple[Span, ...]:
    """In their order; the last one is up to a span old."""
    return tuple(Span(**found) for found in rows("run_pace", {"run": run_id}))
