"""New records in memory: numbers count up from the greatest there has been, and are not reused."""

from __future__ import annotations

from datetime import datetime
from typing import Any, final

from attrs import Factory, evolve, frozen

from dalkit.query.fresh import complete
from dalkit.query.subjects import is_new
from dalkit.query.together import Maintain, Transact
from dalkit.query.writes import Insert
from dalkit.result import Error, Failure, Result, Success, TransactionCancelled, then
from dalkit.schema.definition import EntityDefinition
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Numbers", "completed"]


@final
@frozen
class Numbers:
    """The greatest number that each entity's records have had."""

    greatest: dict[tuple[str, str], int] = Factory(dict)
    """By table and entity."""

    def see(self, entity: Entity[Any, Any], record: Any) -> None:
        """A record is stored: no new one gets its number, or a smaller one."""
        definition = definition_of(entity)
        if definition.counter is not None:
            number = getattr(record, definition.counter) or 0
            at = _place(definition)
            self.greatest[at] = max(self.greatest.get(at, 0), number)

    def take(self, entity: Entity[Any, Any]) -> int:
        """The next number, which nobody else gets."""
        at = _place(definition_of(entity))
        self.greatest[at] = self.greatest.get(at, 0) + 1
        return self.greatest[at]


def completed(query: Any, numbers: Numbers, now: datetime) -> Result[Any]:
    """The query with whole records where it inserts new ones."""
    match query:
        case Insert(entity, record) if is_new(entity, record):
            made = complete(entity, record, number=numbers.take(entity), now=now)
            return then(made, lambda whole: Success(evolve(query, record=whole)))
        case Maintain(inner):
            made = completed(inner, numbers, now)
            return then(made, lambda whole: Success(evolve(query, write=whole)))
        case Transact(writes):
            return _together([completed(one, numbers, now) for one in writes])
        case _:
            return Success(query)


def _together(made: list[Result[Any]]) -> Result[Any]:
    reasons: list[Error | None] = []
    for one in made:
        match one:
            case Failure(error):
                reasons.append(error)
            case Success():
                reasons.append(None)
    if any(reasons):
        return Failure(TransactionCancelled(tuple(reasons)))
    return Success(Transact(tuple(one.unwrap() for one in made)))


def _place(definition: EntityDefinition) -> tuple[str, str]:
    return definition.table.name, definition.name
