"""Rows of information_schema as tables, columns and keys."""

from __future__ import annotations

import pytest

from dalkit.source.live import (
    CHECKS,
    COLUMNS,
    REFERENCES,
    STATISTICS,
    TABLES,
    Row,
    inquiries,
    read_live,
)
from dalkit.source.tables import Column, ColumnType, ForeignKey, Index

MYSQL: list[Row] = [("t", "utf8mb4_0900_ai_ci", "utf8mb4_0900_ai_ci", "8.4.3")]
MARIADB: list[Row] = [("t", "utf8mb4_general_ci", "utf8mb4_general_ci", "10.11.19-MariaDB-log")]


def column(tables: list[Row], *cells: object, checks: list[Row] | None = None) -> Column:
    """The only column of `t`, with these cells behind its name."""
    source, problems = read_live(tables, [("t", "a", *cells)], [], [], checks or [])

    assert problems == ()
    (only,) = source.tables[0].columns
    return only


@pytest.mark.parametrize(
    ("mysql", "mariadb", "expected"),
    [
        (("int", "NO", "0", ""), ("int(11)", "NO", "0", ""), "0"),
        (("int", "YES", None, ""), ("int(11)", "YES", "NULL", ""), None),
        (("varchar(9)", "YES", "it's", ""), ("varchar(9)", "YES", "'it''s'", ""), "'it''s'"),
        (("varchar(9)", "YES", "NULL", ""), ("varchar(9)", "YES", "'NULL'", ""), "'NULL'"),
        (("varchar(9)", "YES", "", ""), ("varchar(9)", "YES", "''", ""), "''"),
        (
            ("datetime(3)", "YES", "CURRENT_TIMESTAMP(3)", "DEFAULT_GENERATED"),
            ("datetime(3)", "YES", "current_timestamp(3)", ""),
            "CURRENT_TIMESTAMP(3)",
        ),
        (
            ("varchar(9)", "YES", "concat(_utf8mb4\\'a\\\\\\'b\\')", "DEFAULT_GENERATED"),
            ("varchar(9)", "YES", "concat(_utf8mb4'a\\'b')", ""),
            "(concat(_utf8mb4'a\\'b'))",
        ),
        (("bit(4)", "YES", "b'0101'", ""), ("bit(4)", "YES", "b'101'", ""), "b'101'"),
        (("decimal(5,2)", "YES", "1.00", ""), ("decimal(5,2)", "YES", "1.00", ""), "1.00"),
    ],
)
def test_both_servers_say_one_default(
    mysql: tuple[object, ...], mariadb: tuple[object, ...], expected: str | None
) -> None:
    """MySQL gives values, MariaDB gives SQL; both are the same default."""
    text = ("utf8mb4", "utf8mb4_bin", "")

    assert column(MYSQL, *mysql, *text).default == expected
    assert column(MARIADB, *mariadb, *text).default == expected


@pytest.mark.parametrize(
    ("extra", "expression", "flags"),
    [
        ("", "", (False, False, False)),
        ("auto_increment", None, (True, False, False)),
        ("DEFAULT_GENERATED on update CURRENT_TIMESTAMP", "", (False, True, False)),
        ("on update current_timestamp()", None, (False, True, False)),
        ("VIRTUAL GENERATED", "(`a` + 1)", (False, False, True)),
        ("STORED GENERATED, INVISIBLE", "ROW START", (False, False, True)),
        ("DEFAULT_GENERATED", "", (False, False, False)),
    ],
)
def test_extra_is_read(extra: str, expression: str | None, flags: tuple[bool, ...]) -> None:
    """What EXTRA says is told by words, not by a part of one."""
    found = column(MYSQL, "datetime", "NO", None, extra, None, None, expression)

    assert (found.auto_increment, found.on_update, found.generated) == flags
    assert not found.nullable


def test_types_keep_their_text_and_collation() -> None:
    """Cells may be text or bytes; the type is normalized as in a DDL file."""
    found = column(MARIADB, b"enum('a','it''s')", b"YES", b"'a'", b"", b"utf8", b"utf8_bin", None)

    assert found == Column(
        name="a",
        type=ColumnType(
            base="enum",
            values=("a", "it's"),
            charset="utf8mb3",
            collation="utf8mb3_bin",
            text="enum('a','it''s')",
        ),
        default="'a'",
    )


def test_json_of_mariadb_is_told_by_its_check() -> None:
    """A longtext is JSON if the check named like it says so, and only then."""
    cells = ("longtext", "YES", "NULL", "", "utf8mb4", "utf8mb4_bin", None)
    check: Row = ("t", "a", "json_valid(`a`)")

    assert column(MARIADB, *cells, checks=[check]).type == ColumnType(base="json", text="longtext")
    for other in [
        ("u", "a", "json_valid(`a`)"),
        ("t", "a", "json_valid(`b`)"),
        ("t", "a", "a > 'x"),
    ]:
        assert column(MARIADB, *cells, checks=[other]).type.base == "longtext"


def test_keys_and_references() -> None:
    """Prefixes, expressions and special indexes are partial; foreign keys keep their order."""
    tables: list[Row] = [*MYSQL, ("u", "utf8mb4_bin", "utf8mb4_0900_ai_ci", "8.4.3")]
    statistics = [
        ("t", "PRIMARY", "id", 0, None, "BTREE"),
        ("t", "z", "b", "1", None, "BTREE"),
        ("t", "z", "a", "1", None, "BTREE"),
        ("t", "half", "b", 0, 20, "BTREE"),
        ("t", "made", "b", 0, None, "BTREE"),
        ("t", "made", None, 0, None, "BTREE"),
        ("t", "words", "b", 1, None, "FULLTEXT"),
    ]
    references = [
        ("t", "second", "a", "shop", "u", "x", "NO ACTION", "shop"),
        ("t", "first", "b", "shop", "u", "x", "SET NULL", "shop"),
        ("t", "first", "a", "shop", "u", "y", "SET NULL", "shop"),
        ("t", "away", "a", "other", "u", "x", "CASCADE", "shop"),
    ]
    source, problems = read_live(tables, [], statistics, references)
    held = source.by_name["t"]

    assert source.default_collation == "utf8mb4_0900_ai_ci"
    assert held.primary_key == ("id",)
    assert held.indexes == (
        Index(name="half", columns=("b",), unique=True, partial=True),
        Index(name="made", columns=("b",), unique=True, partial=True),
        Index(name="words", columns=(), partial=True),
        Index(name="z", columns=("b", "a")),
    )
    assert held.foreign_keys == (
        ForeignKey(
            columns=("b", "a"),
            target_table="u",
            target_columns=("x", "y"),
            on_delete="SET NULL",
            name="first",
        ),
        ForeignKey(columns=("a",), target_table="u", target_columns=("x",), name="second"),
    )
    assert [(one.code, one.pointer) for one in problems] == [("DK408", "live:t")]


@pytest.mark.parametrize("declared", ["frobnicate(3)", "", "'x", "varchar", "int(", "enum(1)"])
def test_a_type_that_is_not_known_is_opaque(declared: str) -> None:
    """Whatever the server says, the column stands and a warning names it."""
    row = ("t", "a", declared, "YES", None, "", None, None, None)
    source, problems = read_live(MYSQL, [row], [], [])

    assert source.tables[0].columns[0].type == ColumnType(base="opaque", text=declared)
    assert [(one.code, one.pointer) for one in problems] == [("DK409", "live:t.a")]


def test_a_database_without_tables_is_told() -> None:
    """A wrong name does not look like an empty contract."""
    source, problems = read_live([], [], [], [])

    assert source.tables == ()
    assert [one.code for one in problems] == ["DK411"]


def test_the_database_is_bound() -> None:
    """Its name is a parameter of every statement, as often as the statement asks."""
    asked = inquiries("it's")

    assert [statement for statement, _ in asked] == [
        TABLES,
        COLUMNS,
        STATISTICS,
        REFERENCES,
        CHECKS,
    ]
    assert all(len(given) == text.count("%s") and set(given) == {"it's"} for text, given in asked)
