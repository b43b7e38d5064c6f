"""Which changes of a locked record MySQL can keep: those of columns, and of child rows."""

from __future__ import annotations

from collections.abc import Iterable

from dalkit import kinds
from dalkit.compile.sql_text import refuse
from dalkit.fields import changes as c
from dalkit.schema.definition import EntityDefinition
from dalkit.source.tree import Children

__all__ = ["check_changes", "child_rows_of"]


def check_changes(
    definition: EntityDefinition, own: Iterable[str], changes: Iterable[c.Change]
) -> None:
    """Refuse what MySQL computes by itself; `own` are the cells that are written."""
    held = set(own)
    for one in changes:
        field = definition.by_field[one.place.name]
        if field.transformed is not None or not held.issuperset(field.cells):
            refuse(f"a change of {one.place}", "it is computed from other values", "change those")
        if isinstance(field.kind, kinds.Opaque):
            refuse(f"a change of {one.place}", "nothing is known of what it holds")


def child_rows_of(definition: EntityDefinition, changes: Iterable[c.Change]) -> frozenset[str]:
    """The cells of child rows that changes touch."""
    names = {one.place.name for one in changes}
    cells = (definition.by_cell[cell] for one in names for cell in definition.by_field[one].cells)
    return frozenset(one.name for one in cells if isinstance(one.value, Children))
