"""dalkit's own members of an entity: what they name must be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

from dalkit.contract.document import EntityOptions
from dalkit.kinds import Integer
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
        demands = [(one,) if isinstance(one, str) else one for one in self.given.unique]
        return tuple(
            tuple(self._field(name, f"{self.pointer}/unique/{i}") for name in names)
            for i, names in enumerate(demands)
        )

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
