"""Generated code that makes records of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dalkit import kinds
from dalkit.convert.careful import field_of_cells, may_be_none
from dalkit.convert.code import Writer
from dalkit.convert.fast_scalars import cell_value
from dalkit.convert.layout import EXTRA, Layout, of_one_cell
from dalkit.convert.twin import build
from dalkit.schema.definition import FieldDefinition

__all__ = ["row_decoder"]


def row_decoder(layout: Layout) -> tuple[Callable[[Any], Any], str]:
    """The function from a row to a record, and its source text.

    The function raises, anything at all, where the careful path must answer.
    """
    w = Writer()
    names = [cell.name for cell in layout.definition.source.cells]
    lines = ["if r.__class__ is not tuple: raise Doubt"]
    lines.append(f"({''.join(f'c{at}, ' for at in range(len(names)))}) = r")
    for at, one in enumerate(layout.definition.fields):
        cells = [f"c{names.index(cell)}" for cell in one.cells]
        lines += [f"v{at} = {_value(layout, one, cells, w)}"]
    fields = [one.name for one in layout.definition.fields]
    values = [f"v{at}" for at in range(len(fields))]
    none = w.bind(layout.no_extra, "no_extra")
    lines += build(layout.record, [*fields, EXTRA], [*values, none], w)
    w.line(0, "def decode(r):")
    for line in lines:
        w.line(1, line)
    return w.function("decode"), w.source()


def _value(layout: Layout, one: FieldDefinition, cells: Sequence[str], w: Writer) -> str:
    if one.transformed is not None:
        return _careful(layout, one, cells, w)
    if not of_one_cell(layout.definition, one):
        if not isinstance(one.kind, kinds.Nested) or not _flat(one.kind):
            return _careful(layout, one, cells, w)
        make = _nested(layout, one.kind, f"n{cells[0]}", w)
        return f"{make}(({''.join(f'{cell}, ' for cell in cells)}))"
    if not isinstance(one.kind, (kinds.Nested, kinds.Json, kinds.Opaque)):
        guard = f"None if {cells[0]} is None else " if may_be_none(one) else ""
        return f"{guard}{cell_value(one.kind, cells[0], w)}"
    if not isinstance(one.kind, kinds.Nested) or not one.kind.array or not _flat(one.kind):
        return _careful(layout, one, cells, w)
    make = _nested(layout, one.kind, f"n{cells[0]}", w)
    each = f"tuple([{make}(one) for one in {cells[0]}])"
    # only a tuple is surely child rows: text would be taken apart into characters
    return f"{each} if {cells[0]}.__class__ is tuple else {_careful(layout, one, cells, w)}"


def _flat(kind: kinds.Nested) -> bool:
    deep = (kinds.Nested, kinds.Listed, kinds.Json)
    return not any(isinstance(member.kind, deep) for member in kind.members)


def _careful(layout: Layout, one: FieldDefinition, cells: Sequence[str], w: Writer) -> str:
    def careful(*held: Any) -> Any:
        return field_of_cells(layout, one, dict(zip(one.cells, held, strict=True)))

    return f"{w.bind(careful, 'field', ('field', one.name))}({', '.join(cells)})"


def _nested(layout: Layout, kind: kinds.Nested, name: str, w: Writer) -> str:
    held = [f"a{at}" for at in range(len(kind.members))]
    body = ["if r.__class__ is not tuple: raise Doubt", f"({''.join(f'{a}, ' for a in held)}) = r"]
    values: list[str] = []
    for at, (one, cell) in enumerate(zip(kind.members, held, strict=True)):
        guard = f"None if {cell} is None else " if one.nullable else ""
        body.append(f"v{at} = {guard}{cell_value(one.kind, cell, w)}")
        values.append(f"v{at}")
    fields = [member.field for member in kind.members]
    body += build(layout.classes[kind.record], fields, values, w)
    w.function_before(f"def {name}(r):", body)
    return name
