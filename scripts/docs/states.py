"""docs/states.md, from the one table of states in core/lifecycle.py."""

from postroad.cli.wording import WORDINGS
from postroad.core.lifecycle import (
    FACT_RULES,
    RUN_TRANSITIONS,
    CampaignState,
    DeliveryState,
    RunState,
)
from scripts.docs.markdown import code, page, table

_INTRODUCTION = """\
A campaign is {campaigns}. A run is one launch of a campaign; a delivery
is one e-mail of one run to one recipient. The journal keeps every fact, in whatever order it
arrives; a delivery's state is what follows from all of its facts. **Recipients = the sum over all
delivery states, always.**"""

_FOLD = """\
A fact is never refused. Facts *over all* win whatever attempt they are of, the higher number over
the lower: a 250 that arrives late decides. Of the others the higher attempt wins, and within one
attempt the higher rank. Order of arrival plays no part. `sending` is no state: a mail is *sending*
while it is begun and has no outcome yet.

A mark is what the manager's hand added: an unknown that was settled as sent stays marked so."""


def states_page() -> str:
    campaigns = " or ".join(state.value for state in CampaignState)
    return page(
        "States",
        "src/postroad/core/lifecycle.py",
        _INTRODUCTION.format(campaigns=campaigns),
        "## Run",
        _run_diagram(),
        "The diagram leaves out `held` and `stopped`, which the table has.",
        _run_table(),
        "## Delivery",
        _delivery_table(),
        "## Facts, and the state that follows",
        _FOLD,
        _fact_table(),
    )


def _run_diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> selecting"]
    for state, follow in RUN_TRANSITIONS.items():
        lines += [
            f"    {state.value} --> {after.value}: {why}"
            for after, why in follow.items()
            if not {state, after} & {RunState.HELD, RunState.STOPPED}
        ]
    return "\n".join([*lines, "```"])


def _run_table() -> str:
    rows = [
        (code(state.value), code(after.value), why)
        for state, follow in RUN_TRANSITIONS.items()
        for after, why in follow.items()
    ]
    ended = [
        (code(state.value), "", "the end")
        for state, follow in RUN_TRANSITIONS.items()
        if not follow
    ]
    return table(("from", "to", "when"), [*rows, *ended])


def _delivery_table() -> str:
    """In the order of bars and legends, with the words of the command line."""
    rows = [
        (
            code(state.value),
            "waiting" if state.is_waiting else "ended",
            WORDINGS[state].meaning,
            WORDINGS[state].next,
        )
        for state in DeliveryState
    ]
    return table(("state", "", "meaning", "what to do"), rows)


def _fact_table() -> str:
    rows = [
        (
            code(kind.value),
            code(rule.state.value),
            str(rule.rank),
            str(rule.over_all or ""),
            code(rule.mark.value if rule.mark else ""),
        )
        for kind, rule in FACT_RULES.items()
    ]
    return table(("fact", "state", "rank", "over all", "mark"), rows)
