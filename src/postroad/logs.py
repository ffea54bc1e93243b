"""The log of every process: one line an event, for people or as JSON, with nothing secret in it.

Each line has timestamp, level and event. What an engine says names its worker,
and run, batch, relay, n and attempt where it is about one. A person is named by
the number of the delivery: of an address only the domain is written.
"""

import contextlib
import logging
import os
import re
import select
import stat
import sys
from typing import Any, Final

import structlog
from structlog.types import EventDict, Processor

from postroad.settings import Settings

_ADDRESS: Final = re.compile(r"[^\s<>\"'@:;,=()/]+@(?=[^\s<>\"'@:;,=()/]+\.\w)")
_SIGN_IN: Final = re.compile(r"(\w://)[^\s/@]*@")
_TOKEN: Final = re.compile(r"(/p/|/account/link/)[^/\s]+")


def set_up_log(settings: Settings) -> None:
    """Of this process, on standard error.

    Control characters in values are escaped: a reply or an address can forge no line.
    """
    # Each fault of a broker's connection is told once, by whoever keeps it.
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_shared(), _written(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_Writers(),
    )


class _Writers:
    def __init__(self) -> None:
        self._pipe = _pipe_of_standard_error()

    def __call__(self, *_: object) -> "_Writer":
        return _Writer(self._pipe or sys.stderr)


class _Writer(structlog.WriteLogger):
    """A full disk costs lines of the log, and not the work that they tell of."""

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


_PATIENCE_SECONDS: Final = 1.0


class _Pipe:
    """A reader that stands still is waited for once; then lines are lost until it reads on."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._room = select.poll()
        self._room.register(descriptor, select.POLLOUT)
        self._seconds = _PATIENCE_SECONDS
        self._is_torn = False

    def write(self, text: str) -> None:
        """Raises OSError for what was not taken."""
        left = ("\n" * self._is_torn + text).encode(errors="backslashreplace")
        octets = len(left)
        try:
            while left:
                self._room.poll(1000 * self._seconds)
                left = left[os.write(self._descriptor, left) :]
            self._seconds = _PATIENCE_SECONDS
            self._is_torn = False
        except BlockingIOError:
            self._seconds = 0.0
            self._is_torn = self._is_torn or len(left) < octets
            raise

    def flush(self) -> None:
        """Nothing is kept back."""


def _pipe_of_standard_error() -> Any:
    """None where it is no pipe, or a host's own stand-in for it, as Celery's.

    Opened once more: its other writers go on waiting as they like.
    """
    with contextlib.suppress(OSError, AttributeError):
        descriptor = sys.stderr.fileno()
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return _Pipe(os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK))
    return None


def others_log(settings: Settings, *loggers: str, level: str) -> dict[str, Any]:
    """For logging.config: what these loggers of others say takes the same form."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _formatter, "settings": settings}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            name: {"handlers": ["stderr"], "level": level, "propagate": False} for name in loggers
        },
    }


def _formatter(settings: Settings) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_shared(),
            _written(settings),
        ],
    )


def _shared() -> list[Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        discreet,
    ]


def _written(settings: Settings) -> Processor:
    if settings.log_json:
        return structlog.processors.JSONRenderer(default=str)
    return structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])


def discreet(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Without the names in addresses, sign-ins in URLs, and tokens in our own paths."""
    return {
        key: _without_secrets(value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def _without_secrets(text: str) -> str:
    text = _SIGN_IN.sub(r"\1…@", text)
    text = _TOKEN.sub(r"\1…", text)
    return _ADDRESS.sub("…@", text)
