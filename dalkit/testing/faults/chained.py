"""A workload in which threads contend: each changes what it has read, if it is still so.

Every value is written once, so that what a record says in the end leads back, change by change, to
what it said first. On this chain stands every change that was acknowledged and every value that
was read, and none that was said not to be done.
"""

from __future__ import annotations

import threading
from random import Random
from typing import Any, Final, final

from attrs import frozen

from dalkit.query import get, put, update
from dalkit.result import ConditionFailed, Failure, Success
from dalkit.run.backend import Backend
from dalkit.testing.faults.history import History, Verdict, verdict
from dalkit.testing.faults.ledger import Ledger

__all__ = ["Chained"]

_FIRST: Final = "first"
_OWNER: Final = 9


@final
@frozen
class _Change:
    old: str
    how: Verdict


@final
class Chained:
    """Every thread changes the same few entries, on the condition that nobody else did."""

    def __init__(self, ledger: Ledger, history: History, *, keys: int = 3) -> None:
        self._ledger, self._history, self._keys = ledger, history, range(keys)
        self._lock = threading.Lock()
        self._changes: dict[int, dict[str, _Change]] = {one: {} for one in self._keys}
        self._seen: dict[int, set[str]] = {one: {_FIRST} for one in self._keys}
        self._words = 0

    def prepare(self, db: Backend) -> None:
        for one in self._keys:
            record = self._ledger.Entry(owner=_OWNER, number=one, said=_FIRST)
            db.run(put(self._ledger.entries, record)).unwrap()

    def step(self, db: Backend, dice: Random, thread: int) -> None:
        number, entries = dice.choice(self._keys), self._ledger.entries
        key = self._ledger.EntryKey(_OWNER, number)
        read = self._history.run(db, get(entries, key).consistent())
        if not isinstance(read, Success):
            return
        old, new = read.unwrap().said, self._word()
        change = update(entries, key).set(entries.said, new).when(entries.said == old)
        answer = self._history.run(db, change)
        with self._lock:
            self._seen[number] |= {old, *_said(answer)}
            self._changes[number][new] = _Change(old, verdict(answer))

    def judge(self, db: Backend) -> None:
        for number in self._keys:
            key = self._ledger.EntryKey(_OWNER, number)
            last = db.run(get(self._ledger.entries, key)).unwrap().said
            self._hold(number, last)

    def _word(self) -> str:
        with self._lock:
            self._words += 1
            return f"change {self._words}"

    def _hold(self, number: int, last: str) -> None:
        changes, chain = self._changes[number], set[str]()
        while last != _FIRST and last not in chain and last in changes:
            chain.add(last)
            if changes[last].how == "not":
                self._history.found("undone", f"entry {number} went to {last!r}, said not to")
            last = changes[last].old
        if last != _FIRST:
            self._history.found("torn", f"entry {number} leads back to {last!r}")
        for new, change in changes.items():
            if change.how == "done" and new not in chain:
                self._history.found("lost", f"entry {number} never went to {new!r}")
        for one in self._seen[number] - chain - {_FIRST}:
            self._history.found("wrong", f"entry {number} was read as {one!r}, which it never was")


def _said(answer: Any) -> tuple[str, ...]:
    """What the record says in an answer: after the change, or in its way."""
    match answer:
        case Success(record):
            return (record.said,)
        case Failure(ConditionFailed(record=record)) if record is not None:
            return (record.said,)
        case _:
            return ()
