"""One attribute of the contract as what it means: values, a template, or a constant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as Either
from typing import final

from attrs import evolve, frozen

from dalkit.contract import document as doc
from dalkit.kinds import (
    Date,
    DateTime,
    Fixed,
    Float,
    Integer,
    Json,
    Kind,
    Listed,
    Member,
    Nested,
    Opaque,
    Text,
    kind_of,
)
from dalkit.schema import fragments
from dalkit.schema.calculations import calculated
from dalkit.schema.definition import Constant, DateFormatted, JsonParsed
from dalkit.schema.formats import Placeholder, date_format, number_format, template_parts
from dalkit.schema.joins import Joined, join_value
from dalkit.schema.meaning import Meaning, Pattern, PlainTransformed, Wanted
from dalkit.schema.naming import camel, identifier, singular
from dalkit.schema.report import Report
from dalkit.schema.scope import Scope
from dalkit.schema.types import natural_type, typed
from dalkit.source.tables import Source
from dalkit.source.tree import Aggregate, Children, Column, Scalar

__all__ = ["Context", "meaning_of", "own_column"]


@final
@frozen(kw_only=True)
class Context:
    """What every attribute of one entity is resolved in."""

    record: str
    scope: Scope
    source: Source
    report: Report
    attributes: Mapping[str, tuple[doc.Attribute, str]]
    """By name, with the JSON pointer."""
    booleans: frozenset[str]
    """Columns that some attribute carries as BOOL, lower case."""
    open: tuple[str, ...] = ()
    """Attributes being resolved, so that a circle of placeholders is seen."""


def meaning_of(
    attribute: doc.Attribute, context: Context, pointer: str, *, key: bool = False
) -> Meaning | Pattern | Constant:
    """The meaning of an attribute; with `key`, a string-format is a template over values."""
    transformation = attribute.transformation
    if isinstance(transformation, doc.Static):
        return Constant(transformation.value)
    base = _base(attribute, context, pointer)
    match transformation:
        case doc.StringFormat(format=text) | doc.TemplateFormat(template=text):
            member = "format" if isinstance(transformation, doc.StringFormat) else "template"
            place = f"{pointer}/transformation/{member}"
            return _formatted(text, base, attribute, context, place, key=key)
        case _ if base is None:
            raise context.report.stop(
                "DK213", pointer, f'"{attribute.name}" names no column, join or calculation'
            )
        case None:
            return _shaped(base, attribute, context, pointer)
        case _:
            place = f"{pointer}/transformation"
            plain = _shaped(base, attribute, context, pointer)
            return _transformed(plain, transformation, attribute, place, context.report)


@final
@frozen
class _Base:
    """The value before the transformation: one scalar, child rows, or several columns."""

    values: tuple[Scalar | Children, ...]
    label: str = ""
    joined: bool = False


def _base(attribute: doc.Attribute, context: Context, pointer: str) -> _Base | None:
    scope, label = context.scope, ""
    joined: Joined | None = None
    if attribute.join is not None:
        place = f"{pointer}/join"
        joined = join_value(attribute.join, scope, context.source, place, context.report)
        scope, label = joined.scope, joined.label
    if attribute.calculation is not None:
        found = calculated(
            attribute.calculation,
            attribute.source_column,
            scope,
            context.source,
            f"{pointer}/calculation",
            context.report,
        )
        return _Base((found,), label, joined=True)
    if joined is not None:
        return _Base((joined.value,), label, joined=True)
    if not attribute.source_column:
        return None
    _check_source(attribute, context, pointer)
    return _Base(
        tuple(
            _own(name, context, _column_place(attribute, i, pointer))
            for i, name in enumerate(attribute.source_column)
        )
    )


def _column_place(attribute: doc.Attribute, position: int, pointer: str) -> str:
    return f"{pointer}/source_column" + (f"/{position}" if attribute.listed else "")


def _check_source(attribute: doc.Attribute, context: Context, pointer: str) -> None:
    """An attribute of another table needs a join to be reached."""
    named = attribute.source_table
    own = context.scope.own.table
    if named is None or named.lower() == own.name.lower():
        return
    place = f"{pointer}/source_table"
    if context.source.table(named) is None:
        known = (table.name for table in context.source.tables)
        raise context.report.unknown("DK201", place, "table", named, known)
    raise context.report.stop(
        "DK207",
        place,
        f'"{attribute.name}" is of {named}, and no join leads there from {own.name}',
    )


def _own(name: str, context: Context, pointer: str) -> Scalar:
    """A column of the entity's own table, bare or qualified."""
    table = context.scope.own.table
    bare = name.rpartition(".")[2] if name.lower().startswith(f"{table.name.lower()}.") else name
    column = table.column(bare)
    if column is None:
        known = (one.name for one in table.columns)
        raise context.report.unknown("DK202", pointer, f"column {table.name}.", name, known)
    return Column(context.scope.own.row, column.name)


def own_column(value: Scalar | Children, context: Context) -> str | None:
    """The column of the entity's own table that a value is, if it is one."""
    if isinstance(value, Column) and value.row == context.scope.own.row:
        return value.name
    return None


def wanted(
    value: Scalar | Children, hint: str, type: str, context: Context, pointer: str
) -> Wanted:
    """A cell for the value, with its kind under an attribute type."""
    if isinstance(value, Children):
        kind, nullable = _children_kind(value, context, pointer), not value.array
        return Wanted(value, kind, nullable, hint)
    column = own_column(value, context)
    found, nullable = typed(value, context.scope.own, context.source, pointer, context.report)
    flag = column is not None and column.lower() in context.booleans
    kind = kind_of(found, "BOOL" if flag else type)
    _check_aggregate(value, kind, context.report, pointer)
    if isinstance(kind, Opaque):
        raise context.report.stop(
            "DK212",
            pointer,
            f"{column or 'the value'} is of type {kind.text}, which is not carried",
        )
    return Wanted(value, kind, nullable, hint, column)


def _check_aggregate(value: Scalar | Children, kind: Kind, report: Report, pointer: str) -> None:
    if not isinstance(value, Aggregate) or value.operation not in ("SUM", "AVG"):
        return
    if not isinstance(kind, Integer | Fixed | Float):
        raise report.stop("DK214", pointer, f"{value.operation} needs a number")


def _children_kind(value: Children, context: Context, pointer: str) -> Nested:
    members = []
    taken: set[str] = set()
    own = context.scope.own
    for name, scalar in value.members:
        found, nullable = typed(scalar, own, context.source, pointer, context.report, hop=value.hop)
        type = natural_type(found)
        kind = kind_of(found, type)
        if isinstance(kind, Opaque):
            raise context.report.stop(
                "DK212", pointer, f'member "{name}" is of type {kind.text}, which is not carried'
            )
        field = identifier(name)
        if field in taken:
            raise context.report.stop("DK215", pointer, f'two members become the field "{field}"')
        taken.add(field)
        members.append(Member(name, field, kind, nullable, type))
    return Nested(camel(singular(value.hop.table)), tuple(members), array=value.array)


def _shaped(base: _Base, attribute: doc.Attribute, context: Context, pointer: str) -> Meaning:
    """The values under the attribute's type: one of them, a map of columns, or a list."""
    listed = attribute.listed and not base.joined and attribute.type in ("M", "L")
    if not listed and len(base.values) > 1:
        raise context.report.stop(
            "DK216",
            f"{pointer}/source_column",
            f'"{attribute.name}" of type {attribute.type} has {len(base.values)} columns '
            "and nothing that makes one value of them",
        )
    if not listed:
        one = wanted(base.values[0], attribute.name, attribute.type, context, pointer)
        return Meaning(cells=(one,), kind=one.kind, nullable=one.nullable)
    return _columns_together(base, attribute, context, pointer)


def _columns_together(
    base: _Base, attribute: doc.Attribute, context: Context, pointer: str
) -> Meaning:
    cells, members = [], []
    for value, name in zip(base.values, attribute.source_column, strict=True):
        assert isinstance(value, Column)
        found, nullable = typed(value, context.scope.own, context.source, pointer, context.report)
        type = natural_type(found)
        cell = wanted(value, name, type, context, pointer)
        cells.append(cell)
        members.append(Member(value.name, identifier(value.name), cell.kind, nullable, type))
    kind: Kind = Listed(tuple(members))
    if attribute.type == "M":
        kind = Nested(f"{context.record}{camel(attribute.name)}", tuple(members))
    return Meaning(cells=tuple(cells), kind=kind, nullable=False)


def _formatted(
    text: str,
    base: _Base | None,
    attribute: doc.Attribute,
    context: Context,
    pointer: str,
    *,
    key: bool,
) -> Meaning | Pattern | Constant:
    parts = template_parts(text)
    if isinstance(parts, str):
        raise context.report.stop("DK204", pointer, f'"{text[:100]}": {parts}')
    if not any(isinstance(part, Placeholder) for part in parts):
        return Constant("".join(str(part) for part in parts))
    resolved = tuple(
        part
        if isinstance(part, str)
        else (_slot(part, base, attribute, context, pointer), part.width)
        for part in parts
    )
    return Pattern(resolved) if key else _flat(resolved, context.report, pointer)


def _slot(
    part: Placeholder,
    base: _Base | None,
    attribute: doc.Attribute,
    context: Context,
    pointer: str,
) -> Meaning:
    if base is not None and base.joined and part.name in ("value", base.label):
        return _slot_value(base.values[0], attribute.name, context, pointer)
    return placeholder(part.name, context, pointer, excluding=attribute.name)


def _slot_value(value: Scalar | Children, hint: str, context: Context, pointer: str) -> Meaning:
    cell = wanted(value, hint, "S", context, pointer)
    return Meaning(cells=(cell,), kind=cell.kind, nullable=cell.nullable)


def placeholder(name: str, context: Context, pointer: str, *, excluding: str = "") -> Meaning:
    """What `{name}` stands for: a column, an attribute, or `<singular table>_<column>`."""
    table = context.scope.own.table
    prefix, dot, bare = name.rpartition(".")
    if not dot or prefix.lower() == table.name.lower():
        column = table.column(bare)
        if column is not None:
            value = Column(context.scope.own.row, column.name)
            return _slot_value(value, column.name, context, pointer)
    if name in context.attributes and name != excluding:
        return _attribute_slot(name, context, pointer)
    seen = _seen_through_joins(name, context)
    if seen is not None:
        return _slot_value(seen, identifier(name.replace(".", "_")), context, pointer)
    known = [c.name for c in table.columns] + list(context.attributes)
    raise context.report.unknown("DK204", pointer, "placeholder", "{" + name + "}", known)


def _attribute_slot(name: str, context: Context, pointer: str) -> Meaning:
    if name in context.open:
        circle = " -> ".join((*context.open, name))
        raise context.report.stop("DK217", pointer, f"placeholders refer in a circle: {circle}")
    attribute, place = context.attributes[name]
    quiet = evolve(context, open=(*context.open, name), report=Report())
    try:
        meant = meaning_of(attribute, quiet, place)
    except Exception as failed:
        if any(one.code == "DK217" for one in quiet.report.problems):
            context.report.problems.extend(quiet.report.problems)
        raise context.report.stop(
            "DK204", pointer, f'the attribute "{name}" that it names cannot be resolved'
        ) from failed
    if isinstance(meant, Meaning):
        return meant
    raise context.report.stop("DK204", pointer, f'the attribute "{name}" is a constant')


def _seen_through_joins(name: str, context: Context) -> Scalar | None:
    """`user_email`, `users.email`: a column of a table that some attribute joins, or the own one."""
    table = context.scope.own.table
    stem = f"{singular(table.name.lower())}_"
    if name.lower().startswith(stem):
        column = table.column(name[len(stem) :])
        if column is not None:
            return Column(context.scope.own.row, column.name)
    prefix, dot, bare = name.rpartition(".")
    for other in context.source.tables:
        stem = f"{singular(other.name.lower())}_"
        if dot and prefix.lower() == other.name.lower():
            held = other.column(bare)
        elif name.lower().startswith(stem):
            held = other.column(name[len(stem) :])
        else:
            continue
        if held is not None and context.scope.reach is not None:
            seen = context.scope.reach(other.name, Column(other.name, held.name), "")
            if seen is not None:
                return seen
    return None


def _flat(parts: tuple[str | tuple[Meaning, int], ...], report: Report, pointer: str) -> Meaning:
    """A string-format as one text value over the cells of its placeholders."""
    cells: list[Wanted] = []
    pattern: list[str | tuple[int, int]] = []
    for part in parts:
        if isinstance(part, str):
            pattern.append(part)
            continue
        meant, width = part
        if meant.pattern and not width:
            pattern.extend(
                p if isinstance(p, str) else (len(cells) + p[0], p[1]) for p in meant.pattern
            )
            cells.extend(meant.cells)
        elif meant.transformed is None and len(meant.cells) == 1:
            pattern.append((len(cells), width))
            cells.append(meant.cells[0])
        else:
            raise report.stop(
                "DK204", pointer, "a placeholder names a value that has no text of its own"
            )
    nullable = any(cell.nullable for cell in cells)
    return Meaning(cells=tuple(cells), kind=Text(), nullable=nullable, pattern=tuple(pattern))


def _transformed(
    plain: Meaning,
    transformation: doc.DateFormat | doc.NumberFormat | doc.JsonParse,
    attribute: doc.Attribute,
    pointer: str,
    report: Report,
) -> Meaning:
    step: PlainTransformed
    kind: Kind
    match transformation:
        case doc.DateFormat():
            _fits(plain.kind, (Date, DateTime), "date-format", "a date or time", pointer, report)
            step, kind = _dated(transformation.format, plain.kind)
        case doc.NumberFormat():
            _fits(plain.kind, (Integer, Fixed, Float), "number-format", "a number", pointer, report)
            found = number_format(transformation.format)
            if found is None:
                raise report.stop(
                    "DK218", f"{pointer}/format", f'"{transformation.format}" is no number format'
                )
            step, kind = found, Text()
        case doc.JsonParse():
            _fits(plain.kind, (Text, Json), "json-parse", "JSON text", pointer, report)
            step, kind = JsonParsed(), Json()
    if isinstance(step, JsonParsed) and isinstance(plain.kind, Json):
        return plain
    return evolve(plain, kind=kind, transformed=step)


def _dated(text: str, kind: Kind) -> tuple[DateFormatted, Kind]:
    if text != "ISO8601":
        step = date_format(text)
        return step, Integer() if step.epoch else Text()
    day: list[tuple[Either["token", "text"], str]] = [
        ("token", "YYYY"), ("text", "-"), ("token", "MM"), ("text", "-"), ("token", "DD"),
    ]  # fmt: skip
    if isinstance(kind, Date):
        return DateFormatted(tuple(day)), Text()
    digits = kind.digits if isinstance(kind, DateTime) else 0
    clock: list[tuple[Either["token", "text"], str]] = [
        ("text", "T"), ("token", "HH"), ("text", ":"), ("token", "mm"), ("text", ":"),
        ("token", "ss"),
    ]  # fmt: skip
    fraction: list[tuple[Either["token", "text"], str]] = (
        [("text", "."), ("token", "S" * digits)] if digits else []
    )
    return DateFormatted((*day, *clock, *fraction, ("text", "Z"))), Text()


def _fits(
    kind: Kind, kinds: tuple[type, ...], what: str, needs: str, pointer: str, report: Report
) -> None:
    if not isinstance(kind, kinds):
        raise report.stop("DK218", pointer, f"{what} needs {needs}, not {type(kind).__name__}")
