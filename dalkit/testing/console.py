"""What the launcher says, what it runs, and how it fails."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["ServiceError", "run", "say", "tail"]


class ServiceError(RuntimeError):
    """A store cannot be started as asked; the text says what to install or to change."""


def say(line: str) -> None:
    """Print one line to stderr, if a terminal is there or DALKIT_VERBOSE is set."""
    if os.environ.get("DALKIT_VERBOSE") or sys.stderr.isatty():
        sys.stderr.write(f"dalkit: {line}\n")
        sys.stderr.flush()


def run(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    text: str = "",
    seconds: float = 600,
) -> str:
    """What the command prints to stdout, or a ServiceError with the end of what it said."""
    shown = shlex.join(str(part) for part in command)
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            input=text.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except OSError as error:
        raise ServiceError(f"{shown} cannot be run: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise ServiceError(f"{shown} was not done after {seconds:.0f} s") from error
    if done.returncode:
        said = tail(done.stderr or done.stdout)
        raise ServiceError(f"{shown} failed with code {done.returncode}:\n{said}")
    return done.stdout.decode(errors="replace")


def tail(said: bytes, *, lines: int = 15) -> str:
    """The last lines of a program's output."""
    return "\n".join(said.decode(errors="replace").strip().splitlines()[-lines:])
