import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.core.outcome import Phase
from postroad.testing.relay import RelayProcess, Rule, Script, relay_process

from .rig import Cli

PASSWORD = "a-word-nobody-may-read"
SCRIPT = Script(
    announce=("PIPELINING", "SIZE 52428800", "8BITMIME", "AUTH PLAIN"),
    rules=(Rule(Phase.RCPT, reply="550 5.1.1 Nobody here", recipient="nobody@*"),),
    user="ann@example.org",
    password=PASSWORD,
)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with relay_process(tmp_path, SCRIPT) as running:
        yield running


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.md"
    path.write_text("Dear {{ first_name }},\n\ncome to *dinner*.\n", encoding="utf-8")
    return path


def send(
    cli: Cli, letter: Path, relay: RelayProcess, *more: str, password: str = PASSWORD
) -> "Sent":
    done = cli.run(
        "send", str(letter), "--subject", "Dinner", "--from", "Ann Lee <ann@example.org>",
        "--relay", f"smtp://ann%40example.org@127.0.0.1:{relay.port}", "--json", *more,
        POSTROAD_RELAY_PASSWORD=password,
    )  # fmt: skip
    everything = done.stdout + done.stderr + cli.logs()
    assert password not in everything
    assert "Traceback" not in everything
    return Sent(done.returncode, json.loads(done.stdout or "null"), done.stderr)


class Sent:
    def __init__(self, code: int, result: dict[str, object], said: str) -> None:
        self.code, self.result, self.said = code, result, said


def test_a_letter_that_everybody_gets_ends_with_0(
    cli: Cli, letter: Path, relay: RelayProcess, tmp_path: Path
) -> None:
    (tmp_path / "cv.pdf").write_bytes(b"%PDF-1.4 not much")
    people = "Bo Ek <bo@example.org>, Cy Du <cy@example.org>"
    sent = send(cli, letter, relay, "--to", people, "--attach", str(tmp_path / "cv.pdf"), "--yes")
    assert sent.code == 0, sent.said
    assert sent.result["counts"] == {"accepted": 2}
    assert sent.result["adds_up"] is True
    assert "Dear Bo," in sent.said
    assert set(relay.tally.accepted_recipients) == {"bo@example.org", "cy@example.org"}
    assert not cli.processes()


def test_bad_rows_and_refused_people_are_listed_and_end_with_3(
    cli: Cli, letter: Path, relay: RelayProcess, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "e-mail;name\nbo@example.org;Bo Ek\nno address;Di Fu\nnobody@example.org;Ed Gu\n"
        "hi@example.org;\n",
        encoding="utf-8",
    )
    sent = send(cli, letter, relay, "--to", str(people), "--yes")
    assert sent.code == 3, sent.said
    assert sent.result["counts"] == {"accepted": 1, "rejected": 1, "failed": 1}
    assert "line 3: the e-mail has no @" in sent.said
    assert "variable first_name is missing" in sent.said
    assert "hi@example.org" in sent.said
    bad = sent.result["bad_rows"]
    assert isinstance(bad, dict)
    assert bad["count"] == 1

    exported = cli.run("run", "export", "1", "--json").stdout.splitlines()
    states = {row["address"]: row["state"] for row in map(json.loads, exported)}
    assert states == {
        "bo@example.org": "accepted",
        "nobody@example.org": "rejected",
        "hi@example.org": "failed",
    }


def test_a_wrong_password_is_refused_before_anything_is_made(
    cli: Cli, letter: Path, relay: RelayProcess
) -> None:
    sent = send(cli, letter, relay, "--to", "bo@example.org", "--yes", password="mistyped-word")
    assert sent.code == 1
    assert "check the user name and password" in sent.said
    assert cli.run("run", "list", "--json").stdout == "[]\n"
    assert not relay.tally.begun_recipients


def test_nobody_is_written_to_without_being_asked(
    cli: Cli, letter: Path, relay: RelayProcess
) -> None:
    sent = send(cli, letter, relay, "--to", "bo@example.org")
    assert sent.code == 1
    assert "add --yes" in sent.said
    assert not relay.tally.begun_recipients


@pytest.mark.parametrize(("answer", "code", "accepted"), [(b"n\n", 1, 0), (b"y\n", 0, 1)])
def test_who_is_asked_decides(
    cli: Cli, letter: Path, relay: RelayProcess, answer: bytes, code: int, accepted: int
) -> None:
    terminal, stdin = pty.openpty()
    os.write(terminal, answer)
    done = subprocess.run(
        [
            sys.executable, "-m", "postroad", "send", str(letter), "--subject", "Dinner",
            "--from", "ann@example.org", "--to", "Bo Ek <bo@example.org>",
            "--relay", f"smtp://ann%40example.org@127.0.0.1:{relay.port}",
        ],
        env=cli.environment | {"POSTROAD_RELAY_PASSWORD": PASSWORD},
        stdin=stdin, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    os.close(terminal)
    os.close(stdin)
    assert "Send 1 mail? [y/N]" in done.stdout
    assert done.returncode == code, done.stdout + done.stderr
    assert relay.tally.accepted_recipients.total() == accepted
    state = json.loads(cli.run("run", "list", "--json").stdout)[0]
    assert state["state"] == ("finished" if accepted else "stopped")
