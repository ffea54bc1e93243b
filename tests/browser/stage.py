"""`postroad up` whose inbox refuses as planned: `python -m tests.browser.stage plan.json`.

All parts are the product's own: web, workers and inbox under its supervisor.
Prints the one-time link once the console answers; SIGTERM ends everything.
"""

import sys
import threading
from pathlib import Path

from postroad.cli.up import Up, during, make_link
from postroad.engine.smtp.inbox_faults import read_fault_plan
from postroad.settings import Settings
from postroad.store.embedded.locks import wait_until
from tests.browser.talking import is_answering

PATIENCE_SECONDS = 90


def main(plan: str) -> int:
    settings = Settings()

    def greet(up: Up, stopping: threading.Event) -> int:
        wait_until(lambda: stopping.is_set() or is_answering(up.url), PATIENCE_SECONDS)
        print(make_link(settings, up.dsn, up.url), flush=True)
        return 0

    return during(settings, greet, faults=read_fault_plan(Path(plan)), stays=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
