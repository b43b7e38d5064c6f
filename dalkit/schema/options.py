"""dalkit's own members of an entity: what they name must be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

from dalkit.contract.document import EntityOptions
from dalkit.contract.folds import Folded
from dalkit.contract.problems import shown
from dalkit.kinds import Integer, Text
from dalkit.schema import fragments
from dalkit.schema.definition import Carried, Content, FieldDefinition
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.scope import Scope
from dalkit.source.tree import Scalar

__all__ = ["Options", "row_filter"]


@final
@frozen(kw_only=True)
class Options:
    """The options of an entity, and what they can name."""

    given: EntityOptions
    pointer: str
    fields: tuple[FieldDefinition, ...]
    contents: Mapping[str, tuple[str, Content]]
    report: Report

    def unique(self) -> tuple[tuple[str, ...], ...]:
        """The fields that are unique together, for each such demand."""
        return tuple(self._group(one, i) for i, one in enumerate(self.given.unique))

    def folds(self) -> tuple[str, ...]:
        """The fold of each such demand; none at all if none has one."""
        found = tuple(one.fold if isinstance(one, Folded) else "" for one in self.given.unique)
        return found if any(found) else ()

    def _group(self, given: str | tuple[str, ...] | Folded, i: int) -> tuple[str, ...]:
        pointer = f"{self.pointer}/unique/{i}"
        if isinstance(given, str):
            return (self._field(given, pointer),)
        if not isinstance(given, Folded):
            return tuple(self._field(name, pointer) for name in given)
        group = tuple(self._field(n, f"{pointer}/fields/{k}") for k, n in enumerate(given.fields))
        if not any(one.name in group and isinstance(one.kind, Text) for one in self.fields):
            listed = ", ".join(shown(name) for name in given.fields)
            self.report.add("DK222", f"{pointer}/fold", f"{listed}: no text, which alone is folded")
        return group

    def version(self) -> str | None:
        """The field that counts versions."""
        name = self.given.version
        return None if name is None else self._field(name, f"{self.pointer}/version")

    def ttl(self) -> str | None:
        """The field that says when an item expires."""
        name = self.given.ttl
        return None if name is None else self._field(name, f"{self.pointer}/ttl")

    def counter(self) -> str | None:
        """The field whose numbers a counter gives."""
        if self.given.counter is None:
            return None
        pointer = f"{self.pointer}/counter"
        name = self._field(self.given.counter, pointer)
        held = (one for one in self.fields if one.name == name)
        if any(one.column is None or not isinstance(one.kind, Integer) for one in held):
            text = f'"{name}" is no column of whole numbers, which alone are counted'
            self.report.add("DK222", pointer, text)
        return name

    def _field(self, name: str, pointer: str) -> str:
        """The field of that name, or that an attribute or column of that name is."""
        content = self.contents.get(name, ("", None))[1]
        if isinstance(content, Carried):
            return content.field
        for field in self.fields:
            if name in (field.name, field.column):
                return field.name
        self.report.unknown("DK222", pointer, "field", name, (field.name for field in self.fields))
        return name


def row_filter(given: EntityOptions, pointer: str, scope: Scope) -> Scalar | None:
    """The condition that the entity's rows are left to, or None."""
    if given.where is None:
        return None
    try:
        return fragments.value(given.where, scope, f"{pointer}/where")
    except Unresolved:
        return None
