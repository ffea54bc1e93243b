"""A browser's page that keeps what went wrong on it."""

import os

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response


def launch_chromium(playwright: Playwright) -> Browser:
    """Debian's, unless CHROMIUM names another; as root it runs only without its sandbox."""
    return playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
    )


class Watched:
    """Console errors (violations of the policy are such), exceptions, and answers of 5xx.

    A form that is answered 422 is in order, though the browser calls it an error.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self._add(str(error)))
        page.on("console", self._hear)
        page.on("response", self._look)

    def _hear(self, said: ConsoleMessage) -> None:
        is_refused_form = "status of 422" in said.text
        if said.type == "error" and not is_refused_form:
            self._add(said.text)

    def _look(self, answer: Response) -> None:
        if answer.status >= 500:
            self._add(f"{answer.status} {answer.url}")

    def _add(self, fault: str) -> None:
        self.faults.append(f"{self.page.url}: {fault}")
