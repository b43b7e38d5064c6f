"""What an update does to a record, and the order in which records are asked for."""

from __future__ import annotations

from typing import Any, Generic, TypeAlias, TypeVar, final

from attrs import field, frozen

from dalkit.fields.places import Place
from dalkit.fields.values import exact

__all__ = [
    "Add",
    "AddMembers",
    "Append",
    "Change",
    "OrderBy",
    "Remove",
    "RemoveMembers",
    "Set",
    "SetIfAbsent",
]

R = TypeVar("R")


@final
@frozen
class OrderBy(Generic[R]):
    """By the values at a place of records of type R, the greatest first if `descending`."""

    place: Place
    descending: bool = False


@final
@frozen
class Set:
    place: Place
    value: Any = field(eq=exact)


@final
@frozen
class SetIfAbsent:
    """The value where there is none; a value that is there stays."""

    place: Place
    value: Any = field(eq=exact)


@final
@frozen
class Remove:
    """No value any more: None; of a list, one element less."""

    place: Place


@final
@frozen
class Add:
    """The sum of the number that is there, None counting as zero, and `number`."""

    place: Place
    number: Any = field(eq=exact)


@final
@frozen
class Append:
    """More elements at the end of a list."""

    place: Place
    values: tuple[Any, ...] = field(eq=exact)


@final
@frozen
class AddMembers:
    """More members in a set, None counting as the empty set."""

    place: Place
    values: frozenset[str]


@final
@frozen
class RemoveMembers:
    """Fewer members in a set; those that are not there do not matter."""

    place: Place
    values: frozenset[str]


Change: TypeAlias = Set | SetIfAbsent | Remove | Add | Append | AddMembers | RemoveMembers
"""One change of one place; the changes of an update see the record as it was before all of them."""
