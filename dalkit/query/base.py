"""The two bases of all queries, and how a read may go about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, Generic, TypeVar, final

from attrs import evolve, frozen

from dalkit.schema.definition import EntityDefinition

__all__ = ["PLAIN", "Access", "Budget", "Query", "Write", "at_least_one"]

T_co = TypeVar("T_co", covariant=True)


class Query(Generic[T_co]):
    """What is wanted, as a value; running it answers a T. `str` of it says it in words."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self}>"


class Write(Query[T_co]):
    """A change of one record, alone or in a transaction."""

    __slots__ = ()


@final
@frozen(kw_only=True)
class Budget:
    """What a read may cost by its plan; one that may cost more is refused before it begins."""

    calls: int | None = None
    examined: int | None = None
    """Records looked at, whether or not they are answered."""
    capacity: Decimal | int | None = None
    """DynamoDB's capacity units."""

    def __attrs_post_init__(self) -> None:
        for name in ("calls", "examined"):
            if getattr(self, name) is not None:
                at_least_one(f"budget({name}=…)", getattr(self, name))
        units: Any = self.capacity
        if units is not None and (
            isinstance(units, bool) or not isinstance(units, (int, Decimal)) or not units > 0
        ):
            raise ValueError(f"budget(capacity={units!r}): give an int or a Decimal above 0")
        if self.calls is None and self.examined is None and units is None:
            raise ValueError("budget() bounds nothing: give calls=, examined= or capacity=")

    def __str__(self) -> str:
        named = (("calls", self.calls), ("records", self.examined), ("units", self.capacity))
        return "at most " + ", ".join(f"{bound} {name}" for name, bound in named if bound)


@final
@frozen(kw_only=True)
class Access:
    """How a read may go about it."""

    consistent: bool = False
    scan: bool = False
    index: str | None = None
    segments: int | None = None
    budget: Budget | None = None

    def through(self, definition: EntityDefinition, index: str) -> Access:
        """By this index of the entity's table only."""
        names = [one.name for one in definition.table.indexes]
        if index not in names:
            known = f"its indexes are {', '.join(names)}" if names else "it has none"
            raise ValueError(f"table {definition.table.name} has no index {index!r}: {known}")
        return evolve(self, index=index)

    def in_segments(self, count: int) -> Access:
        return evolve(self, segments=at_least_one("segments", count))

    def __str__(self) -> str:
        said = (
            "consistent" if self.consistent else "",
            "scan allowed" if self.scan else "",
            f"using {self.index}" if self.index else "",
            f"{self.segments} segments" if self.segments else "",
            str(self.budget) if self.budget else "",
        )
        return "".join(f"; {one}" for one in said if one)


PLAIN: Final = Access()


def at_least_one(what: str, number: Any) -> int:
    """The number, if it is a whole number above 0."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{what}: {number!r} is a {type(number).__name__}: give an int")
    if number < 1:
        raise ValueError(f"{what}: {number} is less than 1")
    return number
