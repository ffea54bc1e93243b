"""Serve the console and the public pages with granian, in a process of its own."""

import ctypes
import ipaddress
import os
import signal
import socket
from typing import Any

from granian.constants import Interfaces
from granian.server import Server

from postroad.logs import others_log, set_up_log
from postroad.settings import Settings

from .signals import take_signals_in_a_thread
from .wsgi import Application, make_application

_PR_SET_PDEATHSIG = 1
_BLOCKING_THREADS = 8
_DRAIN_SECONDS = 10


class ServeRefused(Exception):
    """The console cannot listen. The text is for people and says what to do."""


def serve(settings: Settings, dsn: str) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered then is finished first.

    Raises ServeRefused when the port is taken, or when the address is not a
    loopback one and the manager has no password yet.
    """
    _refuse_a_taken_port(settings.host, settings.port)
    refuse_strangers_without_password(settings, dsn)
    parent = os.getpid()

    def load(_target: str) -> Application:
        _end_with(parent)
        take_signals_in_a_thread()
        set_up_log(settings)
        return make_application(settings, dsn)

    server: Any = Server(
        target="postroad",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_BLOCKING_THREADS,
        websockets=False,
        workers_kill_timeout=_DRAIN_SECONDS,
        respawn_failed_workers=True,
        log_dictconfig=others_log(settings, "_granian", "granian.access", level="INFO"),
    )
    server.serve(target_loader=load)


def _refuse_a_taken_port(host: str, port: int) -> None:
    """Bind without SO_REUSEPORT first, with which granian would share the port silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeRefused(
                f"The console cannot listen on {host} port {port}: {error.strerror}. "
                "Stop what uses it, or choose another port with POSTROAD_PORT."
            ) from error


def refuse_strangers_without_password(settings: Settings, dsn: str) -> None:
    """Raises ServeRefused unless only this machine can reach the console, or it has a password."""
    if _is_loopback(settings.host):
        return
    from .django_settings import configure

    configure(settings, dsn)
    from postroad.app import build_app

    app = build_app(settings, dsn)
    has_password = app.account.has_password()
    app.close()
    if not has_password:
        raise ServeRefused(
            f"The console would be open to others on {settings.host}, and there is no password. "
            "Set one with `postroad password`, then start again."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _end_with(parent: int) -> None:
    """Let the kernel end this process when `parent` is gone, even by kill -9."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
