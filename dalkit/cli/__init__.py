"""The command line: prints what the library answers."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress

from dalkit.cli.arguments import parser
from dalkit.cli.output import Refusal, complain
from dalkit.run.broken import StoreError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 for problems or differences, 2 for misuse."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    with _terminable():
        return _run(parser().parse_args(argv))


def _run(arguments: argparse.Namespace) -> int:
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except Refusal as refusal:
        complain(str(refusal))
        return refusal.status
    except StoreError as failed:
        complain(str(failed.error))
        return 1
    except BrokenPipeError:
        _leave_pipe()
        return 1
    except KeyboardInterrupt:
        complain("stopped")
        return 130
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        complain(f"{named}{error.strerror or error}")
        return 1
    except Exception as error:
        if os.environ.get("DALKIT_DEBUG"):
            raise
        complain(f"internal error: {type(error).__name__}: {error} (DALKIT_DEBUG=1 shows where)")
        return 1
    return status


@contextmanager
def _terminable() -> Generator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that files and connections are closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _leave_pipe() -> None:
    """Nobody reads any more: what is left in the buffer must not fail again at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
