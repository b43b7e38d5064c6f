"""What can go wrong between a client and MySQL, each fault a function of one command.

| fault                       | the server has done it | what the client meets               |
|-----------------------------|------------------------|-------------------------------------|
| refuse, too-many            | (no connection)        | the end before a greeting; 1040     |
| reset-before, reset-after   | no, yes                | the connection is reset             |
| commit-unsent, commit-lost  | no, yes                | the same, at COMMIT only            |
| hold-before, hold-after     | no, yes                | no word until it leaves             |
| late                        | after the client left  | no word until it leaves             |
| truncated                   | yes                    | half a reply, then the end          |
| garbage                     | yes                    | a packet of another place, the end  |
| kill-before, kill-during    | no, perhaps            | what a server says when it is killed|
| deadlock, lock-wait         | no; deadlock undoes all| 1213, 1205                          |
| read-only, shutdown         | no                     | 1290; 1053 and the end              |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from dalkit.testing.faults.mysql_packets import error_packet

__all__ = ["CONNECT", "FAULTS", "Command", "possible"]

CONNECT: Final = "CONNECT"
"""The operation that a new connection counts as."""

_TOO_MANY = error_packet(1040, "", "Too many connections", number=0)
_DEADLOCK = error_packet(1213, "40001", "Deadlock found when trying to get lock")
_LOCK_WAIT = error_packet(1205, "HY000", "Lock wait timeout exceeded")
_READ_ONLY = error_packet(1290, "HY000", "The MySQL server is running with --read-only")
_GARBAGE = b"\x05\x00\x00\x63\x00\x01\xff\xfe\xfd"
_SHUTDOWN = error_packet(1053, "08S01", "Server shutdown in progress")


class Command(Protocol):
    """One command on its way; each function says whether the connection goes on."""

    def forward(self) -> None:
        """Send the command to the server."""

    def reply(self) -> bytes:
        """The first bytes of the server's reply, which it sends when it has done the command."""

    def undo(self) -> None:
        """Have the server roll back."""

    def kill(self) -> None:
        """Have the server kill this connection."""

    def say(self, data: bytes) -> None:
        """Send the client something."""

    def hold(self) -> None:
        """Wait until the client leaves, or the plan's patience ends."""

    def reset(self) -> None:
        """Close the client's connection at once."""


def _reset_before(one: Command) -> bool:
    one.reset()
    return False


def _reset_after(one: Command) -> bool:
    one.forward()
    one.reply()
    one.reset()
    return False


def _hold_before(one: Command) -> bool:
    one.hold()
    return False


def _hold_after(one: Command) -> bool:
    one.forward()
    one.reply()
    one.hold()
    return False


def _late(one: Command) -> bool:
    one.hold()
    one.forward()
    one.reply()
    return False


def _truncated(one: Command) -> bool:
    one.forward()
    data = one.reply()
    one.say(data[: len(data) // 2])
    return False


def _garbage(one: Command) -> bool:
    one.forward()
    one.reply()
    one.say(_GARBAGE)
    return False


def _kill_before(one: Command) -> bool:
    one.kill()
    one.forward()
    return True


def _kill_during(one: Command) -> bool:
    one.forward()
    one.kill()
    return True


def _deadlock(one: Command) -> bool:
    one.undo()
    one.say(_DEADLOCK)
    return True


def _says(data: bytes, *, ends: bool = False) -> Callable[[Command], bool]:
    def act(one: Command) -> bool:
        one.say(data)
        return not ends

    return act


FAULTS: Final[Mapping[str, Callable[[Command], bool]]] = {
    "refuse": lambda _: False,
    "too-many": _says(_TOO_MANY, ends=True),
    "reset-before": _reset_before,
    "reset-after": _reset_after,
    "commit-unsent": _reset_before,
    "commit-lost": _reset_after,
    "hold-before": _hold_before,
    "hold-after": _hold_after,
    "late": _late,
    "truncated": _truncated,
    "garbage": _garbage,
    "kill-before": _kill_before,
    "kill-during": _kill_during,
    "deadlock": _deadlock,
    "lock-wait": _says(_LOCK_WAIT),
    "read-only": _says(_READ_ONLY),
    "shutdown": _says(_SHUTDOWN, ends=True),
}
"""Every fault by its name."""

_STATEMENTS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})
_ONLY: Final[Mapping[str, frozenset[str]]] = {
    "refuse": frozenset({CONNECT}),
    "too-many": frozenset({CONNECT}),
    "commit-unsent": frozenset({"COMMIT"}),
    "commit-lost": frozenset({"COMMIT"}),
    "deadlock": _STATEMENTS,
    "lock-wait": _STATEMENTS,
    "read-only": _STATEMENTS - {"SELECT", "WITH"},
}


def possible(operation: str) -> frozenset[str]:
    """The faults that a command of this operation can meet."""
    if operation in (CONNECT, "QUIT"):
        return frozenset(name for name, where in _ONLY.items() if operation in where)
    return frozenset(name for name in FAULTS if operation in _ONLY.get(name, {operation}))
