"""What users hold their own stores to: strategies of queries, and the law that stores agree."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dalkit.testing
from dalkit import Success, count, find, get, put
from dalkit.query import Query
from dalkit.query.subjects import key_of_record
from dalkit.result import Failure, Result, Unsupported
from dalkit.run.memory import Memory, memory
from dalkit.schema.entity import record_class_of
from dalkit.testing import (
    pools_of,
    programs_on,
    queries_on,
    records_of,
    round_trips,
    same_answer,
    same_contents,
)
from dalkit.testing.agreement import answers_agree
from dalkit.testing.zoo import zoo

NUMBERS = zoo()["number"]
KEYS: Any = zoo()["key"]
SETTINGS = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def _memory() -> Memory:
    return memory([NUMBERS, KEYS])


def test_every_name_is_there() -> None:
    """And no other is."""
    for name in dalkit.testing.__all__:
        assert callable(getattr(dalkit.testing, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(dalkit.testing, "nothing")  # noqa: B009  # a name that no checker knows


def test_importing_the_tools_loads_no_hypothesis() -> None:
    """As the pytest plugin is loaded in every run."""
    code = "import sys, dalkit.testing.plugin; sys.exit('hypothesis' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@SETTINGS
@given(query=queries_on(KEYS))
def test_two_equal_backends_agree(query: Query[Any]) -> None:
    """Whatever is asked."""
    answered = same_answer(_memory(), _memory(), query)

    assert answered is None or isinstance(answered, Unsupported)


@SETTINGS
@given(data=st.data())
def test_programs_leave_the_same_contents(data: st.DataObject) -> None:
    """Step by step, and at the end."""
    one, other = _memory(), _memory()
    for step in data.draw(programs_on(data.draw(pools_of(KEYS)))):
        same_answer(one, other, step)

    same_contents(one, other, KEYS)


def test_every_verb_is_asked() -> None:
    """No verb is forgotten by the strategy."""
    verbs: Counter[str] = Counter()

    @settings(SETTINGS, max_examples=300, database=None)
    @given(query=queries_on(NUMBERS))
    def asked(query: Query[Any]) -> None:
        verbs[str(query).split()[0]] += 1

    asked()

    every = "get find count put insert update delete batch transact"
    assert set(every.split()) <= set(verbs)


@SETTINGS
@given(record=records_of(KEYS))
def test_a_record_survives_both_stores(record: Any) -> None:
    """As users write it."""
    round_trips(KEYS, record)


@given(record=records_of(KEYS))
@SETTINGS
def test_another_answer_is_found(record: Any) -> None:
    """A record that is missing, one that is other, one that is too many."""
    one, other = _memory(), _memory()
    one.run(put(KEYS, record)).unwrap()
    key = key_of_record(KEYS, record)
    for query in (get(KEYS, key), find(KEYS).allow_scan(), count(KEYS).allow_scan()):
        with pytest.raises(AssertionError, match="and in memory"):
            same_answer(one, other, query)
    state = "old" if record.state == "new" else "new"
    other.run(put(KEYS, attrs.evolve(record, state=state))).unwrap()
    with pytest.raises(AssertionError, match="and in memory"):
        same_contents(one, other, KEYS)


class _Refusing:
    """A backend that can be asked nothing."""

    def run(self, query: Query[Any], /) -> Result[Any]:
        return Failure(Unsupported(str(query), "it is not asked"))


def test_what_a_store_is_not_asked_memory_is_not_asked_either() -> None:
    """So that both hold the same afterwards; the refusal is handed on."""
    db = _memory()
    record = _numbers(1, "a")
    refused = same_answer(db, _Refusing(), put(NUMBERS, record))

    assert refused is not None
    assert refused.reason == "it is not asked"
    assert db.run(count(NUMBERS).allow_scan()) == Success(0)


@pytest.mark.parametrize(
    ("build", "agree"),
    [
        (lambda n: find(n).order_by(n.title), False),
        (lambda n: find(n).allow_scan(), True),
        (lambda n: find(n).order_by(n.title).select(n.title), False),
    ],
)
def test_records_stand_in_the_order_asked_for(build: Callable[[Any], Any], agree: bool) -> None:
    """Where no order was asked for, any will do."""
    query = build(NUMBERS)
    found = [_numbers(one, title) for one, title in ((1, "a"), (2, "b"))]
    held = [tuple(getattr(one, at.name) for at in query.selected) or one for one in found]
    pages = [Success(dalkit.Page(tuple(each))) for each in (held, held[::-1])]
    if agree:
        answers_agree(query, pages[0], pages[1])
    else:
        with pytest.raises(AssertionError):
            answers_agree(query, pages[0], pages[1])


def _numbers(number: int, title: str) -> Any:
    return record_class_of(NUMBERS)(id=number, raw=b"", title=title)
