"""Templates are judged with line and column, and reach nothing but the data they are given."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.content.fault import FaultKind
from postroad.content.message import CompiledRevision, RevisionSpec, compile_revision
from postroad.content.template import VariableUse, check_template, variables_of
from postroad.core.mail import Failed, Prepared, Skipped
from postroad.core.variables import Policy, VariablePolicy
from tests.content.build import (
    SENDER,
    a_recipient,
    a_revision,
    bytes_of,
    prepare,
    strictly,
    text_of,
)

KNOWN = {"name", "first_name", "last_name", "company", "address"}


def test_an_unknown_variable_is_named_with_line_column_and_the_nearest_known_one() -> None:
    (fault,) = check_template("Dear {{ name }},\n\nGrüße an {{ comapny }}!", KNOWN)
    assert fault.kind is FaultKind.UNKNOWN_VARIABLE
    assert (fault.line, fault.column, fault.variable) == (3, 13, "comapny")
    assert "company" in fault.text


def test_variables_are_found_where_they_are_used_and_only_those_from_outside() -> None:
    source = (
        "{% for row in rows %}{{ row.name|default(first) }}{% endfor %}\n{% set x = a %}{{ x }}"
    )
    assert variables_of(source) == [
        VariableUse("rows", 1, 15),
        VariableUse("first", 1, 42),
        VariableUse("a", 2, 12),
    ]


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("Hi {{ name", 1, 4),
        ("Hi\n  {{#each x}}", 2, 5),
        ("{{/each}}", 1, 3),
        ("ü {{ a b }}", 1, 8),
        ("ok\n{% if name %}x", 2, 14),
        ("{% endfor %}", 1, 4),
        ("{{ }}", 1, 1),
        ("{# open", 1, 1),
        ("{% raw %}x", 1, 1),
        ("{{ name| }}", 1, 10),
        ("{{ name|uper }}", 1, 9),
        ("{{ 'x }}", 1, 4),
    ],
)
def test_a_syntax_error_has_its_line_and_column(source: str, line: int, column: int) -> None:
    fault = check_template(source, KNOWN)[0]
    assert (fault.line, fault.column) == (line, column)
    assert fault.text.endswith((".", "?"))


@pytest.mark.parametrize(
    "source",
    [
        "{{ name.__class__ }}",
        "{{ name['__class__'] }}",
        "{{ data.__class__.__mro__ }}",
        "{{ data.pop('x') }}",
        "{{ data.keys }}",
        "{{ data|attr('keys') }}",
        "{{ rows.append }}",
        "{{ rows.append(1) }}",
        "{{ ''.format(name) }}",
        "{{ debug() }}",
        "{{ namespace }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{{ name|safe }}",
        "{% autoescape false %}{{ name }}{% endautoescape %}",
        "{{ loop }}",
        "{{ range }}",
    ],
)
def test_a_template_reaches_nothing_but_the_data(source: str) -> None:
    compiled = compile_revision(RevisionSpec("S", "html", source))
    if isinstance(compiled, CompiledRevision):
        result = prepare(compiled, a_recipient(data={"x": "y"}, rows=[1]))
        assert isinstance(result, Failed), result


def test_values_are_escaped_in_html_and_literal_in_text() -> None:
    message = strictly(bytes_of(a_revision("<p>{{ name }}</p>", "html"), a_recipient("<b>A&'\"")))
    assert "<p>&lt;b&gt;A&amp;&#x27;&quot;</p>" in text_of(message, "html")
    assert "<b>A&'\"" in text_of(message)


def test_a_missing_variable_fails_the_mail_by_default() -> None:
    for company in (None, "", "  \n"):
        result = prepare(a_revision("At {{ company }}"), a_recipient(company=company))
        assert isinstance(result, Failed)
        assert result.cause == "variable company is missing"
        assert "line 1, column 7" in result.text


def test_each_policy_does_what_it_says() -> None:
    source = "At {{ company }}."
    skip = a_revision(source, policies={"company": VariablePolicy(Policy.SKIP)})
    result = prepare(skip, a_recipient())
    assert isinstance(result, Skipped)
    assert result.cause == "variable company is missing"
    default = a_revision(source, policies={"company": VariablePolicy(Policy.DEFAULT, "home")})
    assert "At home." in text_of(strictly(bytes_of(default, a_recipient(company=" "))))
    assert "At ACME." in text_of(strictly(bytes_of(default, a_recipient(company="ACME"))))
    fail = a_revision(source, policies={"company": VariablePolicy(Policy.FAIL)})
    assert isinstance(prepare(fail, a_recipient()), Failed)


def test_a_template_that_lives_without_a_variable_needs_no_policy() -> None:
    revision = a_revision(
        "{% if company %}At {{ company }}{% else %}Alone{% endif %} {{ x|d('y') }}"
    )
    assert text_of(strictly(bytes_of(revision, a_recipient()))) == "Alone y\n"


def test_a_field_of_a_record_that_is_missing_is_named() -> None:
    result = prepare(a_revision("{{ order.total }}"), a_recipient(order={"id": 1}))
    assert isinstance(result, Failed)
    assert result.cause == "variable order.total is missing"


def test_a_line_with_nothing_but_a_statement_leaves_no_empty_line() -> None:
    source = "A\n{% for x in rows %}\n- {{ x }}\n{% endfor %}\nB\n"
    assert text_of(strictly(bytes_of(a_revision(source), a_recipient(rows=[1, 2])))) == (
        "A\n- 1\n- 2\nB\n"
    )


@given(
    source=st.text(st.sampled_from(list("{}%#-+ \n'\"|.,()[]=if forendset xnameé0")), max_size=60)
)
def test_any_source_is_compiled_or_refused_with_a_place(source: str) -> None:
    compiled = compile_revision(RevisionSpec("S", "md", source))
    if isinstance(compiled, list):
        assert compiled
        assert all(fault.text for fault in compiled)
        return
    results = compiled.prepare(SENDER, [a_recipient(x=[1], n="n")])
    assert len(results) == 1


@pytest.mark.parametrize("suffix", ["html", "txt"])
def test_templates_as_people_use_them_compile_or_say_where_they_do_not(
    test_data: Path, suffix: str
) -> None:
    paths = sorted((test_data / "templates").rglob(f"*.{suffix}"))
    assert paths
    compiled = 0
    for path in paths:
        source = path.read_text()
        result = compile_revision(RevisionSpec("S", "html" if suffix == "html" else "txt", source))
        if isinstance(result, list):
            assert all(fault.line and fault.column for fault in result), path
            assert all(source.splitlines()[f.line - 1][f.column - 1 :] for f in result), path
            continue
        compiled += 1
        data = dict.fromkeys(result.used_variables, "x")
        outcome = prepare(result, a_recipient(**data))
        assert isinstance(outcome, Prepared), outcome
        strictly(outcome.head + result.tail)
    assert compiled
