"""SIGTERM and SIGINT for the process that answers requests."""

import os
import signal
import threading

_ENDS = frozenset({signal.SIGTERM, signal.SIGINT})


def take_signals_in_a_thread() -> None:
    """From now on a thread of its own waits for the signals that end this process.

    To be called from the main thread, before granian starts threads, which
    inherit what is blocked here. Python runs a handler in the main thread only,
    and granian's waits there on a lock: only a signal delivered to that very
    thread wakes it. The kernel may deliver it to any, and then the process goes
    on as if nothing had been asked, until it is killed with requests in flight.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    for number in _ENDS:  # The handlers of the process we were forked from would do nothing here.
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_take, name="signals", daemon=True).start()


def _take() -> None:
    while True:
        number = signal.sigwait(_ENDS)
        handler = signal.getsignal(number)
        if not callable(handler):  # Granian has set none yet, and so has begun no request.
            os._exit(0)
        handler(number, None)
