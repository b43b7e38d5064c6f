"""ALTER TABLE and CREATE TABLE's elements, taken into a draft one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import evolve

from dalkit.source.collations import Text
from dalkit.source.columns import ReadColumn, read_column
from dalkit.source.cursor import Cursor
from dalkit.source.defaults import Default, read_default, settled
from dalkit.source.drafts import Draft
from dalkit.source.keys import Check, NoKey, read_key, starts_key
from dalkit.source.options import at_text_option, skip_action, take_text_option

__all__ = ["Report", "add_element", "alter"]

Report: TypeAlias = Callable[[str, int, str], None]
"""Takes a code, a place in the statement, and what is to be said."""

_PASSED = frozenset((
    "ALGORITHM", "ANALYZE", "AUTO_INCREMENT", "AUTOEXTEND_SIZE", "AVG_ROW_LENGTH", "CHECK",
    "CHECKSUM", "COALESCE", "COMMENT", "COMPRESSION", "CONNECTION", "DATA", "DELAY_KEY_WRITE",
    "DISABLE", "DISCARD", "ENABLE", "ENCRYPTION", "ENGINE", "EXCHANGE", "FORCE", "IMPORT", "INDEX",
    "INSERT_METHOD", "KEY_BLOCK_SIZE", "LOCK", "MAX_ROWS", "MIN_ROWS", "NOWAIT", "OPTIMIZE",
    "ORDER", "PACK_KEYS", "PARTITION", "PASSWORD", "REBUILD", "REMOVE", "REORGANIZE", "REPAIR",
    "ROW_FORMAT", "SECONDARY_ENGINE", "SECONDARY_LOAD", "SECONDARY_UNLOAD", "STATS_AUTO_RECALC",
    "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "TABLESPACE", "TRANSACTIONAL", "TRUNCATE", "UNION",
    "UPGRADE", "VALIDATION", "WAIT", "WITH", "WITHOUT",
))  # fmt: skip


def add_element(cursor: Cursor, draft: Draft, report: Report) -> None:
    """Take in the column, key or constraint that stands here."""
    if not starts_key(cursor):
        draft.add_column(_column(cursor, draft, report))
        return
    clause = read_key(cursor)
    if not isinstance(clause, Check | NoKey):
        draft.add_key(clause)


def alter(cursor: Cursor, draft: Draft, report: Report) -> str:
    """Take in every action up to the end; answer the table's new name, or nothing."""
    renamed = ""
    while not cursor.done:
        word = cursor.word()
        if word == "RENAME" and cursor.word(ahead=1) not in ("COLUMN", "INDEX", "KEY"):
            cursor.take()
            _ = cursor.accept_any("TO", "AS") or cursor.accept_sign("=")
            renamed = cursor.table_name()[1]
        else:
            _action(cursor, draft, report)
        if not cursor.done:
            cursor.expect_sign(",")
    return renamed


def _action(cursor: Cursor, draft: Draft, report: Report) -> None:
    word = cursor.word()
    act = _ACTIONS.get(word)
    if act is not None:
        cursor.take()
        act(cursor, draft, report)
    elif cursor.accept("CONVERT", "TO"):
        draft.convert(_read_text(cursor, draft.text))
    elif at_text_option(cursor):
        draft.text = _read_text(cursor, draft.text)
    elif word in _PASSED or cursor.is_sign("=", ahead=1):
        skip_action(cursor)
    else:
        raise cursor.unreadable("an action of ALTER TABLE is expected")


def _column(cursor: Cursor, draft: Draft, report: Report) -> ReadColumn:
    place = cursor.peek().start
    read = read_column(cursor, draft.text)
    name = f"{draft.name}.{read.column.name}"
    for word in read.unknown:
        report("DK409", place, f"{word} of column {name} is not known")
    if read.reference:
        report("DK405", place, f"column {name} says REFERENCES in its own clause")
    return read


def _add(cursor: Cursor, draft: Draft, report: Report) -> None:
    if cursor.word() in ("PARTITION", "SYSTEM"):
        skip_action(cursor)
        return
    cursor.accept("COLUMN")
    cursor.accept("IF", "NOT", "EXISTS")
    if not cursor.accept_sign("("):
        add_element(cursor, draft, report)
        return
    add_element(cursor, draft, report)
    while cursor.accept_sign(","):
        add_element(cursor, draft, report)
    cursor.expect_sign(")")


def _modify(cursor: Cursor, draft: Draft, report: Report) -> None:
    cursor.accept("COLUMN")
    cursor.accept("IF", "EXISTS")
    read = _column(cursor, draft, report)
    draft.replace_column(read.column.name, read)


def _change(cursor: Cursor, draft: Draft, report: Report) -> None:
    cursor.accept("COLUMN")
    cursor.accept("IF", "EXISTS")
    name = cursor.name()
    draft.replace_column(name, _column(cursor, draft, report))


def _drop(cursor: Cursor, draft: Draft, _report: Report) -> None:
    if cursor.accept("PRIMARY", "KEY"):
        draft.primary_key = ()
    elif cursor.accept_any("INDEX", "KEY"):
        draft.drop_index(_if_exists(cursor))
    elif cursor.accept("FOREIGN", "KEY"):
        draft.drop_reference(_if_exists(cursor))
    elif cursor.accept("CONSTRAINT"):
        draft.drop_constraint(_if_exists(cursor))
    elif cursor.word() in ("PARTITION", "SYSTEM", "PERIOD", "CHECK"):
        skip_action(cursor)
    else:
        cursor.accept("COLUMN")
        draft.drop_column(_if_exists(cursor))
        cursor.accept_any("RESTRICT", "CASCADE")


def _if_exists(cursor: Cursor) -> str:
    cursor.accept("IF", "EXISTS")
    return cursor.name()


def _rename(cursor: Cursor, draft: Draft, _report: Report) -> None:
    rename = draft.rename_column if cursor.accept("COLUMN") else draft.rename_index
    cursor.accept_any("INDEX", "KEY")
    name = _if_exists(cursor)
    cursor.expect("TO")
    rename(name, cursor.name())


def _alter_column(cursor: Cursor, draft: Draft, _report: Report) -> None:
    if cursor.word() in ("INDEX", "CHECK", "CONSTRAINT", "KEY"):
        skip_action(cursor)
        return
    cursor.accept("COLUMN")
    column = draft.column(_if_exists(cursor))
    if cursor.accept("SET", "DEFAULT"):
        default = read_default(cursor)
    elif cursor.accept("DROP", "DEFAULT"):
        default = Default("none")
    else:
        skip_action(cursor)
        return
    changed = evolve(column, default=settled(default, column.type))
    draft.columns[column.name.lower()] = changed


def _read_text(cursor: Cursor, text: Text) -> Text:
    """The character set and collation that stand here, one after the other."""
    charset = collation = None
    while at_text_option(cursor):
        word, value = take_text_option(cursor)
        charset, collation = (charset, value) if word == "COLLATE" else (value, collation)
    if charset is None and collation is None:
        raise cursor.unreadable("a character set is expected")
    return text.named(charset, collation)


_ACTIONS: Mapping[str, Callable[[Cursor, Draft, Report], None]] = {
    "ADD": _add,
    "MODIFY": _modify,
    "CHANGE": _change,
    "DROP": _drop,
    "RENAME": _rename,
    "ALTER": _alter_column,
}
