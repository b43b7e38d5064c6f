"""The checks on the online store: what they say of a sound contract, and of one made unsound."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.online_store.access_patterns import PATTERNS
from dalkit.contract.problems import Problem
from dalkit.contract.reader import read_contract
from dalkit.schema.checks import checks
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl

STORE = Path(__file__).parents[2] / "contracts/online_store"


def judged(change: Callable[[Any], object]) -> tuple[Problem, ...]:
    """What the checks say of the store's contract after a change."""
    value = json.loads((STORE / "migrationContract.json").read_text(encoding="utf-8"))
    change(value["tables"])
    contract, problems = read_contract(json.dumps(value))
    source, _ = read_ddl((STORE / "schema.sql").read_text(encoding="utf-8"))
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    patterns = frozenset(pattern.name for pattern in PATTERNS if pattern.tables)
    return checks(contract, source, schema, patterns=patterns)


def test_a_sound_contract_hears_little() -> None:
    """Two indexes with few partition keys, and order lines that are not limited, are meant so."""
    found = judged(lambda _: None)
    warnings = [(one.code, one.pointer) for one in found if one.severity == "warning"]

    assert warnings == [
        ("DK340", "/tables/0/entities/0/attributes/11"),
        ("DK341", "/tables/0/entities/2/attributes/4"),
        ("DK340", "/tables/0/entities/2/attributes/8"),
    ]
    assert {one.code for one in found if one.severity == "note"} == {"DK342", "DK380"}
    assert not any(one.severity == "error" for one in found)


def attribute(entity: int, name: str, tables: Any) -> Any:
    """An attribute of an entity of the table Users."""
    held = tables[0]["entities"][entity]["attributes"]
    return next(one for one in held if one["name"] == name)


def by_name(tables: Any) -> None:
    """Categories keyed as the workshop keyed them: by the parent's name and their own."""
    table = tables[2]
    for one in table["attributes"]:
        if one["name"] == "PK":
            one.update(source_column="parent_id", transformation={
                "type": "string-format", "format": "{parent_name}"})  # fmt: skip
        if one["name"] == "SK":
            one["transformation"]["format"] = "{name}"


CHANGES: list[tuple[str, str, Callable[[Any], object]]] = [
    (
        "DK301",
        '"super_admin" of "users"',
        lambda tables: tables[0]["entities"][0]["attributes"].__delitem__(6),
    ),
    (
        "DK302",
        '"id" of "order_items"',
        lambda tables: attribute(2, "order_items", tables)["join"]["construction"][
            "select_columns"
        ].pop("order_item_id"),
    ),
    ("DK310", 'it lacks "id"', by_name),
    (
        "DK320",
        '"email" of "users" unique',
        lambda tables: tables[0]["entities"][0]["dalkit"].update(unique=["username"]),
    ),
    (
        "DK330",
        '"product_id" is not padded',
        lambda tables: tables[0]["entities"][1].update(sk_template="CART#{product_id}"),
    ),
    (
        "DK311",
        '"CART" and "USER" can have one key',
        lambda tables: tables[0]["entities"][1].update(sk_template="#META"),
    ),
    ("DK350", '"AP99 nothing"', lambda tables: tables[0]["satisfies"].append("AP99 nothing")),
    (
        "DK351",
        '"AP02 log in',
        lambda tables: tables[0]["satisfies"].remove(tables[0]["satisfies"][1]),
    ),
    (
        "DK390",
        '"password_hash"',
        lambda tables: attribute(0, "password_hash", tables).pop("dalkit"),
    ),
]


@pytest.mark.parametrize(("code", "said", "change"), CHANGES, ids=[one[0] for one in CHANGES])
def test_a_fault_is_said_by_its_names(
    code: str, said: str, change: Callable[[Any], object]
) -> None:
    """Each fault that the sound contract avoids."""
    texts = [one.text for one in judged(change) if one.code == code]

    assert any(said in text for text in texts), texts
