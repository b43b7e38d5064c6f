"""What generated encoders start from: the cells of a row, or the values of a record."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, final

from attrs import define, field

from dalkit.convert.careful import field_of_cells
from dalkit.convert.code import Writer
from dalkit.convert.fast_pieces import (
    Sink,
)
from dalkit.convert.layout import Layout, of_one_cell
from dalkit.schema.definition import (
    FieldDefinition,
)

Source: TypeAlias = Literal["row", "record"]


__all__ = [
    "Maker",
    "Source",
    "cells_of",
    "is_direct",
    "origin_of",
]


@final
@define
class Maker:
    layout: Layout
    source: Source
    sink: Sink
    w: Writer = field(factory=Writer)
    lines: list[str] = field(factory=list)
    texts: dict[tuple[str, str], str] = field(factory=dict)
    inputs: dict[str, str] = field(factory=dict)
    """The variable of each field's cell or value."""


def origin_of(m: Maker, one: FieldDefinition) -> str:
    """The variable of the field's cell, or of its value, which is computed when first asked for."""
    if one.name not in m.inputs:
        cells = cells_of(m, one)
        if is_direct(m, one):
            m.inputs[one.name] = cells[0]
        else:
            value = f"v{m.layout.definition.fields.index(one)}"
            m.lines.append(f"{value} = {_computed(m, one)}({', '.join(cells)})")
            m.inputs[one.name] = value
    return m.inputs[one.name]


def cells_of(m: Maker, one: FieldDefinition) -> list[str]:
    """The variables of the cells that the field is made of."""
    names = [cell.name for cell in m.layout.definition.source.cells]
    return [f"c{names.index(cell)}" for cell in one.cells]


def is_direct(m: Maker, one: FieldDefinition) -> bool:
    """Whether the field's input is its one cell, and not a value computed before."""
    plain = one.transformed is None and of_one_cell(m.layout.definition, one)
    return m.source == "row" and plain


def _computed(m: Maker, one: FieldDefinition) -> str:
    layout = m.layout

    def careful(*cells: Any) -> Any:
        return field_of_cells(layout, one, dict(zip(one.cells, cells, strict=True)))

    return m.w.bind(careful, "field", ("field", one.name))
