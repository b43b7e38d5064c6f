"""What stands behind a table's columns: of it, only the character set and collation matter here."""

from __future__ import annotations

from dalkit.source.collations import Text
from dalkit.source.cursor import Cursor

__all__ = ["at_text_option", "read_text_options", "skip_action", "take_text_option"]

_VERBS = ("CREATE", "ALTER", "DROP")
_SELECTS = ("SELECT", "VALUES")


def at_text_option(cursor: Cursor) -> bool:
    """Whether a character set or collation is named here."""
    ahead = int(cursor.word() == "DEFAULT")
    word = cursor.word(ahead=ahead)
    return word in ("CHARSET", "COLLATE") or (word, cursor.word(ahead=ahead + 1)) == (
        "CHARACTER",
        "SET",
    )


def take_text_option(cursor: Cursor) -> tuple[str, str]:
    """The option that stands here (`COLLATE`, or a word for a character set) and its value."""
    cursor.accept("DEFAULT")
    cursor.accept("CHARACTER")
    word = cursor.take().text.upper()
    cursor.accept_sign("=")
    return word, cursor.take().text


def read_text_options(cursor: Cursor, text: Text) -> Text:
    """`text` as changed by the options up to the end of the statement.

    Raises Unreadable where columns are taken from a query.
    """
    charset = collation = None
    while not cursor.done:
        if at_text_option(cursor):
            word, value = take_text_option(cursor)
            charset, collation = (charset, value) if word == "COLLATE" else (value, collation)
        elif cursor.word() in _VERBS:
            raise cursor.unreadable("options are expected, or ; before the next statement")
        elif cursor.word() in _SELECTS:
            raise cursor.unreadable("options are expected; columns of a query are not read")
        else:
            _skip_option(cursor)
    return text.named(charset, collation)


def skip_action(cursor: Cursor) -> None:
    """Step to the next comma outside parentheses, or to the end."""
    while not (cursor.done or cursor.is_sign(",")):
        if cursor.is_sign("("):
            cursor.group()
        else:
            cursor.take()


def _skip_option(cursor: Cursor) -> None:
    if cursor.is_sign("("):
        cursor.group()
        return
    cursor.take()
    if cursor.accept_sign("=") and not cursor.is_sign("("):
        cursor.take()
