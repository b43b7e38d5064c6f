"""The keys of guards and counters: different values have different ones, and any value fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dalkit.schema.bookkeeping import (
    counter_text,
    guard_text,
    is_bookkeeping,
    keyed_by_text,
    place_of,
)
from dalkit.schema.definition import KeyAttribute, TableDefinition

TABLE = TableDefinition(name="T", pk=KeyAttribute("PK"), sk=KeyAttribute("SK"))
TEXTS = st.text("a#%25+", max_size=6) | st.text(max_size=2_000)


def test_a_key_reads_as_it_is_meant() -> None:
    """Entity, fields and values, in this order; `#` and `%` inside values are escaped."""
    assert guard_text("USER", ["email"], ["a#b%"]) == "UNIQUE#USER#email#a%23b%25"
    assert guard_text("A#B", ["one", "two"], ["x", "y"]) == "UNIQUE#A%23B#one+two#x#y"
    assert counter_text("USER", "user_id") == "COUNTER#USER#user_id"
    assert place_of(TABLE, "x") == {"PK": {"S": "x"}, "SK": {"S": "x"}}


@given(st.lists(TEXTS, min_size=1, max_size=3), st.lists(TEXTS, min_size=1, max_size=3))
def test_different_values_have_different_keys(one: list[str], other: list[str]) -> None:
    """Whatever is in them, and however long they are."""
    groups = [[f"f{n}" for n, _ in enumerate(values)] for values in (one, other)]
    texts = [
        guard_text("E", group, values) for group, values in zip(groups, (one, other), strict=True)
    ]

    assert (texts[0] == texts[1]) == (one == other)
    assert all(len(text.encode()) <= 1_024 for text in texts)
    assert all(map(is_bookkeeping, texts))


def test_a_hash_is_no_value() -> None:
    """No value is written as the hash of a longer one."""
    long = guard_text("E", ["f"], ["x" * 2_000])

    assert long.startswith("UNIQUE#%sha256%")
    assert guard_text("%sha256%", ["f"], ["x"]).startswith("UNIQUE#%25sha256%25#")


def test_a_fold_has_guards_of_its_own() -> None:
    """Its name stands behind the fields, where no field's name can."""
    texts = [guard_text("E", ["f", "g"], ["x", "y"], fold=one) for one in ("", "case-1", "case-2")]

    assert texts[1] == "UNIQUE#E#f+g~case-1#x#y"
    assert len(set(texts)) == 3


def test_only_text_keys_hold_them() -> None:
    """A table keyed by numbers or bytes, in either attribute, has no place for them."""
    number = KeyAttribute("N", "N")

    assert keyed_by_text(TABLE)
    assert not keyed_by_text(TableDefinition(name="T", pk=number))
    assert not keyed_by_text(TableDefinition(name="T", pk=KeyAttribute("PK"), sk=number))
    assert not is_bookkeeping(5)
    assert not is_bookkeeping("USER#1")
