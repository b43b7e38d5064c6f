"""Run one store for one owner, and end it when the owner ends, however that happens.

Run as a script of its own (`python watchdog.py JSON`), which imports nothing of dalkit. Its stdin
is a pipe that only the owner holds: at its end, or when the owner is no longer the parent, the
store is killed, the last command (if any) is run, and the store's folder is removed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["main", "watch"]

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in <sys/prctl.h>


def main() -> None:
    """Watch as the JSON of the first argument says: command, folder, owner, last."""
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    watch(**json.loads(sys.argv[1]))


def watch(*, command: list[str], folder: str, owner: int, last: list[str]) -> None:
    """Run the command until it or its owner ends; the folder goes with the owner."""
    home = Path(folder)
    try:
        store = _start(command, home) if command else None
        while os.getppid() == owner:
            _note_end(store, home)
            readable, _, _ = select.select([0], [], [], 0.25)
            if readable and not os.read(0, 4096):
                break
        if store is not None:
            _kill(store)
        if last:
            subprocess.run(last, stdin=subprocess.DEVNULL, check=False)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _start(command: list[str], home: Path) -> subprocess.Popen[Any]:
    log = (home / "log").open("wb")
    store = subprocess.Popen(
        command,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )
    (home / "pid.new").write_text(str(store.pid))
    (home / "pid.new").rename(home / "pid")
    return store


def _die_with_parent() -> None:
    """Ask Linux to kill the store if the watchdog itself is killed; elsewhere, do nothing."""
    for one in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(one, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _note_end(store: subprocess.Popen[Any] | None, home: Path) -> None:
    if store is not None and store.poll() is not None and not (home / "exit").exists():
        (home / "exit").write_text(str(store.returncode))


def _kill(store: subprocess.Popen[Any]) -> None:
    """SIGKILL: what the store holds is thrown away, so there is nothing to write down first."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(store.pid, signal.SIGKILL)
    store.wait()


if __name__ == "__main__":
    main()
