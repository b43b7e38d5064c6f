"""The table of problem codes, and a problem made from a row of it.

DK1xx the document's form; DK2xx names, fragments and templates that cannot be resolved; DK3xx
checks of what the contract would do; DK4xx the MySQL schema; DK5xx live data.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dalkit.contract.codes_checks import CHECKS
from dalkit.contract.codes_form import FORM
from dalkit.contract.codes_live import LIVE
from dalkit.contract.codes_names import NAMES
from dalkit.contract.codes_source import SOURCE
from dalkit.contract.problems import Code, Problem

__all__ = ["CODES", "problem"]

CODES: Mapping[str, Code] = MappingProxyType(
    {row.code: row for row in (*FORM, *NAMES, *CHECKS, *SOURCE, *LIVE)}
)


def problem(code: str, pointer: str, text: str, *, fix: str | None = None) -> Problem:
    """A problem of this code at this place; `fix` says more than the code's own, or is "".

    Raises KeyError for a code that the table does not have.
    """
    if code not in CODES:
        raise KeyError(f"{code!r} is no problem code; add a row to dalkit/contract/codes_*.py")
    row = CODES[code]
    return Problem(
        code=code,
        severity=row.severity,
        pointer=pointer,
        text=text,
        fix=row.fix if fix is None else fix,
    )
