"""Files as a command line is given them: plain ones, pipes, and what never ends."""

from __future__ import annotations

import os
import select
import stat
from pathlib import Path
from typing import IO, Final

__all__ = ["read_file"]

_PATIENCE: Final = 2_000
"""Milliseconds in which somebody has to open a named pipe for writing."""
_MOST: Final = 256 * 1024 * 1024


def read_file(path: str) -> bytes:
    """All bytes of a file; OSError when it cannot be read or has no end.

    A named pipe that nobody opens for writing is given up, and so is a device that gives more
    than any contract has.
    """
    if not path:
        raise OSError("no name was given")
    mode = Path(path).stat().st_mode
    if stat.S_ISFIFO(mode):
        return _read_pipe(path)
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        with Path(path).open("rb") as device:
            return _bounded(device)
    return Path(path).read_bytes()


def _read_pipe(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as pipe:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        waiting.poll(_PATIENCE)
        try:
            begun = os.read(descriptor, 65_536)
        except BlockingIOError:
            begun = None  # somebody holds the other end, and has not written yet
        if begun == b"":
            raise OSError("nobody writes into this pipe")
        os.set_blocking(descriptor, True)
        return (begun or b"") + pipe.read()


def _bounded(device: IO[bytes]) -> bytes:
    held = device.read(_MOST + 1)
    if len(held) > _MOST:
        raise OSError(f"a device that gives more than {_MOST:,} bytes")
    return held
