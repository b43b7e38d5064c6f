"""How far a run is, as one line on a terminal that is written over and over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TextIO, final

__all__ = ["Progress"]


@final
class Progress:
    """Called with a table and its count; says at most twice a second how far, how fast, how long.

    `expected` are the rows to come, by table; without one there is no time left to tell.
    """

    def __init__(
        self,
        stream: TextIO,
        expected: Mapping[str, int],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._expected = expected
        self._now = now
        self._table = ""
        self._began = self._said = now()
        self._width = 0

    def __call__(self, table: str, count: int) -> None:
        """Take the new count of a table."""
        now = self._now()
        if table != self._table:
            self._table, self._began = table, now
        if now - self._said >= 0.5:
            self._said = now
            self._write(self._line(count, now - self._began))

    def clear(self) -> None:
        """Take the line away."""
        if self._width:
            self._write("")

    def _line(self, count: int, seconds: float) -> str:
        rate = count / seconds if seconds > 0 else 0.0
        line = f"{self._table}: {count:,} rows, {rate:,.0f}/s"
        left = self._expected.get(self._table, 0) - count
        if left > 0 and rate > 0:
            line += f", about {_span(left / rate)} left"
        return line

    def _write(self, line: str) -> None:
        self._stream.write("\r" + line.ljust(self._width) + ("" if line else "\r"))
        self._stream.flush()
        self._width = len(line)


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
