"""The records module: deterministic, formatted, strictly typed, and the schema when read back."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import pytest

from dalkit.compile.sql import to_sql
from dalkit.query import count, find
from dalkit.records import make_records, render
from dalkit.records.made import records_module
from dalkit.schema.definition import Schema
from dalkit.schema.entity import definition_of, key_class_of, nested_class_of, record_class_of

STORE = Path(__file__).parents[2] / "contracts" / "online_store"


@pytest.fixture(params=["store", "zoo"])
def schema(request: pytest.FixtureRequest) -> Schema:
    """One of the schemas."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Schema)
    return found


def run(*arguments: str, text: str = "") -> str:
    """What a Python tool says."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], input=text, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_the_module_read_back_is_the_schema(schema: Schema) -> None:
    """Every handle has the definition that it was made from."""
    handles = make_records(schema)

    assert {name: definition_of(one) for name, one in handles.items()} == schema.by_name


def test_the_module_read_back_has_the_tables(schema: Schema) -> None:
    """Each definition has those that it was resolved with; each is rendered once."""
    for name, one in make_records(schema).items():
        assert definition_of(one).mysql == schema.by_name[name].mysql
    made = {table.name for entity in schema.entities for table in entity.mysql.tables}

    assert render(schema).count("_s.SourceTable(") == len(made)


def test_the_module_alone_makes_sql(schema: Schema) -> None:
    """Every entity's records are read and counted with nothing else at hand."""
    for handle in make_records(schema).values():
        table = definition_of(handle).source.table

        for query in (find(handle).limit(2), count(handle)):
            assert f"\nFROM `{table}`" in to_sql(query).unwrap().text


def test_the_module_is_the_same_each_time(schema: Schema) -> None:
    """The same bytes in another process with other hashes."""
    assert render(schema) == render(schema)


@pytest.mark.parametrize("width", [88, 100])
def test_a_formatter_changes_nothing(store: Schema, zoo: Schema, width: int) -> None:
    """At its own width the module is as the formatter leaves it; the store's at ours, too."""
    for one in (store, zoo) if width == 88 else (store,):
        text = render(one)
        options = ("--isolated", f"--line-length={width}", "--stdin-filename=x.py", "-")
        done = subprocess.run(
            [sys.executable, "-m", "ruff", "format", *options],
            input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip

        assert done.stdout == text


def test_mypy_finds_nothing(schema: Schema, tmp_path: Path) -> None:
    """In its strict mode."""
    path = tmp_path / "generated.py"
    path.write_text(render(schema))
    cache = f"--cache-dir={tmp_path / 'cache'}"

    assert "Success" in run("mypy", "--strict", "--config-file=", cache, str(path))


@pytest.mark.slow
def test_pyright_finds_nothing(schema: Schema, tmp_path: Path) -> None:
    """In its strict mode."""
    path = tmp_path / "generated.py"
    path.write_text("# pyright: strict\n" + render(schema))

    assert "0 errors, 0 warnings" in run("pyright", "--pythonpath", sys.executable, str(path))


def test_the_checked_in_module_is_not_stale(store: Schema) -> None:
    """`contracts/online_store/records.py` is what the contract gives now."""
    assert (STORE / "records.py").read_text() == render(store)


def test_a_record_is_frozen_and_hides_its_secrets(store: Schema) -> None:
    """The password's hash is no part of the representation."""
    user = record_class_of(make_records(store)["USER"])
    names = [one.name for one in attrs.fields(user) if one.repr]

    assert "password_hash" not in names
    assert "username" in names
    assert all(one.kw_only for one in attrs.fields(user))


def test_classes_of_the_zoo_can_be_made(zoo: Schema) -> None:
    """Records, keys and nested records with values for every field."""
    module = records_module(zoo)
    for name, handle in make_records(zoo).items():
        values = {one.name: one.name for one in zoo.by_name[name].fields}
        record = record_class_of(handle)(**values)

        assert {one: getattr(record, one) for one in values} == values
        assert record.extra_ == {}
        assert key_class_of(handle)(*zoo.by_name[name].key)
        assert getattr(module, zoo.by_name[name].handle).__class__.__name__ in module.__all__


def test_nested_records_are_found_by_name(zoo: Schema) -> None:
    """Each under a class of its own."""
    fields = make_records(zoo)["a-table.FIELD"]
    made = nested_class_of(fields, "FieldProfile")(id=1, class_=None, date=date(2024, 1, 1))

    assert made.class_ is None


def test_the_stores_module_is_used_as_users_do(store: Schema) -> None:
    """Typed records, keys and fields."""
    module = records_module(store)
    key = module.OrderKey(user_id=1, created_at=datetime(2024, 1, 2, tzinfo=UTC), order_id=3)

    assert (key.user_id, key.order_id) == (1, 3)
    assert str(module.orders.order_status) == "order_status"
    assert repr(module.orders) == "<entity ORDER>"
