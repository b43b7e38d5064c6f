"""From a schema to the ways of its entities: statements, generated code, proof of the keys."""

from __future__ import annotations

from collections.abc import Sequence

from dalkit.compile.select import plan
from dalkit.convert import transcoder
from dalkit.migrate.kept import guard_items
from dalkit.migrate.route import Route
from dalkit.records import make_records
from dalkit.schema.bookkeeping import keyed_by_text
from dalkit.schema.definition import EntityDefinition, Schema
from dalkit.schema.uniqueness import keys_proven, values_proven
from dalkit.source.tables import Source

__all__ = ["routes_of"]


def routes_of(schema: Schema, source: Source) -> tuple[Route, ...]:
    """The way of each entity from MySQL to DynamoDB, in the contract's order."""
    handles = make_records(schema)
    proven = {t.name: _proven(schema.of_table(t.name), source) for t in schema.tables}
    return tuple(
        Route(
            definition=one,
            statements=plan(one, source),
            transcoder=transcoder(handles[one.name]),
            proven=proven[one.table.name],
            guards=guard_items(handles[one.name]) if _guarded(one) else lambda _: (),
        )
        for one in schema.entities
    )


def _proven(entities: Sequence[EntityDefinition], source: Source) -> bool:
    guarded = (one for one in entities if _guarded(one))
    return keys_proven(entities, source) and all(values_proven(one, source) for one in guarded)


def _guarded(entity: EntityDefinition) -> bool:
    return bool(entity.unique) and keyed_by_text(entity.table)
