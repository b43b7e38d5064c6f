"""The command line: prints what the library answers."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from dalkit.cli.arguments import parser
from dalkit.cli.output import Refusal, complain

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 for problems or differences, 2 for misuse."""
    _prepare()
    arguments = parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except Refusal as refusal:
        complain(str(refusal))
        return refusal.status
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


def _prepare() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    with suppress(ValueError):  # only the main thread can say how signals are met
        signal.signal(signal.SIGTERM, _stop)


def _stop(*_: object) -> None:
    """Let files and connections be closed as after Ctrl-C."""
    raise KeyboardInterrupt


def _leave_pipe() -> None:
    """Nobody reads any more: what is left in the buffer must not fail again at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
