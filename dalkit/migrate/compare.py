"""Two items compared as DynamoDB means them: numbers by value, sets unordered, the rest exact."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from dalkit.run.batches import Item

__all__ = ["different", "same", "shown"]

_LONGEST = 200


def different(expected: Item, found: Item) -> Iterator[tuple[str, Any, Any]]:
    """Each attribute that differs: its name and both values, None for an attribute not there."""
    if expected == found:
        return
    for name in dict.fromkeys((*expected, *found)):
        wanted, held = expected.get(name), found.get(name)
        if wanted is None or held is None or not same(wanted, held):
            yield name, wanted, held


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two attribute values are equal for DynamoDB."""
    if one == other:
        return True
    if one.keys() != other.keys():
        return False
    ((kind, left),), right = one.items(), next(iter(other.values()))
    match kind:
        case "N":
            return Decimal(left) == Decimal(right)
        case "NS":
            return {Decimal(n) for n in left} == {Decimal(n) for n in right}
        case "SS" | "BS":
            return set(left) == set(right)
        case "L":
            return len(left) == len(right) and all(map(same, left, right))
        case "M":
            return left.keys() == right.keys() and all(same(left[n], right[n]) for n in left)
        case _:
            return False


def shown(value: Mapping[str, Any] | None, *, secret: bool = False) -> str:
    """An attribute value for a message; `absent` for none, `(secret)` for a secret one."""
    if value is None:
        return "absent"
    if secret:
        return "(secret)"
    text = json.dumps(value, ensure_ascii=False, default=_bytes, separators=(",", ":"))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def _bytes(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode()
