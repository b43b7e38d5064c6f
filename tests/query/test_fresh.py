"""New records: what they lack, and what completes them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from dalkit import Failure, Success, insert, put, read_contract, read_ddl, resolve
from dalkit.query.fresh import complete, needs_moment, needs_number
from dalkit.records.made import records_module
from dalkit.result import InvalidValue
from dalkit.schema.entity import definition_of, new_class_of, record_class_of

NOW = datetime(2026, 3, 1, 11, 59, 59, 987_654, tzinfo=UTC)
HERE = Path(__file__).parent
_GIVEN = {"label", "zero", "random", "nothing", "lower", "shape", "first", "twice"}


def resolved(options: dict[str, Any]) -> tuple[Any, Any]:
    """The schema with these options of things, and the problems."""
    tables = json.loads((HERE / "fresh.json").read_text())
    tables[0]["dalkit"] = options
    contract, _ = read_contract(json.dumps(tables))
    source, _ = read_ddl((HERE / "fresh.sql").read_text())
    assert contract is not None
    return resolve(contract, source)


@lru_cache(maxsize=1)
def module() -> ModuleType:
    """The records module."""
    schema, problems = resolved({})
    assert schema is not None, problems
    return records_module(schema)


def new(**given: Any) -> Any:
    """A new thing."""
    fields = {
        **dict.fromkeys(("zero", "nothing"), None), "label": "é", "random": "r", "lower": 1,
        "shape": module().ThingShape(first="f", label="é"), "first": "f", "twice": "éé",
    }  # fmt: skip
    return module().NewThing(**{**fields, **given})


def test_a_new_record_lacks_what_is_generated() -> None:
    """Expressions, dates that Python has not, and columns inside a map are given."""
    names = {one.name for one in attrs.fields(new_class_of(module().things))}

    assert names == _GIVEN
    assert definition_of(module().things).counter == "id"


def test_where_nothing_is_generated_new_records_are_records() -> None:
    """There is no class of their own."""
    plain = module().plains
    record = module().Plain(id=1, word="a")

    assert new_class_of(plain) is record_class_of(plain)
    assert not hasattr(module(), "NewPlain")
    assert complete(plain, record) == Success(record)
    assert not needs_number(plain, record)


def test_defaults_are_what_mysql_gives() -> None:
    """Of every kind; the moment is cut as the column cuts it."""
    made = complete(module().things, new(), number=7, now=NOW).unwrap()
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)

    assert {one.name: getattr(made, one.name) for one in attrs.fields(type(made))} == {
        "id": 7, "price": Decimal("1.50"), "ratio": 0.1, "single": 0.3, "yes": True, "bit1": True,
        "mask": 5, "state": "Old", "tags": {"a", "b"}, "word": "it's \\ \"so\" ", "fixed": "a",
        "raw": b"\x00\xff", "block": b"A\0\0\0", "day": date(2026, 2, 28), "noon": noon,
        "span": -timedelta(hours=1, minutes=2, seconds=3.5), "year": 2026,
        "made": NOW.replace(microsecond=987_000), "changed": NOW.replace(microsecond=0),
        "title": "T-000007-é", "extra_": {},
        **{name: getattr(new(), name) for name in _GIVEN},
    }  # fmt: skip


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    """In UTC, as records hold them."""
    east = NOW.astimezone(timezone(timedelta(hours=5)))
    made = complete(module().things, new(), number=7, now=east).unwrap()

    assert made.made == NOW.replace(microsecond=987_000)
    assert made.made.tzinfo is UTC


def test_what_is_needed_is_asked_for() -> None:
    """Of whole records nothing is."""
    things = module().things
    whole = complete(things, new(), number=1, now=NOW).unwrap()

    assert needs_number(things, new())
    assert needs_moment(things, new())
    assert not needs_number(things, whole)
    assert not needs_moment(things, whole)
    with pytest.raises(ValueError, match=r"id of a new Thing .* give number="):
        complete(things, new(), now=NOW)
    with pytest.raises(ValueError, match="give now="):
        complete(things, new(), number=1)
    with pytest.raises(ValueError, match="of no time zone"):
        complete(things, new(), number=1, now=NOW.replace(tzinfo=None))


def test_what_cannot_be_made_is_an_invalid_value() -> None:
    """The title is made of the label, which is told."""
    answer = complete(module().things, new(label="a" * 21), number=1, now=NOW)

    assert isinstance(answer, Failure)
    error = answer.failure()
    assert isinstance(error, InvalidValue)
    assert error.where == "label"


@pytest.mark.parametrize(
    ("option", "counter", "said"),
    [
        ("id", "id", ""),
        ("nothing", "nothing", ""),
        ("label", None, "no column of whole numbers"),
        ("title", None, "no column of whole numbers"),
        ("gone", None, "gone"),
    ],
)
def test_the_contract_names_the_counter(option: str, counter: str | None, said: str) -> None:
    """Instead of AUTO_INCREMENT; only a column of whole numbers can be counted."""
    schema, problems = resolved({"counter": option})

    assert said in " ".join(one.text for one in problems)
    assert (schema and schema.by_name["Things"].counter) == counter


def test_only_insert_takes_new_records() -> None:
    """Others say what they take."""
    things: Any = module().things

    assert str(insert(things, new())) == "insert new thing"
    with pytest.raises(TypeError, match=r"NewThing is no record of thing: give Thing\(…\)$"):
        put(things, new())
    with pytest.raises(TypeError, match=r"give Thing\(…\) or NewThing\(…\)"):
        insert(things, module().Plain(id=1, word=None))
