"""`python -m bench [name]`: run all benchmarks, or the named one; `make bench` calls it."""

import sys
from collections.abc import Callable

from bench import celery, dispatch, distance, hosts, limits, million, rabbitmq, tls

BENCHMARKS: dict[str, Callable[[], None]] = {
    "dispatch": dispatch.main,
    "rabbitmq": rabbitmq.main,
    "celery": celery.main,
    "distance": distance.main,
    "hosts": hosts.main,
    "limits": limits.main,
    "tls": tls.main,
    "first-mail": million.first_mail,
    "verify": million.verify,
    "memory": million.memory,
}


def main() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted and wanted not in BENCHMARKS:
        raise SystemExit(f"There is no benchmark {wanted!r}: choose from {', '.join(BENCHMARKS)}.")
    for name, run in BENCHMARKS.items():
        if wanted in ("", name):
            run()


if __name__ == "__main__":
    main()
