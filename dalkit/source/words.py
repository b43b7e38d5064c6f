"""The words of the closed grammar, and those that are refused with a reason of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from dalkit.source.tree import Function, Unit

__all__ = [
    "AGGREGATES",
    "BEFORE_PARENTHESIS",
    "BEFORE_TEXT",
    "CHANGING",
    "FORBIDDEN",
    "FUNCTIONS",
    "SPECIAL_FUNCTIONS",
    "SYNONYMS",
    "UNITS",
]

SYNONYMS: Mapping[str, str] = {
    "CEILING": "CEIL",
    "CHARACTER_LENGTH": "CHAR_LENGTH",
    "DAYOFMONTH": "DAY",
    "IFNULL": "COALESCE",
    "LCASE": "LOWER",
    "MID": "SUBSTRING",
    "SUBSTR": "SUBSTRING",
    "UCASE": "UPPER",
}

_ARITY: Mapping[str, tuple[int, int]] = {
    "ABS": (1, 1), "CEIL": (1, 1), "CHAR_LENGTH": (1, 1), "COALESCE": (1, 200),
    "CONCAT": (1, 200), "CONCAT_WS": (2, 200), "DATE": (1, 1), "DATE_FORMAT": (2, 2),
    "DAY": (1, 1), "FLOOR": (1, 1), "GREATEST": (2, 200), "HOUR": (1, 1), "LEAST": (2, 200),
    "LEFT": (2, 2), "LOWER": (1, 1), "LPAD": (3, 3), "LTRIM": (1, 1), "MINUTE": (1, 1),
    "MOD": (2, 2), "MONTH": (1, 1), "NULLIF": (2, 2), "REPLACE": (3, 3), "RIGHT": (2, 2),
    "ROUND": (1, 2), "RPAD": (3, 3), "RTRIM": (1, 1), "SECOND": (1, 1), "SUBSTRING": (2, 3),
    "TRIM": (1, 2), "UPPER": (1, 1), "YEAR": (1, 1),
}  # fmt: skip

_SHAPED: Mapping[str, tuple[int, int]] = {
    "ADDDATE": (2, 2), "DATEDIFF": (2, 2), "DATE_ADD": (2, 2), "DATE_SUB": (2, 2), "IF": (3, 3),
    "IFNULL": (2, 2), "MID": (3, 3), "SUBDATE": (2, 2), "TIMESTAMPADD": (3, 3),
    "TIMESTAMPDIFF": (3, 3),
}  # fmt: skip

SPECIAL_FUNCTIONS = frozenset(("CAST", "CONVERT", "EXTRACT", "SUBSTRING", "SUBSTR", "TRIM"))
"""Functions whose arguments are set apart by words."""

FUNCTIONS: Mapping[str, tuple[int, int]] = {
    **{name: arity for name, arity in _ARITY.items() if name not in SPECIAL_FUNCTIONS},
    **{name: _ARITY[own] for name, own in SYNONYMS.items() if name not in SPECIAL_FUNCTIONS},
    **_SHAPED,
}
"""Every function with a plain list of arguments, with how many it takes."""

UNITS: frozenset[str] = frozenset(get_args(Unit))

AGGREGATES = frozenset(
    "ANY_VALUE AVG BIT_AND BIT_OR BIT_XOR COUNT GROUP_CONCAT JSON_ARRAYAGG JSON_OBJECTAGG MAX MIN"
    " STD STDDEV STDDEV_POP STDDEV_SAMP SUM VARIANCE VAR_POP VAR_SAMP".split()
)

CHANGING = frozenset(
    "CONNECTION_ID CURDATE CURRENT_DATE CURRENT_ROLE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER"
    " CURTIME FOUND_ROWS LAST_INSERT_ID LOCALTIME LOCALTIMESTAMP NOW RAND RANDOM_BYTES ROW_COUNT"
    " SLEEP SYSDATE UTC_DATE UTC_TIME UTC_TIMESTAMP UUID UUID_SHORT".split()
)

FORBIDDEN: Mapping[str, str] = {
    "AGAINST": "", "ALL": "", "BINARY": "BINARY; write CAST(… AS BINARY)", "COLLATE": "",
    "DISTINCT": "", "EXISTS": "", "GROUP": "", "HAVING": "", "INTO": "", "LIMIT": "", "MATCH": "",
    "OVER": "a window function (OVER)", "REGEXP": "", "RLIKE": "",
    "SELECT": "a sub-select or statement (SELECT)", "SOUNDS": "", "TABLE": "", "UNION": "",
    "WHERE": "", "XOR": "",
}  # fmt: skip
"""Words with their reason, where the word does not say it all."""

BEFORE_PARENTHESIS = frozenset(
    "AND AS BETWEEN BY CASE CHAR DATETIME DECIMAL DIV ELSE ESCAPE FOR FROM IN INTERVAL IS LIKE"
    " NOT OR THEN WHEN".split()
)

BEFORE_TEXT = frozenset(
    "AND BETWEEN BOTH CASE DATE DIV ELSE ESCAPE FOR FROM INTERVAL LEADING LIKE MOD NOT OR THEN"
    " TIMESTAMP TRAILING WHEN".split()
)
"""Words that may stand before a text: operators, and the types of a date literal."""

if {*_ARITY} != {*get_args(Function)}:
    raise AssertionError("every function of the tree has its number of arguments")
