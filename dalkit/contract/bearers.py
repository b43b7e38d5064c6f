"""Who carries attributes in a table: itself, or each of its entities."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import final, get_args

from attrs import frozen

from dalkit.contract.document import AttributeType
from dalkit.contract.node import Node

__all__ = ["Bearer", "bearers", "is_multi", "key_name"]

_MOST_PARTS = 16
"""A name joined by # has at most so many parts."""

_TYPES = frozenset(get_args(AttributeType))


@final
@frozen(kw_only=True)
class Bearer:
    """An entity, or the one entity that a single-entity table is."""

    node: Node
    types: Mapping[str, tuple[str, str]]
    """For each attribute name the type and the place where it is said."""
    made: frozenset[str] = frozenset()
    """What the key templates and the discriminator make."""
    legible: bool = True
    """Whether every attribute has a name that could be read."""

    def bears(self, name: str) -> bool:
        """Whether items of this entity have an attribute of this name."""
        return name in self.types or name in self.made

    def composes(self, name: str) -> bool:
        """Whether the name is several of this entity's attributes joined by #."""
        return 0 < name.count("#") < _MOST_PARTS and not self.lacks(name)

    def lacks(self, name: str) -> tuple[str, ...]:
        """Which parts of a name joined by # are no attributes; all of it, when it is not joined."""
        parts = name.split("#", _MOST_PARTS)
        return tuple(part for part in parts if not self.bears(part))


def is_multi(table: Node) -> bool:
    """Whether the table is to be read as one of several entities."""
    kind = table.text("type")
    if kind in ("single-entity", "multi-entity"):
        return kind == "multi-entity"
    return bool(table.listed("entities"))


def key_name(table: Node, key: str) -> str | None:
    """The name of the table's key attribute `pk` or `sk`; PK and SK where they may be left out.

    None when there is no such key, or its name cannot be read.
    """
    given = table.member(key)
    if given is not None or not is_multi(table):
        return table.text(key)
    if key == "pk":
        return "PK"
    return "SK" if any(map(_has_sort_key, table.listed("entities"))) else None


def _has_sort_key(entity: Node) -> bool:
    names = (attribute.text("name") for attribute in entity.listed("attributes"))
    return entity.member("sk_template") is not None or "SK" in names


def bearers(table: Node) -> tuple[Bearer, ...]:
    """The table's entities in order, with what each carries."""
    options = table.member("dalkit")
    marked = options.text("discriminator") if options else None
    if not is_multi(table):
        return (_bearer(table, {marked}),)
    keys = {key: key_name(table, key) for key in ("pk", "sk")}
    return tuple(
        _bearer(entity, {marked} | {keys[key] for key in keys if entity.member(f"{key}_template")})
        for entity in table.listed("entities")
    )


def _bearer(node: Node, made: Set[str | None]) -> Bearer:
    types: dict[str, tuple[str, str]] = {}
    attributes = node.listed("attributes")
    names = [attribute.text("name") for attribute in attributes]
    for name, attribute in zip(names, attributes, strict=True):
        kind = attribute.text("type")
        if name is not None and name not in types:
            types[name] = (kind if kind and kind in _TYPES else "", f"{attribute.pointer}/type")
    legible = bool(names) and None not in names
    return Bearer(node=node, types=types, made=frozenset(filter(None, made)), legible=legible)
