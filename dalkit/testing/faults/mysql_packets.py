"""Packets of the MySQL protocol, as much of them as a proxy has to know."""

from __future__ import annotations

from typing import Final, final

from attrs import frozen

__all__ = ["Packet", "error_packet", "query_packet", "split", "thread_of", "without_tls"]

_QUERY, _QUIT, _PING = 3, 1, 14
_TLS: Final = 0x0800
_HEADER: Final = 4


@final
@frozen
class Packet:
    """A packet whole: its three bytes of length, its number, its payload."""

    data: bytes

    @property
    def opens(self) -> bool:
        """Whether a command begins here: only a command's first packet has the number 0."""
        return self.data[3] == 0

    @property
    def operation(self) -> str:
        """The verb of a statement (`COMMIT`), or PING, QUIT or OTHER."""
        command = self.data[_HEADER] if len(self.data) > _HEADER else -1
        if command == _QUERY:
            return _verb(self.data[_HEADER + 1 : _HEADER + 200].decode("latin-1"))
        return {_PING: "PING", _QUIT: "QUIT"}.get(command, "OTHER")


def _verb(text: str) -> str:
    """The first word, past MariaDB's `SET STATEMENT … FOR`."""
    words = text.upper().split()
    if words[:2] == ["SET", "STATEMENT"] and "FOR" in words:
        words = words[words.index("FOR") + 1 :]
    return words[0].rstrip(";") if words else "OTHER"


def split(data: bytes) -> tuple[list[Packet], bytes]:
    """The whole packets that the bytes begin with, and what is left."""
    packets = []
    start = 0
    while len(data) - start >= _HEADER:
        end = start + _HEADER + int.from_bytes(data[start : start + 3], "little")
        if end > len(data):
            break
        packets.append(Packet(data[start:end]))
        start = end
    return packets, data[start:]


def _packet(number: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([number]) + payload


def query_packet(text: str) -> bytes:
    """A statement as a client sends it."""
    return _packet(0, bytes([_QUERY]) + text.encode())


def error_packet(code: int, state: str, text: str, *, number: int = 1) -> bytes:
    """An error as a server says it; before the log-in there is no `state`."""
    said = f"#{state}{text}" if state else text
    return _packet(number, b"\xff" + code.to_bytes(2, "little") + said.encode())


def thread_of(greeting: bytes) -> int:
    """The connection's id, by which the server can kill it, from its first packet."""
    at = greeting.index(b"\0", _HEADER) + 1
    return int.from_bytes(greeting[at : at + 4], "little")


def without_tls(greeting: bytes) -> bytes:
    """The same first packet of a server that offers no TLS."""
    at = greeting.index(b"\0", _HEADER) + 1 + 4 + 8 + 1
    abilities = int.from_bytes(greeting[at : at + 2], "little") & ~_TLS
    return greeting[:at] + abilities.to_bytes(2, "little") + greeting[at + 2 :]
