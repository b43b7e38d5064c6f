"""Law: a condition on a sort key selects the records that the predicates are true for.

The condition leaves out no record that they all select, and with the predicates that it does not
take up as a filter it lets in no other.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit import kinds
from dalkit.compile.key_conditions import Condition, condition_on_sort, known
from dalkit.compile.key_texts import KeyText
from dalkit.compile.refused import Contradiction
from dalkit.convert.templates import cuts_of
from dalkit.fields import predicates as p
from dalkit.fields.places import Place
from dalkit.schema.definition import Part, Template

DAY = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = st.text("ab#~é\U0010ffff", max_size=3)
INSTANTS = st.integers(0, 4_000).map(lambda n: DAY + timedelta(milliseconds=n * 250))
VALUES: dict[str, tuple[kinds.Kind, int, Any, Any]] = {
    # the kind, the width of its part, stored values, and values to compare with
    "number": (kinds.Integer(0, 999), 3, st.integers(0, 999), st.integers(-3, 1_003)),
    "signed": (kinds.Integer(-999, 999), 3, st.integers(0, 999), st.integers(-3, 1_003)),
    "plain": (kinds.Integer(0, 999), 0, st.integers(0, 999), st.integers(0, 999)),
    "text": (kinds.Text(5), 0, TEXTS, TEXTS),
    "word": (kinds.Enum(("a", "ab", "b")), 0, st.sampled_from("a ab b".split()), TEXTS),
    "second": (
        kinds.DateTime(0),
        0,
        st.integers(0, 999).map(lambda n: DAY + timedelta(seconds=n)),
        INSTANTS,
    ),
    "tenth": (
        kinds.DateTime(1),
        0,
        st.integers(0, 9_999).map(lambda n: DAY + timedelta(milliseconds=100 * n)),
        INSTANTS,
    ),
    "day": (
        kinds.Date(),
        0,
        st.integers(0, 99).map(lambda n: date(2026, 1, 1) + timedelta(days=n)),
        st.integers(-3, 102).map(lambda n: date(2026, 1, 1) + timedelta(days=n)),
    ),
    "year": (kinds.Year(), 0, st.integers(1901, 2155), st.integers(1800, 2200)),
}
SHAPES: list[tuple[tuple[str, ...], bool]] = [
    (("A#", "{x}"), False),
    (("{x}",), False),
    (("A#", "{x}", "#", "{y}"), False),
    (("{x}", "{y}"), False),
    (("A#", "{x}", "#B"), True),
    (("A#", "{y}", "#", "{x}"), False),
]


@st.composite
def keys(draw: st.DrawFn) -> tuple[KeyText, dict[str, str]]:
    """A sort key's template, and which values stand in it."""
    shape, escape = draw(st.sampled_from(SHAPES))
    fields = {name: draw(st.sampled_from(sorted(VALUES))) for name in ("x", "y")}
    kinds_of = {name: VALUES[one][0] for name, one in fields.items()}
    parts = tuple(
        Part(one[1], VALUES[fields[one[1]]][1]) if one.startswith("{") else one for one in shape
    )
    unique = cuts_of(Template(parts, escape), kinds_of) is not None
    key = KeyText(name="SK", type="S", parts=parts, escape=escape, unique=unique, kinds=kinds_of)
    return key, fields


@st.composite
def terms(draw: st.DrawFn, field: str, values: Any) -> Any:
    """A comparison of a field."""
    place, one = Place(None, field), draw(values)
    options: list[Any] = [
        p.Compare(place, operator, one) for operator in ("=", "<>", "<", "<=", ">", ">=")
    ]
    options += [p.Between(place, one, draw(values)), p.IsIn(place, (one,))]
    if isinstance(one, str):
        options.append(p.BeginsWith(place, one))
    return draw(st.sampled_from(options))


def is_true(term: Any, record: dict[str, Any]) -> bool:
    """Whether a comparison is true for a record."""
    value = record[term.operand.name]
    match term:
        case p.Between(_, low, high):
            return bool(low <= value <= high)
        case p.IsIn(_, values):
            return bool(value in values)
        case p.BeginsWith(_, start):
            return bool(value.startswith(start))
        case p.Compare(_, operator, other):
            found: dict[str, bool] = {
                "=": value == other,
                "<>": value != other,
                "<": value < other,
                "<=": value <= other,
                ">": value > other,
                ">=": value >= other,
            }
            return found[operator]
    raise TypeError(term)


def holds(condition: Condition | None, key: str) -> bool:
    """Whether DynamoDB finds a key by a condition: texts are compared by their bytes."""
    if condition is None:
        return True
    held, bounds = key.encode(), [next(iter(one.values())).encode() for one in condition.wires]
    match condition.operator:
        case "between":
            return bool(bounds[0] <= held <= bounds[1])
        case "begins with":
            return held.startswith(bounds[0])
        case "=":
            return bool(held == bounds[0])
        case ">=":
            return bool(held >= bounds[0])
        case operator:
            assert operator == "<=", operator
            return bool(held <= bounds[0])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_condition_selects_what_the_predicates_do(data: st.DataObject) -> None:
    """Condition and filter together are the predicates, whatever the template."""
    key, fields = data.draw(keys())
    asked = [
        data.draw(terms(name, VALUES[fields[name]][3]))
        for name in data.draw(st.lists(st.sampled_from(("x", "y")), min_size=1, max_size=3))
        if name in key.fields
    ]
    drawn = [{name: data.draw(VALUES[one][2]) for name, one in fields.items()} for _ in range(8)]
    records = [one for one in drawn if key.text(key.parts, one)]  # no key is empty
    try:
        found, served = condition_on_sort(key, known(asked))
    except Contradiction:
        assert not any(all(is_true(one, record) for one in asked) for record in records)
        return
    for record in records:
        text = key.text(key.parts, record)
        if all(is_true(one, record) for one in asked):
            assert holds(found, text)
        filtered = [one for number, one in enumerate(asked) if number not in served]
        if holds(found, text) and all(is_true(one, record) for one in filtered):
            assert all(is_true(one, record) for one in asked)
