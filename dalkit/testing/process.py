"""A store as a process of its own: a free port, a folder, a watchdog, ready or told why not."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import final

from attrs import frozen

from dalkit.testing.console import ServiceError, tail

__all__ = [
    "PATIENCE",
    "Process",
    "answers_http",
    "free_port",
    "greeting",
    "owned",
    "scratch",
    "started",
]

_LONGEST_SOCKET = 90  # a socket's path must fit into 104 bytes on every system
_PORTS_TRIED = 5
PATIENCE = 5.0
"""Seconds that a probe waits for a server's word."""


@final
@frozen
class Process:
    """A running store: the folder that goes with it, and the process that watches it."""

    folder: Path
    watchdog: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The store's own process id."""
        return int((self.folder / "pid").read_text())

    @property
    def log(self) -> str:
        """The end of what the store has printed."""
        with suppress(OSError):
            return tail((self.folder / "log").read_bytes())
        return ""

    @property
    def ended(self) -> bool:
        """Whether the store, or its watchdog, has ended by itself."""
        return self.watchdog.poll() is not None or (self.folder / "exit").exists()


def scratch() -> Path:
    """A new private folder whose path is short enough for a socket inside."""
    folder = Path(tempfile.mkdtemp(prefix="dalkit-"))
    if len(str(folder)) > _LONGEST_SOCKET - len("/mysql.sock"):
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="dalkit-", dir="/tmp"))
    return folder


@contextmanager
def owned(command: Sequence[str], *, folder: Path, last: Sequence[str] = ()) -> Iterator[Process]:
    """The command running in its folder; both are gone after the block, or with this process."""
    orders = {"command": command, "folder": str(folder), "owner": os.getpid(), "last": last}
    script = str(Path(__file__).with_name("watchdog.py"))
    try:
        watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", script, json.dumps(orders)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        yield Process(folder, watchdog)
    finally:
        assert watchdog.stdin is not None
        watchdog.stdin.close()
        watchdog.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def free_port() -> Iterator[int]:
    """A port that no one else is given during the block, and that a server can listen on.

    The port is bound, not listened on, by a socket that allows reuse: the system then gives it to
    nobody by itself, and still lets one server listen. On systems where only Linux's rule is
    missing, the port is merely free when the block begins.
    """
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port: int = holder.getsockname()[1]
        if sys.platform != "linux":
            holder.close()
        yield port


@contextmanager
def started(
    command: Callable[[Path, int], Sequence[str]],
    *,
    ready: Callable[[int], object],
    name: str,
    seconds: float = 60,
) -> Iterator[tuple[Process, int]]:
    """The store that `command(folder, port)` starts, once `ready(port)` is true, and its port."""
    with ExitStack() as stack:
        for attempt in range(_PORTS_TRIED):
            folder = scratch()
            with free_port() as port:
                process = stack.enter_context(owned(command(folder, port), folder=folder))
                fault = _fault(process, ready, port, seconds)
            if not fault:
                yield process, port
                return
            if "in use" not in process.log or attempt == _PORTS_TRIED - 1:
                raise ServiceError(f"{name} {fault}; it said:\n{process.log}")
            stack.close()


def _fault(process: Process, ready: Callable[[int], object], port: int, seconds: float) -> str:
    """Wait for the store; say what went wrong, or nothing."""
    deadline = time.monotonic() + seconds
    while not ready(port):
        if process.ended:
            return "ended while it was starting"
        if time.monotonic() > deadline:
            return f"was not ready after {seconds:.0f} s"
        time.sleep(0.03)
    return ""


def answers_http(host: str, port: int) -> bool:
    """Whether an HTTP server answers there, whatever it answers."""
    with suppress(OSError), socket.create_connection((host, port), timeout=PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(5) == b"HTTP/"
    return False


def greeting(host: str, port: int, *, unix_socket: str | None = None) -> str:
    """The version with which a MySQL server greets (`10.11.19-MariaDB`), or "" if none does."""
    with suppress(OSError), _connection(host, port, unix_socket) as connection:
        packet = connection.recv(1024)
        if len(packet) > 5 and packet[4] == 10:  # protocol version 10: the version, ended by NUL
            version = packet[5:].split(b"\0")[0].decode("ascii", "replace")
            return version.removeprefix("5.5.5-").split("-0+")[0]
    return ""


def _connection(host: str, port: int, unix_socket: str | None) -> socket.socket:
    if unix_socket is None:
        return socket.create_connection((host, port), timeout=PATIENCE)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(unix_socket)
    except OSError:
        connection.close()
        raise
    return connection
