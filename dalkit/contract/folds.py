"""Folds of text: which spellings a guard takes as one value, frozen under their names.

| fold                | what it takes as one                                                    |
|---------------------|-------------------------------------------------------------------------|
| `case-1`            | letters of either case, in full: `ß` and `ss`; composed and decomposed   |
| `case-accent-1`     | these, and letters with and without marks: `é` and `e`                  |
| `case-pad-1`        | as `case-1`, and texts that differ in spaces at their ends              |
| `case-accent-pad-1` | as `case-accent-1`, and texts that differ in spaces at their ends       |

Folded text stands in stored keys, so a fold never changes; a better one has another name. Letters
that Unicode 3.2 does not have are left as they are, so that every Python folds alike.

Source: Unicode, section 3.13, canonical caseless matching; UAX 15; `unicodedata.ucd_3_2_0`.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final, final
from unicodedata import ucd_3_2_0 as known

from attrs import frozen

__all__ = ["FOLDS", "Folded", "fold_of", "folded", "takes_accents"]

_ACCENT, _PAD = "-accent", "-pad"
FOLDS: Final = ("case-1", "case-accent-1", "case-pad-1", "case-accent-pad-1")

_LETTERS: Final = frozenset((0, 9, *range(37, 200))) - {107, 122}
"""Classes of marks that are letters of their own: signs of vowels, and of no vowel."""


@final
@frozen(kw_only=True)
class Folded:
    """Fields that are unique together, as the fold takes their texts."""

    fields: tuple[str, ...]
    fold: str


def folded(fold: str, text: str) -> str:
    """The text that all spellings which the fold takes as one share; without a fold, itself.

    Raises ValueError for a fold that there is not.
    """
    if not fold:
        return text
    if fold not in FOLDS:
        raise ValueError(f"there is no fold {fold!r}; there are {', '.join(FOLDS)}")
    if text.isascii():
        result = text.lower()
    else:
        accents = takes_accents(fold)
        runs = groupby(text, lambda one: known.category(one) != "Cn")
        result = "".join(
            _caseless("".join(run), accents=accents) if all_known else "".join(run)
            for all_known, run in runs
        )
    return result.rstrip(" ") if _PAD in fold else result


def takes_accents(fold: str) -> bool:
    """Whether letters with and without marks are one."""
    return _ACCENT in fold


def fold_of(collation: str | None) -> str:
    """The fold that is nearest to a collation; none for one that tells cases apart.

    Spaces at the end are left out of it, since a server's default decides them.
    """
    if collation is not None and not (collation.endswith("_ci") or "_ai" in collation):
        return ""
    return "case-1" if collation is not None and "_as_" in collation else "case-accent-1"


def _caseless(text: str, *, accents: bool) -> str:
    plain = known.normalize("NFD", text)
    if accents:
        plain = _without_marks(plain)
    plain = known.normalize("NFD", plain.casefold())
    return _without_marks(plain) if accents else plain


def _without_marks(text: str) -> str:
    return "".join(one for one in text if not _is_mark(one))


def _is_mark(one: str) -> bool:
    return known.combining(one) not in _LETTERS and known.category(one) == "Mn"
