"""Items as a query answers them: records, or the places that it selects.

A reply that was read straight into records holds them in the place of their items.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar, final

from attrs import frozen

from dalkit.convert import items
from dalkit.convert.attributes import is_null
from dalkit.convert.layout import Layout, layout_of
from dalkit.convert.nested import from_wire
from dalkit.convert.refusal import Refusal, refuse
from dalkit.convert.templates import parse
from dalkit.fields.places import Place
from dalkit.result import Corrupt, Failure, Result, Success, collect
from dalkit.schema.definition import Template
from dalkit.schema.entity import Entity

__all__ = ["Answers", "Item"]

A = TypeVar("A")

Item = Mapping[str, Any]


@final
@frozen
class Answers(Generic[A]):
    """How the items of a read become its answers."""

    entity: Entity[Any, Any]
    selected: tuple[Place, ...] = ()

    def attributes(self, also: Iterable[str] = ()) -> tuple[str, ...]:
        """The attributes to ask for, those of some more fields included; none are all of them."""
        if not self.selected:
            return ()
        layout = _layout(self.entity)
        names = (*(place.name for place in self.selected), *also)
        homes = (layout.homes.get(name) for name in names)
        return tuple(dict.fromkeys(one for one in homes if one is not None))

    def read(self, found: Sequence[Any]) -> Result[tuple[A, ...]]:
        """The answers of items, or the first that the contract does not allow."""
        if not self.selected:
            return self._records(found)
        answers: list[Any] = []
        for item in found:
            values = self.values(item, (place.name for place in self.selected))
            match values:
                case Success(held):
                    answers.append(tuple(_at(held[one.name], one) for one in self.selected))
                case Failure():
                    return values
        return Success(tuple(answers))

    def _records(self, found: Sequence[Any]) -> Result[tuple[Any, ...]]:
        if not any(isinstance(one, dict) for one in found):
            return Success(tuple(found))
        codec = items(self.entity)
        return collect(
            codec.decode(one) if isinstance(one, dict) else Success(one) for one in found
        )

    def values(self, item: Any, names: Iterable[str]) -> Result[dict[str, Any]]:
        """The values of some fields of an item, or of a record in its place."""
        if not isinstance(item, Mapping):
            return Success({name: getattr(item, name) for name in names})
        layout, found = _layout(self.entity), dict[str, Any]()
        for name in names:
            try:
                found[name] = _value(layout, name, item)
            except Refusal as refusal:
                home = layout.homes.get(name, name)
                secret = layout.definition.by_field[name].secret
                reason = refusal.text(secret=secret)
                return Failure(Corrupt(layout.definition.name, home, reason))
        return Success(found)


@lru_cache(maxsize=512)
def _layout(entity: Entity[Any, Any]) -> Layout:
    return layout_of(entity)


def _value(layout: Layout, name: str, item: Item) -> Any:
    field = layout.definition.by_field[name]
    if name not in layout.homes:
        refuse(f"no attribute gives the field {name} back")
    home = layout.definition.by_attribute[layout.homes[name]]
    wire = item.get(home.name)
    if wire is None or is_null(wire):
        if home.type == "SS" and not field.nullable:
            return frozenset()
        return None if field.nullable else refuse("is missing where the contract says it is there")
    if isinstance(home.content, Template):
        text = wire.get("S")
        if not isinstance(text, str):
            refuse("not an attribute value of type S", wire)
        return parse(home.content, layout.cuts[home.name], layout.kinds, text)[name]
    return from_wire(field.kind, home.type, wire, layout.classes)


def _at(value: Any, place: Place) -> Any:
    """What stands at the steps of a place; None where nothing does."""
    for step in place.steps:
        if value is None:
            return None
        if isinstance(step, int):
            inside = isinstance(value, tuple) and step < len(value)
            value = value[step] if inside else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            value = getattr(value, step, None)
    return value
