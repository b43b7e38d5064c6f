"""Puts that need nothing but their item: no condition, no guard, no version, no look."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dalkit.compile.dynamo_actions import Item
from dalkit.compile.presence import shares_keys
from dalkit.convert import items
from dalkit.query.base import Write
from dalkit.query.writes import Put
from dalkit.result import Success
from dalkit.schema.bookkeeping import is_bookkeeping
from dalkit.schema.entity import Entity, definition_of

__all__ = ["plain_item"]


def plain_item(write: Write[Any]) -> Item | None:
    """The item of a put that is nothing else; None where more must be known, or it is refused."""
    if not isinstance(write, Put) or write.predicates or not _is_plain(write.entity):
        return None
    match items(write.entity).encode(write.record):
        case Success(item) if not is_bookkeeping(item[_pk(write.entity)].get("S")):
            return item
        case _:
            return None


@lru_cache(maxsize=512)
def _is_plain(entity: Entity[Any, Any]) -> bool:
    definition = definition_of(entity)
    return not definition.unique and definition.version is None and not shares_keys(entity)


def _pk(entity: Entity[Any, Any]) -> str:
    return definition_of(entity).table.pk.name
