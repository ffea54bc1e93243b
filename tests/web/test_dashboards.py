"""The dashboard and the alerts in deploy/ ask for nothing that /metrics does not tell."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from postroad.core.lifecycle import FactKind, RunState

DEPLOY = Path(__file__).parents[2] / "deploy"
PAPER = Path(__file__).parents[2] / "docs" / "metrics.md"
SELECTOR = re.compile(r"(postroad\w*)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)=~?"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|on) \(([^)]*)\)")
SERIES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
VALUES = {
    "outcome": {str(fact) for fact in FactKind},
    "reply_class": {"0", "2", "4", "5"},
    "stage": {"prepare", "dispatch", "purge"},
    "state": {"waiting", "retry", "due", "owned", "sending", "rung"}
    | {"alive", "draining", "silent"}
    | {str(state) for state in RunState},
}


def documented() -> dict[str, set[str]]:
    """Each series that a scrape may have, with its labels; a test of /metrics holds the paper."""
    found: dict[str, set[str]] = {}
    rows = re.findall(r"^\| `(postroad\w*)` \|([^|]*)\|([^|]*)", PAPER.read_text(), re.MULTILINE)
    for name, labels, meaning in rows:
        kind = next((kind for kind in SERIES if kind in meaning), "")
        for ending in SERIES.get(kind, ("",)):
            found[name + ending] = set(re.findall(r"\w+", labels))
    return found


def panels() -> list[dict[str, Any]]:
    board = json.loads((DEPLOY / "grafana" / "postroad.json").read_text(encoding="utf-8"))
    return list(board["panels"])


def rules() -> list[dict[str, Any]]:
    told = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in told["groups"] for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str]]:
    for panel in panels():
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]
    for rule in rules():
        yield rule["alert"], rule["expr"]


@pytest.mark.parametrize(("place", "expression"), [*expressions()])
def test_only_series_and_labels_that_exist_are_asked_for(place: str, expression: str) -> None:
    series = documented()
    named = SELECTOR.findall(expression)
    assert named, place
    assert {name for name, _ in named} <= set(series)
    known = set().union(*(series[name] for name, _ in named))
    for name, matchers in named:
        for label, values in MATCHER.findall(matchers):
            assert label in series[name]
            assert set(values.split("|")) <= VALUES[label]
    for labels in GROUPING.findall(expression):
        assert set(re.findall(r"\w+", labels)) <= known
    assert expression.count("(") == expression.count(")")


def test_no_metric_is_forgotten_by_the_dashboard() -> None:
    asked = {name for _, text in expressions() for name, _ in SELECTOR.findall(text)}
    bare = {re.sub(r"_(bucket|sum|count|total|info)$", "", name) for name in asked}
    assert {re.sub(r"_(bucket|sum|count|total|info)$", "", name) for name in documented()} == bare


def test_the_panels_have_names_and_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    assert len({panel["id"] for panel in panels()}) == len(panels())
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert panel["title"]
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_each_alert_says_what_is_wrong_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        for text in (rule["annotations"]["summary"], rule["annotations"]["description"]):
            assert re.search(r"\w.*\.$", text), rule["alert"]
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        grouped = {
            label for name, _ in SELECTOR.findall(rule["expr"]) for label in documented()[name]
        }
        assert named <= grouped, rule["alert"]
