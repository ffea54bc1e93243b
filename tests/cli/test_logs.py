"""What the processes log: each line can be parsed, and says nothing secret."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from postroad.core.ids import RunId
from postroad.core.lifecycle import RunState
from postroad.logs import discreet
from postroad.settings import Settings
from postroad.testing.relay import Act, Phase, Rule, Script, relay_process
from postroad.web.django_settings import configure

from .rig import Cli, eventually

LOGFMT = re.compile(r'([\w.]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?: |$)')
SCRIPT = Script(
    rules=(
        Rule(Phase.RCPT, reply="550 5.1.1 <person3@example.com> is not here", nth=(3,)),
        Rule(Phase.DOT, Act.DROP, nth=(5,)),
    )
)


def parsed(line: str, *, is_json: bool) -> dict[str, str]:
    if is_json:
        return {key: str(value) for key, value in json.loads(line).items()}
    pairs = LOGFMT.findall(line)
    assert "".join(f"{key}={value} " for key, value in pairs).strip() == line.strip(), line
    return {key: value.strip('"') for key, value in pairs}


def log_of(process: "subprocess.Popen[str]", *, is_json: bool) -> list[dict[str, str]]:
    """Of a process that is told to end: all that it said, each line parsed."""
    process.terminate()
    said, _ = process.communicate(timeout=60)
    lines = [parsed(line, is_json=is_json) for line in said.splitlines()]
    for line in lines:
        assert set(line) >= {"timestamp", "level", "event"}, line
    assert "person3@" not in said
    return lines


def a_ready_run(cli: Cli, port: int, people: int = 12) -> RunId:
    settings = Settings(home=cli.home)
    configure(settings, cli.dsn)
    from postroad.app import build_app
    from postroad.testing.runs import RunBuilder

    app = build_app(settings, cli.dsn)
    run = RunBuilder(app).a_run(RunState.RUNNING, people)
    app.relays.put_sandbox(port)
    app.close()
    return run


@pytest.mark.parametrize("is_json", [True, False])
def test_a_worker_names_itself_and_each_mail_that_ended_badly(
    cli: Cli, tmp_path: Path, *, is_json: bool
) -> None:
    cli.more = {"POSTROAD_LOG_JSON": str(int(is_json)), "POSTROAD_SWEEP_SECONDS": "0.5"}
    with relay_process(tmp_path, SCRIPT) as relay:
        run = a_ready_run(cli, relay.port)
        with cli.started("work") as process:
            ended = lambda: relay.tally.accepted.total() >= 10  # noqa: E731
            assert eventually(ended)
            told = log_of(process, is_json=is_json)
    assert {"worker_started", "mail_ended", "worker_ended"} <= {line["event"] for line in told}
    (worker,) = {line["worker"] for line in told}
    assert len(worker) == 36
    bad = {line["outcome"]: line for line in told if line["event"] == "mail_ended"}
    assert set(bad) == {"rejected", "unknown"}
    assert (bad["rejected"]["level"], bad["unknown"]["level"]) == ("info", "warning")
    for line in bad.values():
        assert line["run"] == str(run)
        assert {"batch", "n", "attempt", "relay", "phase"} <= set(line)
    assert bad["rejected"]["code"] == "550"


@pytest.mark.parametrize("is_json", [True, False])
def test_the_console_tells_what_it_answered_and_no_path(cli: Cli, *, is_json: bool) -> None:
    cli.more = {"POSTROAD_LOG_JSON": str(int(is_json))}
    with cli.started("serve") as process:
        url = f"http://127.0.0.1:{cli.port}"
        assert eventually(lambda: status_of(f"{url}/healthz") == 200)
        assert status_of(f"{url}/find/?q=ann@lee.example") == 200
        assert status_of(f"{url}/p/sesame/unsubscribe") in (200, 404, 410)
        assert status_of(f"{url}/account/link/open-sesame/") == 410
        assert status_of(f"{url}/no/such/page/") == 404
        told = log_of(process, is_json=is_json)
    answered = [line for line in told if line["event"] == "answered"]
    routes = {(line["route"], line["status"]) for line in answered}
    assert ("/healthz", "200") in routes
    assert ("/find/", "302") in routes
    assert {"method", "ms"} <= set(answered[0])
    assert not re.search(r"sesame|ann@|lee\.example", json.dumps(told))


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_addresses_sign_ins_and_tokens_are_not_written() -> None:
    said = discreet(
        None,
        "info",
        {
            "event": "x",
            "text": "550 <ann.lee+x@mail.example.org>: no; also ben@x.example",
            "cause": "amqp://user:hunter2@broker:5672/ is away",
            "path": "/p/1.2.token/unsubscribe and /account/link/abc/",
            "n": 7,
        },
    )
    assert said == {
        "event": "x",
        "text": "550 <…@mail.example.org>: no; also …@x.example",
        "cause": "amqp://…@broker:5672/ is away",
        "path": "/p/…/unsubscribe and /account/link/…/",
        "n": 7,
    }
