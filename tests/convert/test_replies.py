"""Replies read straight into records: the same records as from items, or none at all."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit.contract.reader import read_contract
from dalkit.convert import items
from dalkit.records.made import make_records
from dalkit.result import Success
from dalkit.schema.entity import Entity
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl
from dalkit.testing.strategies import records_of

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
USED = {"TableName": "Users", "CapacityUnits": 1.5}
LAST = {"PK": {"S": "a"}, "SK": {"B": "AP8="}}
SETTINGS = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@lru_cache(maxsize=1)
def _entities() -> dict[str, Entity[Any, Any]]:
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return dict(make_records(schema))


NAMES = ["USER", "CART", "ORDER", "PRODUCT", "CATEGORY"]


def _json(entity: Entity[Any, Any], record: Any) -> Any:
    return json.loads(items(entity).encode_json(record).unwrap())


def _body(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("name", [name for name in NAMES if name in _entities()])
@SETTINGS
@given(st.data())
def test_every_reply_gives_the_records_that_items_give(name: str, data: st.DataObject) -> None:
    """A page, one item, a batch: the records, what was used, and where it goes on."""
    entity = _entities()[name]
    held = data.draw(st.lists(records_of(entity), min_size=1, max_size=4))
    wire, replies = [_json(entity, one) for one in held], items(entity).replies
    page = {"Items": wire, "Count": len(wire), "ScannedCount": 9, "ConsumedCapacity": USED}
    many = {"Responses": {"Users": wire}, "UnprocessedKeys": {"Users": {"Keys": [LAST]}}}

    told = replies.page(_body({**page, "LastEvaluatedKey": LAST}))
    assert told == {**page, "Items": held, "LastEvaluatedKey": {**LAST, "SK": {"B": b"\x00\xff"}}}
    assert replies.page(_body(page)) == {**page, "Items": held}
    assert replies.one(_body({"Item": wire[0]})) == {"Item": held[0]}
    assert replies.many(_body(many)) == {
        "Responses": {"Users": held},
        "UnprocessedKeys": {"Users": {"Keys": [{**LAST, "SK": {"B": b"\x00\xff"}}]}},
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"<html>", b'{"Items": 7, "Count": 1}', b'{"Items": []}', b"\xff"],
)
def test_what_is_no_page_is_left_to_the_careful_path(body: bytes) -> None:
    """Which tells a broken reply from one that is strange; here nothing is answered."""
    replies = items(_entities()["ORDER"]).replies

    assert replies.page(body) is None
    assert replies.many(body) is None


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"{}", {}), (b"", None), (b'{"Item": 7}', None), (b'{"Item": {}}', None), (b"[]", None)],
)
def test_a_reply_without_an_item_is_one(body: bytes, told: Any) -> None:
    """GetItem answers an empty object where there is none."""
    assert items(_entities()["ORDER"]).replies.one(body) == told


@SETTINGS
@given(st.data())
def test_an_item_of_another_shape_is_left_to_the_careful_path(data: st.DataObject) -> None:
    """An attribute that the contract does not know, or a value that it does not allow."""
    entity = _entities()["ORDER"]
    wire = _json(entity, data.draw(records_of(entity)))
    strange = data.draw(
        st.sampled_from(
            [{**wire, "unknown": {"S": "x"}}, {**wire, "total_amount": {"S": "x"}}, {"PK": LAST}]
        )
    )

    assert items(entity).replies.one(_body({"Item": strange})) is None
    assert items(entity).replies.page(_body({"Items": [wire, strange], "Count": 2})) is None


@pytest.mark.parametrize(
    ("name", "wire", "good"),
    [
        ("order_id", {"N": "2147483647"}, True),
        ("order_id", {"N": "2147483648"}, False),
        ("order_id", {"N": "-2147483649"}, False),
        ("order_id", {"N": "7.0"}, True),
        ("order_id", {"N": "7.5"}, False),
        ("order_status", {"S": "x" * 1000}, False),
    ],
)
def test_bounds_are_the_same_from_bytes_as_from_items(name: str, wire: Any, good: bool) -> None:
    """What msgspec checks is what the careful path checks."""
    entity = _entities()["ORDER"]
    plain = {
        "PK": {"S": "USER#3"}, "SK": {"S": "ORDER#2026-01-02T03:04:05Z#0000000007"},
        "user_id": {"N": "3"}, "order_id": {"N": "7"}, "order_status": {"S": "pending"},
        "total_amount": {"N": "5"}, "order_items": {"L": []},
        "created_at": {"S": "2026-01-02T03:04:05Z"}, "updated_at": {"S": "2026-01-02T03:04:05Z"},
    }  # fmt: skip
    item = {**plain, name: wire}
    if good and name == "order_id":
        number = int(float(wire["N"]))
        item["SK"] = {"S": f"ORDER#2026-01-02T03:04:05Z#{number:010}"}

    from_bytes, from_item = items(entity).decode_json(_body(item)), items(entity).decode(item)

    assert isinstance(from_item, Success) == good
    assert isinstance(from_bytes, Success) == good
    if good:
        assert from_bytes == from_item
