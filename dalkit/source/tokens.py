"""A fragment's tokens, held against the closed grammar before anything is parsed.

What is refused here is refused with its position: comments, statements, variables, placeholders,
functions that are not known, literals of other kinds. What passes is short and shallow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dalkit.source.refusal import Refusal
from dalkit.source.words import (
    AGGREGATES,
    BEFORE_PARENTHESIS,
    BEFORE_TEXT,
    CHANGING,
    FORBIDDEN,
    FUNCTIONS,
    SPECIAL_FUNCTIONS,
)

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token, TokenType

__all__ = ["MAXIMUM_DEPTH", "MAXIMUM_LENGTH", "MAXIMUM_TOKENS", "PREFIX", "read_tokens"]

MAXIMUM_LENGTH = 20_000
MAXIMUM_TOKENS = 4_000
MAXIMUM_DEPTH = 24

PREFIX = "dalkit_"
"""Stands before a function's name while it is parsed, so that no dialect reads it its own way."""

_SIGNS = frozenset(("(", ")", ",", ".", "+", "-", "*", "/", "%", "=", "<>", "!=", "<", "<=", ">"))
_MORE_SIGNS = frozenset((">=", "<=>", "&&", "!"))
_REFUSED_SIGNS = {
    "||": "|| (OR in one sql_mode, CONCAT in another)",
    ";": "a second statement (;)",
    "?": "a placeholder (?)",
    ":": "a placeholder (:)",
    "@": "a variable (@)",
    "@@": "a variable (@@)",
    ":=": "an assignment (:=)",
}
_ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
_WORD = re.compile(r"[\w$]+( \w+)*\Z")


def read_tokens(text: str) -> list[Token] | Refusal:
    """The tokens of a fragment, function names prefixed and texts unescaped as MySQL does.

    They are read inside parentheses, so that no word at the start is taken for a statement.
    """
    refusal = _refuse_text(text)
    if refusal is not None:
        return refusal
    from sqlglot.dialects.mysql import MySQL
    from sqlglot.errors import SqlglotError

    try:
        enclosed = MySQL().tokenize(f"({text})")
    except SqlglotError:
        return Refusal("a quote or comment is not closed, or a character is no part of SQL")
    if len(enclosed) < 2 or enclosed[-1].text != ")" or enclosed[-1].end != len(text) + 1:
        return _refuse_gaps(text, [_moved(token) for token in enclosed[1:]]) or Refusal("a comment")
    tokens = [_moved(token) for token in enclosed[1:-1]]
    if not tokens:
        return _refuse_gaps(text, []) or Refusal("there is no expression")
    if len(tokens) > MAXIMUM_TOKENS:
        return Refusal(f"it has {len(tokens):,} words and signs; {MAXIMUM_TOKENS:,} are read")
    return _refuse_gaps(text, tokens) or _refuse_depth(tokens) or _checked(text, tokens)


def _refuse_text(text: str) -> Refusal | None:
    if len(text) > MAXIMUM_LENGTH:
        return Refusal(f"it has {len(text):,} characters; {MAXIMUM_LENGTH:,} are read")
    for position, character in enumerate(text):
        if character == "\0":
            return Refusal("a NUL character", position)
        if "\ud800" <= character <= "\udfff":
            return Refusal("half of a surrogate pair", position)
    return None


def _refuse_gaps(text: str, tokens: list[Token]) -> Refusal | None:
    """Between tokens there is white space, or else a comment."""
    end = 0
    for start, after in [*((t.start, t.end + 1) for t in tokens), (len(text), len(text))]:
        gap = text[end:start]
        if gap.strip():
            return Refusal("a comment", end + len(gap) - len(gap.lstrip()))
        end = after
    return None


def _refuse_depth(tokens: list[Token]) -> Refusal | None:
    depth, cases, prefixes = 0, 0, 0
    for token in tokens:
        word = _spelled(token).upper()
        depth += (word == "(") - (word == ")")
        cases += (word == "CASE") - (word == "END" and cases > 0)
        prefixes = prefixes + 1 if word in ("NOT", "!", "-", "+") else 0
        if depth < 0:
            return Refusal("a parenthesis closes that none opened", token.start)
        if depth + cases + prefixes > MAXIMUM_DEPTH:
            return Refusal(f"it nests deeper than {MAXIMUM_DEPTH} levels", token.start)
    return Refusal(f"{depth} parentheses are not closed") if depth else None


def _checked(text: str, tokens: list[Token]) -> list[Token] | Refusal:
    checked = []
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        answer = _check(text, before, token, after)
        if isinstance(answer, Refusal):
            return answer
        checked.append(answer)
    return checked


def _check(text: str, before: Token | None, token: Token, after: Token | None) -> Token | Refusal:
    kind = token.token_type.name
    if kind == "STRING":
        if after is not None and after.token_type.name == "STRING":
            return Refusal("two texts side by side; write CONCAT", token.start)
        return _with_text(token, _unescape(text[token.start : token.end + 1]))
    if kind == "IDENTIFIER" or kind == "NUMBER":
        return token
    if kind.endswith("STRING"):
        return Refusal("a literal in hexadecimal, bits or a named character set", token.start)
    spelled = _spelled(token)
    if _WORD.match(spelled):
        return _check_word(before, token, after)
    if spelled in _SIGNS or spelled in _MORE_SIGNS:
        return token
    return Refusal(_REFUSED_SIGNS.get(spelled, f"the sign {spelled!r}"), token.start)


def _check_word(before: Token | None, token: Token, after: Token | None) -> Token | Refusal:
    word = token.text.upper()
    following = None if after is None else after.token_type.name
    if (before is not None and before.text == ".") or following == "DOT":
        return token
    operator = word == "MOD" and _ends_operand(before)
    if following == "L_PAREN" and word not in BEFORE_PARENTHESIS and not operator:
        if word in FUNCTIONS:
            return _as_variable(token, PREFIX + word)
        return token if word in SPECIAL_FUNCTIONS else _refuse_function(token, word)
    if word in CHANGING:
        return Refusal(f"{word} (it changes from one run to the next)", token.start)
    first = word.partition(" ")[0]
    if first in FORBIDDEN and not (before is not None and before.text.upper() == "AS"):
        return Refusal(FORBIDDEN[first] or word, token.start)
    if following == "STRING" and word not in BEFORE_TEXT:
        return Refusal(f"the word {token.text} before a text", token.start)
    return token


def _ends_operand(token: Token | None) -> bool:
    return token is not None and (
        token.text == ")" or token.token_type.name in ("VAR", "IDENTIFIER", "NUMBER", "STRING")
    )


def _refuse_function(token: Token, word: str) -> Refusal:
    if word in AGGREGATES:
        return Refusal(f"the aggregate {word}; use a calculation", token.start)
    if word in CHANGING:
        return Refusal(f"{word} (it changes from one run to the next)", token.start)
    return Refusal(f"the function {token.text}", token.start)


def _spelled(token: Token) -> str:
    return "" if token.token_type.name in ("STRING", "IDENTIFIER") else token.text


def _moved(token: Token) -> Token:
    return _made(token, token.token_type, token.text, -1)


def _with_text(token: Token, text: str) -> Token:
    return _made(token, token.token_type, text)


def _as_variable(token: Token, text: str) -> Token:
    from sqlglot.tokenizer_core import TokenType

    return _made(token, TokenType.VAR, text)


def _made(token: Token, kind: TokenType, text: str, by: int = 0) -> Token:
    from sqlglot.tokenizer_core import Token as Made

    return Made(kind, text, token.line, token.col, token.start + by, token.end + by)


def _unescape(quoted: str) -> str:
    quote, inner = quoted[0], quoted[1:-1]
    pattern = r"\\(.)|" + quote + quote
    return re.sub(pattern, lambda found: _meaning(found, quote), inner, flags=re.DOTALL)


def _meaning(found: re.Match[str], quote: str) -> str:
    escaped: str | None = found.group(1)
    if escaped is None:
        return quote
    return "\\" + escaped if escaped in "%_" else _ESCAPES.get(escaped, escaped)
