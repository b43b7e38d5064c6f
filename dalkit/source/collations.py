"""Character sets and collations: names of today, and what is meant where only one is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import evolve, frozen

__all__ = ["Text", "bytes_per_character", "default_collation", "defaults_of", "modern"]

_DEFAULTS: Mapping[str, str] = {
    "big5": "big5_chinese_ci",
    "binary": "binary",
    "cp932": "cp932_japanese_ci",
    "dec8": "dec8_swedish_ci",
    "eucjpms": "eucjpms_japanese_ci",
    "euckr": "euckr_korean_ci",
    "gb18030": "gb18030_chinese_ci",
    "gb2312": "gb2312_chinese_ci",
    "gbk": "gbk_chinese_ci",
    "hp8": "hp8_english_ci",
    "latin1": "latin1_swedish_ci",
    "latin5": "latin5_turkish_ci",
    "sjis": "sjis_japanese_ci",
    "swe7": "swe7_swedish_ci",
    "tis620": "tis620_thai_ci",
    "ujis": "ujis_japanese_ci",
}
_WIDTHS: Mapping[int, frozenset[str]] = {
    4: frozenset(("utf8mb4", "utf16", "utf16le", "utf32", "gb18030")),
    3: frozenset(("utf8mb3", "ujis", "eucjpms")),
    2: frozenset(("ucs2", "big5", "gbk", "gb2312", "sjis", "cp932", "euckr")),
}


@final
@frozen
class Text:
    """How a database, a table or a column holds text, as far as it is known."""

    charset: str | None = None
    collation: str | None = None
    general: bool = False
    """utf8mb4 alone means utf8mb4_general_ci (MariaDB, MySQL 5), not utf8mb4_0900_ai_ci."""

    def named(self, charset: str | None, collation: str | None) -> Text:
        """The same, as changed by a clause that names a character set, a collation, or both."""
        if collation is not None and charset is None:
            known = _charset_of(modern(collation)) or self.charset
            return evolve(self, charset=known, collation=_full(modern(collation), known))
        if charset is None:
            return self
        charset = modern(charset)
        if collation is None:
            found = default_collation(charset, general=self.general)
            return evolve(self, charset=charset, collation=found)
        return evolve(self, charset=charset, collation=_full(modern(collation), charset))


def modern(name: str) -> str:
    """The name in lower case, with `utf8` written as `utf8mb3`, which it means."""
    lowered = name.lower()
    if lowered == "utf8" or lowered.startswith("utf8_"):
        return "utf8mb3" + lowered[4:]
    return lowered


def default_collation(charset: str, *, general: bool = False) -> str:
    """The collation that the character set has where none is named."""
    if charset == "utf8mb4" and not general:
        return "utf8mb4_0900_ai_ci"
    return _DEFAULTS.get(charset, f"{charset}_general_ci")


def defaults_of(charset: str) -> frozenset[str]:
    """The collations that the servers of today give the character set where none is named."""
    either = (default_collation(charset, general=one) for one in (True, False))
    return frozenset((*either, f"{charset}_uca1400_ai_ci"))


def bytes_per_character(charset: str | None) -> int:
    """At most so many; 4 for a character set that is not known."""
    if charset is None:
        return 4
    return next((width for width, names in _WIDTHS.items() if charset in names), 1)


def _charset_of(collation: str) -> str | None:
    # MariaDB's uca1400 collations may be named without the character set that they order.
    return None if collation.startswith("uca1400") else collation.partition("_")[0]


def _full(collation: str, charset: str | None) -> str:
    bare = collation.startswith("uca1400") and charset is not None
    return f"{charset}_{collation}" if bare else collation
