"""Negations at the leaves: the same truth, for values and for None."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalkit import Field, Predicate
from dalkit.fields import predicates as p
from dalkit.fields.places import Place, Size
from dalkit.query.normal import conjuncts, pushed

Truth = bool | None


class Handle:
    """Two fields, each a text or None."""

    a: Final = Field[Any, Any]("a")
    b: Final = Field[Any, Any]("b")


A, B = Handle.a, Handle.b
RECORDS = [{"a": a, "b": b} for a, b in product((None, "", "k", "kx", "m"), repeat=2)]
OPERATORS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LEAVES: list[Predicate[Any]] = [
    *(A == "k", A != "k", A < "k", A <= "k", A > "k", A >= "k"),
    *(A.between("k", "l"), A.between("l", "k"), A.is_in(["k", "m"]), A.is_in([])),
    *(A.begins_with("k"), A.contains("x"), A.size() > 1, A.size() == 1),
    *(A.exists(), A.is_none(), B == "m", B.is_none(), B.begins_with("")),
]


def truth(predicate: Any, record: Mapping[str, Any]) -> Truth:
    """What a predicate is for a record: true, false, or None for unknown."""
    match predicate:
        case p.Not(inner):
            value = truth(inner, record)
            return None if value is None else not value
        case p.And(terms):
            values = [truth(one, record) for one in terms]
            return False if False in values else None if None in values else True
        case p.Or(terms):
            values = [truth(one, record) for one in terms]
            return True if True in values else None if None in values else False
        case p.Exists(Place(name=name)):
            return record[name] is not None
        case p.IsNone(Place(name=name)):
            return record[name] is None
        case _:
            return leaf(predicate, record)


def leaf(predicate: Any, record: Mapping[str, Any]) -> Truth:
    """A leaf that does not see None."""
    value: Any = record[p.place_of(predicate.operand).name]
    if value is None:
        return None
    if isinstance(predicate.operand, Size):
        value = len(value)
    match predicate:
        case p.Compare(_, sign, other):
            return bool(OPERATORS[sign](value, other))
        case p.Between(_, low, high):
            return bool(low <= value <= high)
        case p.IsIn(_, values):
            return value in values
        case p.BeginsWith(_, start):
            return bool(value.startswith(start))
        case p.Contains(_, part):
            return part in value
    raise AssertionError(predicate)


def shape_faults(predicate: Any) -> list[str]:
    """Where a predicate is not in the form that `pushed` promises."""
    match predicate:
        case p.And(terms) | p.Or(terms):
            found = [fault for one in terms for fault in shape_faults(one)]
            found += ["one of its own kind" for one in terms if type(one) is type(predicate)]
            return found + (["fewer than two terms"] if len(terms) < 2 else [])
        case p.Not(inner):
            leaves = (p.Between, p.IsIn, p.BeginsWith, p.Contains)
            return [] if isinstance(inner, leaves) else [f"Not around {type(inner).__name__}"]
    return []


@pytest.mark.parametrize("predicate", LEAVES, ids=str)
def test_a_negated_leaf_is_true_where_the_leaf_is_false(predicate: Predicate[Any]) -> None:
    """And unknown where it is unknown: None satisfies neither."""
    for record in RECORDS:
        value = truth(predicate, record)

        assert truth(pushed(~predicate), record) == (None if value is None else not value)
        assert truth(pushed(predicate), record) == value


def test_the_truth_tables_are_those_of_sql() -> None:
    """The evaluator of these tests itself, against the standard's tables."""
    t, f, u = A.exists(), A.is_none(), B == "k"
    record = {"a": "k", "b": None}
    table = {
        (t & t): True,
        (t & f): False,
        (t & u): None,
        (f & u): False,
        (u & ~u): None,
        (t | u): True,
        (f | u): None,
        (u | ~u): None,
        (f | f | t): True,
        ~u: None,
        ~t: False,
    }

    assert {one: truth(one, record) for one in table} == table


def predicates() -> st.SearchStrategy[Any]:
    """Predicates of every shape over two fields."""
    return st.recursive(
        st.sampled_from(LEAVES),
        lambda inner: (
            st.builds(lambda one: ~one, inner)
            | st.builds(lambda one, two: one & two, inner, inner)
            | st.builds(lambda one, two: one | two, inner, inner)
            | st.builds(p.Not, inner)
            | st.builds(lambda terms: p.And(tuple(terms)), st.lists(inner, min_size=1, max_size=3))
        ),
        max_leaves=12,
    )


@given(predicates())
def test_pushed_means_the_same(predicate: Any) -> None:
    """For every record, whether true, false or unknown; and once pushed, nothing moves."""
    found = pushed(predicate)

    assert shape_faults(found) == []
    assert [truth(found, one) for one in RECORDS] == [truth(predicate, one) for one in RECORDS]
    assert pushed(found) == found


@given(st.lists(predicates(), max_size=3))
def test_conjuncts_are_what_must_all_be_true(given_: list[Any]) -> None:
    """No `And` is left among them."""
    terms = conjuncts(given_)

    assert not any(isinstance(one, p.And) for one in terms)
    for record in RECORDS:
        whole = truth(p.And(tuple(given_)), record)
        assert truth(p.And(terms), record) == whole


def test_de_morgan_keeps_the_order_that_was_written() -> None:
    """The result is read from left to right as the source was."""
    found = pushed(~((A == "k") & ((B < "m") | ~A.begins_with("x") | B.exists())))

    assert str(found) == "a <> 'k' or (b >= 'm' and a begins with 'x' and b is none)"
