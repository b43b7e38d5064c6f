"""The column type and nullability of a tree, and the attribute type that a type takes by nature."""

from __future__ import annotations

from collections.abc import Mapping

from dalkit.schema.joins import equalities
from dalkit.schema.report import Report
from dalkit.schema.scope import Named
from dalkit.source.infer import Scope as Rows
from dalkit.source.infer import infer
from dalkit.source.refusal import Refusal
from dalkit.source.tables import ColumnType, Source, SourceTable
from dalkit.source.tree import Aggregate, Call, Case, Column, Hop, Literal, Lookup, Scalar

__all__ = ["matches_surely", "natural_type", "typed"]

_NATURAL = {
    "decimal": "N",
    "float": "N",
    "double": "N",
    "bit": "B",
    "year": "N",
    "set": "SS",
    "json": "M",
    "binary": "B",
    "varbinary": "B",
    "tinyblob": "B",
    "blob": "B",
    "mediumblob": "B",
    "longblob": "B",
}


def natural_type(type: ColumnType) -> str:
    """The first attribute type that the contract format names for a column type."""
    if type.base == "tinyint" and type.length == 1:
        return "BOOL"
    if type.base.endswith("int"):
        return "N"
    return _NATURAL.get(type.base, "S")


def typed(
    value: Scalar,
    own: Named,
    source: Source,
    pointer: str,
    report: Report,
    *,
    hop: Hop | None = None,
) -> tuple[ColumnType, bool]:
    """The type of a value of the entity's row (and of the row of `hop`), and whether NULL can be."""
    rows: dict[str, SourceTable] = {own.row: own.table}
    if hop is not None:
        table = source.table(hop.table)
        assert table is not None
        rows[hop.row] = table
    answer = infer(value, Rows(source, rows))
    if isinstance(answer, Refusal):
        raise report.stop("DK203", pointer, str(answer))
    found, nullable = answer
    return found, nullable and _nullable(value, rows, source)


def _nullable(value: Scalar, rows: Mapping[str, SourceTable], source: Source) -> bool:
    """What inference does not see: a look-up along declared foreign keys that are NOT NULL."""
    match value:
        case Lookup(hops, seen):
            reached = dict(rows)
            for hop in hops:
                if not matches_surely(hop, reached, source):
                    return True
                table = source.table(hop.table)
                assert table is not None
                reached[hop.row] = table
            answer = infer(seen, Rows(source, reached))
            return isinstance(answer, Refusal) or answer[1]
        case Call("COALESCE", terms):
            return all(_nullable(term, rows, source) for term in terms)
        case Call("NULLIF", _) | Case() | Aggregate():
            return True
        case Literal(given):
            return given is None
        case Column(row, name):
            column = rows[row].column(name)
            return column is None or column.nullable
        case Call("CONCAT", terms):
            return any(_nullable(term, rows, source) for term in terms)
        case _:
            return True


def matches_surely(hop: Hop, rows: Mapping[str, SourceTable], source: Source) -> bool:
    """Whether the hop follows exactly a declared foreign key whose columns are NOT NULL."""
    pairs = equalities(hop.on, hop.row)
    terms = getattr(hop.on, "terms", (hop.on,))
    if len(pairs) != len(terms):
        return False
    columns = [(name, other) for name, other in pairs if isinstance(other, Column)]
    if len(columns) != len(pairs):
        return False
    sources = {other.row for _, other in columns}
    child = rows.get(sources.pop()) if len(sources) == 1 else None
    if child is None:
        return False
    wanted = {(other.name.lower(), name.lower()) for name, other in columns}
    return any(
        key.target_table.lower() == hop.table.lower()
        and wanted
        == {(c.lower(), t.lower()) for c, t in zip(key.columns, key.target_columns, strict=False)}
        and not any(_may_be_null(child, name) for name in key.columns)
        for key in child.foreign_keys
    )


def _may_be_null(table: SourceTable, name: str) -> bool:
    column = table.column(name)
    return column is None or column.nullable
