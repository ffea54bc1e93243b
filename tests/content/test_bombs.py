"""A hostile template is stopped at once, in little memory, and takes nobody else with it.

Each runs in a process of its own with 300 MB of address space to spare, so
that what is not stopped dies there and is seen.
"""

import json
import subprocess
import sys

import pytest

MEGABYTE = 1024 * 1024

CHILD = """
import json, resource, sys, time
from postroad.content.message import CompiledRevision, RevisionSpec, compile_revision
from postroad.core.mail import Recipient, Sender
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + 300 * 1024 * 1024
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for source in json.load(sys.stdin):
    began = time.process_time()
    revision = compile_revision(RevisionSpec("Hello", "html", source, text_source="Hi"))
    if isinstance(revision, CompiledRevision):
        data = {"rows": list(range(2000)), "big": "x" * 100_000}
        people = [Recipient(1, "ann@example.org", "Ann", data, "1@example.com", "")]
        (result,) = revision.prepare(Sender("Jane", "jane@example.com"), people)
        outcome = getattr(result, "cause", "prepared")
    else:
        outcome = revision[0].kind.value
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(json.dumps([outcome, time.process_time() - began, grown]), flush=True)
"""


def in_loop(body: str) -> str:
    return "{% for i in range(100000) %}" + body + "{% endfor %}"


BOMBS = [
    '{{ "x" * 50000000 }}',
    '{{ ["x"] * 50000000 }}',
    '{{ (["x"] * 50000000) ~ "" }}',
    "{{ rows * 50000 }}",
    "{{ 10 ** 9 ** 9 }}",
    "{{ range(10 ** 9) }}",
    "{{ range(1000000000)|join }}",
    in_loop(in_loop("x")),
    in_loop(in_loop("{{ big }}")),
    in_loop("x" * 100_000),
    in_loop("{{ rows|join }}"),
    in_loop("{% set q = big|replace('x', big) %}"),
    in_loop("{% set q = rows|sort|join|upper %}"),
    in_loop("{% if big == big %}{% endif %}"),
    in_loop("{% if -1 in range(100000) %}{% endif %}"),
    in_loop("{% set q = big is lower %}"),
    "{% set a = big %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "{% set a = rows %}" + "{% set a = a + a %}" * 60 + "{{ a|length }}",
    "{% set a = rows %}" + "{% set a = [a, a] %}" * 60 + "{{ a|string }}",
    "{% set a = rows %}" + "{% set a = (a, a) %}" * 60 + "{{ a|string }}",
    "{% set a = rows %}" + "{% set a = {'a': a, 'b': a} %}" * 60 + "{{ a|string }}",
    "{% set a = rows %}" + "{% set a = a, a %}" * 60 + "{{ a|string }}",
    "{% set a = rows %}" + "{% set a = a + 0|default(a, true) %}" * 60 + "{{ a|length }}",
    "{% set n = namespace(l=[1]) %}{% set n.l = n %}{{ n }}",
    "{% set n = dict(a=1) %}{{ n }}",
    "{{ rows|zip(rows)|zip(rows)|list }}",
    "{{ rows|batch(1000000000) }}",
    '{{ "x"|center(1000000000) }}',
    '{{ "x"|indent(1000000000) }}',
    '{{ "%1000000000d"|format(1) }}',
    "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    "{% for x in rows recursive %}{{ loop(rows) }}{% endfor %}",
    "{{ lipsum(100000) }}",
    "{{ " + "not " * 30_000 + "1 }}",
    "{{ " + "-" * 30_000 + "1 }}",
    "{{ " + "1 - " * 30_000 + "1 }}",
    "{{ " + "(" * 30_000 + "1" + ")" * 30_000 + " }}",
    "{{ name" + ".a" * 30_000 + " }}",
    "{% if 0 %}" + "{% elif 0 %}" * 30_000 + "{% endif %}",
    "{% if 1 %}" * 30_000 + "{% endif %}" * 30_000,
    "{{ " * 300_000,
    '{{ "' * 300_000,
    "{{ name }}" * 100_000,
    "x" * (3 * MEGABYTE),
]


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[str, float, int]]:
    ran = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(BOMBS),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert ran.returncode == 0, (BOMBS[ran.stdout.count("\n")][:200], ran.stderr[-500:])
    return [tuple(json.loads(line)) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(BOMBS)), ids=lambda n: BOMBS[n][:40])
@pytest.mark.fault(16)
def test_a_bomb_is_stopped_at_once_and_in_little_memory(
    outcomes: list[tuple[str, float, int]], number: int
) -> None:
    outcome, seconds, megabytes = outcomes[number]
    assert outcome in (
        "forbidden",
        "too_large",
        "syntax",
        "template does too much",
        "mail is too large",
        "a list or record is printed whole",
        "template failed: range has too many elements",
    )
    assert seconds < 2
    assert megabytes < 100


@pytest.mark.fault(16)
def test_the_others_go_on_after_a_template_that_fails_for_one() -> None:
    from tests.content.build import SENDER, a_recipient, a_revision

    revision = a_revision("{% for i in range(n) %}{% for j in range(n) %}x{% endfor %}{% endfor %}")
    results = revision.prepare(SENDER, [a_recipient(n=3), a_recipient(n=9999), a_recipient(n=4)])
    assert [type(result).__name__ for result in results] == ["Prepared", "Failed", "Prepared"]
