"""What an attribute's value is, before it is a field: cells, a transformation, a kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, final

from attrs import frozen

from dalkit.kinds import Bits, Boolean, Bytes, Fixed, Integer, Json, Kind, Listed, Nested, Year
from dalkit.schema.definition import Constant, DateFormatted, JsonParsed, NumberFormatted
from dalkit.source.tree import Children, Scalar

__all__ = [
    "Meaning",
    "Meant",
    "Pattern",
    "Place",
    "PlainTransformed",
    "Wanted",
    "pieces",
    "text_fault",
]

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
@frozen
class Place:
    """A cell in a string-format by its index, padded to `width` or with a step of its own."""

    cell: int
    width: int = 0
    transformed: DateFormatted | NumberFormatted | None = None


@final
@frozen(kw_only=True)
class Meaning:
    """A source value: its cells, and the transformation over them."""

    cells: tuple[Wanted, ...]
    kind: Kind
    nullable: bool
    transformed: PlainTransformed | None = None
    pattern: tuple[str | Place, ...] = ()
    """string-format: literal text, and places for cells."""

    @property
    def value(self) -> tuple[object, ...]:
        """Equal for two attributes that carry one source value, whatever their types."""
        return (tuple(cell.value for cell in self.cells), self.transformed, self.pattern)

    @property
    def plain(self) -> bool:
        """Whether it is one cell as it is."""
        return len(self.cells) == 1 and self.transformed is None and not self.pattern


@final
@frozen
class Pattern:
    """A template over other values: literal text, and (value, width)."""

    parts: tuple[str | tuple[Meaning, int], ...]


Meant: TypeAlias = Meaning | Pattern | Constant


def pieces(meant: Meant) -> tuple[object, ...]:
    """Literal texts, and (value, width): equal for two meanings that make one text of every row."""
    joined: list[object] = []
    for piece in _pieces(meant):
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)


def _pieces(meant: Meant) -> Iterator[object]:
    match meant:
        case Constant(value):
            yield str(value)
        case Pattern(parts):
            for part in parts:
                if isinstance(part, str):
                    yield part
                elif part[0].pattern and not part[1]:
                    yield from _pieces(part[0])
                else:
                    yield (part[0].value, part[1])
        case Meaning(pattern=()):
            yield (meant.value, 0)
        case Meaning(cells=cells, pattern=pattern):
            for one in pattern:
                if isinstance(one, str):
                    yield one
                else:
                    yield (((cells[one.cell].value,), one.transformed, ()), one.width)


def text_fault(kind: Kind, width: int) -> str:
    """Why a placeholder cannot stand for values of a kind, or nothing."""
    if isinstance(kind, Bytes | Json | Nested | Listed):
        return f"names a value of kind {type(kind).__name__}, which has no text of its own"
    if width and not isinstance(kind, Integer | Fixed | Bits | Year | Boolean):
        return f"has a width, and its value is no number but of kind {type(kind).__name__}"
    return ""
