"""Sockets that are read until a moment, however many small pieces a reply comes in.

A socket's own timeout begins anew with every piece. Both drivers read from what `makefile` gives,
and the time that is left stands there before each piece.
"""

from __future__ import annotations

import io
import math
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, final

__all__ = ["Timely", "TimelySocket", "cut_off", "hasten", "timely_pool", "unhurried", "unread"]


@final
class Timely(io.RawIOBase):
    """A socket's unbuffered file, of which nothing is read after `ends()` on the real clock."""

    def __init__(self, raw: Any, held: Any, ends: Callable[[], float]) -> None:
        super().__init__()
        self._raw = raw
        self._socket = held
        self.ends = ends
        self.silent = False
        """Nothing is read: what is asked for is what was read ahead."""

    def readable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The socket's."""
        found: int = self._raw.fileno()
        return found

    def readinto(self, buffer: Any, /) -> int | None:
        """What has come; TimeoutError when that is too late."""
        if self.silent:
            return None
        ends = self.ends()
        if ends == math.inf:
            count: int | None = self._raw.readinto(buffer)
            return count
        left, usual = ends - time.monotonic(), self._socket.gettimeout()
        if left <= 0:
            raise TimeoutError("the reply was not whole in time")
        self._socket.settimeout(left if usual is None else min(left, usual))
        try:
            count = self._raw.readinto(buffer)
        finally:
            if self._socket.fileno() >= 0:
                self._socket.settimeout(usual)
        return count

    def close(self) -> None:
        """Close the file, and the socket if it was closed before."""
        self._raw.close()
        super().close()


@final
class TimelySocket:
    """A socket as it is, but for its file."""

    def __init__(self, held: Any, ends: Callable[[], float]) -> None:
        self._socket = held
        self._ends = ends

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """What replies are read from."""
        raw = self._socket.makefile("rb", buffering=0)
        return io.BufferedReader(Timely(raw, self._socket, self._ends))


def timely_pool(pool: Any, ends: Callable[[], float]) -> Any:
    """A class of urllib3's connection pools, whose connections are read until `ends()`."""
    old = pool.ConnectionCls

    def connect(self: Any) -> None:
        old.connect(self)
        self.sock = TimelySocket(self.sock, ends)

    connection = type(old.__name__, (old,), {"connect": connect})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


def hasten(connection: Any, seconds: float) -> None:
    """Have a connection of PyMySQL's wait so long for all that it reads from now on."""
    held = vars(connection)
    held["_read_timeout"] = held["_write_timeout"] = seconds
    file, plain = held.get("_rfile"), held.get("_sock")
    if not isinstance(file, io.BufferedReader) or plain is None:
        return
    if not isinstance(file.raw, Timely):
        raw = file.detach()
        held["_rfile"] = file = io.BufferedReader(Timely(raw, plain, lambda: math.inf))
    end = time.monotonic() + seconds
    raw = file.raw
    assert isinstance(raw, Timely)
    raw.ends = lambda: end


def unread(connection: Any) -> bool:
    """Whether a connection of PyMySQL's holds words of the server's, or its end, unasked."""
    file, plain = vars(connection).get("_rfile"), vars(connection).get("_sock")
    raw = getattr(file, "raw", None)
    if not isinstance(raw, Timely) or not isinstance(file, io.BufferedReader):
        return False
    raw.silent = True
    try:
        ahead = bool(file.peek(1))
    finally:
        raw.silent = False
    if ahead or isinstance(plain, ssl.SSLSocket):  # there, words may be TLS's own
        return ahead
    return bool(_readable(plain))


def _readable(held: Any) -> Any:
    if not hasattr(select, "poll"):
        return select.select([held], [], [], 0)[0]
    poll = select.poll()
    poll.register(held, select.POLLIN)
    return poll.poll(0)


def unhurried(connection: Any) -> None:
    """End what `hasten` began."""
    raw = getattr(vars(connection).get("_rfile"), "raw", None)
    if isinstance(raw, Timely):
        raw.ends = lambda: math.inf


@contextmanager
def cut_off(connection: Any, seconds: float) -> Generator[None]:
    """Have a connection of PyMySQL's that is being made break off when the time is over."""
    if seconds > threading.TIMEOUT_MAX:
        yield
        return
    timer = threading.Timer(seconds, _shut, (connection,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _shut(connection: Any) -> None:
    with suppress(OSError, AttributeError):
        vars(connection)["_sock"].shutdown(socket.SHUT_RDWR)
