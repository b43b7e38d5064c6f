"""Each check on a contract that gives it cause, and on the sound twin that does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import frozen

from dalkit.contract.codes_checks import CHECKS
from dalkit.contract.problems import Problem, stops
from dalkit.contract.reader import read_contract
from dalkit.schema.checks import checks
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl

Json = dict[str, Any]

ID = "id INT NOT NULL AUTO_INCREMENT PRIMARY KEY"
OWNERS = ("owners", ID, "email VARCHAR(50) NOT NULL")
PARTS = ("parts", ID, "thing_id INT NOT NULL", "FOREIGN KEY (thing_id) REFERENCES things (id)")


def ddl(*tables: tuple[str, ...]) -> str:
    """CREATE TABLE statements, text compared by bytes unless a column says otherwise."""
    made = (f"CREATE TABLE {name} ({', '.join(columns)})" for name, *columns in tables)
    return "".join(f"{one} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;\n" for one in made)


def things(*columns: str) -> str:
    """The table `things` with these columns besides its id."""
    return ddl(("things", ID, *columns))


def a(name: str, type: str = "S", column: str = "", **members: Any) -> Json:
    """An attribute of a column, its own name's unless another is given."""
    return {"name": name, "type": type, "source_column": column or name, **members}


def made(name: str, text: str) -> Json:
    """An attribute made by a string-format."""
    return {"name": name, "type": "S", "transformation": {"type": "string-format", "format": text}}


def joined(name: str, on: str, select: str, **members: Any) -> Json:
    """An attribute that a foreign-key join gives."""
    target = select.partition(".")[0]
    join = {
        "type": "foreign-key",
        "target_table": target,
        "join_condition": on,
        "select_column": select,
    }
    return a(name, column="id", join=join, **members)


def parts(*columns: str, **members: Any) -> Json:
    """An array of child rows, or as `members` say."""
    construction = {"type": "array", "select_columns": {n: f"parts.{n}" for n in columns}}
    join = {
        "type": "json-construction",
        "target_table": "parts",
        "join_condition": "parts.thing_id = things.id",
        "construction": {**construction, **members},
    }
    return a("parts", "L", "id", join=join)


def counting(name: str, select: str, *, on: str = "things.parent_id = things.id") -> Json:
    """A count of child things."""
    calculation = {
        "type": "aggregate",
        "target_table": "things",
        "join_condition": on,
        "operation": "COUNT",
        "select_column": select,
    }
    return a(name, "N", "id", calculation=calculation)


def one(*attributes: Json, pk: str = "id", **members: Any) -> Json:
    """A single-entity table of things; without another key, keyed by id."""
    held = (
        [*attributes] if any(x["name"] == pk for x in attributes) else [a("id", "N"), *attributes]
    )
    return {
        "table": "Things",
        "type": "single-entity",
        "source_table": "things",
        "pk": pk,
        "attributes": held,
        "satisfies": ["Get a thing"],
        **members,
    }


def entity(name: str, pk: str, sk: str, *attributes: Json, source: str = "things") -> Json:
    """An entity with both templates."""
    return {
        "entity_type": name,
        "source_table": source,
        "pk_template": pk,
        "sk_template": sk,
        "attributes": list(attributes),
    }


def many(*entities: Json, **members: Any) -> Json:
    """A multi-entity table."""
    return {
        "table": "Things",
        "type": "multi-entity",
        "entities": list(entities),
        "satisfies": ["Get a thing"],
        **members,
    }


def folded(fold: str) -> Json:
    """The option that keeps names unique under a fold."""
    return {"unique": [{"fields": ["name"], "fold": fold}]}


def judged(table: Json, schema_text: str, *patterns: str) -> tuple[Problem, ...]:
    """What the checks say; the contract itself must have no error."""
    contract, problems = read_contract(json.dumps({"tables": [table]}))
    source, of_ddl = read_ddl(schema_text)
    assert contract is not None, problems
    assert not stops(of_ddl), of_ddl
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return checks(contract, source, schema, patterns=frozenset(patterns) or None)


@frozen
class Case:
    """A contract and a schema, the code that is looked for, and where it must be, if anywhere."""

    code: str
    place: str | None
    table: Json
    ddl: str
    patterns: tuple[str, ...] = ()


GROUP = "group_id INT NOT NULL"
AT = "/tables/0"
ATTRIBUTE = "/tables/0/attributes/1"
NAME = "name VARCHAR(50) NOT NULL"
UNIQUE = f"{NAME} UNIQUE"
FOLDED = "name VARCHAR(50) COLLATE utf8mb4_0900_ai_ci NOT NULL UNIQUE"
TREE = ("parent_id INT", "FOREIGN KEY (parent_id) REFERENCES things (id)")


def sorted_by(text: str, column: str, definition: str) -> tuple[Json, str]:
    """Things grouped under a number and sorted by a text made of a column."""
    table = one(made("SK", text), a("group_id", "N"), pk="group_id", sk="SK")
    return table, things(GROUP, definition, f"UNIQUE KEY (group_id, {column})")


def indexed(*attributes: Json, pk: str, sk: str | None = None, **members: Any) -> Json:
    """Things with one index."""
    return one(*attributes, gsis=[{"index_name": "Index", "pk": pk, "sk": sk}], **members)


def parted(sk: str, *, escape: bool = False, other: str = "#META") -> tuple[Json, str]:
    """Things and their parts under one partition key."""
    held = many(
        entity("THING", "THING#{id}", other, a("name")),
        entity("PART", "THING#{thing_id}", sk, a("part", "N", "id"), a("code"), source="parts"),
        dalkit={"key_escape": escape},
    )
    code = ("code VARCHAR(9) NOT NULL", "UNIQUE KEY (thing_id, code)")
    return held, ddl(("things", ID, NAME), (*PARTS, *code))


def pair(text: str, *, escape: bool = False) -> tuple[Json, str]:
    """Things keyed by a text made of two unique texts."""
    table = one(made("PK", text), a("id", "N"), pk="PK", dalkit={"key_escape": escape})
    names = ("first VARCHAR(9) NOT NULL", "last VARCHAR(9) NOT NULL", "code INT UNSIGNED NOT NULL")
    return table, things(*names, "UNIQUE KEY (first, last)", "UNIQUE KEY (first, code)")


ROUNDED = {"type": "number-format", "format": "0.00"}
DAY = {"type": "date-format", "format": "YYYY-MM-DD"}
OWNED = ("owner_id INT NOT NULL", "FOREIGN KEY (owner_id) REFERENCES owners (id)")
MAIL = joined("email", "things.owner_id = owners.id", "owners.email")
PARTLY = joined("part", "parts.thing_id = things.id", "parts.id")
CODED = (*PARTS, "code INT NOT NULL")

CASES = [
    # what is lost
    Case("DK301", AT, one(), things(NAME)),
    Case("DK301", None, one(a("name")), things(NAME)),
    Case("DK301", None, one(made("label", "NAME#{name}")), things(NAME)),
    Case("DK301", AT, one(MAIL), ddl(OWNERS, ("things", ID, *OWNED))),
    Case(
        "DK301",
        None,
        one(MAIL),
        ddl((*OWNERS, "UNIQUE KEY (email)"), ("things", ID, *OWNED)),
    ),
    Case("DK301", None, one(a("both", "M", "x") | {"source_column": ["id", "name"]}), things(NAME)),
    Case(
        "DK301",
        AT,
        one(joined("upper", "things.parent_id = up.id", "up.name"), a("parent_id", "N"))
        | {"attributes": [a("id", "N"), a("parent_id", "N"), {
            "name": "upper", "type": "S", "source_column": "parent_id",
            "join": {"type": "self-join", "join_alias": "up",
                     "join_condition": "things.parent_id = up.id", "select_column": "up.name"}}]},
        things(NAME, *TREE),
    ),
    Case("DK302", ATTRIBUTE, one(parts("id")), ddl(("things", ID), CODED)),
    Case("DK302", None, one(parts("id", "code")), ddl(("things", ID), CODED)),
    Case("DK303", ATTRIBUTE, one(parts("id", "code", limit=3)), ddl(("things", ID), CODED)),
    Case("DK303", None, one(parts("id", "code")), ddl(("things", ID), CODED)),
    Case("DK304", "", one(), ddl(("things", ID), ("logs", ID))),
    Case("DK304", None, one(parts("id")), ddl(("things", ID), PARTS)),
    Case("DK305", ATTRIBUTE, one(a("at", transformation=DAY)), things("at TIMESTAMP NOT NULL")),
    Case("DK305", None, one(a("at", transformation=DAY)), things("at DATE NOT NULL")),
    Case("DK305", ATTRIBUTE, one(a("n", transformation=ROUNDED)), things("n DECIMAL(9, 4)")),
    Case("DK305", None, one(a("n", transformation=ROUNDED)), things("n DECIMAL(9, 2)")),
    Case("DK305", None, one(made("text", "{first} {n}")), things("first TEXT", "n INT")),
    Case(
        "DK305",
        None,
        one(a("day", column="at", transformation=DAY), a("at")),
        things("at TIMESTAMP NOT NULL"),
    ),
    Case("DK306", f"{ATTRIBUTE}/type", one(a("n", "N")), things("n DECIMAL(39, 2)")),
    Case("DK306", f"{ATTRIBUTE}/type", one(a("n", "N")), things("n DOUBLE")),
    Case("DK306", ATTRIBUTE, one(parts("n")), ddl(("things", ID), (*PARTS, "n DOUBLE"))),
    Case("DK306", None, one(a("n", "N")), things("n DECIMAL(38, 2)")),
    Case("DK306", None, one(a("n")), things("n DOUBLE")),
    Case("DK306", None, one(a("n", "N")), things("n FLOAT")),
    Case("DK307", AT, one(a("at")), things("at DATETIME")),
    Case("DK307", AT, one(parts("at")), ddl(("things", ID), (*PARTS, "at DATETIME"))),
    Case("DK307", None, one(a("at")), things("at TIMESTAMP NULL")),
    # collisions
    Case("DK310", f"{AT}/attributes/0", one(a("name"), pk="name"), things(NAME)),
    Case("DK310", None, one(a("name"), pk="name"), things(UNIQUE)),
    Case("DK310", f"{AT}/attributes/0", one(a("name"), pk="name"), ddl(("things", NAME))),
    Case(
        "DK310",
        f"{AT}/attributes/0",
        one(a("at", transformation=DAY), pk="at"),
        things("at TIMESTAMP NOT NULL UNIQUE"),
    ),
    Case(
        "DK310",
        None,
        one({**MAIL, "name": "PK"}, pk="PK"),
        ddl((*OWNERS, "UNIQUE KEY (email)"), ("things", ID, *OWNED, "UNIQUE KEY (owner_id)")),
    ),
    Case(
        "DK310",
        f"{AT}/attributes/0",
        one({**MAIL, "name": "PK"}, pk="PK"),
        ddl(OWNERS, ("things", ID, *OWNED, "UNIQUE KEY (owner_id)")),
    ),
    Case("DK311", f"{AT}/entities/1/sk_template", *parted("#META")),
    Case("DK311", f"{AT}/entities/1/sk_template", *parted("{code}", other="META")),
    Case("DK311", None, *parted("PART#{id:010}")),
    Case("DK311", None, *parted("{code}")),
    Case("DK312", f"{AT}/entities/1/sk_template", *parted("{code}")),
    Case("DK312", None, *parted("{code}", escape=True)),
    Case("DK312", None, *parted("CODE#{code}")),
    Case("DK313", f"{AT}/attributes/0", *pair("{first}#{last}")),
    Case("DK313", f"{AT}/attributes/0", *pair("{first}{last}")),
    Case("DK313", None, *pair("{first}#{last}", escape=True)),
    Case("DK313", None, *pair("{first}#{code}")),
    Case("DK313", None, *pair("{first}#{last}#{id}")),
    Case("DK314", f"{AT}/attributes/0", one(a("url"), pk="url"), things("url VARCHAR(600) UNIQUE")),
    Case("DK314", None, one(a("url"), pk="url"), things("url VARCHAR(500) UNIQUE")),
    Case("DK315", ATTRIBUTE, indexed(a("name"), pk="name"), things(NAME)),
    Case("DK315", None, indexed(made("PK1", "NAME#{name}"), pk="PK1"), things(NAME)),
    # uniqueness
    Case("DK320", AT, one(a("name")), things(UNIQUE)),
    Case("DK320", AT, one(a("name")), things(NAME, "UNIQUE KEY (name(5))")),
    Case("DK320", None, one(a("name"), dalkit={"unique": ["name"]}), things(UNIQUE)),
    Case("DK320", None, one(a("name"), pk="name"), things(UNIQUE)),
    Case("DK321", f"{AT}/attributes/0", one(a("name"), pk="name"), things(FOLDED)),
    Case("DK321", None, one(a("name"), pk="name"), things(UNIQUE)),
    Case("DK322", f"{AT}/dalkit/unique/0",
         one(a("name"), dalkit={"unique": ["name"]}), things(FOLDED)),
    Case("DK322", None, one(a("name"), dalkit={"unique": ["name"]}), things(UNIQUE)),
    Case("DK322", None, one(a("name"), dalkit=folded("case-accent-1")), things(FOLDED)),
    Case("DK322", None, one(a("name"), dalkit=folded("case-accent-pad-1")), things(FOLDED)),
    Case("DK322", f"{AT}/dalkit/unique/0",
         one(a("name"), dalkit=folded("case-1")), things(FOLDED)),
    Case("DK322", f"{AT}/dalkit/unique/0",
         one(a("name"), dalkit=folded("case-1")), things(UNIQUE)),
    Case("DK320", None, one(a("name"), dalkit=folded("case-1")), things(UNIQUE)),
    # order
    Case("DK330", f"{AT}/attributes/0", *sorted_by("{n}", "n", "n INT UNSIGNED NOT NULL")),
    Case("DK330", f"{AT}/attributes/0", *sorted_by("{n}", "n", "n DOUBLE NOT NULL")),
    Case("DK330", ATTRIBUTE,
         indexed(a("SK1", column="id"), a("n"), pk="n", sk="SK1"), things("n INT")),
    Case("DK330", None, indexed(a("SK1", "N", "id"), a("n"), pk="n", sk="SK1"), things("n INT")),
    Case("DK330", None, *sorted_by("{n:010}", "n", "n INT UNSIGNED NOT NULL")),
    Case("DK330", None, *sorted_by("{n}", "n", "n TIMESTAMP NOT NULL")),
    Case("DK330", None, *sorted_by("{n}", "n", NAME.replace("name", "n"))),
    Case("DK331", f"{AT}/attributes/0", *sorted_by("{n:010}", "n", "n INT NOT NULL")),
    Case("DK331", f"{AT}/attributes/0", *sorted_by("{n:012}", "n", "n DECIMAL(10,2) NOT NULL")),
    Case("DK331", None, *sorted_by("{id:010}", "id", NAME)),
    Case("DK331", None, *sorted_by("{n:010}", "n", "n INT UNSIGNED NOT NULL")),
    Case("DK332", f"{AT}/attributes/0", *sorted_by("{n:05}", "n", "n INT UNSIGNED NOT NULL")),
    Case("DK332", None, *sorted_by("{n:05}", "n", "n SMALLINT UNSIGNED NOT NULL")),
    Case(
        "DK333",
        f"{AT}/attributes/0",
        one(a("SK", column="at", transformation={**DAY, "format": "DD-MM-YYYY"}),
            a("id", "N"), sk="SK"),
        things("at DATE NOT NULL"),
    ),
    Case(
        "DK333",
        None,
        one(a("SK", column="at", transformation=DAY), a("id", "N"), sk="SK"),
        things("at DATE NOT NULL"),
    ),
    Case("DK334", f"{AT}/attributes/0", *sorted_by("{n}", "n", "n ENUM('b', 'a') NOT NULL")),
    Case("DK334", None, *sorted_by("{n}", "n", "n ENUM('a', 'b') NOT NULL")),
    # heat and growth
    Case("DK340", ATTRIBUTE, indexed(a("flag"), pk="flag"), things("flag BOOL")),
    Case("DK340", ATTRIBUTE, indexed(made("ALL", "THING"), pk="ALL"), things()),
    Case("DK340", ATTRIBUTE, indexed(made("PK1", "S#{s}"), pk="PK1"), things("s ENUM('a', 'b')")),
    Case("DK340", None, indexed(made("PK1", "S#{s}#{id}"), pk="PK1"), things("s ENUM('a', 'b')")),
    Case("DK341", ATTRIBUTE, one(parts("id")), ddl(("things", ID), PARTS)),
    Case("DK341", None, one(parts("id", limit=9)), ddl(("things", ID), PARTS)),
    Case("DK342", AT, one(a("group_id", "N"), a("id", "N"), pk="group_id", sk="id"), things(GROUP)),
    Case("DK342", None, one(a("name"), sk="name"), things(NAME)),
    Case("DK343", ATTRIBUTE, one(a("text")), things("text MEDIUMTEXT")),
    Case("DK343", ATTRIBUTE, one(a("data", "M")), things("data JSON")),
    Case("DK343", None, one(a("text")), things("text TEXT")),
    Case("DK344", f"{AT}/estimated_item_size_bytes",
         one(a("name"), estimated_item_size_bytes=500_000), things(NAME)),
    Case("DK344", f"{AT}/estimated_item_size_bytes",
         one(a("name"), estimated_item_size_bytes=5), things(NAME)),
    Case("DK344", f"{AT}/estimated_item_size_bytes",
         one(a("name"), estimated_item_size_bytes=1_000), things(NAME)),
    Case("DK344", None, one(a("name"), estimated_item_size_bytes=60), things(NAME)),
    # meaning
    Case("DK350", f"{AT}/satisfies/0", one(), things(), ("Get things",)),
    Case("DK350", None, one(), things(), ("Get a thing",)),
    Case("DK350", None, one(), things()),
    Case("DK351", "", one(), things(), ("Get a thing", "Find things")),
    Case("DK351", None, one(), things(), ("Get a thing",)),
    Case("DK360", f"{AT}/attributes/2",
         one(counting("children", "things.id"), counting("level", "*")), things(*TREE)),
    Case("DK360", None,
         one(counting("children", "things.id"), counting("named", "things.parent_id")),
         things(*TREE)),
    Case("DK360", f"{AT}/attributes/2", one(a("name"), a("title", column="name")), things(NAME)),
    Case("DK360", None, one(a("number", "N", "id")), things()),
    Case("DK370", ATTRIBUTE, one(PARTLY), ddl(("things", ID), PARTS)),
    Case("DK370", None, one(PARTLY), ddl(("things", ID), (*PARTS, "UNIQUE KEY (thing_id)"))),
    Case("DK370", None, one(parts("id")), ddl(("things", ID), PARTS)),
    Case("DK371", ATTRIBUTE, one(MAIL), ddl(OWNERS, ("things", ID, "owner_id INT NOT NULL"))),
    Case("DK371", None, one(MAIL), ddl(OWNERS, ("things", ID, *OWNED))),
    Case("DK371", None, one(parts("id")), ddl(("things", ID), PARTS)),
    # indexes
    Case("DK380", ATTRIBUTE, indexed(a("code"), pk="code"), things("code CHAR(3)")),
    Case("DK380", None, indexed(a("code"), pk="code"), things("code CHAR(3) NOT NULL")),
    Case("DK381", f"{AT}/gsis/0", indexed(pk="id"), things()),
    Case("DK381", f"{AT}/gsis/0", indexed(a("again", "N", "id"), pk="again"), things()),
    Case("DK381", None, indexed(a("name"), pk="name"), things(NAME)),
    Case("DK382", ATTRIBUTE, one(a("SK", "N", "id"), sk="SK"), things()),
    Case("DK382", None, one(a("name"), sk="name"), things(NAME)),
    # secrets
    Case("DK390", ATTRIBUTE, one(a("password_hash")), things("password_hash CHAR(60)")),
    Case("DK390", ATTRIBUTE, one(a("hash", column="api_token")), things("api_token CHAR(60)")),
    Case("DK390", None, one(a("password_hash", dalkit={"secret": True})),
         things("password_hash CHAR(60)")),
    Case("DK390", None, one(a("shipping")), things("shipping CHAR(60)")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda one: f"{one.code}-{one.place}")
def test_a_check_fires_where_it_has_cause(case: Case) -> None:
    """At its place and once; and it is silent on the sound twin."""
    found = [one for one in judged(case.table, case.ddl, *case.patterns) if one.code == case.code]

    assert [one.pointer for one in found] == ([] if case.place is None else [case.place])


def test_every_check_is_tried_both_ways() -> None:
    """With and without cause."""
    fires = {case.code for case in CASES if case.place is not None}
    silent = {case.code for case in CASES if case.place is None}

    assert fires == silent == {row.code for row in CHECKS}
