"""Numbers that occur more than once among any number of them, in constant memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import final

from attrs import frozen

from dalkit.migrate.spool import Place, Shelf

__all__ = ["Sieve"]

_PARTS = 1_024
_LEAST = -(2**63)
_BOUNDS = tuple(_LEAST + part * (2**64 // _PARTS) for part in range(_PARTS))


@final
@frozen
class _Run:
    """Sorted numbers on disk, and where each part of all numbers begins among them."""

    place: Place
    starts: array[int]


@final
class Sieve:
    """Numbers of 64 bits, spread as hashes are; at most `held` of them are in memory."""

    def __init__(self, *, held: int = 1 << 18) -> None:
        self._held = held
        self._numbers = array("q")
        self._runs: list[_Run] = []
        self._shelf = Shelf()

    def __enter__(self) -> Sieve:
        return self

    def __exit__(self, *_: object) -> None:
        self._shelf.close()

    def add(self, number: int) -> None:
        """Take one number."""
        self._numbers.append(number)
        if len(self._numbers) >= self._held:
            self._write_run()

    def repeated(self, most: int) -> frozenset[int] | None:
        """The numbers that were added more than once; None if they are more than `most`."""
        self._write_run()
        found: set[int] = set()
        for part in range(_PARTS):
            found.update(_twice(self._part(part)))
            if len(found) > most:
                return None
        return frozenset(found)

    def _write_run(self) -> None:
        numbers = array("q", sorted(self._numbers))
        starts = array("q", [bisect_left(numbers, bound) for bound in _BOUNDS])
        starts.append(len(numbers))
        self._runs.append(_Run(self._shelf.put_bytes(numbers.tobytes()), starts))
        self._numbers = array("q")

    def _part(self, part: int) -> array[int]:
        numbers = array("q")
        size = numbers.itemsize
        for run in self._runs:
            start, end = run.starts[part] * size, run.starts[part + 1] * size
            numbers.frombytes(self._shelf.get_bytes((run.place[0] + start, end - start)))
        return numbers


def _twice(numbers: array[int]) -> Iterator[int]:
    if len(set(numbers)) < len(numbers):
        for one, other in pairwise(sorted(numbers)):
            if one == other:
                yield one
