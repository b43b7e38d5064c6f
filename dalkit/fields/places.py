"""Where a value stands in a record: a field, and the steps inside it."""

from __future__ import annotations

from typing import Any, TypeAlias, final

from attrs import frozen

__all__ = ["Folded", "Operand", "Place", "Size"]


@final
@frozen
class Place:
    """The field `name` of the entity whose handle's class is `owner`, and the steps inside it.

    A step is a member's name or an index from 0.
    """

    owner: type[Any] | None
    name: str
    steps: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        inner = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps)
        return "".join((self.name, *inner))

    def meets(self, other: Place) -> bool:
        """Whether one of the two stands inside the other, or they are the same."""
        if (self.owner, self.name) != (other.owner, other.name):
            return False
        return all(one == two for one, two in zip(self.steps, other.steps, strict=False))


@final
@frozen
class Size:
    """How long the value at a place is: characters, bytes, members or elements."""

    place: Place

    def __str__(self) -> str:
        return f"size of {self.place}"


@final
@frozen
class Folded:
    """The text at a place, told apart neither by case nor by accents."""

    place: Place

    def __str__(self) -> str:
        return f"{self.place} folded"


Operand: TypeAlias = Place | Size | Folded
"""What a predicate looks at."""
