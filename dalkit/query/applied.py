"""What an update makes of a record: every change applied to the record as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Context, Decimal, DecimalException, Inexact, Overflow
from functools import partial, reduce
from typing import Any, TypeAlias

import attrs

from dalkit import kinds
from dalkit.fields import changes as c
from dalkit.query.spots import spot_at
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Unfit", "changed", "counted", "value_after"]

_Steps: TypeAlias = Sequence[str | int]
_Make: TypeAlias = Callable[[Any], Any]

_EXACT = Context(prec=400, Emin=-999_999, Emax=999_999, traps=[Inexact, Overflow])
"""Wide enough for every sum that a store can hold; it never rounds."""


class Unfit(Exception):
    """Why a change does not fit the record: the place, and the reason."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


def changed(entity: Entity[Any, Any], record: Any, changes: Iterable[c.Change]) -> Any:
    """The record with all changes; one that does not fit raises Unfit.

    No place is inside another, so one after the other is as all at once: elements leave their
    list last, the last of them first, so that an index means the list as it was.
    """
    return reduce(lambda made, one: _with(entity, made, one), sorted(changes, key=_turn), record)


def counted(entity: Entity[Any, Any], record: Any) -> Any:
    """The record with its version counted up, None counting as zero."""
    name = definition_of(entity).version
    if name is None:
        return record
    return attrs.evolve(record, **{name: (getattr(record, name) or 0) + 1})


def _turn(change: c.Change) -> tuple[Any, ...]:
    removed = isinstance(change, c.Remove)
    indexes = [one if isinstance(one, int) else -1 for one in change.place.steps]
    return (removed, [-one for one in indexes] if removed else indexes)


def _with(entity: Entity[Any, Any], record: Any, change: c.Change) -> Any:
    place = change.place
    held = getattr(record, place.name)
    try:
        if isinstance(change, c.Remove):
            value = _without(held, place.steps, _spare(entity, change))
        else:
            value = _at(held, place.steps, partial(value_after, change))
    except Unfit as unfit:
        raise Unfit(str(place), unfit.reason) from None
    return attrs.evolve(record, **{place.name: value})


def value_after(change: c.Change, held: Any) -> Any:
    """What is to be at the place of a change."""
    match change:
        case c.Set(_, value):
            return value
        case c.SetIfAbsent(_, value):
            return value if held is None else held
        case c.Add(_, number):
            return _sum(held, number)
        case c.Append(_, values):
            return _longer(held, values)
        case c.AddMembers(_, members):
            return (held or frozenset[str]()) | members
        case c.RemoveMembers(_, members):
            return None if held is None else held - members
        case c.Remove():
            return None


def _sum(held: Any, number: Any) -> Any:
    if held is None:
        return number
    if isinstance(held, bool) or not isinstance(held, (int, Decimal, float)):
        raise Unfit("", f"a {type(held).__name__} cannot be added to")
    if isinstance(held, Decimal) or isinstance(number, Decimal):
        return _exact_sum(Decimal(held), Decimal(number))
    return held + number


def _exact_sum(held: Decimal, number: Decimal) -> Decimal:
    try:
        return _EXACT.add(held, number)
    except DecimalException:
        raise Unfit("", "the sum has more digits than any store can hold") from None


def _longer(held: Any, values: tuple[Any, ...]) -> Any:
    if held is None:
        return values
    if not isinstance(held, (tuple, list)):
        raise Unfit("", f"a {type(held).__name__} cannot be appended to")
    return (*held, *values)


def _at(held: Any, steps: _Steps, make: _Make) -> Any:
    """The value with what is made at the steps inside it."""
    if not steps:
        return make(held)
    first, rest = steps[0], steps[1:]
    match held:
        case Mapping():
            if first not in held and rest:
                raise Unfit("", f"there is no {first!r} to change a value in")
            return {**held, first: _at(held.get(first), rest, make)}
        case tuple() | list() if isinstance(first, int):
            return _at_index(tuple(held), first, rest, make)
        case _ if attrs.has(type(held)):
            return _of_record(held, str(first), lambda one: _at(one, rest, make))
        case _:
            raise Unfit("", f"there is nothing that has {_step(first)}")


def _at_index(held: tuple[Any, ...], index: int, rest: _Steps, make: _Make) -> tuple[Any, ...]:
    if index < len(held):
        return (*held[:index], _at(held[index], rest, make), *held[index + 1 :])
    if rest:
        raise Unfit("", f"there is no element {index} to change a value in")
    return (*held, make(None))


def _of_record(held: Any, name: str, make: _Make) -> Any:
    return attrs.evolve(held, **{name: make(getattr(held, name))})


def _without(held: Any, steps: _Steps, spare: bool) -> Any:
    """The value with nothing at the steps; where nothing is, nothing changes."""
    if not steps:
        return None
    first, rest = steps[0], steps[1:]
    match held:
        case Mapping() if first in held:
            kept = {name: one for name, one in held.items() if name != first}
            return {**held, first: _without(held[first], rest, spare)} if rest else kept
        case tuple() | list() if isinstance(first, int) and first < len(held):
            inner = (_without(held[first], rest, spare),) if rest or not spare else ()
            return (*held[:first], *inner, *held[first + 1 :])
        case _ if attrs.has(type(held)):
            return _of_record(held, str(first), lambda one: _without(one, rest, spare))
        case _:
            return held


def _spare(entity: Entity[Any, Any], change: c.Remove) -> bool:
    """Whether an element may leave its list: a list of columns keeps its length."""
    steps = change.place.steps
    if not steps:
        return True
    holder = attrs.evolve(change.place, steps=steps[:-1])
    if not isinstance(spot_at(entity, holder).kind, kinds.Listed):
        return True
    if spot_at(entity, change.place).nullable:
        return False
    raise Unfit("", "it is never None, and its list is never shorter: set a value")


def _step(step: str | int) -> str:
    return f"an element {step}" if isinstance(step, int) else f"a member {step!r}"
