"""TLS contexts made once: to read a bundle of certificates takes longer than to connect."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from ssl import SSLContext
from typing import Any, TypeAlias, final

__all__ = ["TlsContexts"]

Key: TypeAlias = frozenset[tuple[str, str, int]]


@final
class TlsContexts:
    """The context of each set of TLS options; a file that changes is read again.

    Several threads may use it at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Key, SSLContext] = {}

    def of(
        self, options: Mapping[str, Any], make: Callable[[Mapping[str, Any]], SSLContext]
    ) -> SSLContext:
        """The context of these options, made by `make` when there is none yet."""
        key = frozenset((name, str(value), _changed(value)) for name, value in options.items())
        with self._lock:
            if key not in self._made:
                self._made = {key: make(options)}
            return self._made[key]


def _changed(value: object) -> int:
    """When the file of that name changed last, 0 for what is none."""
    with suppress(OSError, ValueError):
        return os.stat(value).st_mtime_ns if isinstance(value, str) else 0  # noqa: PTH116 - pathlib has no place here
    return 0
