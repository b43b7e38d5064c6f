"""The laws of conversion, over entities made to be difficult and over the online store."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit.convert import items, rows, transcoder
from dalkit.result import Success
from dalkit.schema.entity import Entity
from dalkit.testing import laws
from dalkit.testing.strategies import records_of, rows_of
from dalkit.testing.zoo import zoo

TIMES = int(os.environ.get("DALKIT_TIMES", "1"))
"""How many times the usual number of examples a long run tries."""

ZOO = sorted(zoo())
quick = settings(
    max_examples=25 * TIMES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

_HOSTILE: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.timedeltas()
    | st.sampled_from(
        [
            "0",
            "1",
            "-1",
            "007",
            " 1",
            "1_0",
            "１２",
            "1.50",
            ".50",
            "5.",
            "1e3",
            "-0",
            "-0.00",
            "NaN",
            "0000-00-00 00:00:00",
            "0000-00-00",
            "2026-02-30",
            "2026-W01-1",
            "2026-01-02 03:04:05",
            "2026-01-02T03:04:05Z",
            "2026-W01-1 03:04:05",
            "2026-01-02 03:04:05.123",
            "2026-01-02 24:00:00",
            "\ud800",
            "9" * 5_000,
            "[" * 5_000,
            "{}",
            (),
            [],
            ((),),
            {},
        ]
    )
)
_WIRE = st.one_of(
    _HOSTILE,
    st.dictionaries(
        st.sampled_from(["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "X"]), _HOSTILE
    ),
    st.dictionaries(
        st.sampled_from(["M", "L", "SS"]), st.lists(_HOSTILE) | st.dictionaries(st.text(), _HOSTILE)
    ),
)


def _entity(name: str) -> Entity[Any, Any]:
    return zoo()[name]


@pytest.mark.parametrize("name", ZOO)
@quick
@given(data=st.data())
def test_records_survive(name: str, data: st.DataObject) -> None:
    """Decode undoes encode for items and rows, and JSON says what the item says."""
    entity = _entity(name)
    record = data.draw(records_of(entity))
    laws.item_decode_undoes_encode(entity, record)
    laws.row_decode_undoes_encode(entity, record)
    laws.json_is_the_item(entity, record)
    laws.generated_is_careful_for_records(entity, record)


@pytest.mark.parametrize("name", ZOO)
@quick
@given(data=st.data())
def test_rows_survive(name: str, data: st.DataObject) -> None:
    """Rows, as the wire's text or typed, cross both stores, in one step as in two."""
    entity = _entity(name)
    row = data.draw(rows_of(entity))
    laws.generated_is_careful_for_rows(entity, row)
    laws.transcoding_is_decode_then_encode(entity, row)
    laws.row_survives_both_stores(entity, row)


@pytest.mark.parametrize("name", ZOO)
@quick
@given(data=st.data())
def test_a_hostile_cell_is_answered(name: str, data: st.DataObject) -> None:
    """A row with a cell of anything: both paths agree, and no path raises."""
    entity = _entity(name)
    row = list(data.draw(rows_of(entity)))
    row[data.draw(st.integers(0, len(row) - 1))] = data.draw(_HOSTILE)
    laws.generated_is_careful_for_rows(entity, tuple(row))
    laws.transcoding_is_decode_then_encode(entity, tuple(row))
    laws.row_survives_both_stores(entity, tuple(row))


@pytest.mark.parametrize("name", ZOO)
@quick
@given(data=st.data())
def test_a_hostile_attribute_is_answered(name: str, data: st.DataObject) -> None:
    """An item with an attribute of anything: both paths agree, and no path raises."""
    entity = _entity(name)
    record = data.draw(records_of(entity))
    match items(entity).encode(record):
        case Success(item):
            pass
        case _:
            raise AssertionError(record)
    changed = data.draw(st.sampled_from([*item, "other"]))
    held = {**item, changed: data.draw(_WIRE)}
    laws.generated_is_careful_for_items(entity, held)
    laws.generated_is_careful_for_items(entity, {k: v for k, v in item.items() if k != changed})


@pytest.mark.parametrize("name", ZOO)
@quick
@given(value=_WIRE)
def test_anything_is_answered(name: str, value: Any) -> None:
    """Decoding never raises, and a bulk run neither."""
    entity = _entity(name)
    laws.never_raises(rows(entity), value)
    laws.never_raises(items(entity), value)
    laws.generated_is_careful_for_rows(entity, value)
    laws.generated_is_careful_for_items(entity, value)
    assert transcoder(entity).item(value) is not None


@pytest.mark.parametrize("name", ZOO)
@quick
@given(data=st.data())
def test_keys_are_injective(name: str, data: st.DataObject) -> None:
    """Different keys have different items."""
    entity = _entity(name)
    one, other = data.draw(records_of(entity)), data.draw(records_of(entity))
    laws.different_keys_have_different_items(entity, one, other)


@quick
@given(data=st.data())
def test_keys_keep_order(data: st.DataObject) -> None:
    """A sort key of an instant and a padded number sorts as they do."""
    entity = _entity("key")
    one, other = data.draw(records_of(entity)), data.draw(records_of(entity))
    laws.key_order_is_field_order(entity, "SK", lambda r: (r.made, r.number), one, other)
