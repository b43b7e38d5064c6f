"""What the errors of MySQL and MariaDB mean, by their numbers: never by the driver's classes.

| code                                          | error            | and then                      |
|-----------------------------------------------|------------------|-------------------------------|
| 1205 1213 3572, 1412                          | Conflict         | again, the whole transaction  |
| 2002 2003 2005 2006 1040 1203 1226 (0),       | Unavailable      | again, on a new connection:   |
| 1053 1077 1079 1927, 1290 1836 1792           |                  | the statement was not done    |
| 2013 2014 2055 2061 and whatever has no       | Unavailable      | the same, but whether it was  |
| number: broken sockets, broken replies        |                  | done is not known             |
| 1317                                          | Unavailable      | the answer: someone meant it  |
| 1969 3024                                     | DeadlineExceeded | the answer                    |
| 1062 1586                                     | ConditionFailed  | the answer; `unique` is a key |
| 1048 1264 1265 1292 1364 1366 1406 3819 4025, | InvalidValue     | the answer; `where` is the    |
| 1451 1452                                     |                  | column, or the constraint     |
| 1044 1045 1049 1142 1143 1227 1251 1698 1820, | AccessDenied     | the answer                    |
| 2059 4151                                     |                  |                               |
| 1146                                          | MissingTable     | the answer                    |
| 1054 1064 1153 1242 1260, and any other       | Unsupported      | the answer                    |

No message that may hold a value is passed on where the number says enough.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from dalkit.contract.problems import display
from dalkit.result import (
    AccessDenied,
    ConditionFailed,
    Conflict,
    DeadlineExceeded,
    Error,
    InvalidValue,
    MissingTable,
    Unavailable,
    Unsupported,
)
from dalkit.run.faults import Fault

__all__ = ["error_of", "fault_of", "is_over", "number_of"]

STORE: Final = "MySQL"

_CONFLICT: Final = {1205, 1213, 3572, 1412}
_AWAY: Final = {
    0,
    2002,
    2003,
    2005,
    2006,
    1040,
    1203,
    1226,
    1053,
    1077,
    1079,
    1927,
    1290,
    1836,
    1792,
}
_LOST: Final = {2013, 2014, 2055, 2061}
_LATE: Final = {1969, 3024}
_TAKEN: Final = {1062, 1586}
_DENIED: Final = {1044, 1045, 1049, 1142, 1143, 1227, 1251, 1698, 1820, 2059, 4151}
_VALUES: Final[Mapping[int, str]] = {
    1048: "is NULL, which the column does not hold",
    1264: "is out of the column's range",
    1265: "is not a value that the column holds",
    1292: "is not a value of the column's type",
    1364: "is not given, and the column has no default",
    1366: "is not a value of the column's type",
    1406: "is too long for the column",
    3819: "does not meet the check of the table",
    4025: "does not meet the check of the table",
    1451: "rows of another table refer to the row",
    1452: "refers to a row that is not there",
}
_NAMED: Final = re.compile(
    r"(?:[Cc]olumn|Field|[Cc]onstraint) (?:[`'][^`']*[`']\.)*[`']([^`']*)[`']"
)
_CONSTRAINT: Final = re.compile(r"CONSTRAINT [`']([^`']*)[`']")


def number_of(error: BaseException) -> int | None:
    """The error's number; None where it has none."""
    number = error.args[0] if error.args else None
    return number if isinstance(number, int) and len(error.args) > 1 else None


def error_of(error: BaseException) -> Error:
    """What an exception of the driver means, by its number."""
    number, said = number_of(error), _said(error)
    text = f"{number}: {said}" if number else said
    if number in _CONFLICT:
        return Conflict(STORE, text)
    if number in _TAKEN:
        return ConditionFailed(STORE, "", unique=_key(said))
    if number is not None and number in _VALUES:
        return InvalidValue(STORE, _where(said), f"{_VALUES[number]} (MySQL {number})")
    if number in _DENIED:
        return AccessDenied(f"MySQL {text}")
    if number in _LATE:
        return DeadlineExceeded("the statement", f"MySQL {text}")
    if number == 1146:
        return MissingTable(_quoted(said), STORE)
    if is_over(error) or number == 1317:
        return Unavailable(STORE, text or "the connection is closed")
    return Unsupported("the statement", f"MySQL {text}")


def fault_of(error: BaseException, *, write: bool, commit: bool = False) -> Fault:
    """What an exception means to whoever may try again; `write` if something may have been done.

    In the place of COMMIT's reply, only a conflict says that nothing was.
    """
    number = number_of(error)
    code = "" if number is None else str(number)
    found = error_of(error)
    if number in _CONFLICT:
        return Fault(error=found, code=code, again="soon")
    lost = _is_lost(error) or commit
    if lost or number in _AWAY:
        return Fault(error=found, code=code, again="soon", ambiguous=write and lost)
    return Fault(error=found, code=code, judged=number not in _LATE)


def is_over(error: BaseException) -> bool:
    """Whether the connection is of no more use."""
    return _is_lost(error) or number_of(error) in _AWAY


def _is_lost(error: BaseException) -> bool:
    """Whether no reply came, or none that can be read: the statement may have been done."""
    number = number_of(error)
    return number is None or number in _LOST or isinstance(error, OSError)


def _said(error: BaseException) -> str:
    told: Any = error.args[1] if number_of(error) is not None else error
    return display(str(told))


def _key(said: str) -> str:
    """The key that `Duplicate entry '…' for key 'table.key'` names; the value may hold quotes."""
    _, _, name = said.rpartition(" for key ")
    return name.strip("'`").rpartition(".")[2]


def _where(said: str) -> str:
    """The column, else the constraint, that a message names last: a value may come before it."""
    constraint = _CONSTRAINT.search(said)
    if constraint:
        return constraint[1]
    named = _NAMED.findall(said)
    return named[-1] if named else "a value"


def _quoted(text: str) -> str:
    parts = text.split("'")
    return parts[1] if len(parts) > 2 else text
