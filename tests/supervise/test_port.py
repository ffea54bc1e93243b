import os
import socket

from postroad.cli.supervise_port import port_problem


def test_a_free_port_is_no_problem() -> None:
    assert port_problem("127.0.0.1", 0) == ""


def test_a_port_in_use_is_named_with_its_holder_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as holder:
        port = holder.getsockname()[1]
        text = port_problem("127.0.0.1", port)
    assert text.startswith(f"Port {port} on 127.0.0.1 is in use by ")
    assert f"(pid {os.getpid()})" in text
    assert text.endswith("set POSTROAD_PORT to another port.")


def test_a_port_just_left_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as caller:
            holder.accept()[0].close()
            caller.recv(1)
    assert port_problem("127.0.0.1", port) == ""


def test_an_address_of_another_machine_is_named() -> None:
    text = port_problem("192.0.2.1", 8025)
    assert text.startswith("192.0.2.1 is no address of this machine")
    assert "POSTROAD_HOST" in text
