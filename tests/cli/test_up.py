import signal
import socket
import urllib.request

import psycopg

from postroad.cli.supervise_state import UpState
from postroad.store.embedded import EmbeddedServer

from .rig import Cli, eventually, kill, line_with


def opened(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return str(answer.read().decode())


def test_up_prints_a_link_attaches_a_second_time_and_ends_with_everything(settled: Cli) -> None:
    with settled.started("up") as up:
        link = line_with(up, r"Sign in +(http\S+)")[1]
        state = settled.state()
        assert set(state.children) == {"web", "worker-1", "worker-2"}
        assert eventually(lambda: is_answering(state.url))
        assert "csrfmiddlewaretoken" in opened(link), "a page with the button that signs in"

        second = settled.run("up")
        assert second.returncode == 0
        assert "runs already" in second.stdout
        assert state.url in second.stdout

        down = settled.run("down", "--json")
        assert down.stdout == '{"was_up": true}\n'
        assert up.wait(60) == 0
    assert eventually(lambda: not settled.processes())
    assert EmbeddedServer(settled.home).status().state == "stopped"
    assert settled.run("down").stdout == "Nothing was running.\n"


def new_children(cli: Cli, first: UpState) -> set[str]:
    """Those that were started again."""
    now = cli.state().children
    return {name for name, child in now.items() if child.pid != first.children[name].pid}


def is_answering(url: str) -> bool:
    try:
        return bool(opened(url))
    except OSError:
        return False


def test_up_starts_again_after_a_kill_of_anything(settled: Cli) -> None:
    with settled.started("up") as up:
        line_with(up, "Ctrl-C")
        first = settled.state()
        database = EmbeddedServer(settled.home)
        postmaster = database.status().pid
        kill(postmaster)
        assert eventually(lambda: database.status().pid not in (0, postmaster))
        assert eventually(lambda: database.status().state == "running")
        kill(first.children["web"].pid)
        kill(first.children["worker-1"].pid)
        assert eventually(lambda: len(new_children(settled, first)) == 2)
        kill(first.pid)
        up.wait(60)
    with settled.started("up") as again:
        line_with(again, "Sign in")
        assert settled.state().pid == again.pid
        assert settled.run("run", "list", "--json").stdout == "[]\n"
        again.send_signal(signal.SIGINT)
        assert again.wait(40) == 0
    assert eventually(lambda: not settled.processes())
    assert EmbeddedServer(settled.home).status().state == "stopped"


def test_a_console_for_everybody_needs_a_password_first(cli: Cli) -> None:
    done = cli.run("up", POSTROAD_HOST="0.0.0.0")
    assert done.returncode == 1
    assert "postroad password" in done.stderr


def test_a_taken_port_is_refused_with_what_to_do(alone: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", alone.port))
        taken.listen(1)
        done = alone.run("up")
    assert done.returncode == 1
    assert "set POSTROAD_PORT to another port" in done.stderr
    assert not (alone.home / "postgres").exists()


def test_a_link_needs_something_that_runs(alone: Cli) -> None:
    done = alone.run("link")
    assert done.returncode == 1
    assert "postroad up" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_that_cannot_be_made_is_told(alone: Cli) -> None:
    alone.home.write_text("a file")
    done = alone.run("up")
    assert done.returncode == 1
    assert "set POSTROAD_HOME to another place" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_setting_that_is_no_number_is_named(alone: Cli) -> None:
    done = alone.run("up", POSTROAD_PORT="eighty")
    assert done.returncode == 1
    assert "port" in done.stderr
    assert "Traceback" not in done.stderr


def test_up_says_which_slots_rest_and_what_to_do(cli: Cli) -> None:
    with psycopg.connect(cli.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO resting_slot (host, slot, actor) VALUES (%s, 'worker-2', 'manager')",
            [socket.gethostname()],
        )
    with cli.started("up") as up:
        line_with(up, "Resting  worker-2: drained")
        line_with(up, "`Let it work again` on the workers page")
        assert eventually(lambda: "worker-2 rests" in cli.logs())
