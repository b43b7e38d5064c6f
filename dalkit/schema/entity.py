"""The handle of an entity: what generated modules instantiate and every verb is given."""

from __future__ import annotations

from typing import Any, Generic, cast

from typing_extensions import TypeVar

from dalkit.schema.definition import EntityDefinition

__all__ = [
    "Entity",
    "definition_of",
    "key_class_of",
    "nested_class_of",
    "new_class_of",
    "record_class_of",
]

R = TypeVar("R")
K = TypeVar("K")
N = TypeVar("N", default=Any)


class Entity(Generic[R, K, N]):
    """An entity whose records are R, whose keys are K, and whose new records are N.

    A new record lacks what is generated; where nothing is, N is R. Subclasses add nothing but
    `Field`s, so that no column's name can meet a method.
    """

    __slots__ = ("_definition", "_key", "_nested", "_new", "_record")

    def __init__(
        self,
        record: type[R],
        key: type[K],
        definition: EntityDefinition,
        *,
        new: type[N] | None = None,
        nested: tuple[type[Any], ...] = (),
    ) -> None:
        self._record = record
        self._key = key
        self._definition = definition
        self._new = cast("type[N]", record) if new is None else new
        self._nested = {one.__name__: one for one in nested}

    def __repr__(self) -> str:
        return f"<entity {self._definition.name}>"


def definition_of(entity: Entity[Any, Any]) -> EntityDefinition:
    """What the contract says of the entity."""
    return entity._definition


def record_class_of(entity: Entity[R, Any]) -> type[R]:
    """The class of its records."""
    return entity._record


def key_class_of(entity: Entity[Any, K]) -> type[K]:
    """The class of its keys."""
    return entity._key


def new_class_of(entity: Entity[Any, Any, N]) -> type[N]:
    """The class of its new records: that of its records where nothing is generated."""
    return entity._new


def nested_class_of(entity: Entity[Any, Any], name: str) -> type[Any]:
    """The class of a record nested in its records, by name."""
    return entity._nested[name]
