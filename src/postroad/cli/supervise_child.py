"""Becomes a child process that ends with its supervisor, however that one ends.

    python -I -S supervise_child.py <pid of the supervisor> <program> [argument …]

Run as a file, not imported: it has to be small and quick, and to set the tie
before it turns into the program. A preexec_fn would run Python between fork
and exec of a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(supervisor: int, command: list[str]) -> None:
    """The kernel sends SIGTERM when the supervisor ends, so that mails begun get their answer."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != supervisor:  # It ended before the tie was set.
        return
    os.execvp(command[0], command)  # noqa: S606 - an argument list of ours, no shell wanted.


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
