"""Promises in seconds, kept on a machine that has other things to do as well.

A test that asserts "within two seconds" measures the product only while the
product gets to run. With twice as many programs ready to run as there are
processors, each of them gets half of one, and two seconds of work take four.
"""

import os

MOST_TIMES = 4.0
"""However busy the machine: what takes longer than that is the product's fault."""


def allowed(seconds: float) -> float:
    """The promised seconds: as they are on a quiet machine, longer by its load on a busy one.

    The load is the kernel's: programs that run or are ready to, over the last minute.
    """
    a_processor = os.getloadavg()[0] / (os.cpu_count() or 1)
    return seconds * min(MOST_TIMES, max(1.0, a_processor))
