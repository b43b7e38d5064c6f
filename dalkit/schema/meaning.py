"""What an attribute's value is, before it is a field: cells, a transformation, a kind."""

from __future__ import annotations

from typing import TypeAlias, final

from attrs import frozen

from dalkit.kinds import Kind
from dalkit.schema.definition import DateFormatted, JsonParsed, NumberFormatted
from dalkit.source.tree import Children, Scalar

__all__ = ["Meaning", "Pattern", "PlainTransformed", "Wanted"]

PlainTransformed: TypeAlias = DateFormatted | NumberFormatted | JsonParsed


@final
@frozen
class Wanted:
    """One cell that a value is computed from; `hint` is a name for it."""

    value: Scalar | Children
    kind: Kind
    nullable: bool
    hint: str
    column: str | None = None
    """The column of the entity's own table that it is."""


@final
@frozen(kw_only=True)
class Meaning:
    """A source value: its cells, and the transformation over them."""

    cells: tuple[Wanted, ...]
    kind: Kind
    nullable: bool
    transformed: PlainTransformed | None = None
    pattern: tuple[str | tuple[int, int], ...] = ()
    """string-format: literal text, and (index of a cell, width)."""

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for two attributes that carry one source value."""
        return (
            tuple(cell.value for cell in self.cells),
            self.transformed,
            self.pattern,
            type(self.kind),
        )


@final
@frozen
class Pattern:
    """A template over other values: literal text, and (value, width)."""

    parts: tuple[str | tuple[Meaning, int], ...]
