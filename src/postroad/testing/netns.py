"""Hosts on one machine: network namespaces around a switch, each with a name and an address.

    with a_network("mars", "venus") as network:
        network.hub.run("postgres", "-c", f"listen_addresses={network.hub.address}")
        mars = network.hosts["mars"]
        subprocess.Popen(mars.inside("postroad", "work"))
        mars.cut_off()

Everything lies in namespaces of our own, addresses included: nothing of it can
be reached from outside, and it is gone with the process that made it. Needs
root and iproute2; `missing()` says what is not there.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

NET = "10.77.0"
_NOWHERE = "02:00:00:00:00:01"
"""A link address that nobody has: what is sent there is lost without a word."""
_TOOLS = ("ip", "unshare", "nsenter", "setpriv")


def missing() -> str:
    """'' where networks can be made; else what to do."""
    if os.geteuid() != 0:
        return "only root can make network namespaces: run this test as root"
    absent = [tool for tool in _TOOLS if shutil.which(tool) is None]
    return f"{', '.join(absent)} is not installed" if absent else ""


@dataclass(frozen=True, slots=True)
class Host:
    """A namespace with a host name of its own; it lives as long as `holder`."""

    name: str
    address: str
    holder: "subprocess.Popen[str]"

    def inside(self, *command: str) -> list[str]:
        """The command, run on this host; killed when whoever starts it ends."""
        space = f"/proc/{self.holder.pid}/ns"
        enter = ["nsenter", f"--net={space}/net", f"--uts={space}/uts"]
        return [*enter, "setpriv", "--pdeathsig", "KILL", "--", *command]

    def run(self, *command: str) -> str:
        done = subprocess.run(
            self.inside(*command), capture_output=True, text=True, check=False, timeout=20
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} on {self.name}: {done.stderr.strip()}")
        return done.stdout

    def cut_off(self, *addresses: str) -> None:
        """From these addresses, or from everybody: what is sent is lost in silence."""
        if not addresses:
            self.run("ip", "link", "set", "eth0", "down")
        for address in addresses:
            lost = ["lladdr", _NOWHERE, "nud", "permanent", "dev", "eth0"]
            self.run("ip", "neighbour", "replace", address, *lost)

    def rejoin(self, *addresses: str) -> None:
        if not addresses:
            self.run("ip", "link", "set", "eth0", "up")
        for address in addresses:
            self.run("ip", "neighbour", "delete", address, "dev", "eth0")


@dataclass(frozen=True, slots=True)
class Network:
    """`hub` is the host of what is shared; the switch stands in it."""

    hub: Host
    hosts: dict[str, Host] = field(default_factory=dict)

    def add_address(self, last: int) -> str:
        """Another address of the hub, so that one service can be cut off without the other."""
        address = f"{NET}.{last}"
        self.hub.run("ip", "address", "add", f"{address}/24", "dev", "switch")
        return address


@contextmanager
def a_network(*names: str) -> Iterator[Network]:
    with ExitStack() as stack:
        hub = stack.enter_context(_a_host("hub", f"{NET}.1"))
        hub.run("ip", "link", "add", "switch", "type", "bridge")
        hub.run("ip", "address", "add", f"{hub.address}/24", "dev", "switch")
        hub.run("ip", "link", "set", "switch", "up")
        network = Network(hub)
        for number, name in enumerate(names, 11):
            host = stack.enter_context(_a_host(name, f"{NET}.{number}"))
            _plug_in(hub, host)
            network.hosts[name] = host
        yield network


@contextmanager
def _a_host(name: str, address: str) -> Iterator[Host]:
    """The holder waits for the end of its input, which comes however we end."""
    script = f"hostname {name} && ip link set lo up && echo ready && exec cat"
    apart = ["unshare", "--net", "--uts", "sh", "-c", script]
    holder = subprocess.Popen(
        apart,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        if holder.stdout.readline() != "ready\n":
            raise RuntimeError(f"The namespace of {name} could not be made.")
        yield Host(name, address, holder)
        holder.stdin.close()


def _plug_in(hub: Host, host: Host) -> None:
    """A cable from the host to the switch."""
    port = f"to-{host.address.rpartition('.')[2]}"
    cable = ["ip", "link", "add", port, "type", "veth", "peer", "name", "eth0"]
    hub.run(*cable, "netns", str(host.holder.pid))
    hub.run("ip", "link", "set", port, "master", "switch", "up")
    host.run("ip", "address", "add", f"{host.address}/24", "dev", "eth0")
    host.run("ip", "link", "set", "eth0", "up")
