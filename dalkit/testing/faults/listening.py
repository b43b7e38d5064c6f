"""A listening socket with a thread for each connection; all of it is gone after the block."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, final

__all__ = ["Listener", "dropped", "left", "reset"]

_PATIENCE: Final = 30.0


@final
class Listener:
    """Gives every connection to `serve` in a thread of its own, from `open` to `close`.

    `serve` may leave the socket open: it is closed for it.
    """

    def __init__(self, serve: Callable[[socket.socket], None], *, name: str) -> None:
        self._serve = serve
        self._name = name
        self._lock = threading.Condition()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._closing = False
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.host: str = "127.0.0.1"
        self.port: int = self._socket.getsockname()[1]
        self.accepted: int = 0
        self._thread = threading.Thread(target=self._accept, name=name, daemon=True)
        self._thread.start()

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        with self._lock:
            return len(self._open)

    def quiet(self, seconds: float = 5.0) -> int:
        """How many connections are open when none is, or so many seconds later."""
        with self._lock:
            self._lock.wait_for(lambda: not self._open, seconds)
            return len(self._open)

    def close(self) -> None:
        """End every connection, and wait for their threads."""
        with self._lock:
            self._closing = True
        with suppress(OSError):  # wakes the thread that accepts
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(_PATIENCE)
        self._socket.close()
        with self._lock:
            held = list(self._open.items())
        for one, _ in held:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for _, thread in held:
            thread.join(_PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                one, _ = self._socket.accept()
            except OSError:
                return
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(
                target=self._one, args=(one,), name=f"{self._name}-{self.accepted}", daemon=True
            )
            with self._lock:
                if self._closing:
                    one.close()
                    return
                self.accepted += 1
                self._open[one] = thread
            thread.start()

    def _one(self, connection: socket.socket) -> None:
        try:
            with suppress(OSError):
                self._serve(connection)
        finally:
            connection.close()
            with self._lock:
                self._open.pop(connection, None)
                self._lock.notify_all()


def reset(connection: socket.socket) -> None:
    """Close at once, so that the other side reads "connection reset"."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def left(connection: socket.socket, seconds: float) -> bool:
    """Whether the other side leaves within so many seconds; what it says meanwhile waits."""
    with suppress(OSError, ValueError):
        ready, _, _ = select.select([connection], [], [], seconds)
        return bool(ready) and connection.recv(1, socket.MSG_PEEK) == b""
    return True


def dropped(connection: socket.socket) -> None:
    """Close in order: the other side reads the end."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
