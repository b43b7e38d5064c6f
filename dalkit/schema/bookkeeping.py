"""Items that are no records: guards of unique values, and counters of ids.

| item    | partition key                                           | holds            |
|---------|---------------------------------------------------------|------------------|
| guard   | `UNIQUE#<entity>#<field>+<field>#<value>#<value>`       | `owner`, a key   |
| counter | `COUNTER#<entity>#<field>`                              | `value`, an id   |

A counter of the rows in an array is called `COUNTER#<entity>#<field>.<member>`. A sort key is the
same text. In names and values `%` and `#` are written `%25` and `%23`. Where texts are folded, the
fields of a guard are followed by `~` and the fold's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

from dalkit.schema.definition import TableDefinition

__all__ = [
    "GUARD",
    "OWNER",
    "PREFIXES",
    "VALUE",
    "counter_text",
    "escaped",
    "guard_text",
    "is_bookkeeping",
    "keyed_by_text",
    "place_of",
]

GUARD: Final = "UNIQUE#"
PREFIXES: Final = (GUARD, "COUNTER#")
"""How the keys of dalkit's own items begin."""

OWNER, VALUE = "owner", "value"
"""The attributes of a guard and of a counter."""

_LONGEST = 1_024
"""Bytes of a sort key."""


def guard_text(entity: str, group: Iterable[str], values: Iterable[str], *, fold: str = "") -> str:
    """The key of the guard of an entity's values, given as text; a hash where it is too long.

    The values are folded already; the fold's name tells its guards from those of another.
    """
    names = "+".join(group) + (f"~{fold}" if fold else "")
    text = "#".join((f"{GUARD}{escaped(entity)}", names, *map(escaped, values)))
    if len(text.encode("utf-8")) <= _LONGEST:
        return text
    return f"{GUARD}%sha256%{sha256(text.encode('utf-8')).hexdigest()}"


def counter_text(entity: str, field: str) -> str:
    """The key of the counter of an entity's field."""
    text = f"{PREFIXES[1]}{escaped(entity)}#{field}"
    if len(text.encode("utf-8")) <= _LONGEST:
        return text
    return f"{PREFIXES[1]}%sha256%{sha256(text.encode('utf-8')).hexdigest()}"


def place_of(table: TableDefinition, text: str) -> dict[str, Any]:
    """The key attributes of one of dalkit's own items."""
    return {one.name: {"S": text} for one in table.keys}


def keyed_by_text(table: TableDefinition) -> bool:
    """Whether the table can hold such items: its key attributes are text."""
    return all(one.type == "S" for one in table.keys)


def is_bookkeeping(key: Any) -> bool:
    """Whether a partition key begins as those of dalkit's own items do."""
    return isinstance(key, str) and key.startswith(PREFIXES)


def escaped(text: str) -> str:
    """The text without `#`."""
    return text.replace("%", "%25").replace("#", "%23")
