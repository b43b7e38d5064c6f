"""Names of a schema's classes and handles: all in one module, so that each is borne once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import final

from attrs import Factory, evolve, frozen

from dalkit.contract.document import EntityOptions
from dalkit.kinds import Kind, Nested
from dalkit.schema.definition import EntityDefinition, FieldDefinition, NewPart
from dalkit.schema.naming import camel, identifier, snake
from dalkit.schema.report import Report

__all__ = ["Described", "with_class_names"]


@final
@frozen
class Described:
    """A resolved entity with the options that it was given, and its place."""

    entity: EntityDefinition
    options: EntityOptions
    pointer: str


@final
@frozen
class _Names:
    """The names of one module, and whose they are."""

    report: Report
    fields: frozenset[str]
    """What class bodies bind: a class that is called so could not be named there."""
    taken: dict[str, str] = Factory(dict)

    def claim(self, names: Iterable[str], owner: str, pointer: str) -> None:
        """Take names that the contract gives; one that is taken already is an error."""
        for name in names:
            if name in self.taken:
                text = f'"{name}" would name both {self.taken[name]} and {owner}'
                self.report.add("DK224", pointer, text)
            self.taken.setdefault(name, owner)

    def check(self, name: str, pointer: str) -> None:
        """A class may not be called as a field is."""
        if name in self.fields:
            self.report.add("DK224", pointer, f'"{name}" would name both a field and a class')

    def handle(self, choices: Sequence[str], owner: str) -> str:
        """The first choice that is free, numbered if need be."""
        found = next(name for name in self._numbered(choices) if name not in self.taken)
        self.taken[found] = owner
        return found

    def record(self, choices: Sequence[str], owner: str, *, forms: tuple[str, ...] = ()) -> str:
        """The first choice of a class that is free (in all its forms), numbered if need be."""

        def formed(name: str) -> list[str]:
            return [one.format(name) for one in forms]

        found = next(
            name
            for name in self._numbered(choices)
            if not {name, *formed(name)} & (self.taken.keys() | self.fields)
        )
        for name in (found, *formed(found)):
            self.taken[name] = owner
        return found

    @staticmethod
    def _numbered(choices: Sequence[str]) -> Iterator[str]:
        yield from choices
        number = 2
        while True:
            yield f"{choices[-1]}{number}"
            number += 1


def with_class_names(found: Sequence[Described], report: Report) -> tuple[EntityDefinition, ...]:
    """The entities with a name, class, handle and nested classes that no other one bears."""
    names = _Names(report, frozenset(name for one in found for name in _fields(one.entity)))
    for one in found:
        record, handle = one.options.class_name, one.options.handle
        if record is not None:
            forms = (record, *(form.format(record) for form in _forms(one.entity)))
            names.claim(forms, one.entity.name, one.pointer)
            names.check(record, one.pointer)
        if handle is not None:
            names.claim((handle,), one.entity.name, one.pointer)
    entities = [_classed(one, names) for one in found]
    renamed = [_with_nested(one, names) for one in entities]
    return _with_own_names(renamed)


def _forms(entity: EntityDefinition) -> tuple[str, ...]:
    """How classes of the entity are called after its record's class."""
    return ("{}Key", "New{}") if entity.new != entity.record else ("{}Key",)


def _fields(entity: EntityDefinition) -> Iterator[str]:
    for field in entity.fields:
        yield field.name
        if isinstance(field.kind, Nested):
            yield from (member.field for member in field.kind.members)


def _classed(one: Described, names: _Names) -> EntityDefinition:
    entity, options = one.entity, one.options
    record, handle = entity.record, entity.handle
    table = camel(entity.table.name)
    if options.class_name is None:
        record = names.record((record, f"{table}{record}"), entity.name, forms=_forms(entity))
    if options.handle is None:
        prefixed = identifier(f"{snake(entity.table.name)}_{handle}")
        handle = names.handle((handle, prefixed), entity.name)
    for now, before in ((record, entity.record), (handle, entity.handle)):
        if now != before:
            text = f'the name "{before}" is taken: {entity.name} has "{now}"'
            names.report.add("DK226", one.pointer, text)
    return evolve(entity, record=record, handle=handle)


def _with_nested(entity: EntityDefinition, names: _Names) -> EntityDefinition:
    """Each nested record under a name of its own; equal ones of an entity share it."""
    given: dict[Nested, Nested] = {}
    news = _news(entity)
    for field in entity.fields:
        kind = field.kind
        if isinstance(kind, Nested) and kind not in given:
            owned = f"{entity.record}{camel(field.name)}"
            choices = (kind.record, f"{entity.record}{kind.record}", owned)
            forms = ("New{}",) if kind in news else ()
            given[kind] = evolve(kind, record=names.record(choices, entity.name, forms=forms))
    if not given:
        return entity

    def renamed(kind: Kind) -> Kind:
        return given.get(kind, kind) if isinstance(kind, Nested) else kind

    def renewed(field: FieldDefinition) -> NewPart | None:
        """None where an equal array lacks other members: there can be one class."""
        if not isinstance(field.kind, Nested) or news.get(field.kind) != field.new:
            return None
        return field.new and evolve(field.new, record=f"New{given[field.kind].record}")

    fields = tuple(evolve(one, kind=renamed(one.kind), new=renewed(one)) for one in entity.fields)
    cells = tuple(evolve(one, kind=renamed(one.kind)) for one in entity.source.cells)
    return evolve(entity, fields=fields, source=evolve(entity.source, cells=cells))


def _news(entity: EntityDefinition) -> dict[Nested, NewPart]:
    """The form for new records of each array, the first of equal ones."""
    found: dict[Nested, NewPart] = {}
    for one in entity.fields:
        if isinstance(one.kind, Nested) and one.new is not None:
            found.setdefault(one.kind, one.new)
    return found


def _with_own_names(entities: list[EntityDefinition]) -> tuple[EntityDefinition, ...]:
    """Entities of one name in two tables are told apart by the table's."""
    count = Counter(one.name for one in entities)
    return tuple(
        evolve(one, name=f"{one.table.name}.{one.name}") if count[one.name] > 1 else one
        for one in entities
    )
