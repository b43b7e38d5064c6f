"""What the item that a write meets must be like, as a condition expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, final

from attrs import define, field

from dalkit.compile.expression import Aliases, Formula, Writer, all_of, checked_length
from dalkit.compile.paths import Wire
from dalkit.compile.presence import alive, expired, shares_keys
from dalkit.compile.settings import Settings
from dalkit.fields import predicates as p
from dalkit.fields.places import Place
from dalkit.query.normal import conjuncts
from dalkit.schema.definition import Carried, EntityDefinition, Part, Template
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Demands", "Predicates", "Seen", "differs", "holders", "seen_in", "true_of_none"]

Predicates = tuple[p.Predicate[Any], ...]
Seen = Mapping[str, Wire | None]
"""Attributes as they were read; None was not there."""

More = Callable[[], Iterable[str]]
"""Conditions that are written after those before them, so that aliases stand in order."""

_SETS: Final = ("SS", "NS", "BS")


@final
@define
class Demands:
    """Writes the condition of one write on an entity's item; "" is none."""

    entity: Entity[Any, Any]
    settings: Settings
    aliases: Aliases = field(factory=Aliases)

    def vacant(self) -> str:
        """There is no record."""
        gone = expired(self.entity, self.settings.now)
        absent = f"attribute_not_exists({self._pk})"
        if gone is None:
            return absent
        return f"{absent} OR {Writer(self.entity, self.aliases).formula(gone)}"

    def before(self, predicates: Predicates, key: Any) -> str:
        """The predicates are true of the record with the key, or of none."""
        writer = Writer(self.entity, self.aliases, perhaps_none=True)
        terms: list[p.Predicate[Any]] = [*conjuncts(predicates)]
        hidden, gone = (
            alive(self.entity, self.settings.now),
            expired(self.entity, self.settings.now),
        )
        formula = all_of(map(writer.formula, terms))
        if terms and hidden is not None and gone is not None:
            whole: p.Predicate[Any] = p.And((*terms, hidden))
            if true_of_none(p.And(tuple(terms))):
                whole = p.Or((whole, gone))
            formula = writer.formula(whole)
        if shares_keys(self.entity):
            own = self._own(key)
            formula = all_of((formula, f"(attribute_not_exists({self._pk}) OR ({own}))"))
        return self._text(formula)

    def there(self, predicates: Predicates, key: Any, also: More = tuple) -> str:
        """There is a record with the key, and the predicates are true of it, and more."""
        hidden = alive(self.entity, self.settings.now)
        terms = (*predicates, *(() if hidden is None else (hidden,)))
        own = (self._own(key),) if shares_keys(self.entity) else ()
        return self._text(all_of((self._exists, *own, self._true(terms), *also())))

    def unchanged(self, predicates: Predicates, seen: Seen, also: More = tuple) -> str:
        """The predicates are true of the record, these attributes as they were read, and more."""
        same: list[str] = []
        for name, wire in seen.items():
            written = self.aliases.name(name)
            if wire is None:
                same.append(f"attribute_not_exists({written})")
            else:
                same.append(f"{written} = {self.aliases.value(wire)}")
        return self._text(all_of((self._exists, self._true(predicates), *also(), *same)))

    def never(self) -> str:
        """What no item is."""
        return f"{self._exists} AND attribute_not_exists({self._pk})"

    def said(self, text: str) -> dict[str, Any]:
        """The condition as arguments, with its names and values."""
        return self.aliases.beside({"ConditionExpression": text} if text else {})

    def _true(self, predicates: Predicates) -> Formula:
        writer = Writer(self.entity, self.aliases)
        return all_of(map(writer.formula, conjuncts(predicates)))

    def _own(self, key: Any) -> str:
        names = definition_of(self.entity).key
        terms = [
            p.Compare[Any](Place(type(self.entity), one), "=", getattr(key, one)) for one in names
        ]
        return self._text(self._true(tuple(terms)))

    def _text(self, formula: Formula) -> str:
        if isinstance(formula, bool):
            return "" if formula else self.never()
        return checked_length(formula)

    @property
    def _pk(self) -> str:
        return self.aliases.name(definition_of(self.entity).table.pk.name)

    @property
    def _exists(self) -> str:
        return f"attribute_exists({self._pk})"


def true_of_none(predicate: p.Predicate[Any]) -> bool:
    """Whether a predicate is true where there is no record; negations are at its leaves."""
    match predicate:
        case p.And(terms):
            return all(map(true_of_none, terms))
        case p.Or(terms):
            return any(map(true_of_none, terms))
        case p.IsNone():
            return True
        case _:
            return False


def holders(definition: EntityDefinition, names: Iterable[str]) -> tuple[str, ...]:
    """The attributes that tell the values of these fields."""
    found: dict[str, None] = {}
    for name in names:
        carried = [one.name for one in definition.attributes if one.content == Carried(name)]
        made = [
            one.name
            for one in definition.attributes
            if isinstance(one.content, Template)
            and any(isinstance(part, Part) and part.field == name for part in one.content.parts)
        ]
        found |= dict.fromkeys(carried[:1] or made)
    return tuple(found)


def seen_in(item: Mapping[str, Any], names: Iterable[str]) -> dict[str, Wire | None]:
    """These attributes as an item has them."""
    return {one: item.get(one) for one in names}


def differs(seen: Seen, item: Mapping[str, Any]) -> bool:
    """Whether an attribute is no longer as it was read."""
    return any(_plain(wire) != _plain(item.get(name)) for name, wire in seen.items())


def _plain(wire: Any) -> Any:
    match wire:
        case {"L": [*held]}:
            return [_plain(one) for one in held]
        case {"M": dict() as held}:
            return {name: _plain(one) for name, one in held.items()}
        case dict() if len(wire) == 1 and next(iter(wire)) in _SETS:
            ((kind, held),) = wire.items()
            return kind, frozenset(held)
        case _:
            return wire
