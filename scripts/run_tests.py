"""The tests, some folders at once: most of them wait rather than compute.

    python scripts/run_tests.py 2 [options of pytest]

Each folder of tests/ is a pytest of its own, with a PostgreSQL, a broker and
homes of its own; the longest begin first. What a folder said is printed whole
when it has ended, and the last line is the sum. Exits 1 unless all passed.
"""

import asyncio
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST = ("chaos", "web", "browser", "doorbell", "engine", "security", "cli", "fleet")
NONE_CHOSEN = 5
"""What pytest exits with where the options choose no test: no fault of a folder's."""
_COUNT = re.compile(r"(\d+) ([a-z]+)")
_CLOSING = re.compile(r"\d+ [a-z]+\b.* in \d+\.\d+s|no tests ran in ")


@dataclass(frozen=True, slots=True)
class Ended:
    folder: Path
    code: int
    output: str
    seconds: float

    @property
    def closing_line(self) -> str:
        """Pytest's; '' where it was ended from outside, or by a test."""
        said = self.output.rstrip().rpartition("\n")[2]
        return said if _CLOSING.search(said) else ""

    @property
    def has_passed(self) -> bool:
        return self.code in (0, NONE_CHOSEN) and self.closing_line != ""

    @property
    def counts(self) -> Counter[str]:
        if not self.closing_line:
            return Counter(errors=1)
        counted = _COUNT.findall(self.closing_line.partition(" in ")[0])
        return Counter({_plural(word): int(number) for number, word in counted})


async def main(tests: Path, jobs: int, options: Sequence[str]) -> int:
    began = time.monotonic()
    places = asyncio.Semaphore(jobs)
    running = [asyncio.create_task(_tested(each, places, options)) for each in folders(tests)]
    _end_with_us(running)
    ended = []
    for each in asyncio.as_completed(running):
        done = await each
        ended.append(done)
        print(f"\n──── {done.folder.name}: {done.seconds:.0f} s ────\n{done.output}", flush=True)
    print(closing_line(ended, time.monotonic() - began))
    has_run = any(each.code == 0 for each in ended)
    return 0 if has_run and all(each.has_passed for each in ended) else 1


def folders(tests: Path) -> list[Path]:
    """Those with tests, the longest first."""
    found = sorted({file.parent for file in tests.glob("*/test_*.py")})
    rank = {name: place for place, name in enumerate(LONGEST)}
    return sorted(found, key=lambda folder: rank.get(folder.name, len(rank)))


def closing_line(ended: Sequence[Ended], seconds: float) -> str:
    """In pytest's own form; the folders that did not pass are named before it."""
    counts = sum((each.counts for each in ended), Counter[str]())
    order = ("failed", "passed", *sorted(counts.keys() - {"failed", "passed"}))
    told = ", ".join(f"{counts[word]} {word}" for word in order if counts[word])
    bad = sorted(each.folder.name for each in ended if not each.has_passed)
    named = f"Not passed: {', '.join(bad)}\n" if bad else ""
    return f"{named}===== {told or 'no tests ran'} in {seconds:.2f}s ====="


async def _tested(folder: Path, places: asyncio.Semaphore, options: Sequence[str]) -> Ended:
    async with places:
        began = time.monotonic()
        with tempfile.TemporaryFile() as file:
            command = [sys.executable, "-m", "pytest", str(folder), *options]
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=file, stderr=file
            )
            try:
                code = await process.wait()
            finally:
                if process.returncode is None:
                    process.terminate()
                    await process.wait()
            file.seek(0)
            output = file.read().decode(errors="replace")
        return Ended(folder, code, output, time.monotonic() - began)


def _end_with_us(running: Sequence["asyncio.Task[Ended]"]) -> None:
    """Asked to end, we end what we started as well."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(
            number, lambda: [each.cancel() for each in running]
        )


def _plural(word: str) -> str:
    return word if word.endswith(("s", "ed")) else f"{word}s"


if __name__ == "__main__":
    root = Path(__file__).parents[1]
    sys.exit(asyncio.run(main(root / "tests", int(sys.argv[1]), sys.argv[2:])))
