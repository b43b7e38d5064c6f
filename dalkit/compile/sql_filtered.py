"""Reads with predicates that MySQL cannot be asked: the rest in SQL, these over what it answers.

A page is filled by seeking on, some hundreds of rows a statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, final

from attrs import frozen

from dalkit.compile.call import SqlCall, SqlStep
from dalkit.compile.sql_order import Rank, beyond, order_by
from dalkit.compile.sql_rows import Found, Reading
from dalkit.compile.sql_text import Sql
from dalkit.fields.places import Place
from dalkit.fields.predicates import Predicate
from dalkit.query.truth import all_true

__all__ = ["Sifted"]

_ROWS = 500
_Then: TypeAlias = "Callable[[tuple[Found, ...], bool], SqlStep[Any]]"


@final
@frozen
class Sifted:
    """How whole records are read in order, and those found for which the predicates are true."""

    read: Reading
    """Of whole records, and beside them the places that the order needs."""
    conditions: tuple[Sql, ...]
    terms: tuple[Rank, ...]
    predicates: tuple[Predicate[Any], ...]

    def call(
        self, most: int | None, start: Mapping[Place, Any] | None, finish: _Then
    ) -> SqlCall[Any]:
        """The first `most` after the values `start`, and whether there are more."""
        return self._part(most, start, (), finish)

    def _part(
        self,
        most: int | None,
        start: Mapping[Place, Any] | None,
        held: tuple[Found, ...],
        finish: _Then,
    ) -> SqlCall[Any]:
        conditions: Sequence[Sql] = self.conditions
        if start is not None:
            conditions = (*conditions, beyond(self.terms, start))
        tail = (order_by(self.terms), Sql("LIMIT %s", (_ROWS,)))

        def sift(rows: tuple[Found, ...]) -> SqlStep[Any]:
            true = (one for one in rows if all_true(self.predicates, one.answer))
            every = (*held, *true)
            if most is not None and len(every) > most:
                return finish(every[:most], True)
            if len(rows) < _ROWS:
                return finish(every, False)
            return self._part(most, rows[-1].values, every, finish)

        return self.read.call(self.read.statement(conditions, tail), sift)
