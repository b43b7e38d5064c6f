"""What every attribute of one entity is resolved in, and the columns that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import final

from attrs import Factory, frozen

from dalkit.contract import document as doc
from dalkit.contract.problems import Problem
from dalkit.schema.joins import Joined
from dalkit.schema.meaning import Meant
from dalkit.schema.report import Report
from dalkit.schema.scope import Scope
from dalkit.schema.ways import Ways
from dalkit.source.tables import SourceTable
from dalkit.source.tree import Column

__all__ = ["Context", "check_source", "own_columns"]


@final
@frozen(kw_only=True)
class Context:
    """What every attribute of one entity is resolved in."""

    record: str
    scope: Scope
    ways: Ways
    attributes: Mapping[str, tuple[doc.Attribute, str]]
    """By name, with the JSON pointer."""
    booleans: frozenset[str]
    """Columns that some attribute carries as BOOL, lower case."""
    open: tuple[str, ...] = ()
    """Attributes being resolved, so that a circle of placeholders is seen."""
    known: dict[str, tuple[Meant | None, list[Problem]]] = Factory(dict)
    """Attributes that placeholders named before: what they mean, or the circles they are in."""

    @property
    def report(self) -> Report:
        """Where the problems go."""
        return self.scope.report


def own_columns(attribute: doc.Attribute, context: Context, pointer: str) -> Iterator[Column]:
    """The attribute's source columns, each of the entity's own table."""
    for position, name in enumerate(attribute.source_column):
        yield _own(name, context, _column_place(attribute, position, pointer))


def _column_place(attribute: doc.Attribute, position: int, pointer: str) -> str:
    return f"{pointer}/source_column" + (f"/{position}" if attribute.listed else "")


def _own(name: str, context: Context, pointer: str) -> Column:
    """A column of the entity's own table, bare or qualified."""
    own = context.scope.own
    qualifier, _, bare = name.rpartition(".")
    qualified = qualifier and own.called(qualifier) and own.table.column(name) is None
    return context.scope.column(own, bare if qualified else name, pointer)


def check_source(
    attribute: doc.Attribute, joined: Joined | None, context: Context, pointer: str
) -> None:
    """An attribute of another table needs a join; columns that are only named must exist too."""
    own, source = context.scope.own.table, context.scope.source
    tables = [own, *_joined_tables(attribute, joined, context)]
    if attribute.source_table is not None:
        place, named = f"{pointer}/source_table", source.table(attribute.source_table)
        if named is None:
            known = (table.name for table in source.tables)
            raise context.report.unknown("DK201", place, "table", attribute.source_table, known)
        if named.name != own.name and attribute.join is None and attribute.calculation is None:
            text = f'"{attribute.name}" is of {named.name}, and no join leads there from {own.name}'
            raise context.report.stop("DK207", place, text)
        tables.append(named)
    for position, name in enumerate(attribute.source_column):
        bare = name.rpartition(".")[2]
        if all(table.column(name) is None and table.column(bare) is None for table in tables):
            known = (column.name for table in tables for column in table.columns)
            what = f"column of {' or '.join(dict.fromkeys(table.name for table in tables))}"
            place = _column_place(attribute, position, pointer)
            raise context.report.unknown("DK202", place, what, name, known)


def _joined_tables(
    attribute: doc.Attribute, joined: Joined | None, context: Context
) -> Iterator[SourceTable]:
    if joined is not None and joined.path is not None:
        yield from (row.table for row in joined.path.scope.rows)
    for other in (attribute.join, attribute.calculation):
        if isinstance(other, doc.JsonConstruction | doc.Aggregate):
            table = context.scope.source.table(other.target_table)
            if table is not None:
                yield table
