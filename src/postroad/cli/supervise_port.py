"""Whether a port can be listened on, found out before anybody is started.

The web server would share a taken port silently (SO_REUSEPORT), and the
browser would talk to the wrong one.
"""

import errno
import socket

import psutil


def port_problem(host: str, port: int) -> str:
    """'' when the port is free; else a text that names it and ends with what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return _told(error, host, port)
    return ""


def free_port(host: str) -> int:
    """A port that nobody listens on now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _told(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use{_by_whom(port)}. "
            f"Stop that program, or set POSTROAD_PORT to another port."
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} may be used by root only. Set POSTROAD_PORT to one above 1023."
    return (
        f"{host} is no address of this machine ({error.strerror}). "
        f"Set POSTROAD_HOST to one, such as 127.0.0.1."
    )


def _by_whom(port: int) -> str:
    """Only the owner of a process and root may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            place = connection.laddr
            listens = connection.status == psutil.CONN_LISTEN and place and place.port == port
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return ""
    return ""
