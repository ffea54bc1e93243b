"""What is generated or said twice must agree; `--write` brings generated files up to date.

Each check is a command that exits non-zero when something has drifted and
says what to do. All run, so that one call shows everything.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKS: Sequence[tuple[str, Sequence[str], Sequence[str]]] = (
    # what it is, how it is checked, how it is written ((): by hand)
    (
        "models and migrations",
        ("-W", "ignore", "-m", "django", "makemigrations", "--check", "--dry-run"),
        (),
    ),
    (
        "generated pages under docs/",
        ("-m", "scripts.docs"),
        ("-m", "scripts.docs", "--write"),
    ),
)


def main(root: Path, *, writes: bool) -> int:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "postroad.web.django_settings",
        "PYTHONPATH": str(root / "src"),
    }
    failed = 0
    for what, check, write in CHECKS:
        command = write if writes and write else check
        done = subprocess.run([sys.executable, *command], cwd=root, env=environment, check=False)
        if done.returncode != 0:
            print(f"Drifted: {what}. Run `make docs`, or mend it by hand, and look at the change.")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent, writes="--write" in sys.argv[1:]))
