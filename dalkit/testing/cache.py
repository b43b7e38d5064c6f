"""What is fetched or built once and used by every run: a folder outside the repository."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["cache_folder", "locked", "make_once"]


def cache_folder() -> Path:
    """DALKIT_CACHE, else `dalkit` in the user's cache folder; made if it is missing."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(os.environ.get("DALKIT_CACHE") or f"{home}/dalkit").expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the cache's lock of this name; the system frees it when the process ends."""
    with (cache_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_once(name: str, make: Callable[[Path], None]) -> Path:
    """The cache's folder of this name, filled by `make` unless it is there whole already.

    `make` fills a folder beside it, which is renamed when done: a run that is killed half-way, or
    several at once, never leave half a folder under the name.
    """
    target = cache_folder() / name
    if target.is_dir():
        return target
    with locked(name):
        if not target.is_dir():
            partial = target.with_name(f"{name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            make(partial)
            partial.rename(target)
    return target
