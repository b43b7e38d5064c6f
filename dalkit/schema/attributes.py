"""One attribute of the contract as what it means: values, a template, or a constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from dalkit.contract import document as doc
from dalkit.contract.findings import Fault
from dalkit.contract.formats import template_parts
from dalkit.contract.problems import Problem, shown
from dalkit.schema.calculations import calculated
from dalkit.schema.context import Context, check_source, own_columns
from dalkit.schema.definition import Constant
from dalkit.schema.joins import Joined, join_value
from dalkit.schema.meaning import Meaning, Meant, Pattern, text_fault
from dalkit.schema.naming import identifier, singular
from dalkit.schema.patterns import flat
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.shapes import Base, shaped, wanted
from dalkit.schema.transformations import transformed
from dalkit.source.tree import Children, Column, Lookup, Scalar

__all__ = ["meaning_of", "named_by", "placeholder", "template_pattern"]

_DEEPEST = 40


def meaning_of(
    attribute: doc.Attribute, context: Context, pointer: str, *, key: bool = False
) -> Meant:
    """The meaning of an attribute; with `key`, a string-format is a template over values."""
    base = _base(attribute, context, pointer)
    match attribute.transformation:
        case doc.Static(value=value):
            return Constant(value)
        case doc.StringFormat(format=text):
            place = f"{pointer}/transformation/format"
            return _formatted(text, base, attribute, context, place, key=key)
        case doc.TemplateFormat(template=text):
            place = f"{pointer}/transformation/template"
            return _formatted(text, base, attribute, context, place, key=key)
        case other:
            return _plain(other, base, attribute, context, pointer)


def _plain(
    transformation: doc.DateFormat | doc.NumberFormat | doc.JsonParse | None,
    base: Base | None,
    attribute: doc.Attribute,
    context: Context,
    pointer: str,
) -> Meant:
    if base is None and attribute.type == "NULL":
        return Constant(None)
    if base is None:
        text = f'"{attribute.name}" names no column, join or calculation'
        raise context.report.stop("DK150", pointer, text)
    value = shaped(
        base, attribute, context.scope, pointer, booleans=context.booleans, record=context.record
    )
    if transformation is None:
        return value
    return transformed(value, transformation, f"{pointer}/transformation", context.report)


def _base(attribute: doc.Attribute, context: Context, pointer: str) -> Base | None:
    """The value before the transformation, None for an attribute that has none."""
    joined: Joined | None = None
    if attribute.join is not None:
        joined = join_value(attribute.join, context.scope, f"{pointer}/join")
    check_source(attribute, joined, context, pointer)
    labels = () if joined is None else joined.labels
    if attribute.calculation is not None:
        given = _given(attribute, joined, context, pointer)
        scope = context.scope if joined is None else joined.scope
        value = calculated(attribute.calculation, given, scope, f"{pointer}/calculation")
        return Base(values=(value,), labels=labels, joined=True)
    if joined is not None:
        return Base(values=(joined.value,), labels=labels, joined=True)
    own = tuple(own_columns(attribute, context, pointer))
    return Base(values=own) if own else None


def _given(
    attribute: doc.Attribute, joined: Joined | None, context: Context, pointer: str
) -> tuple[Scalar, ...]:
    """What a calculation works on that names no column of its own."""
    calculation = attribute.calculation
    moves = isinstance(calculation, doc.DateMath) and calculation.operation in ("add", "sub")
    if joined is not None:
        return () if isinstance(joined.value, Children) else (joined.value,)
    return tuple(own_columns(attribute, context, pointer)) if moves else ()


def _formatted(
    text: str,
    base: Base | None,
    attribute: doc.Attribute,
    context: Context,
    pointer: str,
    *,
    key: bool,
) -> Meant:
    pattern = template_pattern(text, context, pointer, attribute=attribute, base=base)
    if all(isinstance(part, str) for part in pattern.parts):
        return Constant("".join(map(str, pattern.parts)))
    return pattern if key else flat(pattern, context.report, pointer)


def template_pattern(
    text: str,
    context: Context,
    pointer: str,
    *,
    attribute: doc.Attribute | None = None,
    base: Base | None = None,
    known: Mapping[str, Meaning] | None = None,
) -> Pattern:
    """A template with what its placeholders stand for; `known` names come first."""
    parts = template_parts(text)
    if isinstance(parts, Fault):
        raise context.report.stop("DK204", pointer, parts.text)
    found: list[str | tuple[Meaning, int]] = []
    for part in parts:
        if isinstance(part, str):
            found.append(part)
            continue
        meant = (known or {}).get(part.name.lower()) or _slot(
            part.name, base, attribute, context, pointer
        )
        if isinstance(meant, str):
            found.append(meant)
            continue
        fault = text_fault(meant.kind, part.width or 0)
        if fault:
            said = f"the placeholder {shown('{' + part.name + '}')} {fault}"
            raise context.report.stop("DK204", pointer, said)
        found.append((meant, part.width or 0))
    return Pattern(tuple(found))


def _slot(
    name: str,
    base: Base | None,
    attribute: doc.Attribute | None,
    context: Context,
    pointer: str,
) -> Meaning | str:
    """What `{name}` stands for inside an attribute that may have a value of its own."""
    if attribute is None or base is None:
        return placeholder(name, context, pointer, excluding=attribute.name if attribute else "")
    called = {"value", *(label.lower() for label in base.labels)}
    if base.joined and name.lower() in called:
        return _cell(base.values[0], attribute.name, context, pointer)
    own = context.scope.own.table.column(name)
    if own is None and name in ("value", attribute.name) and len(base.values) == 1:
        text = f'"{{{name}}}" is read as the value that the attribute would have without its format'
        context.report.add("DK208", pointer, text)
        return _cell(base.values[0], attribute.name, context, pointer)
    return placeholder(name, context, pointer, excluding=attribute.name)


def _cell(value: Scalar | Children, hint: str, context: Context, pointer: str) -> Meaning:
    cell = wanted(value, hint, "S", context.scope, pointer, booleans=context.booleans)
    return Meaning(cells=(cell,), kind=cell.kind, nullable=cell.nullable)


def placeholder(name: str, context: Context, pointer: str, *, excluding: str = "") -> Meaning | str:
    """What `{name}` stands for: a column, an attribute, or `<singular table>_<column>`."""
    own = context.scope.own
    prefix, dot, bare = name.rpartition(".")
    column = own.table.column(bare if dot and own.called(prefix) else name)
    if column is not None:
        found = _cell(Column(own.row, column.name), column.name, context, pointer)
        _tell_shadowed(name, found, context, pointer, excluding)
        return found
    if name in context.attributes and name != excluding:
        return _attribute(name, context, pointer)
    seen = _seen(name, context, pointer)
    if seen is not None:
        return _cell(seen, identifier(name.replace(".", "_")), context, pointer)
    known = [c.name for c in own.table.columns]
    known += [other for other in context.attributes if other != excluding]
    raise context.report.unknown("DK204", pointer, "placeholder", name, known)


def _tell_shadowed(
    name: str, found: Meaning, context: Context, pointer: str, excluding: str
) -> None:
    """A column and an attribute of one name should be one value."""
    if name not in context.attributes or name == excluding or name in context.open:
        return
    if len(context.open) > _DEEPEST:
        return
    meant, _ = _other(name, context)
    if meant is None:
        return
    if not isinstance(meant, Meaning) or meant.value != found.value:
        text = (
            f'"{{{name}}}" is the column {context.scope.own.table.name}.{name}; the attribute '
            f'"{name}" holds another value'
        )
        context.report.add("DK208", pointer, text)


def _attribute(name: str, context: Context, pointer: str) -> Meaning | str:
    """The value of another attribute, whose own problems are told where it stands."""
    if name in context.open:
        circle = " -> ".join((*context.open, name))
        raise context.report.stop("DK217", pointer, f"placeholders refer in a circle: {circle}")
    if len(context.open) > _DEEPEST:
        text = f"placeholders refer to one another over {_DEEPEST} times"
        raise context.report.stop("DK217", pointer, text)
    meant, circles = _other(name, context)
    if meant is None and circles:
        context.report.problems += circles
        raise Unresolved(name)
    if meant is None:
        text = f'the attribute "{name}" that it names cannot be resolved'
        raise context.report.stop("DK204", pointer, text)
    if isinstance(meant, Constant):
        return str(meant.value)
    assert isinstance(meant, Meaning)
    return meant


def _other(name: str, context: Context) -> tuple[Meant | None, list[Problem]]:
    """The meaning of another attribute, or None and the circles that it is part of."""
    if name in context.known:
        return context.known[name]
    attribute, place = context.attributes[name]
    report = Report()
    quiet = evolve(context, open=(*context.open, name), scope=evolve(context.scope, report=report))
    try:
        context.known[name] = meaning_of(attribute, quiet, place), []
    except Unresolved:
        circles = [one for one in report.problems if one.code == "DK217"]
        context.known[name] = None, circles
    return context.known[name]


def named_by(meant: Meaning) -> Iterator[str]:
    """The placeholders that can only mean this value: its columns, bare and with their table."""
    for cell in meant.cells if meant.plain else ():
        yield cell.hint
        if isinstance(cell.value, Lookup) and isinstance(cell.value.value, Column):
            table, column = cell.value.hops[-1].table, cell.value.value.name
            yield from (f"{singular(table.lower())}_{column}", f"{table}.{column}", column)


def _seen(name: str, context: Context, pointer: str) -> Scalar | None:
    """`user_email`, `users.email`: a column of the own table, or of one that a join leads to."""
    own = context.scope.own
    bare = _after(own.table.name, name)
    column = own.table.column(bare) if bare else None
    if column is not None:
        return Column(own.row, column.name)
    for named in context.ways.names():
        for called in named.names:
            bare = _after(called, name)
            held = named.table.column(bare) if bare else None
            if held is not None:
                return context.ways.seen(Column(called, held.name), pointer)
    return None


def _after(table: str, name: str) -> str:
    """What follows the table's name, or the singular of it, in a placeholder's."""
    lowered = table.lower()
    for stem in (f"{lowered}.", f"{singular(lowered)}_", f"{lowered}_"):
        if name.lower().startswith(stem):
            return name[len(stem) :]
    return ""
