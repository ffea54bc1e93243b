"""`python -m bench [name]`: run all benchmarks, or the named one."""

import sys

from bench import dispatch

BENCHMARKS = {"dispatch": dispatch.main}


def main() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted and wanted not in BENCHMARKS:
        raise SystemExit(f"There is no benchmark {wanted!r}: choose from {', '.join(BENCHMARKS)}.")
    for name, run in BENCHMARKS.items():
        if wanted in ("", name):
            run()


if __name__ == "__main__":
    main()
