"""How texts compare under a collation: by code point, by folding what is proven, by weight.

Under a case-insensitive collation the server decides. What is known without it: printable ASCII
texts are equal exactly when they are equal in lower case, under every collation of `_FOLDED`
(measured over all pairs); order likewise where both are letters, digits and spaces. All else needs
the server's weights, `WEIGHT_STRING(text COLLATE collation)`, right-trimmed where spaces pad.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import TypeAlias, final

from attrs import field, frozen

from dalkit.source.values import Refused

__all__ = ["Collator", "Weights", "is_folded", "pads", "simple_case"]

Weights: TypeAlias = Mapping[tuple[str, str], bytes]
"""(collation, text) -> weight."""

_FOLDED = re.compile(
    r"(utf8mb4|utf8mb3|utf8|ucs2|utf16|utf32)_(general|unicode|unicode_520|0900_ai|0900_as"
    r"|uca1400_ai|uca1400_nopad_ai|general_nopad|unicode_nopad|unicode_520_nopad)_ci\Z"
    r"|uca1400(_nopad)?_ai_ci\Z|ascii_general(_nopad)?_ci\Z|latin1_swedish(_nopad)?_ci\Z"
)
_BY_UPPER = re.compile(r".*_general(_nopad)?_ci\Z|latin1_swedish(_nopad)?_ci\Z")
_PRINTABLE = re.compile(r"[ -~]*\Z")
_PLAIN = re.compile(r"[0-9A-Za-z ]*\Z")


def is_folded(collation: str | None) -> bool:
    """Whether printable ASCII compares by its lower case; None is the connection's collation."""
    return collation is None or _FOLDED.match(collation) is not None


def _is_binary(collation: str | None) -> bool:
    return collation is not None and collation.endswith("bin")


def pads(collation: str) -> bool:
    """Whether trailing spaces count for nothing."""
    return "_0900_" not in collation and "nopad" not in collation and collation != "binary"


def simple_case(text: str, upper: bool) -> str:
    """UPPER and LOWER of what both servers change alike, one character to one (measured)."""
    return text.upper() if upper and text.isascii() else "".join(_cased(c, upper) for c in text)


def _cased(character: str, upper: bool) -> str:
    other = character.upper() if upper else character.lower()
    code = ord(character)
    if other == character or code < 0x130 or 0x131 <= code < 0x180:
        return other if len(other) == 1 else character
    if 0x386 <= code <= 0x3CE or 0x400 <= code <= 0x481:
        return other if len(other) == 1 else character
    raise Refused(f"the {'upper' if upper else 'lower'} case of U+{code:04X}")


@final
@frozen
class Collator:
    """Compares texts under one collation; of the connection's (None) only ASCII is known."""

    collation: str | None
    weights: Weights = field(factory=dict, repr=False)
    missing: set[tuple[str, str]] = field(factory=set, repr=False, eq=False)
    """What was refused for want of a weight."""

    def compare(self, left: str, right: str) -> int:
        """-1, 0 or 1."""
        if left == right:
            return 0
        if _is_binary(self.collation):
            return self._by_code_point(left, right)
        low, high = self._weight(left), self._weight(right)
        if low is not None and high is not None:
            return self._by_weight(left, low, right, high)
        if self._is_plain(left, right):
            return self._by_fold(left, right)
        if self._folds(left) and self._folds(right) and self._folded(left) == self._folded(right):
            return 0
        return self._unknown(left, right)

    def equal(self, left: str, right: str) -> bool:
        if left == right:
            return True
        if self._folds(left) and self._folds(right):
            return self._folded(left) == self._folded(right)
        return self.compare(left, right) == 0

    def key(self, text: str) -> Hashable:
        """Texts of one key are equal, of different keys not; None where that is not known."""
        if _is_binary(self.collation):
            return self._trimmed(text)
        return self._folded(text) if self.collation and self._folds(text) else None

    def like(self, text: str, pattern: str, escape: str) -> bool:
        """LIKE, character by character; trailing spaces count."""
        steps = _steps(pattern, escape)
        at, step, mark, kept = 0, 0, -1, 0
        while at < len(text):
            wanted = steps[step] if step < len(steps) else None
            if wanted == "%%":
                mark, kept, step = step, at, step + 1
            elif wanted is not None and (wanted == "__" or self._same(text[at], wanted)):
                at, step = at + 1, step + 1
            elif mark >= 0:
                kept, step = kept + 1, mark + 1
                at = kept
            else:
                return False
        return all(wanted == "%%" for wanted in steps[step:])

    def _same(self, left: str, right: str) -> bool:
        if left == right:
            return True
        if _is_binary(self.collation):
            return False
        if is_folded(self.collation) and " " <= left <= "~" and " " <= right <= "~":
            return left.lower() == right.lower()
        if max(left, right) > "\uffff":
            raise Refused(f"LIKE of a character over U+FFFF under {self.collation}")
        low, high = self._weight(left), self._weight(right)
        return self._unknown(left, right) == 0 if low is None or high is None else low == high

    def _weight(self, text: str) -> bytes | None:
        return None if self.collation is None else self.weights.get((self.collation, text))

    def _trimmed(self, text: str) -> str:
        return text.rstrip(" ") if self.collation is None or pads(self.collation) else text

    def _folds(self, text: str) -> bool:
        if not is_folded(self.collation) or not _PRINTABLE.match(text):
            return False
        return self.collation is not None or not text.endswith(" ")

    def _folded(self, text: str) -> str:
        return self._trimmed(text).lower()

    def _is_plain(self, left: str, right: str) -> bool:
        if not (self._folds(left) and self._folds(right)):
            return False
        if self.collation is not None and _BY_UPPER.match(self.collation):
            return True
        return bool(_PLAIN.match(left) and _PLAIN.match(right))

    def _by_fold(self, left: str, right: str) -> int:
        low, high = self._trimmed(left).upper(), self._trimmed(right).upper()
        return (low > high) - (low < high)

    def _by_code_point(self, left: str, right: str) -> int:
        wide = str(self.collation).startswith(("utf8", "ascii", "utf16", "utf32", "ucs2"))
        if not wide and not (left.isascii() and right.isascii()):
            return self._unknown(left, right)
        low, high = self._trimmed(left), self._trimmed(right)
        if pads(str(self.collation)):
            width = max(len(low), len(high))
            low, high = low.ljust(width), high.ljust(width)
        return (low > high) - (low < high)

    def _by_weight(self, left: str, low: bytes, right: str, high: bytes) -> int:
        if low == high:
            return 0
        one_ends = low.startswith(high) or high.startswith(low)
        if one_ends and pads(str(self.collation)) and any(c < " " for c in left + right):
            raise Refused(f"the order of texts with control characters under {self.collation}")
        return (low > high) - (low < high)

    def _unknown(self, left: str, right: str) -> int:
        if self.collation is not None:
            self.missing.update((self.collation, text) for text in (left, right))
        name = self.collation or "the connection's collation"
        raise Refused(f"a comparison under {name} without the server's weights")


def _steps(pattern: str, escape: str) -> list[str]:
    """One character, or `__` for any one and `%%` for any number."""
    steps: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == escape:
            steps.append(next(letters, escape))
        elif letter == "%":
            if not steps or steps[-1] != "%%":
                steps.append("%%")
        else:
            steps.append("__" if letter == "_" else letter)
    return steps
