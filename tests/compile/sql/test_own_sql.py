"""Statements of the user's own: parameters only, and nothing that outlives them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from dalkit.compile.call import SqlReply
from dalkit.compile.own_sql import sql
from dalkit.compile.sql import to_sql
from dalkit.result import Result, Success


def _rows(reply: SqlReply) -> Result[Any]:
    return Success(reply.rows)


def test_values_are_parameters(world: Any) -> None:
    """Whatever they hold; and the reply is of text cells."""
    hard = "50%; DROP TABLE things -- '\\"
    query = sql("SELECT %s, %s + 1, %s, '100%%'", (hard, Decimal("1.5"), None), _rows)

    assert world.run(query) == Success(((hard, "2.5", None, "100%"),))
    assert hard not in to_sql(query).unwrap().text
    assert "50%" not in str(query)


def test_instants_are_in_utc(world: Any) -> None:
    """As in every session of dalkit's."""
    west = datetime(2026, 1, 2, 3, tzinfo=timezone(-timedelta(hours=5)))

    assert world.run(sql("SELECT %s", (west,), _rows)) == Success((("2026-01-02 08:00:00",),))
    assert west.astimezone(UTC).hour == 8


@pytest.mark.parametrize(
    ("text", "parameters", "error", "said"),
    [
        ("", (), TypeError, "no statement"),
        (5, (), TypeError, "no statement"),
        ("SELECT 1", "1", TypeError, "give a tuple"),
        ("SELECT 1", {"a": 1}, TypeError, "give a tuple"),
        ("SELECT %s", (), ValueError, "one %s"),
        ("SELECT 1", (1,), ValueError, "one %s"),
        ("SELECT '50%'", (), ValueError, "one %s"),
        ("SELECT %(a)s", (1,), ValueError, "one %s"),
        ("SELECT %s", ([1],), TypeError, "several values"),
        ("SELECT %s", (datetime(2026, 1, 1),), ValueError, "time zone"),
        ("SELECT %s", (float("nan"),), ValueError, "no such number"),
        ("BEGIN", (), ValueError, "transact"),
        ("set autocommit = 0", (), ValueError, "transact"),
        ("/* x */ SELECT 1", (), ValueError, "own word"),
    ],
)
def test_misuse_is_told_at_once(
    text: Any, parameters: Any, error: type[Exception], said: str
) -> None:
    """With the offending value, and what to do."""
    with pytest.raises(error, match=said):
        sql(text, parameters, _rows)


@pytest.mark.parametrize(("idempotent", "repeat"), [(False, False), (True, True)])
def test_only_what_is_idempotent_may_be_sent_twice(idempotent: bool, repeat: bool) -> None:
    """Nothing is known of what a statement does."""
    made: Callable[..., Any] = sql
    call = to_sql(made("DELETE FROM t", (), _rows, idempotent=idempotent)).unwrap()

    assert (call.writes, call.repeat, call.atomic) == (True, repeat, False)
