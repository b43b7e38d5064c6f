"""What a second time of a DynamoDB operation would do, when nobody knows of the first.

| operation                                    | a second time                              |
|----------------------------------------------|--------------------------------------------|
| reads                                        | read                                       |
| put and delete without condition, BatchWrite | the same as one time                       |
| TransactWriteItems with its token            | the same as one time                       |
| put with a condition; update that only sets  | the same, but its condition may fail on    |
| or removes whole values, or set members      | our own first time: the old item tells     |
| update that adds, appends or counts          | more than one time                         |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from dalkit.run.faults import Repeat

__all__ = ["READS", "done_before", "repeat_of"]

READS: Final = frozenset(
    {
        "GetItem",
        "BatchGetItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "DescribeTable",
        "DescribeTimeToLive",
        "DescribeLimits",
        "DescribeEndpoints",
        "ListTables",
    }
)

_SAME: Final = frozenset({"PutItem", "DeleteItem", "BatchWriteItem"})
_CLAUSE: Final = re.compile(
    r"\b(SET|REMOVE|ADD|DELETE) (.*?)(?= (?:SET|REMOVE|ADD|DELETE) |$)", re.S
)
_PATH: Final = r"#\w+(?:\.#\w+)*"
_SET: Final = re.compile(rf"({_PATH}) = (:\w+)")
_SET_ABSENT: Final = re.compile(rf"({_PATH}) = if_not_exists\(\1, :\w+\)")
_BARE: Final = re.compile(_PATH)
_MEMBERS: Final = re.compile(rf"({_PATH}) (:\w+)")
_SETS: Final = {"SS", "NS", "BS"}

Step: TypeAlias = "tuple[str, tuple[str, ...], Any]"
"""What an update leaves behind: `set`, `there`, `gone`, `with` or `without`; where; and what."""


def repeat_of(operation: str, arguments: Mapping[str, Any], *, repeat: bool | None) -> Repeat:
    """What a second time would do; `repeat` says it where the caller knows better."""
    if operation in READS:
        return "read"
    if repeat is not None:
        return "same" if repeat else "once"
    conditional = "ConditionExpression" in arguments
    if operation in _SAME:
        return "checked" if conditional else "same"
    if operation == "UpdateItem" and _steps(arguments) is not None:
        return "checked" if conditional else "same"
    if operation == "TransactWriteItems" and arguments.get("ClientRequestToken"):
        return "same"
    return "once"


def done_before(operation: str, arguments: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether an item already is what a conditional write would have made of it."""
    if operation == "PutItem":
        return _equal({"M": arguments["Item"]}, {"M": item})
    steps = _steps(arguments) if operation == "UpdateItem" else None
    return steps is not None and all(_left_behind(one, item) for one in steps)


def _steps(arguments: Mapping[str, Any]) -> tuple[Step, ...] | None:
    """What an update leaves behind; None where a second time would change it again."""
    names = arguments.get("ExpressionAttributeNames", {})
    values = arguments.get("ExpressionAttributeValues", {})
    steps: list[Step] = []
    if "UpdateExpression" not in arguments:
        return None
    for word, parts in _CLAUSE.findall(arguments["UpdateExpression"]):
        for part in _parts(parts):
            found = _step(word, part, values)
            if found is None:
                return None
            kind, path, value = found
            steps.append((kind, tuple(names[one] for one in path.split(".")), value))
    return tuple(steps)


def _parts(text: str) -> Iterator[str]:
    """The parts of a clause: its commas that stand in no parentheses divide it."""
    depth, begun = 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield text[begun:at].strip()
            begun = at + 1
    yield text[begun:].strip()


def _step(word: str, part: str, values: Mapping[str, Any]) -> tuple[str, str, Any] | None:
    match word:
        case "SET" if found := _SET.fullmatch(part):
            return "set", found[1], values[found[2]]
        case "SET" if found := _SET_ABSENT.fullmatch(part):
            return "there", found[1], None
        case "REMOVE" if _BARE.fullmatch(part):
            return "gone", part, None
        case "ADD" | "DELETE" if found := _MEMBERS.fullmatch(part):
            value = values[found[2]]
            kind = "with" if word == "ADD" else "without"
            return None if _SETS.isdisjoint(value) else (kind, found[1], value)
        case _:
            return None


def _left_behind(step: Step, item: Mapping[str, Any]) -> bool:
    kind, path, value = step
    there = _at(item, path)
    match kind:
        case "set":
            return there is not None and _equal(there, value)
        case "there":
            return there is not None
        case "gone":
            return there is None
        case _:
            mine, theirs = _members(value), _members(there or {})
            return mine <= theirs if kind == "with" else mine.isdisjoint(theirs)


def _at(item: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any] | None:
    held: Any = {"M": item}
    for name in path:
        inside = held.get("M")
        if not isinstance(inside, Mapping) or name not in inside:
            return None
        held = inside[name]
    found: Mapping[str, Any] = held
    return found


def _members(value: Mapping[str, Any]) -> frozenset[Any]:
    ((type, held),) = value.items() if len(value) == 1 else (("", ()),)
    return frozenset(map(_number, held) if type == "NS" else held)


def _equal(one: Any, other: Any) -> bool:
    """Whether two attribute values are the same to the store, which writes numbers its own way."""
    if len(one) != 1 or one.keys() != other.keys():
        return False
    type = next(iter(one))
    left, right = one[type], other[type]
    match type:
        case "N":
            return bool(_number(left) == _number(right))
        case "SS" | "NS" | "BS":
            return _members(one) == _members(other)
        case "L":
            return len(left) == len(right) and all(map(_equal, left, right))
        case "M":
            return bool(left.keys() == right.keys()) and all(
                _equal(left[name], right[name]) for name in left
            )
        case _:
            return bool(left == right)


def _number(text: Any) -> Any:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
