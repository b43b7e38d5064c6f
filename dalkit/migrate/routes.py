"""From a schema to the ways of its entities: statements, generated code, proof of the keys."""

from __future__ import annotations

from dalkit.compile.select import plan
from dalkit.convert import transcoder
from dalkit.migrate.route import Route
from dalkit.records import make_records
from dalkit.schema.definition import Schema
from dalkit.schema.uniqueness import keys_proven
from dalkit.source.tables import Source

__all__ = ["routes_of"]


def routes_of(schema: Schema, source: Source) -> tuple[Route, ...]:
    """The way of each entity from MySQL to DynamoDB, in the contract's order."""
    handles = make_records(schema)
    proven = {t.name: keys_proven(schema.of_table(t.name), source) for t in schema.tables}
    return tuple(
        Route(
            definition=one,
            statements=plan(one, source),
            transcoder=transcoder(handles[one.name]),
            proven=proven[one.table.name],
        )
        for one in schema.entities
    )
