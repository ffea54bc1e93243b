import asyncio
import json

from postroad.core.ids import RunId
from tests.engine.rig import a_rig

from .rig import Cli


async def a_verified_run(dsn: str) -> RunId:
    async with a_rig(dsn, workers=1) as rig:
        return await rig.ready(5)


def test_a_run_is_shown_launched_paused_resumed_stopped_and_listed(cli: Cli) -> None:
    run = asyncio.run(a_verified_run(cli.dsn))
    number = str(run)
    assert shown(cli, number)["counts"] == {"prepared": 5}

    asked = cli.run_inside("run", "launch", number)
    assert (asked.returncode, "add --yes" in asked.stderr) == (1, True)
    launched = cli.run_inside("run", "launch", number, "--yes")
    assert "5 mails launched." in launched.stdout
    assert "No worker is alive" in launched.stdout
    twice = cli.run_inside("run", "launch", number, "--yes")
    assert (twice.returncode, "running already" in twice.stderr) == (1, True)

    assert acted(cli, "pause", number)["state"] == "paused"
    assert acted(cli, "pause", number)["state"] == "paused"
    assert acted(cli, "resume", number)["state"] == "running"
    stopped = acted(cli, "stop", number, "--yes")
    assert stopped["state"] == "stopped"
    assert stopped["adds_up"] is True

    late = cli.run_inside("run", "resume", number)
    assert (late.returncode, "only a paused or held one" in late.stderr) == (1, True)
    listed = json.loads(cli.run_inside("run", "list", "--json").stdout)
    assert [(row["run"], row["state"]) for row in listed] == [(run, "stopped")]


def acted(cli: Cli, *words: str) -> dict[str, object]:
    done = cli.run_inside("run", *words, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def shown(cli: Cli, number: str) -> dict[str, object]:
    return acted(cli, "show", number)


def test_a_run_that_is_not_there_is_told(cli: Cli) -> None:
    for words in (("show", "7"), ("export", "7"), ("stop", "7", "--yes"), ("launch", "7", "--yes")):
        done = cli.run_inside("run", *words)
        assert done.returncode == 1
        assert "There is no run 7" in done.stderr
        assert "Traceback" not in done.stderr
