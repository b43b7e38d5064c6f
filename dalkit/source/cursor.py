"""A place in the tokens of one statement, and what can be asked of what stands there."""

from __future__ import annotations

from itertools import islice
from typing import final

from dalkit.contract.problems import shown
from dalkit.source.lexer import Token, tokens

__all__ = ["MAXIMUM_TOKENS", "Cursor", "Unreadable"]

MAXIMUM_TOKENS = 1_000_000
"""Of one statement; 4,096 columns of MySQL's longest kind stay far below."""


@final
class Unreadable(Exception):
    """A statement is not what MySQL's grammar says; never leaves `dalkit.source`."""

    def __init__(self, reason: str, place: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


@final
class Cursor:
    """Reads the tokens of `text` from the left; raises Unreadable where they end too early."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at: int = 0
        self._tokens = list(islice(tokens(text), MAXIMUM_TOKENS + 1))
        if len(self._tokens) > MAXIMUM_TOKENS:
            raise Unreadable(f"it has more than {MAXIMUM_TOKENS:,} words and signs")
        if self._tokens and self._tokens[-1].kind == "open":
            last = self._tokens[-1]
            raise Unreadable(f"{last.text} is opened and never closed", last.start)
        self._end = Token("sign", "", len(text), len(text))

    def peek(self, *, ahead: int = 0) -> Token:
        """The token here or further on; an empty sign behind the last."""
        at = self.at + ahead
        return self._tokens[at] if at < len(self._tokens) else self._end

    @property
    def done(self) -> bool:
        """Whether every token is behind."""
        return self.at >= len(self._tokens)

    def word(self, *, ahead: int = 0) -> str:
        """The unquoted word there in upper case, or nothing."""
        token = self.peek(ahead=ahead)
        return token.text.upper() if token.kind == "word" else ""

    def accept(self, *words: str) -> bool:
        """Step over these words if they stand here, in this order."""
        if any(self.word(ahead=ahead) != word for ahead, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def accept_any(self, *words: str) -> str:
        """Step over one of these words; answer it, or nothing."""
        found = self.word()
        if found not in words:
            return ""
        self.at += 1
        return found

    def is_sign(self, sign: str, *, ahead: int = 0) -> bool:
        """Whether this sign stands there."""
        token = self.peek(ahead=ahead)
        return token.kind == "sign" and token.text == sign

    def accept_sign(self, sign: str) -> bool:
        """Step over the sign if it stands here."""
        found = self.is_sign(sign)
        self.at += found
        return found

    def expect_sign(self, sign: str) -> None:
        """Step over the sign; raises Unreadable if it does not stand here."""
        if not self.accept_sign(sign):
            raise self.unreadable(f"{sign} is expected")

    def expect(self, *words: str) -> None:
        """Step over these words; raises Unreadable if they do not stand here."""
        if not self.accept(*words):
            raise self.unreadable(f"{' '.join(words)} is expected")

    def take(self) -> Token:
        """The token here, which is stepped over."""
        if self.done:
            raise self.unreadable("more is expected")
        self.at += 1
        return self._tokens[self.at - 1]

    def is_name(self, *, ahead: int = 0) -> bool:
        """Whether an identifier can stand there; one in double quotes counts (ANSI_QUOTES)."""
        token = self.peek(ahead=ahead)
        return token.kind in ("word", "name") or (
            token.kind == "text" and self.text[token.start] == '"'
        )

    def name(self) -> str:
        """The identifier here, which is stepped over."""
        if not self.is_name():
            raise self.unreadable("a name is expected")
        return self.take().text

    def table_name(self) -> tuple[str, str]:
        """Database (or nothing) and table of the name here, which is stepped over."""
        first = self.name()
        if self.accept_sign("."):
            return first, self.name()
        return "", first

    def names(self) -> tuple[str, ...]:
        """A list of identifiers in parentheses, which is stepped over."""
        self.expect_sign("(")
        found = [self.name()]
        while self.accept_sign(","):
            found.append(self.name())
        self.expect_sign(")")
        return tuple(found)

    def is_text(self) -> bool:
        """Whether a literal in quotes stands here."""
        return self.peek().kind == "text"

    def group(self) -> str:
        """What stands between the parenthesis here and its partner, as written; stepped over."""
        start = self.peek().end
        self.expect_sign("(")
        depth = 1
        while True:
            if self.done:
                raise self.unreadable("a parenthesis is never closed")
            token = self.take()
            if token.kind == "sign":
                depth += (token.text == "(") - (token.text == ")")
            if not depth:
                return self.text[start : token.start].strip()

    def unreadable(self, reason: str) -> Unreadable:
        """The fault, to be raised: the reason, and what stands here instead."""
        token = self.peek()
        found = shown(self.text[token.start : token.end]) if token.end > token.start else "the end"
        return Unreadable(f"{reason}, not {found}", token.start)
