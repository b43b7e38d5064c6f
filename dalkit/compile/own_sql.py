"""A statement of the user's own, for what no query can ask of MySQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar, final

from attrs import frozen

from dalkit.compile.call import SqlCall, SqlReply
from dalkit.contract.problems import display
from dalkit.query.base import Query
from dalkit.result import Result

__all__ = ["Statement", "own_call", "sql"]

T = TypeVar("T")

_FIT: Final = (str, bytes, int, float, Decimal, date, datetime, time, timedelta)
_SESSIONS: Final = frozenset(
    "BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE SET USE LOCK UNLOCK XA CHANGE RESET HANDLER"
    " PREPARE EXECUTE DEALLOCATE".split()
)
"""What would outlive the statement on a connection that others have next."""
_LONGEST: Final = 60


@final
@frozen(repr=False)
class Statement(Query[T], Generic[T]):
    """A statement with `%s` for each parameter; only MySQL answers it."""

    text: str
    parameters: tuple[Any, ...]
    read: Callable[[SqlReply], Result[T]]
    idempotent: bool = False

    def __str__(self) -> str:
        words = " ".join(self.text.split())
        return f"sql: {display(words[:_LONGEST])}{'…' if len(words) > _LONGEST else ''}"


def sql(
    text: str,
    parameters: Sequence[Any],
    reader: Callable[[SqlReply], Result[T]],
    *,
    idempotent: bool = False,
) -> Statement[T]:
    """One statement by itself, with a `%s` for each parameter, and `%%` for a percent sign.

    `reader` makes the answer of the reply: rows of text cells (bytes of binary columns), or how
    many rows were changed. It is sent again after a lost reply only if it is `idempotent`.
    """
    given: Any = text
    if not isinstance(given, str) or not given.strip():
        raise TypeError(f"{given!r} is no statement: give its text")
    first = given.split(None, 1)[0].upper().rstrip(";")
    if not first[0].isalpha() and first[0] != "(":
        raise ValueError(f"{display(first)}: begin with the statement's own word")
    if first in _SESSIONS:
        raise ValueError(
            f"{first} would change the connection for others: use transact(…) for transactions"
        )
    if isinstance(parameters, (str, bytes)) or not isinstance(parameters, Sequence):
        raise TypeError(f"{parameters!r} are no parameters: give a tuple")
    held = tuple(_fit(one) for one in parameters)
    try:
        given % tuple("" for _ in held)
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(
            f"the text has not one %s for each of its {len(held)} parameters ({error}); "
            "a percent sign is %%"
        ) from None
    return Statement(given, held, reader, idempotent)


def own_call(query: Statement[T]) -> SqlCall[T]:
    """The statement as a call; nothing is known of what it writes."""
    return SqlCall(query.text, query.parameters, query.read, writes=True, repeat=query.idempotent)


def _fit(value: Any) -> Any:
    """A value as the driver writes it exactly; instants in UTC."""
    if value is None:
        return None
    if not isinstance(value, _FIT):
        raise TypeError(
            f"a parameter is a {type(value).__name__}: give text, bytes, numbers, dates or None, "
            "and one %s for each of several values"
        )
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: give an aware datetime")
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, (float, Decimal)) and not math.isfinite(value):
        raise ValueError(f"{value!r}: MySQL holds no such number")
    return value
