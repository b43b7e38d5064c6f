"""New records in memory: numbers count up from the greatest there has been, and are not reused."""

from __future__ import annotations

from datetime import datetime
from typing import Any, final

from attrs import Factory, evolve, frozen

from dalkit.query.fresh import greatest, numbered, numbers_needed
from dalkit.query.subjects import is_new
from dalkit.query.together import Maintain, Transact, transact_of
from dalkit.query.writes import Insert
from dalkit.result import Result, Success, then
from dalkit.schema.definition import EntityDefinition, Numbering
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Numbers", "completed"]


@final
@frozen
class Numbers:
    """The greatest number that each counter has given, or each record has had."""

    highest: dict[tuple[str, str, str], int] = Factory(dict)
    """By table, entity and what is counted."""

    def see(self, entity: Entity[Any, Any], record: Any) -> None:
        """A record is stored: no new one gets its numbers, or smaller ones."""
        definition = definition_of(entity)
        for one in definition.numberings:
            at = _place(definition, one)
            self.highest[at] = max(self.highest.get(at, 0), greatest(one, record))

    def take(self, entity: Entity[Any, Any], one: Numbering, count: int) -> int:
        """The first of so many numbers, which nobody else gets."""
        at = _place(definition_of(entity), one)
        first = self.highest.get(at, 0) + 1
        self.highest[at] = first + count - 1
        return first


def completed(query: Any, numbers: Numbers, now: datetime) -> Result[Any]:
    """The query with whole records where it inserts new ones."""
    match query:
        case Insert(entity, record) if is_new(entity, record):
            needed = numbers_needed(entity, record)
            taken = {one: numbers.take(entity, one, many) for one, many in needed.items()}
            return then(
                numbered(entity, record, taken, now=now),
                lambda whole: Success(evolve(query, record=whole)),
            )
        case Maintain(inner):
            made = completed(inner, numbers, now)
            return then(made, lambda whole: Success(evolve(query, write=whole)))
        case Transact(writes):
            return transact_of(completed(one, numbers, now) for one in writes)
        case _:
            return Success(query)


def _place(definition: EntityDefinition, one: Numbering) -> tuple[str, str, str]:
    return definition.table.name, definition.name, one.name
