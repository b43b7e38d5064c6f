"""What keeps the items of other entities of a table, and dalkit's own, out of a read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from dalkit.compile.key_conditions import Condition
from dalkit.compile.key_texts import KeyText, key_text
from dalkit.convert.refusal import Refusal
from dalkit.convert.templates import Cuts, cuts_of, parse
from dalkit.kinds import Kind
from dalkit.schema.bookkeeping import PREFIXES
from dalkit.schema.definition import Constant, EntityDefinition, Template
from dalkit.schema.entity import Entity, definition_of

__all__ = ["discriminator_of", "fences", "is_named", "is_own"]


def fences(definition: EntityDefinition, avoided: Iterable[str]) -> tuple[Condition, ...]:
    """Conditions on the table's key, and its discriminator, that only this entity's items meet.

    Where entities are mixed, items of another one may meet them too: `is_own` tells those.
    """
    table, hidden = definition.table, frozenset(avoided)
    texts = [key_text(definition, key.name) for key in table.keys]
    seen = [text for text in texts if text is not None and text.name not in hidden]
    found = [fence for text in seen if (fence := _fence(text)) is not None]
    name = discriminator_of(definition)
    if name is not None and name not in hidden:
        held = definition.by_attribute[name].content
        assert isinstance(held, Constant)
        found.append(Condition(name, "=", ({"S": str(held.value)},)))
    if not hidden and all(text is not None and _meets_books(text) for text in texts):
        found += [Condition(seen[0].name, "not begins with", ({"S": one},)) for one in PREFIXES]
    return tuple(found)


def discriminator_of(definition: EntityDefinition) -> str | None:
    """The attribute that holds the entity's name, if its table has one."""
    attribute = definition.by_attribute.get(definition.table.discriminator or "")
    if attribute is None or attribute.type != "S" or not isinstance(attribute.content, Constant):
        return None
    return attribute.name


def is_own(entity: Entity[Any, Any], item: Mapping[str, Any]) -> bool:
    """Whether an item's key is one that the entity's records have; it holds the table's key."""
    definition = definition_of(entity)
    if not definition.mixed:
        return True
    if discriminator_of(definition) in item:
        return is_named(entity, item)
    return all(_made(entity, one.name, item.get(one.name)) for one in definition.table.keys)


def is_named(entity: Entity[Any, Any], item: Mapping[str, Any]) -> bool:
    """Whether an item does not bear the name of another entity."""
    definition = definition_of(entity)
    name = discriminator_of(definition)
    if not definition.mixed or name is None or name not in item:
        return True
    content = definition.by_attribute[name].content
    return isinstance(content, Constant) and bool(item[name] == {"S": str(content.value)})


def _fence(text: KeyText) -> Condition | None:
    if not text.fields:
        return Condition(text.name, "=", (text.value({}),))
    if text.type == "S" and text.prefix:
        return Condition(text.name, "begins with", ({"S": text.prefix},))
    return None


def _meets_books(text: KeyText) -> bool:
    """Whether what dalkit keeps beside records may begin as this key does."""
    if text.type != "S":
        return False
    return any(one.startswith(text.prefix) or text.prefix.startswith(one) for one in PREFIXES)


def _made(entity: Entity[Any, Any], name: str, wire: Any) -> bool:
    """Whether the entity's template makes the text of a key attribute."""
    attribute = definition_of(entity).by_attribute.get(name)
    if attribute is None or not isinstance(wire, Mapping):
        return attribute is None
    if isinstance(attribute.content, Constant):
        return bool(wire == {attribute.type: str(attribute.content.value)})
    template, cuts, kinds_of = _cut(entity, name)
    if template is None or cuts is None:
        return True
    try:
        parse(template, cuts, kinds_of, str(wire.get("S")))
    except Refusal:
        return False
    return True


@lru_cache(maxsize=512)
def _cut(
    entity: Entity[Any, Any], name: str
) -> tuple[Template | None, Cuts | None, Mapping[str, Kind]]:
    definition = definition_of(entity)
    kinds_of = {one.name: one.kind for one in definition.fields}
    attribute = definition.by_attribute[name]
    if not isinstance(attribute.content, Template) or attribute.type != "S":
        return None, None, kinds_of
    return attribute.content, cuts_of(attribute.content, kinds_of), kinds_of
