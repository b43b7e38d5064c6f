"""Rows that tell, after a COMMIT without a reply, whether its transaction is there.

A transaction that writes inserts a row of its own before it commits. Whoever then tries to insert
the same row waits until the transaction has ended: if the row is taken it was committed, and if
not, it never will be.
"""

from __future__ import annotations

import secrets
from typing import Any, Final, final

from attrs import field, frozen

from dalkit.compile.call import SqlCall
from dalkit.result import ConditionFailed, Failure, Success, Unavailable
from dalkit.run.faults import Fault
from dalkit.run.lending import Lender
from dalkit.run.pool import Unlent
from dalkit.run.retry import Backoff, Effects
from dalkit.run.statements import Session
from dalkit.source.sql import name_of

__all__ = ["MARKER_TABLE", "Marker", "marked"]

MARKER_TABLE: Final = """CREATE TABLE `dalkit_marker` (
  `id` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `made_at` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  KEY `dalkit_marker_made_at` (`made_at`)
) ENGINE=InnoDB"""
"""The table, which dalkit never makes; its rows are of no use after an hour."""

_MOST: Final = 20
_UNDONE: Final = Unavailable("MySQL", "the transaction was not committed")


def _number() -> str:
    return secrets.token_hex(16)


@final
@frozen
class Marker:
    """The row of one attempt of a transaction."""

    table: str
    id: str = field(factory=_number)

    def statement(self) -> SqlCall[None]:
        """What inserts the row."""
        text = f"INSERT INTO {name_of(self.table)} (`id`) VALUES (%s)"
        return SqlCall(text, (self.id,), lambda _: Success(None), atomic=True, writes=True)


def marked(
    marker: Marker, lender: Lender, *, ends: float, backoff: Backoff, effects: Effects
) -> bool | None:
    """Whether the marker's transaction was committed; None when that is not to be known in time."""
    asked = marker.statement()
    undone: SqlCall[Any] = SqlCall(
        asked.text, asked.parameters, lambda _: Failure(_UNDONE), atomic=True
    )
    for turn in range(_MOST):
        answer = _asked(undone, lender, ends=ends, effects=effects)
        if not isinstance(answer, Fault):
            return False
        if isinstance(answer.error, ConditionFailed):
            return True
        wait = backoff.wait(turn, fraction=effects.random())
        if answer.again == "no" or effects.now() + wait >= ends:
            return None
        effects.sleep(wait)
    return None


def _asked(call: SqlCall[None], lender: Lender, *, ends: float, effects: Effects) -> Any:
    try:
        with lender.lease(ends - effects.now()) as connection:
            return Session(connection, ends=ends, now=effects.now).sent(call)
    except Unlent as unlent:
        return unlent.fault
