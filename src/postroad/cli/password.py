"""`postroad password`: so that a console can be opened to others before anybody signed in."""

import getpass
import sys
from typing import TYPE_CHECKING

from postroad.cli.asking import can_ask
from postroad.cli.starting import Refusal

if TYPE_CHECKING:
    from postroad.app import App


def set_password(app: "App") -> None:
    """Never an argument: those stand in the list of processes."""
    chosen = _asked() if can_ask() else sys.stdin.readline().rstrip("\r\n")
    if not chosen:
        raise Refusal("No password was given: type one, or write it to standard input.")
    if faults := app.account.password_faults(chosen):
        raise Refusal(f"{' '.join(faults)} Choose another one.")
    app.account.set_password(chosen)


def _asked() -> str:
    chosen = getpass.getpass("New password: ")
    if chosen != getpass.getpass("The same again: "):
        raise Refusal("The two differ. Type the same password twice.")
    return chosen
