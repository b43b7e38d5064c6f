"""Entities of one table whose keys begin alike, so that a beginning does not tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from dalkit.schema.definition import Carried, Constant, EntityDefinition, KeyAttribute

__all__ = ["with_neighbors"]

_Start = tuple[str, bool]
"""The literal text that a key begins with, and whether it is all of it."""


def with_neighbors(entities: Sequence[EntityDefinition]) -> tuple[EntityDefinition, ...]:
    """The entities, each marked where items of another one may pass for its own."""
    return tuple(
        evolve(one, mixed=True) if any(_alike(one, other) for other in entities) else one
        for one in entities
    )


def _alike(one: EntityDefinition, other: EntityDefinition) -> bool:
    if one is other or one.table.name != other.table.name:
        return False
    return all(_meet(_start(one, key), _start(other, key)) for key in one.table.keys)


def _meet(one: _Start, other: _Start) -> bool:
    """Whether a text of both may be: each begins as the other does, as far as they are fixed."""
    (mine, whole), (its, its_whole) = one, other
    if mine == its:
        return True
    return (not whole and its.startswith(mine)) or (not its_whole and mine.startswith(its))


def _start(definition: EntityDefinition, key: KeyAttribute) -> _Start:
    attribute = definition.by_attribute.get(key.name)
    match None if attribute is None else attribute.content:
        case None | Carried():
            return "", False
        case Constant(value):
            return str(value), True
        case template:
            return _literal(template.parts)


def _literal(parts: Iterable[object]) -> _Start:
    text = ""
    for part in parts:
        if not isinstance(part, str):
            return text, False
        text += part
    return text, True
