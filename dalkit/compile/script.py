"""All SELECTs of a schema as one readable script, or its entities as views."""

from __future__ import annotations

from collections.abc import Iterator

from dalkit.compile.select import EntityStatements, plan, view
from dalkit.contract.problems import shown
from dalkit.schema.definition import EntityDefinition, Schema
from dalkit.source.sql import name_of
from dalkit.source.tables import Source

__all__ = ["script", "view_names"]

_LONGEST_NAME = 64
_READ_FIRST = (
    "-- The values as MySQL holds them, before formats and key templates, which dalkit computes.",
    "-- TIMESTAMPs are in the session's time zone; dalkit reads them after this:",
    "SET time_zone = '+00:00';",
)
_NO_ARRAYS = (
    "-- Child rows have no view: JSON in order, built alike by MariaDB and MySQL, would be cut at",
    "-- group_concat_max_len or pass decimals through doubles. Their SELECTs stand beside.",
)


def script(schema: Schema, source: Source, *, views: bool = False) -> str:
    """Each entity's statements, ended by `;`, under a comment that names entity and table.

    With `views`, single values come as CREATE OR REPLACE VIEW, and the child rows of arrays as
    SELECTs beside them.
    """
    names = view_names(schema, source) if views else {}
    parts = ["\n".join((*(_NO_ARRAYS if views else ()), *_READ_FIRST))]
    for one in schema.entities:
        statements = plan(one, source)
        if views:
            parts.append(_view(one, names[one.name], source))
        else:
            parts.append(_commented(one, "its rows", statements.main))
        parts += _children(one, statements)
    return "\n\n".join(parts) + "\n"


def view_names(schema: Schema, source: Source) -> dict[str, str]:
    """The view of each entity, by its name: `dalkit_` and the handle, and no table's name."""
    taken = {table.name.lower() for table in source.tables}
    names: dict[str, str] = {}
    for one in schema.entities:
        base = name = f"dalkit_{one.handle}"[:_LONGEST_NAME]
        number = 2
        while name.lower() in taken:
            name, number = f"{base[: _LONGEST_NAME - 4]}_{number}", number + 1
        taken.add(name.lower())
        names[one.name] = name
    return names


def _view(definition: EntityDefinition, name: str, source: Source) -> str:
    text = f"CREATE OR REPLACE VIEW {name_of(name)} AS\n{view(definition, source)}"
    return _commented(definition, "its single values", text)


def _children(definition: EntityDefinition, statements: EntityStatements) -> Iterator[str]:
    for one in statements.children:
        limit = "" if one.limit is None else f", the first {one.limit:,} of each row"
        what = f"child rows of {shown(one.cell)}{limit}, merged in by key"
        yield _commented(definition, what, one.sql)


def _commented(definition: EntityDefinition, what: str, sql: str) -> str:
    places = f"{shown(definition.name)} in table {shown(definition.table.name)}"
    return f"-- {places}, from {shown(definition.source.table)}: {what}\n{sql};"
