"""The online store's contract through the codecs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit.contract.reader import read_contract
from dalkit.convert import items, rows, transcoder
from dalkit.records.made import make_records
from dalkit.result import Success
from dalkit.schema.entity import Entity
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl
from dalkit.testing import laws
from dalkit.testing.strategies import records_of, rows_of

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
ORDER = (
    "7", "3", "pending", "30.50", (("1", "12", "2", "10.00"), ("2", "5", "1", "10.50")),
    "2026-01-02 03:04:05", "2026-01-03 03:04:05",
)  # fmt: skip


@lru_cache(maxsize=1)
def _entities() -> dict[str, Entity[Any, Any]]:
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return dict(make_records(schema))


@pytest.mark.parametrize("name", ["USER", "CART", "ORDER"])
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_every_entity_keeps_the_laws(name: str, data: st.DataObject) -> None:
    """What the example's contract makes survives both stores."""
    entity = _entities()[name]
    record, row = data.draw(records_of(entity)), data.draw(rows_of(entity))
    laws.item_decode_undoes_encode(entity, record)
    laws.row_decode_undoes_encode(entity, record)
    laws.json_is_the_item(entity, record)
    laws.generated_is_careful_for_records(entity, record)
    laws.generated_is_careful_for_rows(entity, row)
    laws.transcoding_is_decode_then_encode(entity, row)
    laws.row_survives_both_stores(entity, row)


def test_an_order_has_its_lines() -> None:
    """Child rows become a list of maps, and the keys are what the contract says."""
    orders = _entities()["ORDER"]
    item = transcoder(orders).item(ORDER)

    assert isinstance(item, dict)
    assert item["PK"] == {"S": "USER#3"}
    assert item["SK"] == {"S": "ORDER#2026-01-02T03:04:05Z#0000000007"}
    assert item["order_items"]["L"][1]["M"]["price_at_time"] == {"N": "10.5"}
    assert items(orders).decode(item) == rows(orders).decode(ORDER)
    assert isinstance(rows(orders).decode(ORDER), Success)
