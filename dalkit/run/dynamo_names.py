"""Tables by their names in the store: a backend's prefix, put on and taken off again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["named", "unnamed"]

_BY_TABLE = ("UnprocessedKeys", "UnprocessedItems", "Responses")


def named(arguments: Mapping[str, Any], prefix: str) -> Mapping[str, Any]:
    """The arguments of an operation with the tables' names as they are in the store."""
    if not prefix:
        return arguments
    said = dict(arguments)
    if "TableName" in said:
        said["TableName"] = prefix + said["TableName"]
    if "RequestItems" in said:
        said["RequestItems"] = {prefix + name: one for name, one in said["RequestItems"].items()}
    if "TransactItems" in said:
        said["TransactItems"] = [
            {kind: named(inner, prefix) for kind, inner in one.items()}
            for one in said["TransactItems"]
        ]
    return said


def unnamed(reply: Mapping[str, Any], prefix: str) -> Mapping[str, Any]:
    """A reply with the tables' names as the contract has them."""
    if not prefix or reply.keys().isdisjoint(_BY_TABLE):
        return reply
    return {
        name: {table.removeprefix(prefix): one for table, one in held.items()}
        if name in _BY_TABLE and isinstance(held, Mapping)
        else held
        for name, held in reply.items()
    }
