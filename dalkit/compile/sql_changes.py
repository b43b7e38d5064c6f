"""Which changes of a locked record MySQL can keep: those of columns, and of child rows."""

from __future__ import annotations

from collections.abc import Iterable

from dalkit import kinds
from dalkit.compile.sql_text import refuse
from dalkit.fields import changes as c
from dalkit.schema.definition import EntityDefinition

__all__ = ["cells_of", "check_changes"]


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


def cells_of(definition: EntityDefinition, changes: Iterable[c.Change]) -> frozenset[str]:
    """The cells that changes touch."""
    names = {one.place.name for one in changes}
    return frozenset(cell for one in names for cell in definition.by_field[one].cells)
