"""What a second time of an operation does, and whether an item shows the first one."""

from __future__ import annotations

from typing import Any

import pytest

from dalkit.run.repeating import done_before, repeat_of

NAMES = {"#n0": "a", "#n1": "b", "#n2": "c"}
VALUES = {":v0": {"N": "1"}, ":v1": {"SS": ["x", "y"]}, ":v2": {"L": [{"S": "x"}]}}


def update(text: str, **more: Any) -> dict[str, Any]:
    """An update with this expression."""
    held = {"ExpressionAttributeNames": NAMES, "ExpressionAttributeValues": VALUES}
    return {"TableName": "T", "Key": {}, "UpdateExpression": text, **held, **more}


@pytest.mark.parametrize(
    ("operation", "arguments", "kind"),
    [
        ("GetItem", {}, "read"),
        ("BatchGetItem", {}, "read"),
        ("Query", {}, "read"),
        ("Scan", {}, "read"),
        ("TransactGetItems", {}, "read"),
        ("PutItem", {"Item": {}}, "same"),
        ("PutItem", {"Item": {}, "ConditionExpression": "x"}, "checked"),
        ("DeleteItem", {"Key": {}}, "same"),
        ("DeleteItem", {"Key": {}, "ConditionExpression": "x"}, "checked"),
        ("BatchWriteItem", {}, "same"),
        ("TransactWriteItems", {"ClientRequestToken": "t"}, "same"),
        ("TransactWriteItems", {}, "once"),
        ("UpdateItem", update("SET #n0 = :v0, #n1.#n2 = :v1"), "same"),
        ("UpdateItem", update("SET #n0 = :v0", ConditionExpression="x"), "checked"),
        ("UpdateItem", update("SET #n0 = if_not_exists(#n0, :v0) REMOVE #n1, #n2"), "same"),
        ("UpdateItem", update("ADD #n0 :v1 DELETE #n1 :v1"), "same"),
        ("UpdateItem", update("ADD #n0 :v0"), "once"),
        ("UpdateItem", update("SET #n0 = #n0 + :v0"), "once"),
        ("UpdateItem", update("SET #n0 = if_not_exists(#n0, :v0) + :v0"), "once"),
        ("UpdateItem", update("SET #n0 = if_not_exists(#n1, :v0)"), "once"),
        ("UpdateItem", update("SET #n0 = list_append(if_not_exists(#n0, :v2), :v2)"), "once"),
        ("UpdateItem", update("SET #n0 = :v0, #n1[3] = :v0"), "once"),
        ("UpdateItem", update("REMOVE #n1[0]"), "once"),
        ("UpdateItem", {"Key": {}, "ConditionExpression": "x"}, "once"),
        ("CreateTable", {}, "once"),
    ],
)
def test_what_a_second_time_does(operation: str, arguments: dict[str, Any], kind: str) -> None:
    """Only what leaves the same behind is sent again after a lost reply."""
    assert repeat_of(operation, arguments, repeat=None) == kind


def test_who_knows_better_is_believed() -> None:
    """A counter may be counted twice, where gaps do no harm."""
    arguments = update("ADD #n0 :v0")

    assert repeat_of("UpdateItem", arguments, repeat=True) == "same"
    assert repeat_of("PutItem", {"Item": {}}, repeat=False) == "once"
    assert repeat_of("GetItem", {}, repeat=False) == "read"


@pytest.mark.parametrize(
    ("sent", "held", "done"),
    [
        ({"a": {"N": "1.50"}}, {"a": {"N": "1.5"}}, True),
        ({"a": {"SS": ["x", "y"]}}, {"a": {"SS": ["y", "x"]}}, True),
        ({"a": {"NS": ["1.0", "2"]}}, {"a": {"NS": ["2", "1"]}}, True),
        ({"a": {"L": [{"M": {"b": {"N": "0"}}}]}}, {"a": {"L": [{"M": {"b": {"N": "-0"}}}]}}, True),
        ({"a": {"B": b"x"}}, {"a": {"B": b"x"}}, True),
        ({"a": {"N": "1"}}, {"a": {"S": "1"}}, False),
        ({"a": {"N": "1"}}, {"a": {"N": "2"}}, False),
        ({"a": {"N": "1"}}, {"a": {"N": "1"}, "b": {"N": "1"}}, False),
        ({"a": {"L": [{"S": "x"}]}}, {"a": {"L": []}}, False),
    ],
)
def test_a_put_was_done_if_the_item_is_what_was_sent(
    sent: dict[str, Any], held: dict[str, Any], done: bool
) -> None:
    """Numbers and sets are compared as the store keeps them."""
    assert done_before("PutItem", {"Item": sent}, held) is done


@pytest.mark.parametrize(
    ("text", "held", "done"),
    [
        ("SET #n0 = :v0", {"a": {"N": "1"}, "z": {"S": "kept"}}, True),
        ("SET #n0 = :v0", {"a": {"N": "2"}}, False),
        ("SET #n0 = :v0", {}, False),
        ("SET #n1.#n2 = :v0", {"b": {"M": {"c": {"N": "1.0"}}}}, True),
        ("SET #n1.#n2 = :v0", {"b": {"S": "no map"}}, False),
        ("SET #n0 = if_not_exists(#n0, :v0)", {"a": {"S": "other"}}, True),
        ("SET #n0 = :v0 REMOVE #n1", {"a": {"N": "1"}}, True),
        ("SET #n0 = :v0 REMOVE #n1", {"a": {"N": "1"}, "b": {"N": "1"}}, False),
        ("ADD #n0 :v1", {"a": {"SS": ["z", "y", "x"]}}, True),
        ("ADD #n0 :v1", {"a": {"SS": ["y"]}}, False),
        ("DELETE #n0 :v1", {"a": {"SS": ["z"]}}, True),
        ("DELETE #n0 :v1", {}, True),
        ("DELETE #n0 :v1", {"a": {"SS": ["x"]}}, False),
        ("SET #n0 = #n0 + :v0", {"a": {"N": "1"}}, False),
    ],
)
def test_an_update_was_done_if_the_item_bears_it(
    text: str, held: dict[str, Any], done: bool
) -> None:
    """Every part of the update has to stand in the item."""
    assert done_before("UpdateItem", update(text), held) is done
