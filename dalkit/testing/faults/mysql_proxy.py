"""A proxy of bytes in front of a MySQL server that does to each command what a plan says."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, final

from attrs import frozen

from dalkit.testing.faults import listening
from dalkit.testing.faults.listening import Listener, left
from dalkit.testing.faults.mysql_faults import CONNECT, FAULTS, possible
from dalkit.testing.faults.mysql_packets import (
    Packet,
    query_packet,
    split,
    thread_of,
    without_tls,
)
from dalkit.testing.faults.plan import CALM, Plan, Tally

__all__ = ["MySQLProxy"]

_CHUNK = 65_536
_PATIENCE = 60.0
_KILLS = frozenset({"kill-before", "kill-during"})


@final
class MySQLProxy:
    """Forwards to the server at `host` and `port`; `plan` may be set anew at any time.

    Clients are offered no TLS. `kill` has the server end a connection, given its id; without it
    the faults that kill never come. `injected` counts faults by name; `seen` counts commands by
    their first word, and all as "commands".
    """

    def __init__(
        self,
        host: str,
        port: int,
        plan: Plan = CALM,
        *,
        kill: Callable[[int], object] | None = None,
    ) -> None:
        self._place = (host, port)
        self._kill = kill
        self.plan = plan
        self.injected: Tally = Tally()
        self.seen: Tally = Tally()
        self._listener = Listener(self._serve, name="mysql-proxy")
        self.host: str = self._listener.host
        self.port: int = self._listener.port

    @property
    def connections(self) -> int:
        """How many connections of clients are open."""
        return self._listener.connections

    @property
    def accepted(self) -> int:
        """How many connections there have been."""
        return self._listener.accepted

    def quiet(self, seconds: float = 5.0) -> int:
        """How many of them are open when none is, or so many seconds later."""
        return self._listener.quiet(seconds)

    def close(self) -> None:
        """End every connection."""
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _serve(self, client: socket.socket) -> None:
        with socket.create_connection(self._place, timeout=_PATIENCE) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            (greeting, *_), _ = _whole(server)
            thread = thread_of(greeting.data)
            if not self._meet(CONNECT, _Command(greeting, client, server, self, thread)):
                return
            client.sendall(without_tls(greeting.data))
            self._relay(client, server, thread)

    def _relay(self, client: socket.socket, server: socket.socket, thread: int) -> None:
        rest = b""
        while True:
            ready, _, _ = select.select([client, server], [], [])
            if server in ready:
                data = server.recv(_CHUNK)
                if not data:
                    return
                client.sendall(data)
            elif not (data := client.recv(_CHUNK)):
                return
            else:
                packets, rest = split(rest + data)
                for packet in packets:
                    one = _Command(packet, client, server, self, thread)
                    if not packet.opens:
                        one.forward()
                    elif not self._meet(packet.operation, one):
                        return

    def _meet(self, operation: str, one: _Command) -> bool:
        """Do what the plan says to a command; whether the connection goes on."""
        self.seen.add(operation)
        could = possible(operation) - (frozenset() if self._kill else _KILLS)
        name = self.plan.fault(self.seen.add("commands"), could)
        if name:
            self.injected.add(name)
            return FAULTS[name](one)
        if operation != CONNECT:
            one.forward()
        return True

    def killed(self, thread: int) -> None:
        """Have the server end a connection."""
        if self._kill is not None:
            self._kill(thread)


def _whole(server: socket.socket) -> tuple[list[Packet], bytes]:
    """What the server says, to the end of a packet."""
    packets, rest = split(_some(server))
    while rest or not packets:
        more, rest = split(rest + _some(server))
        packets += more
    return packets, rest


def _some(server: socket.socket) -> bytes:
    data = server.recv(_CHUNK)
    if not data:
        raise ConnectionError("the server has closed the connection")
    return data


@final
@frozen
class _Command:
    """A command, and the sockets on both sides."""

    packet: Packet
    client: socket.socket
    server: socket.socket
    proxy: MySQLProxy
    thread: int

    def forward(self) -> None:
        with suppress(OSError):  # a killed connection: the server's last word is still to be read
            self.server.sendall(self.packet.data)

    def reply(self) -> bytes:
        return _some(self.server)

    def undo(self) -> None:
        self.server.sendall(query_packet("ROLLBACK"))
        _whole(self.server)

    def kill(self) -> None:
        self.proxy.killed(self.thread)

    def say(self, data: bytes) -> None:
        self.client.sendall(data)

    def hold(self) -> None:
        left(self.client, self.proxy.plan.hold)

    def reset(self) -> None:
        listening.reset(self.client)
