"""DDL text as tables, columns and keys: mysqldump's, SHOW CREATE TABLE's, and people's."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit.source.ddl import read_ddl
from dalkit.source.tables import Column, ColumnType, ForeignKey, Index, SourceTable

DUMP_57 = """\
-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t5.7.44-log

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;

--
-- Current Database: `shop`
--

CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;

USE `shop`;

DROP TABLE IF EXISTS `users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE `users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `email` varchar(190) NOT NULL COMMENT 'don''t; -- (really)',
  `active` tinyint(1) NOT NULL DEFAULT '1',
  `balance` decimal(12,4) NOT NULL DEFAULT '0.0000',
  `status` enum('new','it''s','a\\\\b') CHARACTER SET latin1 DEFAULT 'new',
  `seen` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  `note` text,
  PRIMARY KEY (`id`),
  UNIQUE KEY `email` (`email`),
  KEY `note` (`note`(20))
) ENGINE=InnoDB AUTO_INCREMENT=17 DEFAULT CHARSET=utf8mb4 ROW_FORMAT=DYNAMIC COMMENT='CHARSET=x;';
/*!40101 SET character_set_client = @saved_cs_client */;

LOCK TABLES `users` WRITE;
/*!40000 ALTER TABLE `users` DISABLE KEYS */;
INSERT INTO `users` VALUES (1,'a\\'b; CREATE TABLE x (a int);',1,0.0000,'new','2020-01-01','--');
/*!40000 ALTER TABLE `users` ENABLE KEYS */;
UNLOCK TABLES;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON users
FOR EACH ROW BEGIN DROP TABLE users; END */;;
DELIMITER ;
/*!50001 CREATE ALGORITHM=UNDEFINED */ /*!50001 VIEW `v` AS select `id` AS `id` from `users` */;
"""

SHOWN_84 = """\
CREATE TABLE `orders` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `user_id` int unsigned NOT NULL,
  `total` decimal(10,2) DEFAULT NULL,
  `tax` decimal(10,2) GENERATED ALWAYS AS ((`total` * 0.2)) STORED,
  `extra` json DEFAULT NULL,
  `made` datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  `hidden` int DEFAULT NULL /*!80023 INVISIBLE */,
  `code` char(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `token` varchar(36) DEFAULT (uuid()),
  PRIMARY KEY (`id`),
  UNIQUE KEY `code` (`code`,`user_id`),
  KEY `lower` ((lower(`code`))),
  KEY `user` (`user_id`) /*!80000 INVISIBLE */,
  CONSTRAINT `orders_ibfk_1` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE,
  CONSTRAINT `positive` CHECK ((`total` >= 0)) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci
/*!50100 PARTITION BY RANGE (year(`made`))
(PARTITION p0 VALUES LESS THAN (2000) ENGINE = InnoDB,
 PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */;
CREATE TABLE users (id int unsigned PRIMARY KEY);
"""

MARIADB = """\
/*M!999999\\- enable the sandbox mode */
-- MariaDB dump 10.19-11.4.2-MariaDB, for debian-linux-gnu (x86_64)
CREATE TABLE `docs` (
  `id` int(11) NOT NULL DEFAULT 0,
  `doc` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`doc`)),
  `kept` longtext /*M!100301 COMPRESSED*/ DEFAULT NULL,
  `name` varchar(20) DEFAULT 'x',
  `at` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
"""


def table(ddl: str) -> SourceTable:
    """The only table of a DDL without errors."""
    source, problems = read_ddl(ddl)

    assert [str(one) for one in problems if one.severity == "error"] == []
    (only,) = source.tables
    return only


def column(clause: str, options: str = "") -> Column:
    """A column `a` with this type and these attributes."""
    return table(f"CREATE TABLE t (z INT, a {clause}, y INT) {options}").columns[1]


def said(ddl: str) -> list[tuple[str, str]]:
    """Code and place of every problem."""
    return [(one.code, one.pointer) for one in read_ddl(ddl)[1]]


def test_a_dump_of_mysql_5_7() -> None:
    """Everything of the table, and nothing of rows, triggers, views and comments."""
    source, problems = read_ddl(DUMP_57)

    assert problems == ()
    assert source.default_collation == "utf8mb4_general_ci"
    (users,) = source.tables
    assert (users.name, users.line, users.primary_key) == ("users", 20, ("id",))
    assert [c.name for c in users.columns] == [
        "id", "email", "active", "balance", "status", "seen", "note",
    ]  # fmt: skip
    assert users.column("EMAIL") == Column(
        name="email",
        type=ColumnType(
            base="varchar",
            length=190,
            charset="utf8mb4",
            collation="utf8mb4_general_ci",
            text="varchar(190)",
        ),
        nullable=False,
    )
    status = users.columns[4].type
    assert (status.values, status.collation) == (("new", "it's", "a\\b"), "latin1_swedish_ci")
    assert [c.default for c in users.columns] == [
        None, None, "1", "0.0000", "'new'", "CURRENT_TIMESTAMP", None,
    ]  # fmt: skip
    assert [c.on_update for c in users.columns] == [False] * 5 + [True, False]
    assert users.columns[0].auto_increment
    assert users.indexes == (
        Index(name="email", columns=("email",), unique=True),
        Index(name="note", columns=("note",), partial=True),
    )


def test_show_create_table_of_mysql_8() -> None:
    """Generated, invisible and functional parts, checks, partitions and foreign keys."""
    source, problems = read_ddl(SHOWN_84)

    assert problems == ()
    orders = source.by_name["orders"]
    assert [c.name for c in orders.columns if c.generated] == ["tax"]
    assert orders.by_name["code"].type.collation == "ascii_bin"
    assert orders.by_name["token"].default == "(uuid())"
    assert orders.by_name["made"].default == "CURRENT_TIMESTAMP(6)"
    assert orders.by_name["made"].type.scale == 6
    assert orders.by_name["extra"].type.base == "json"
    assert orders.indexes == (
        Index(name="code", columns=("code", "user_id"), unique=True),
        Index(name="lower", columns=(), partial=True),
        Index(name="user", columns=("user_id",)),
    )
    assert orders.foreign_keys == (
        ForeignKey(
            columns=("user_id",),
            target_table="users",
            target_columns=("id",),
            on_delete="CASCADE",
            name="orders_ibfk_1",
        ),
    )


def test_a_dump_of_mariadb() -> None:
    """Its JSON is a checked longtext, its conditional comments count, its default is general_ci."""
    docs = table(MARIADB)

    assert [c.type.base for c in docs.columns] == [
        "int", "json", "longtext", "varchar", "timestamp",
    ]  # fmt: skip
    assert docs.by_name["name"].type.collation == "utf8mb4_general_ci"
    assert docs.by_name["at"].default == "CURRENT_TIMESTAMP"


TYPES = [
    ("INTEGER", ColumnType(base="int")),
    ("int(11) signed", ColumnType(base="int")),
    ("INT4 UNSIGNED", ColumnType(base="int", unsigned=True)),
    ("INT8", ColumnType(base="bigint")),
    ("INT(5) ZEROFILL", ColumnType(base="int", unsigned=True, zerofill=True, length=5)),
    ("BIGINT ZEROFILL", ColumnType(base="bigint", unsigned=True, zerofill=True, length=20)),
    ("MIDDLEINT", ColumnType(base="mediumint")),
    ("INT1", ColumnType(base="tinyint")),
    ("BOOL", ColumnType(base="tinyint", length=1)),
    ("BOOLEAN", ColumnType(base="tinyint", length=1)),
    ("TINYINT(1)", ColumnType(base="tinyint", length=1)),
    ("TINYINT(4)", ColumnType(base="tinyint")),
    ("SERIAL", ColumnType(base="bigint", unsigned=True)),
    ("DEC", ColumnType(base="decimal", precision=10, scale=0)),
    ("NUMERIC(5)", ColumnType(base="decimal", precision=5, scale=0)),
    ("FIXED(5,2) UNSIGNED", ColumnType(base="decimal", precision=5, scale=2, unsigned=True)),
    ("FLOAT UNSIGNED", ColumnType(base="float", unsigned=True)),
    ("FLOAT(24)", ColumnType(base="float")),
    ("FLOAT(25)", ColumnType(base="double")),
    ("FLOAT(7,3)", ColumnType(base="float", precision=7, scale=3)),
    ("REAL", ColumnType(base="double")),
    ("DOUBLE PRECISION(8,2)", ColumnType(base="double", precision=8, scale=2)),
    ("BIT", ColumnType(base="bit", length=1)),
    ("BIT(64)", ColumnType(base="bit", length=64)),
    ("YEAR(4)", ColumnType(base="year")),
    ("DATE", ColumnType(base="date")),
    ("TIME", ColumnType(base="time", scale=0)),
    ("DATETIME(3)", ColumnType(base="datetime", scale=3)),
    ("TIMESTAMP(6) NULL", ColumnType(base="timestamp", scale=6)),
    ("CHAR", ColumnType(base="char", length=1)),
    ("CHARACTER VARYING(9)", ColumnType(base="varchar", length=9)),
    ("CHAR VARYING(9)", ColumnType(base="varchar", length=9)),
    ("LONG", ColumnType(base="mediumtext")),
    ("LONG VARCHAR", ColumnType(base="mediumtext")),
    ("LONG VARBINARY", ColumnType(base="mediumblob")),
    ("TEXT(60)", ColumnType(base="tinytext")),
    ("TEXT(64)", ColumnType(base="text")),
    ("TEXT(70000)", ColumnType(base="mediumtext")),
    ("BLOB(255)", ColumnType(base="tinyblob")),
    ("BINARY", ColumnType(base="binary", length=1)),
    ("CHAR(3) BYTE", ColumnType(base="binary", length=3)),
    ("VARCHAR(3) CHARACTER SET binary", ColumnType(base="varbinary", length=3)),
    ("TEXT CHARSET binary", ColumnType(base="blob")),
    ("ENUM('a','b''c', 'd  ')", ColumnType(base="enum", values=("a", "b'c", "d"))),
    ("SET('x','y')", ColumnType(base="set", values=("x", "y"))),
    ("JSON", ColumnType(base="json")),
    ("POINT NOT NULL SRID 4326", ColumnType(base="opaque")),
    ("GEOMETRYCOLLECTION", ColumnType(base="opaque")),
    ("VECTOR(3)", ColumnType(base="opaque")),
    ("UUID", ColumnType(base="opaque")),
]


@pytest.mark.parametrize(("clause", "expected"), TYPES, ids=[clause for clause, _ in TYPES])
def test_types_and_synonyms(clause: str, expected: ColumnType) -> None:
    """Each type has one name and the sizes that a server gives it."""
    found = column(clause).type

    assert ColumnType(
        base=found.base,
        length=found.length,
        precision=found.precision,
        scale=found.scale,
        unsigned=found.unsigned,
        zerofill=found.zerofill,
        values=found.values,
    ) == expected  # fmt: skip
    assert clause.startswith(found.text)


def test_a_type_that_is_not_known_is_opaque() -> None:
    """The table stands, the column is opaque, and a warning names the word."""
    source, problems = read_ddl("CREATE TABLE t (a INT,\nb FROBNICATE(1,(2)) NOT NULL)")

    assert [(c.type.base, c.nullable) for c in source.tables[0].columns] == [
        ("int", True), ("opaque", False),
    ]  # fmt: skip
    assert [(one.code, one.pointer) for one in problems] == [("DK409", "ddl:2")]
    assert "FROBNICATE" in problems[0].text


@pytest.mark.parametrize(
    ("clause", "options", "expected"),
    [
        ("CHAR(1)", "", (None, None)),
        ("CHAR(1)", "DEFAULT CHARSET=utf8", ("utf8mb3", "utf8mb3_general_ci")),
        ("CHAR(1)", "CHARACTER SET = utf8mb4", ("utf8mb4", "utf8mb4_0900_ai_ci")),
        ("CHAR(1)", "COLLATE latin1_bin", ("latin1", "latin1_bin")),
        ("CHAR(1)", "CHARSET utf8mb4 COLLATE uca1400_ai_ci", ("utf8mb4", "utf8mb4_uca1400_ai_ci")),
        ("CHAR(1) BINARY", "CHARSET=utf8mb4", ("utf8mb4", "utf8mb4_bin")),
        ("CHAR(1) CHARSET latin1", "COLLATE utf8mb4_bin", ("latin1", "latin1_swedish_ci")),
        ("CHAR(1) COLLATE utf8_bin", "CHARSET latin1", ("utf8mb3", "utf8mb3_bin")),
        ("CHAR(1) DEFAULT 'x' COLLATE utf8mb4_bin", "", ("utf8mb4", "utf8mb4_bin")),
        ("CHAR(1) ASCII", "CHARSET utf8mb4", ("latin1", "latin1_swedish_ci")),
        ("NCHAR(1)", "CHARSET utf8mb4", ("utf8mb3", "utf8mb3_general_ci")),
        ("INT", "CHARSET utf8mb4", (None, None)),
        ("JSON", "CHARSET utf8mb4", (None, None)),
        ("VARBINARY(3)", "CHARSET utf8mb4", (None, None)),
    ],
)
def test_text_is_held_as_column_table_or_database_says(
    clause: str, options: str, expected: tuple[str | None, str | None]
) -> None:
    """The nearest declaration counts; a character set alone brings its default collation."""
    found = column(clause, options).type

    assert (found.charset, found.collation) == expected


def test_the_database_in_use_gives_the_default() -> None:
    """CREATE, ALTER DATABASE and USE count for tables that say nothing."""
    ddl = (
        "CREATE DATABASE a CHARACTER SET latin1; CREATE SCHEMA b COLLATE utf8mb4_bin;"
        "ALTER DATABASE b COLLATE = utf8mb4_unicode_ci; USE b;"
    )
    source, _ = read_ddl(ddl + "CREATE TABLE t (x CHAR(3));")

    assert source.default_collation == "utf8mb4_unicode_ci"
    assert source.tables[0].columns[0].type.collation == "utf8mb4_unicode_ci"


def test_a_guessed_collation_is_told() -> None:
    """utf8mb4 alone differs between servers, so the reading taken is a note, once."""
    assert said("CREATE TABLE t (a CHAR(1), b CHAR(1)) CHARSET utf8mb4") == [("DK410", "ddl:1")]
    assert said("CREATE TABLE t (a INT) CHARSET utf8mb4") == []


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("INT DEFAULT '007'", "7"),
        ("INT DEFAULT - 5", "-5"),
        ("INT DEFAULT 0x1F", "31"),
        ("INT DEFAULT b'101'", "5"),
        ("INT DEFAULT x'1F'", "31"),
        ("VARCHAR(9) DEFAULT 0x4142", "'AB'"),
        ("BINARY(4) DEFAULT 'ab\\0\\0'", "0x6162"),
        ("VARBINARY(4) DEFAULT 'ab\\0'", "0x616200"),
        ("VARBINARY(4) DEFAULT x'ff00'", "0xff00"),
        ("BINARY(4) DEFAULT ''", "''"),
        ("SET('a','b','c') DEFAULT 'c,a'", "'a,c'"),
        ("SET('a') DEFAULT ''", "''"),
        ("BOOL DEFAULT TRUE", "1"),
        ("DECIMAL(5,2) DEFAULT 1", "1.00"),
        ("DOUBLE DEFAULT 1.50", "1.5"),
        ("DOUBLE DEFAULT 1e999999999", "'1e999999999'"),
        ("BIT(4) DEFAULT b'0010'", "b'10'"),
        ("BIT(4) DEFAULT 5", "b'101'"),
        ("VARCHAR(9) DEFAULT 5", "'5'"),
        ("VARCHAR(9) DEFAULT 'it''s' '\\\\'", "'it''s\\\\'"),
        ("VARCHAR(9) DEFAULT _utf8mb4'x'", "'x'"),
        ("VARCHAR(9) DEFAULT NULL", None),
        ("VARCHAR(9) NOT NULL", None),
        ("DATETIME DEFAULT '2020-01-02'", "'2020-01-02 00:00:00'"),
        ("DATETIME(2) DEFAULT '2020-01-02 03:04:05'", "'2020-01-02 03:04:05.00'"),
        ("DATETIME DEFAULT NOW()", "CURRENT_TIMESTAMP"),
        ("DATETIME(3) DEFAULT (LOCALTIMESTAMP(3))", "CURRENT_TIMESTAMP(3)"),
        ("JSON DEFAULT (JSON_OBJECT('a', (1)))", "(JSON_OBJECT('a', (1)))"),
        ("CHAR(36) DEFAULT uuid()", "(uuid())"),
        ("ENUM('a') DEFAULT 'a' COMMENT 'DEFAULT 3'", "'a'"),
    ],
)
def test_defaults_have_one_form(clause: str, expected: str | None) -> None:
    """However a default is written, it is the SQL text that the column's type makes of it."""
    assert column(clause).default == expected


@pytest.mark.parametrize(
    ("clause", "flags"),
    [
        ("INT", ""),
        ("INT NULL", ""),
        ("INT NOT NULL COMMENT 'x' UNIQUE", "required"),
        ("INT AUTO_INCREMENT KEY", "required auto"),
        ("SERIAL", "required auto"),
        ("BIGINT SERIAL DEFAULT VALUE", "required auto"),
        ("TIMESTAMP", ""),
        ("TIMESTAMP NOT NULL DEFAULT NOW() ON UPDATE NOW()", "required update"),
        ("INT GENERATED ALWAYS AS (z + (1)) VIRTUAL NOT NULL", "required generated"),
        ("INT AS (z) STORED COMMENT ')'", "generated"),
        ("TIMESTAMP(6) GENERATED ALWAYS AS ROW START INVISIBLE", "required generated"),
        ("INT CHECK (a > 1) NOT ENFORCED INVISIBLE", ""),
        ("INT CONSTRAINT c CHECK (a > 1) NOT NULL", "required"),
        ("INT COLUMN_FORMAT FIXED STORAGE DISK NOT NULL", "required"),
        ("VARCHAR(9) COMPRESSED NOT NULL", "required"),
        ("INT ENGINE_ATTRIBUTE = '{}' WITHOUT SYSTEM VERSIONING NOT NULL", "required"),
    ],
)
def test_attributes_in_any_order(clause: str, flags: str) -> None:
    """Every attribute is read or stepped over; none hides the next."""
    found = column(clause)
    told = {
        "required": not found.nullable,
        "auto": found.auto_increment,
        "update": found.on_update,
        "generated": found.generated,
    }

    assert " ".join(flag for flag, holds in told.items() if holds) == flags


def test_keys_of_every_form() -> None:
    """Names are MySQL's where none is given; prefixes and expressions are partial."""
    keyed = table(
        "CREATE TABLE t (a INT UNIQUE, b VARCHAR(40), c INT UNIQUE KEY, d TEXT, e INT,"
        "CONSTRAINT p PRIMARY KEY USING BTREE (b, A DESC) COMMENT 'x', UNIQUE (a, c),"
        "KEY (b), KEY (B),"
        "INDEX USING HASH (c), UNIQUE KEY half (b(20)), KEY whole (b(40)),"
        "FULLTEXT f (d) WITH PARSER ngram,"
        "SPATIAL INDEX (d), KEY ((lower(b)), c), KEY mixed (c, (e + 1)) INVISIBLE,"
        "CONSTRAINT s UNIQUE (e) KEY_BLOCK_SIZE = 8)"
    )

    assert keyed.primary_key == ("b", "a")
    assert [c.name for c in keyed.columns if not c.nullable] == ["a", "b"]
    assert [(i.name, i.columns, i.partial) for i in keyed.indexes if i.unique] == [
        ("a", ("a",), False), ("a_2", ("a", "c"), False), ("c", ("c",), False),
        ("half", ("b",), True), ("s", ("e",), False),
    ]  # fmt: skip
    assert [(i.name, i.columns, i.partial) for i in keyed.indexes if not i.unique] == [
        ("b", ("b",), False), ("b_2", ("b",), False), ("c_2", ("c",), False), ("d", (), True),
        ("f", (), True), ("functional_index", (), True), ("mixed", ("c",), True),
        ("whole", ("b",), False),
    ]  # fmt: skip


def test_foreign_keys_find_their_targets() -> None:
    """Names, targets and implied indexes are as InnoDB gives them, whatever the order and case."""
    source, problems = read_ddl(
        "CREATE TABLE child (id INT PRIMARY KEY, a INT, b INT, up INT,"
        "FOREIGN KEY (A) REFERENCES Parent (ID) ON UPDATE CASCADE ON DELETE SET NULL,"
        "CONSTRAINT c FOREIGN KEY k (b) REFERENCES parent MATCH FULL ON DELETE NO ACTION,"
        "FOREIGN KEY i (up) REFERENCES child (id));"
        "CREATE TABLE parent (id INT PRIMARY KEY);"
    )

    assert problems == ()
    child = source.by_name["child"]
    assert [
        (k.name, k.columns, k.target_table, k.target_columns, k.on_delete)
        for k in child.foreign_keys
    ] == [
        ("c", ("b",), "parent", ("id",), "RESTRICT"),
        ("child_ibfk_1", ("a",), "parent", ("id",), "SET NULL"),
        ("child_ibfk_2", ("up",), "child", ("id",), "RESTRICT"),
    ]
    assert [(i.name, i.columns) for i in child.indexes] == [
        ("a", ("a",)), ("c", ("b",)), ("i", ("up",)),
    ]  # fmt: skip


BASE = "CREATE TABLE t (a INT, b VARCHAR(9), c INT, PRIMARY KEY (c), KEY k (a, b));"


@pytest.mark.parametrize(
    ("actions", "columns", "keys"),
    [
        ("ADD d INT", "a b c d", "c; k a b"),
        ("ADD COLUMN d INT FIRST, ADD e INT AFTER a", "d a e b c", "c; k a b"),
        ("ADD (d INT, e INT, UNIQUE u (d))", "a b c d e", "c; u d; k a b"),
        ("MODIFY COLUMN c BIGINT AFTER a", "a c b", "c; k a b"),
        ("CHANGE a z INT UNSIGNED NOT NULL", "z b c", "c; k z b"),
        ("RENAME COLUMN c TO id", "a b id", "id; k a b"),
        ("DROP COLUMN a", "b c", "c; k b"),
        ("DROP a, DROP b", "c", "c"),
        ("DROP PRIMARY KEY, ADD PRIMARY KEY (a, c)", "a b c", "a c; k a b"),
        ("DROP KEY k, ADD INDEX (b)", "a b c", "c; b b"),
        ("RENAME INDEX k TO l, ALTER a SET DEFAULT 3", "a b c", "c; l a b"),
        ("ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES t (b)", "a b c", "c; f b; k a b"),
        ("AUTO_INCREMENT=5, ENGINE = InnoDB, COMMENT='x, y'", "a b c", "c; k a b"),
        ("PARTITION BY HASH (c) PARTITIONS 4", "a b c", "c; k a b"),
        ("ORDER BY a, ALGORITHM=INPLACE, LOCK=NONE", "a b c", "c; k a b"),
    ],
)
def test_alter_table(actions: str, columns: str, keys: str) -> None:
    """Every action leaves the columns and keys that MySQL would leave."""
    found = table(BASE + f"ALTER TABLE t {actions};".replace("ORDER BY a", "ORDER BY a ASC"))
    held = [" ".join(found.primary_key)]
    held += [" ".join((index.name, *index.columns)) for index in found.indexes]

    assert " ".join(c.name for c in found.columns) == columns
    assert "; ".join(held) == keys


def test_converting_a_table_changes_its_text() -> None:
    """CONVERT TO reaches the columns; DEFAULT CHARSET only those that come later."""
    changed = table(
        "CREATE TABLE t (a CHAR(1)) CHARSET latin1;"
        "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
        "ALTER TABLE t DEFAULT CHARACTER SET ascii; ALTER TABLE t ADD b CHAR(1);"
    )

    assert [c.type.collation for c in changed.columns] == ["utf8mb4_bin", "ascii_general_ci"]


def test_statements_about_whole_tables() -> None:
    """DROP, RENAME, LIKE, CREATE INDEX and OR REPLACE, in the order of the file."""
    source, problems = read_ddl(
        BASE + "CREATE TABLE l LIKE t; CREATE TABLE gone (a INT); DROP TABLE IF EXISTS gone, never;"
        "CREATE TABLE r (a INT, FOREIGN KEY (a) REFERENCES l (c)); RENAME TABLE l TO m;"
        "CREATE UNIQUE INDEX u USING BTREE ON m (a DESC); DROP INDEX k ON m;"
        "ALTER TABLE t RENAME AS n;"
        "CREATE OR REPLACE TABLE r (a INT, FOREIGN KEY (a) REFERENCES m (c));"
        "CREATE TEMPORARY TABLE tmp (a INT); CREATE VIEW v AS SELECT 1;"
    )

    assert problems == ()
    assert list(source.by_name) == ["n", "m", "r"]
    assert source.by_name["r"].foreign_keys[0].target_table == "m"
    assert source.by_name["m"].indexes == (Index(name="u", columns=("a",), unique=True),)
    assert source.by_name["m"].primary_key == ("c",)


@pytest.mark.parametrize(
    ("ddl", "expected"),
    [
        ("", [("DK411", "ddl:1")]),
        ("SELECT 1", [("DK411", "ddl:1")]),
        ("\nCREATE TABLE t (a INT,\n b INT NOT);", [("DK401", "ddl:3")]),
        ("CREATE TABLE t (a INT", [("DK401", "ddl:1")]),
        ("CREATE TABLE t ()", [("DK401", "ddl:1")]),
        ("CREATE TABLE t (a)", [("DK401", "ddl:1")]),
        ("CREATE TABLE t (a VARCHAR)", [("DK401", "ddl:1")]),
        ("CREATE TABLE t (a INT) x)", []),
        ("CREATE TABLE t (a INT, b INT,)", [("DK401", "ddl:1")]),
        ("CREATE TABLE t (a INT, `A` INT)", [("DK401", "ddl:1")]),
        ("CREATE TABLE t (a INT KEY, PRIMARY KEY (a))", [("DK401", "ddl:1")]),
        ("CREATE TABLE t (a INT) ENGINE=InnoDB\nCREATE TABLE u (a INT)", [("DK401", "ddl:2")]),
        ("\ufeffUSE d\nCREATE TABLE t (a INT)", []),
        ("CREATE TABLE t (a INT); \\. t.sql", [("DK412", "ddl:1")]),
        ("SOURCE t.sql\nCREATE TABLE t (a INT)", [("DK412", "ddl:1")]),
        ("CREATE TABLE t (a INT) SELECT 1 AS b", [("DK401", "ddl:1")]),
        ("CREATE TABLE t (SELECT 1 AS b)", [("DK401", "ddl:1")]),
        ("CREATE TABLE t LIKE u", [("DK401", "ddl:1")]),
        ("CREATE TABLE t (a INT);\nCREATE TABLE t (b INT)", [("DK402", "ddl:2")]),
        ("CREATE TABLE t (a INT COMMENT 'x);\nCREATE TABLE u (b INT)", [("DK403", "ddl:1")]),
        ("CREATE TABLE t (a INT);\n/* CREATE TABLE u (b INT)", [("DK403", "ddl:2")]),
        ("CREATE TABLE t (a INT, KEY (b))", [("DK404", "ddl:1")]),
        ("CREATE TABLE t (a INT KEY, b INT REFERENCES t (a))", [("DK405", "ddl:1")]),
        ("CREATE TABLE a.t (a INT);\nCREATE TABLE b.u (a INT)", [("DK406", "ddl:2")]),
        ("CREATE TABLE t (a INT);\nALTER TABLE u ADD b INT", [("DK407", "ddl:2")]),
        ("CREATE TABLE t (a INT);\nALTER TABLE t DROP b", [("DK401", "ddl:2")]),
        ("CREATE TABLE t (a INT);\nALTER TABLE t FROB b", [("DK401", "ddl:2")]),
        ("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES u (b))", [("DK408", "ddl:1")]),
        ("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES t (b))", [("DK408", "ddl:1")]),
        ("USE d; CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES e.t (a))", [("DK408", "ddl:1")]),
        ("CREATE TABLE t (a INT FROB)", [("DK409", "ddl:1")]),
    ],
)  # fmt: skip
def test_every_fault_has_its_code_and_line(ddl: str, expected: list[tuple[str, str]]) -> None:
    """One problem for one fault, at the line where it stands."""
    assert said(ddl) == expected


def test_a_table_that_fails_is_one_problem() -> None:
    """Statements and foreign keys about it are not blamed too, and the other tables stand."""
    source, problems = read_ddl(
        "CREATE TABLE bad (a INT,, b INT);\nALTER TABLE bad ADD c INT;\n"
        "CREATE TABLE good (a INT, FOREIGN KEY (a) REFERENCES bad (a));"
    )

    assert [one.code for one in problems] == ["DK401"]
    assert [one.name for one in source.tables] == ["good"]


def test_a_statement_that_fails_leaves_no_trace() -> None:
    """An ALTER TABLE is taken whole or not at all."""
    source, problems = read_ddl(BASE + "ALTER TABLE t ADD d INT, DROP KEY k, ADD d INT;")

    assert [one.code for one in problems] == ["DK401"]
    assert source == read_ddl(BASE)[0]


def test_names_in_every_form() -> None:
    """Back-quoted, in double quotes, qualified, keywords, digits and signs."""
    named = table(
        'CREATE TABLE "d"."t" (`a``b` INT, "c d" INT, `key` INT, date DATE, 1a INT, é$ INT)'
    )

    assert [c.name for c in named.columns] == ["a`b", "c d", "key", "date", "1a", "é$"]


def test_depth_costs_nothing() -> None:
    """A hundred thousand parentheses are stepped over, closed or not."""
    deep = "(" * 100_000 + "1" + ")" * 100_000

    assert column(f"INT AS {deep}").generated
    assert said(f"CREATE TABLE t (a INT DEFAULT {'(' * 100_000}") == [("DK401", "ddl:1")]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    ["a INT,", "KEY (a),", "(", ")", "'", "`a` ", "FOREIGN KEY (a) REFERENCES t (a),", "/*!1"],
)
def test_a_huge_statement_ends(piece: str) -> None:
    """A third of a megabyte in one statement is read or refused in time proportional to it."""
    assert said("CREATE TABLE t (a INT," + piece * (300_000 // len(piece)))


@pytest.mark.timeout(60)
def test_many_statements_end() -> None:
    """Ten thousand tables and as many changes are read."""
    made = "".join(f"CREATE TABLE t{n} (a INT PRIMARY KEY);\n" for n in range(5_000))
    changed = "".join(f"ALTER TABLE t{n} ADD b INT;\n" for n in range(5_000))
    source, problems = read_ddl(made + changed)

    assert problems == ()
    assert {len(one.columns) for one in source.tables} == {2}


PIECES = [DUMP_57, SHOWN_84, MARIADB, BASE + "ALTER TABLE t ADD d INT, DROP KEY k;"]
CUTS = st.tuples(st.sampled_from(PIECES), st.floats(0, 1), st.floats(0, 0.1))
NOISE = st.text(alphabet="'\"`;,()\\/*!-# \nINTKEYaé0.=@\0", max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(CUTS, NOISE), min_size=1, max_size=8))
def test_broken_ddl_is_read_or_reported(parts: list[tuple[tuple[str, float, float], str]]) -> None:
    """Pieces of good DDL in any order with noise between: problems at lines, never an exception."""
    text = ""
    for (piece, start, length), noise in parts:
        first = int(start * len(piece))
        text += piece[first : first + int(length * len(piece)) + 1] + noise
    source, problems = read_ddl(text)

    assert source.tables or problems
    assert all(
        1 <= int(one.pointer.removeprefix("ddl:")) <= text.count("\n") + 1 for one in problems
    )


@settings(deadline=None)
@given(st.sampled_from(PIECES), st.floats(0, 1), st.integers(0, 3), NOISE)
def test_one_change_is_read_or_reported(piece: str, place: float, gone: int, noise: str) -> None:
    """Good DDL with one thing changed: tables, or problems, and the same ones again."""
    at = int(place * len(piece))
    text = piece[:at] + noise + piece[at + gone :]

    assert read_ddl(text) == read_ddl(text)
    assert read_ddl(text)[0].tables or read_ddl(text)[1]


ORACLE = {"INT": "int", "VARCHAR": "varchar", "CHAR": "char", "DECIMAL": "decimal", "UINT": "int",
          "UBIGINT": "bigint", "BIGINT": "bigint", "TINYINT": "tinyint", "ENUM": "enum",
          "TIMESTAMP": "timestamp", "TEXT": "text", "DATETIME": "datetime", "JSON": "json",
          "TIMESTAMPTZ": "timestamp"}  # fmt: skip


def test_another_parser_sees_the_same_columns(caplog: pytest.LogCaptureFixture) -> None:
    """sqlglot, where it can read the statement, finds the same names and types."""
    import sqlglot
    from sqlglot import expressions

    caplog.set_level(logging.ERROR, "sqlglot")
    sources = [DUMP_57[DUMP_57.index("CREATE TABLE") :].split(";\n")[0], SHOWN_84.split("\n/*!")[0]]
    for ddl in sources:
        parsed = sqlglot.parse_one(ddl, dialect="mysql")
        theirs = [
            (one.name, ORACLE[str(one.args["kind"].this.value)])
            for one in parsed.find_all(expressions.ColumnDef)
        ]
        ours = [(c.name, c.type.base) for c in read_ddl(ddl)[0].tables[0].columns]

        assert ours == theirs
