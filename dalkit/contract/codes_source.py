"""Problem codes DK4xx: the MySQL schema itself: DDL text or information_schema."""

from __future__ import annotations

from dalkit.contract.problems import Code

__all__ = ["SOURCE"]

SOURCE: tuple[Code, ...] = (
    Code(
        "DK401",
        "error",
        "a statement of the DDL cannot be read",
        "A statement that makes or changes a table is not what MySQL's grammar says. What it was "
        "to do is left out; all other statements stand.",
        "write it as SHOW CREATE TABLE prints it",
    ),
    Code(
        "DK402",
        "error",
        "a table is defined twice",
        "Two CREATE TABLE statements have one name, and no DROP TABLE stands between them. The "
        "first is taken.",
        "remove one of them",
    ),
    Code(
        "DK403",
        "error",
        "a quote or comment never ends",
        "The rest of the file would belong to it, so tables behind it would be lost.",
        "close it",
    ),
    Code(
        "DK404",
        "error",
        "a key names a column that its table does not have",
        "A primary key, index or foreign key is on a column that is not there.",
        "correct the name, or add the column",
    ),
    Code(
        "DK405",
        "note",
        "a REFERENCES clause beside a column is not taken",
        "MySQL before 9.0 reads REFERENCES in a column's clause and forgets it (MySQL 9 and "
        "MariaDB do not); it is read as not declared, so joins over it may find no row.",
        "declare a FOREIGN KEY of the table",
    ),
    Code(
        "DK406",
        "warning",
        "tables of several databases stand in one DDL",
        "A contract is about one database; the tables are read as if they were in one.",
        "give one file per database",
    ),
    Code(
        "DK407",
        "warning",
        "a statement changes a table that the DDL does not make",
        "The statement has no effect here.",
        "put the table's CREATE TABLE before it",
    ),
    Code(
        "DK408",
        "warning",
        "a foreign key's target is not in the DDL",
        "The target table or column is not known, so nothing can be said of joins over it.",
        "add the table to the DDL",
    ),
    Code(
        "DK409",
        "warning",
        "a word of a column's clause is not known",
        "The column is taken without it; a type that is not known is opaque and fits no attribute.",
        "check the spelling",
    ),
    Code(
        "DK410",
        "note",
        "a collation had to be guessed",
        "utf8mb4 without a collation means utf8mb4_0900_ai_ci in MySQL 8 and later, and "
        "utf8mb4_general_ci in MySQL 5.7 and MariaDB.",
        "name the collation in the DDL",
    ),
    Code(
        "DK411",
        "warning",
        "the schema has no table",
        "No CREATE TABLE was found, or the database is empty.",
        "give the output of mysqldump --no-data, or check the database's name",
    ),
    Code(
        "DK412",
        "warning",
        "the DDL names another file",
        "SOURCE is a command of the mysql client; only the text that is given is read.",
        "put the other file's text in its place",
    ),
)
