"""Names inside a records module: what it defines, and imports that must not be hidden by that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import final

from attrs import Factory, frozen

from dalkit.kinds import Nested
from dalkit.schema.definition import EntityDefinition, FieldDefinition, Schema
from dalkit.schema.naming import camel, identifier, snake
from dalkit.source.tables import SourceTable

__all__ = [
    "Names",
    "bound_names",
    "handle_class_names",
    "nested_kinds",
    "new_parts",
    "row_names",
    "table_names",
]

_HOMES = {
    "Any": "typing",
    "Decimal": "decimal",
    "Entity": "dalkit",
    "Field": "dalkit",
    "Final": "typing",
    "JsonValue": "dalkit.kinds",
    "Literal": "typing",
    "Mapping": "collections.abc",
    "TypeAlias": "typing",
    "date": "datetime",
    "datetime": "datetime",
    "field": "attrs",
    "final": "typing",
    "frozen": "attrs",
    "timedelta": "datetime",
}


@final
@frozen
class Names:
    """Names of others as a module may use them: aliased where the module binds the same name."""

    taken: frozenset[str]
    used: set[str] = Factory(set)

    def use(self, name: str) -> str:
        """The name under which the module knows it, imported."""
        self.used.add(name)
        return self._alias(name)

    def knows(self, name: str) -> bool:
        """Whether the module binds the name, or may import it."""
        return name in self.taken or name in _HOMES

    def _alias(self, name: str) -> str:
        alias = name
        while alias in self.taken:
            alias += "_"
        return alias

    def imports(self) -> Iterator[tuple[str, str]]:
        """(module, imported name) pairs; builtins only where they need an alias."""
        for name in sorted(self.used):
            home, alias = _HOMES.get(name, "builtins"), self._alias(name)
            if alias != name:
                yield home, f"{name} as {alias}"
            elif home != "builtins":
                yield home, name


def nested_kinds(entity: EntityDefinition) -> tuple[Nested, ...]:
    """The nested records of an entity, each class once."""
    found = (one.kind for one in entity.fields)
    return tuple(dict.fromkeys(kind for kind in found if isinstance(kind, Nested)))


def new_parts(entity: EntityDefinition) -> Mapping[str, FieldDefinition]:
    """The arrays of which new records have another form, by its class, each once."""
    found: dict[str, FieldDefinition] = {}
    for one in entity.fields:
        if one.new is not None:
            found.setdefault(one.new.record, one)
    return found


def bound_names(entities: Iterable[EntityDefinition]) -> frozenset[str]:
    """Record, key and nested classes, handles, and all that a class body binds."""
    names: set[str] = {"extra_"}
    for entity in entities:
        names |= {entity.record, f"{entity.record}Key", entity.new, entity.handle}
        names |= {one.name for one in entity.fields} | set(new_parts(entity))
        for kind in nested_kinds(entity):
            names |= {kind.record, *(member.field for member in kind.members)}
    return frozenset(names)


def handle_class_names(schema: Schema) -> tuple[str, ...]:
    """The class of each entity's handle, `Orders` where nothing else is called so."""
    taken = set(bound_names(schema.entities)) | set(_HOMES)
    found: list[str] = []
    for entity in schema.entities:
        base = camel(entity.handle)
        found.append(_free([base, f"{base}Entity"], taken))
    return tuple(found)


def table_names(schema: Schema) -> tuple[str, ...]:
    """The private name of each table's definition."""
    taken: set[str] = set()
    return tuple(
        _free([f"_{identifier(snake(table.name))}_table"], taken) for table in schema.tables
    )


def row_names(schema: Schema) -> Mapping[SourceTable, str]:
    """The private name of each MySQL table behind the entities, in the order of their names."""
    found = {table.name: table for entity in schema.entities for table in entity.mysql.tables}
    taken: set[str] = set()
    return {
        found[name]: _free([f"_{identifier(snake(name))}_rows"], taken) for name in sorted(found)
    }


def _free(choices: list[str], taken: set[str]) -> str:
    """The first choice that is not taken, numbered if need be; it is taken then."""
    number = 2
    for name in choices:
        if name not in taken:
            taken.add(name)
            return name
    while f"{choices[-1]}_{number}" in taken:
        number += 1
    taken.add(f"{choices[-1]}_{number}")
    return f"{choices[-1]}_{number}"
