"""A DDL file (mysqldump, SHOW CREATE TABLE, or hand-written) as tables, columns and keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from typing import TypeAlias, final

from attrs import define, field

from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, shown
from dalkit.source.alterations import Report, add_element, alter
from dalkit.source.collations import Text
from dalkit.source.cursor import Cursor, Unreadable
from dalkit.source.drafts import Draft
from dalkit.source.keys import read_index
from dalkit.source.lexer import Statement, statements, tokens
from dalkit.source.linking import finished
from dalkit.source.options import at_text_option, read_text_options
from dalkit.source.tables import Source

__all__ = ["read_ddl"]

_GENERAL = re.compile(r"^-- (?:MariaDB dump|Server version\s+(?:5\.|\S+-MariaDB))", re.MULTILINE)
_GUESS = "utf8mb4_0900_ai_ci"


def read_ddl(text: str) -> tuple[Source, tuple[Problem, ...]]:
    """The tables that the statements leave in the end, and every problem with its line."""
    reader = _Reader(text=Text(general=_GENERAL.search(text[:4000]) is not None))
    for statement in statements(text.removeprefix("\ufeff")):
        reader.read(statement)
    source, more = finished(reader.tables.values(), reader.unread, reader.text.collation)
    problems = [*reader.problems, *more]
    if _guessed(source) and _GUESS not in text:
        problems.append(problem("DK410", "ddl:1", f"utf8mb4 is read with {_GUESS}"))
    if not source.tables and not problems:
        problems.append(problem("DK411", "ddl:1", "there is no CREATE TABLE"))
    return source, tuple(sorted(problems, key=lambda one: int(one.pointer[4:])))


def _guessed(source: Source) -> bool:
    return any(c.type.collation == _GUESS for table in source.tables for c in table.columns)


@final
@define(kw_only=True)
class _Reader:
    """The state that one statement leaves to the next."""

    text: Text
    """What the database in use holds text as."""
    tables: dict[str, Draft] = field(factory=dict[str, Draft])
    unread: set[str] = field(factory=set[str])
    """Tables whose statements failed: what refers to them is not blamed too."""
    problems: list[Problem] = field(factory=list[Problem])
    database: str = ""
    databases: dict[str, Text] = field(factory=dict[str, Text])

    def read(self, statement: Statement) -> None:
        """Take in one statement, or report why not; it then leaves no trace."""
        if statement.open:
            self._report_open(statement)
            return
        act = _act_of(statement.text)
        if act is None:
            return
        found: list[Problem] = []
        report = partial(_report, found, statement)
        try:
            act(self, Cursor(statement.text), statement.line, report)
        except Unreadable as fault:
            found.clear()
            report("DK401", fault.place, fault.reason)
        self.problems.extend(found)

    def _report_open(self, statement: Statement) -> None:
        try:
            Cursor(statement.text)
        except Unreadable as fault:
            _report(self.problems, statement, "DK403", fault.place, fault.reason)
        else:
            _report(self.problems, statement, "DK403", 0, "a comment is never closed")

    def create_table(self, cursor: Cursor, line: int, report: Report) -> None:
        """Read a CREATE TABLE; IF NOT EXISTS leaves a table that is there alone."""
        cursor.expect("CREATE")
        replaces = cursor.accept("OR", "REPLACE")
        cursor.expect("TABLE")
        cursor.accept("IF", "NOT", "EXISTS")
        database, name = cursor.table_name()
        known = name in self.tables
        if not known:
            self.unread.add(name)
        text = self.databases.get(database, self.text) if database else self.text
        draft = Draft(name=name, line=line, text=text, database=database or self.database)
        self._read_body(cursor, draft, report)
        self.unread.discard(name)
        if known and not replaces:
            report("DK402", 0, f"table {shown(name)} is made in line {self.tables[name].line} too")
        else:
            self._keep(draft, report)

    def alter_table(self, cursor: Cursor, _line: int, report: Report) -> None:
        cursor.expect("ALTER")
        while cursor.accept_any("ONLINE", "OFFLINE", "IGNORE"):
            pass
        cursor.expect("TABLE")
        cursor.accept("IF", "EXISTS")
        name = cursor.table_name()[1]
        draft = self._known(name, report)
        if draft is None:
            return
        if cursor.accept("WAIT") or cursor.accept("NOWAIT"):
            cursor.at += cursor.peek().kind == "number"
        changed = draft.copy()
        renamed = alter(cursor, changed, report)
        self.tables[draft.name] = changed
        if renamed:
            self._rename(draft.name, renamed)

    def create_index(self, cursor: Cursor, _line: int, report: Report) -> None:
        """CREATE INDEX … ON table (…)."""
        cursor.expect("CREATE")
        cursor.accept("OR", "REPLACE")
        key, table = read_index(cursor)
        draft = self._known(table, report)
        if draft is not None:
            draft.add_key(key)

    def drop_index(self, cursor: Cursor, _line: int, report: Report) -> None:
        cursor.expect("DROP", "INDEX")
        cursor.accept("IF", "EXISTS")
        name = cursor.name()
        cursor.expect("ON")
        draft = self._known(cursor.table_name()[1], report)
        if draft is not None and name.upper() == "PRIMARY":
            draft.primary_key = ()
        elif draft is not None:
            draft.drop_index(name)

    def drop_table(self, cursor: Cursor, _line: int, _report: Report) -> None:
        cursor.expect("DROP")
        cursor.accept_any("TABLE", "TABLES")
        cursor.accept("IF", "EXISTS")
        names = [cursor.table_name()[1]]
        while cursor.accept_sign(","):
            names.append(cursor.table_name()[1])
        for name in names:
            self.tables.pop(name, None)
            self.unread.discard(name)

    def rename_table(self, cursor: Cursor, _line: int, report: Report) -> None:
        cursor.expect("RENAME")
        cursor.accept_any("TABLE", "TABLES")
        cursor.accept("IF", "EXISTS")
        while True:
            name = cursor.table_name()[1]
            cursor.expect("TO")
            new = cursor.table_name()[1]
            if self._known(name, report) is not None:
                self._rename(name, new)
            if not cursor.accept_sign(","):
                return

    def name_database(self, cursor: Cursor, _line: int, _report: Report) -> None:
        """CREATE and ALTER DATABASE: the default of its tables; the first one counts at once."""
        created = cursor.take().text.upper() == "CREATE"
        cursor.accept("OR", "REPLACE")
        cursor.take()
        cursor.accept("IF", "NOT", "EXISTS")
        unnamed = cursor.done or (not created and at_text_option(cursor))
        name = self.database if unnamed else cursor.name()
        start = Text(general=self.text.general) if created else self.databases.get(name, self.text)
        self.databases[name] = read_text_options(cursor, start)
        if name == self.database or not self.database:
            self.text = self.databases[name]

    def use(self, cursor: Cursor, _line: int, _report: Report) -> None:
        cursor.expect("USE")
        self.database = cursor.name()
        self.text = self.databases.get(self.database, Text(general=self.text.general))

    def source(self, cursor: Cursor, _line: int, report: Report) -> None:
        """SOURCE names another file, which is not read."""
        report("DK412", 0, f"{shown(cursor.text)} is not followed")

    def _read_body(self, cursor: Cursor, draft: Draft, report: Report) -> None:
        ahead = int(cursor.is_sign("("))
        if cursor.word(ahead=ahead) == "LIKE" and cursor.is_name(ahead=ahead + 1):
            cursor.at += ahead + 1
            self._copy(cursor.table_name()[1], draft)
            return
        start = cursor.at
        if not ahead:
            raise cursor.unreadable("( is expected")
        cursor.group()
        draft.text = read_text_options(cursor, draft.text)
        cursor.at = start + 1
        if cursor.word() in ("SELECT", "WITH") or cursor.is_sign("("):
            raise cursor.unreadable("columns are expected; those of a query are not read")
        add_element(cursor, draft, report)
        while cursor.accept_sign(","):
            add_element(cursor, draft, report)
        cursor.expect_sign(")")
        if not draft.columns:
            raise cursor.unreadable("a table has a column at least")

    def _copy(self, name: str, draft: Draft) -> None:
        """CREATE TABLE … LIKE: columns and indexes, but no foreign keys."""
        model = self._find(name)
        if model is None:
            raise Unreadable(f"table {name}, which it is to be like, is not known")
        copied = model.copy()
        draft.text, draft.columns, draft.indexes = copied.text, copied.columns, model.implied()
        draft.primary_key = copied.primary_key

    def _keep(self, draft: Draft, report: Report) -> None:
        homes = {self.tables[name].database for name in islice(self.tables, 1)}
        if draft.database and homes and draft.database not in homes:
            report("DK406", 0, f"{shown(draft.name)} is in database {shown(draft.database)}")
        self.tables[draft.name] = draft

    def _find(self, name: str) -> Draft | None:
        found = self.tables.get(name)
        if found is not None:
            return found
        alike = [draft for known, draft in self.tables.items() if known.lower() == name.lower()]
        return alike[0] if len(alike) == 1 else None

    def _known(self, name: str, report: Report) -> Draft | None:
        """The table to be changed; if there is none, and it was not unread, that is reported."""
        found = self._find(name)
        if found is None and name not in self.unread:
            report("DK407", 0, f"table {shown(name)} is not known")
        return found

    def _rename(self, name: str, new: str) -> None:
        self.tables = {
            (new if known == name else known): draft.retargeted(name, new)
            for known, draft in self.tables.items()
        }
        self.tables[new].name = new


_Act: TypeAlias = Callable[[_Reader, Cursor, int, Report], None]
_ACTS: Mapping[tuple[str, str], _Act] = {
    ("CREATE", "TABLE"): _Reader.create_table,
    ("CREATE", "INDEX"): _Reader.create_index,
    ("CREATE", "DATABASE"): _Reader.name_database,
    ("CREATE", "SCHEMA"): _Reader.name_database,
    ("ALTER", "TABLE"): _Reader.alter_table,
    ("ALTER", "DATABASE"): _Reader.name_database,
    ("ALTER", "SCHEMA"): _Reader.name_database,
    ("DROP", "TABLE"): _Reader.drop_table,
    ("DROP", "TABLES"): _Reader.drop_table,
    ("DROP", "INDEX"): _Reader.drop_index,
    ("RENAME", "TABLE"): _Reader.rename_table,
    ("RENAME", "TABLES"): _Reader.rename_table,
}
_COMMANDS: Mapping[str, _Act] = {"USE": _Reader.use, "SOURCE": _Reader.source}
_BETWEEN = frozenset((
    "OR", "REPLACE", "ONLINE", "OFFLINE", "IGNORE", "UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR",
))  # fmt: skip


def _act_of(text: str) -> _Act | None:
    """What reads the statement, None if it says nothing of tables."""
    if text.startswith("\\."):
        return _Reader.source
    words = [token.text.upper() for token in islice(tokens(text), 8) if token.kind == "word"]
    if not words:
        return None
    if words[0] in _COMMANDS:
        return _COMMANDS[words[0]]
    thing = next((word for word in words[1:] if word not in _BETWEEN), "")
    return _ACTS.get((words[0], thing))


def _report(
    problems: list[Problem], statement: Statement, code: str, place: int, text: str
) -> None:
    line = statement.line + statement.text.count("\n", 0, place)
    problems.append(problem(code, f"ddl:{line}", text))
