"""Each code of a document's form, brought about by the least change to a contract in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dalkit.contract.codes_form import FORM
from dalkit.contract.findings import LISTED
from dalkit.contract.problems import Problem
from dalkit.contract.reader import read_contract

Change = Callable[[Any], object]

KEY = {"name": "id", "type": "N", "source_column": "id"}
NAME = {"name": "name", "type": "S", "source_column": "name"}


def thing() -> dict[str, Any]:
    """A contract with a table of one entity at 0 and a table of two at 1."""
    return json.loads(  # type: ignore[no-any-return]  # the text is that of an object
        json.dumps(
            {
                "tables": [
                    {
                        "table": "Things",
                        "type": "single-entity",
                        "source_table": "things",
                        "pk": "id",
                        "gsis": [{"index_name": "ByName", "pk": "name"}],
                        "attributes": [KEY, NAME],
                        "satisfies": ["Get"],
                    },
                    {
                        "table": "Both",
                        "type": "multi-entity",
                        "entities": [
                            {
                                "entity_type": kind,
                                "source_table": "things",
                                "pk_template": kind + "#{id}",
                                "sk_template": "#META",
                                "attributes": [NAME],
                            }
                            for kind in ("ONE", "TWO")
                        ],
                        "satisfies": ["Get"],
                    },
                ]
            }
        )
    )


def problems_after(change: Change) -> tuple[Problem, ...]:
    """The problems of the contract after the change."""
    value = thing()
    change(value["tables"])
    return read_contract(json.dumps(value))[1]


def attribute(**members: Any) -> Change:
    """Change the attribute /tables/0/attributes/1."""
    return lambda tables: tables[0]["attributes"][1].update(members)


def gsi(**members: Any) -> Change:
    """Change the index /tables/0/gsis/0."""
    return lambda tables: tables[0]["gsis"][0].update(members)


def table(**members: Any) -> Change:
    """Change the table /tables/0."""
    return lambda tables: tables[0].update(members)


def both(**members: Any) -> Change:
    """Change the table /tables/1."""
    return lambda tables: tables[1].update(members)


def entity(**members: Any) -> Change:
    """Change the entity /tables/1/entities/1."""
    return lambda tables: tables[1]["entities"][1].update(members)


def composed(name: str, **first: str) -> Change:
    """Make a name joined by # the sort key of the table /tables/1, and give it no template."""

    def change(tables: Any) -> None:
        entities = tables[1]["entities"]
        tables[1]["sk"] = name
        for one in entities:
            one.pop("sk_template", None)
            one["attributes"] = [{**NAME, "name": "mail"}, {**NAME, "name": "name"}]
        entities[0].update(first)

    return change


def without(position: str, name: str) -> Change:
    """Remove a member of what stands at the pointer, below `tables`."""

    def change(tables: Any) -> None:
        for token in position.split("/")[1:]:
            tables = tables[int(token) if token.isdecimal() else token]
        del tables[name]

    return change


def transformed(kind: str, **members: Any) -> Change:
    """Give the attribute a transformation."""
    return attribute(transformation={"type": kind, **members})


def joined(kind: str, **members: Any) -> Change:
    """Give the attribute a join."""
    return attribute(join={"type": kind, **members})


def calculated(kind: str, **members: Any) -> Change:
    """Give the attribute a calculation."""
    return attribute(calculation={"type": kind, **members})


A = "/tables/0/attributes/1"
G = "/tables/0/gsis/0"
E = "/tables/1/entities/1"
TO = {"target_table": "t", "join_condition": "t.id = things.id", "select_column": "t.a"}
TWENTY_ONE = [f"a{number}" for number in range(21)]
FOUND = [
    # the text
    ("DK107", A + "/name", attribute(name="a\x1b")),
    ("DK107", A + "/source_column", attribute(source_column="a\x00")),
    ("DK107", A + "/join/select_column", joined("foreign-key", **{**TO, "select_column": "\x00"})),
    # members
    ("DK110", A + "/transfomation", attribute(transfomation={})),
    ("DK110", A + "/join/hops", joined("foreign-key", **TO, hops=[])),
    ("DK110", A + "/dalkit/hidden", attribute(dalkit={"hidden": True})),
    ("DK110", "/tables/0/description", table(description="x")),
    ("DK110", "/tables/1/dalkit/escape", both(dalkit={"escape": True})),
    ("DK111", A, without("/0/attributes/1", "type")),
    ("DK111", A, without("/0/attributes/1", "name")),
    ("DK111", G, without("/0/gsis/0", "index_name")),
    ("DK111", "/tables/0", without("/0", "pk")),
    ("DK111", "/tables/0", without("/0", "type")),
    ("DK111", "/tables/0", without("/0", "attributes")),
    ("DK111", "/tables/0", without("/0", "source_table")),
    ("DK111", "/tables/1", without("/1", "entities")),
    ("DK111", E, without("/1/entities/1", "entity_type")),
    ("DK111", E, without("/1/entities/1", "source_table")),
    ("DK111", A + "/join", attribute(join=TO)),
    ("DK111", A + "/join", joined("foreign-key", target_table="t", join_condition="x")),
    ("DK111", A + "/transformation", transformed("string-format")),
    ("DK111", A + "/transformation", transformed("static")),
    ("DK111", A + "/calculation", calculated("date-math")),
    ("DK111", A + "/calculation", calculated("date-math", operation="diff", unit="day", start="a")),
    ("DK111", A + "/calculation", calculated("date-math", operation="add", unit="day")),
    (
        "DK111",
        A + "/calculation",
        lambda tables: tables[0]["attributes"].__setitem__(
            1, {"name": "name", "type": "S", "calculation": {"type": "concat"}}
        ),
    ),
    ("DK112", A + "/name", attribute(name=5)),
    ("DK112", A + "/source_column", attribute(source_column={"a": "b"})),
    ("DK112", A + "/source_column/1", attribute(type="L", source_column=["a", 1])),
    ("DK112", A + "/denormalized", attribute(denormalized="no")),
    ("DK112", A + "/join", attribute(join=None)),
    ("DK112", A + "/type", attribute(type=None)),
    ("DK112", "/tables/0/gsis", table(gsis={})),
    ("DK112", "/tables/0", lambda tables: tables.__setitem__(0, "Things")),
    ("DK112", "/tables/0/estimated_item_size_bytes", table(estimated_item_size_bytes=True)),
    ("DK112", "/tables/0/dalkit/key_escape", table(dalkit={"key_escape": 1})),
    (
        "DK112",
        A + "/calculation/else",
        calculated("case", cases=[{"when": "a", "then": 1}], **{"else": []}),
    ),
    (
        "DK112",
        A + "/calculation/amount",
        calculated("date-math", operation="add", unit="day", amount=True),
    ),
    ("DK113", A + "/type", attribute(type="STRING")),
    ("DK113", A + "/join/type", joined("foreign_key", **TO)),
    ("DK113", "/tables/0/type", table(type="single")),
    ("DK113", G + "/projection", gsi(projection="all")),
    ("DK113", A + "/calculation/operation", calculated("aggregate", **TO, operation="sum")),
    (
        "DK113",
        A + "/calculation/unit",
        calculated("date-math", operation="add", unit="moon", amount=1),
    ),
    (
        "DK113",
        A + "/transformation/source_format",
        transformed("date-format", format="epoch", source_format="x"),
    ),
    ("DK114", A + "/name", attribute(name=" ")),
    ("DK114", A + "/source_column", attribute(source_column=[])),
    ("DK114", "/tables/0/attributes", table(attributes=[])),
    ("DK114", "/tables/1/entities", both(entities=[])),
    ("DK114", A + "/calculation/cases", calculated("case", cases=[])),
    ("DK114", A + "/join/joins", joined("chain", joins=[])),
    ("DK114", A + "/join/join_conditions", joined("multi-column", **{**TO, "join_conditions": []})),
    ("DK115", "/tables/0/estimated_item_size_bytes", table(estimated_item_size_bytes=0)),
    ("DK115", "/tables/0/estimated_item_size_bytes", table(estimated_item_size_bytes=-0.5)),
    ("DK116", "/tables/0/entities", table(entities=[{}])),
    ("DK116", "/tables/1/attributes", both(attributes=[NAME])),
    ("DK116", "/tables/1/dalkit/version", both(dalkit={"version": "a"})),
    (
        "DK116",
        A + "/calculation",
        attribute(
            join={
                "type": "json-construction",
                "target_table": "t",
                "join_condition": "t.id = things.id",
                "construction": {"type": "array", "select_columns": {"a": "a"}},
            },
            calculation={"type": "concat", "parts": ["a"]},
        ),
    ),
    ("DK116", A + "/calculation/parts", calculated("concat", source_column=["a"], parts=["a"])),
    (
        "DK116",
        A + "/calculation/amount",
        calculated("date-math", operation="diff", unit="day", start="a", end="b", amount=1),
    ),
    ("DK116", A + "/calculation/unit", calculated("date-math", expression="a", unit="day")),
    ("DK116", E + "/sk_template", both(sk=None)),
    ("DK117", "/tables/0", table(satisfies=[])),
    # names
    ("DK120", "/tables/0/table", table(table="My Things")),
    ("DK120", "/tables/0/table", table(table="Th")),
    ("DK120", "/tables/0/table", table(table="T" * 256)),
    ("DK120", "/tables/0/table", table(table="Things\n")),
    ("DK120", G + "/index_name", gsi(index_name="By`Name")),
    ("DK120", "/tables/0/pk", table(pk="é" * 128)),
    ("DK120", A + "/name", attribute(name="x" * 65_536)),
    ("DK121", "/tables/0/source_table", table(source_table="t" * 65)),
    ("DK121", A + "/source_column", attribute(source_column="c ")),
    ("DK122", "/tables/1/table", both(table="Things")),
    ("DK122", "/tables/0/attributes/2/name", lambda tables: tables[0]["attributes"].append(NAME)),
    ("DK122", E + "/entity_type", entity(entity_type="ONE")),
    (
        "DK122",
        "/tables/0/gsis/1/index_name",
        lambda tables: tables[0]["gsis"].extend(tables[0]["gsis"]),
    ),
    ("DK122", A + "/source_column/1", attribute(type="M", source_column=["a", "a"])),
    (
        "DK122",
        G + "/projected_attributes/1",
        gsi(projection="INCLUDE", projected_attributes=["id", "id"]),
    ),
    ("DK122", "/tables/0/dalkit/discriminator", table(dalkit={"discriminator": "name"})),
    ("DK123", A + "/dalkit/name", attribute(dalkit={"name": "my name"})),
    ("DK123", "/tables/0/dalkit/class", table(dalkit={"class": "class"})),
    ("DK124", A + "/source_column", attribute(source_column="a`b")),
    (
        "DK124",
        "/tables/0/attributes/0/name",
        lambda tables: tables[0]["attributes"].insert(0, {**NAME, "name": "it's"}),
    ),
    # keys
    ("DK130", "/tables/0/pk", table(pk="ident")),
    ("DK130", "/tables/0/sk", table(sk="when")),
    ("DK130", "/tables/0/sk", table(sk="name#when")),
    ("DK131", G + "/pk", gsi(pk="nmae")),
    ("DK131", G + "/sk", gsi(sk="id#")),
    ("DK131", "/tables/1/gsis/0/pk", both(gsis=[{"index_name": "One", "pk": "mail"}])),
    ("DK132", A + "/type", attribute(type="BOOL")),
    ("DK132", A + "/type", attribute(type="NULL")),
    (
        "DK132",
        "/tables/0/attributes/0/type",
        lambda tables: tables[0]["attributes"][0].update(type="SS"),
    ),
    ("DK133", "/tables/0/sk", table(sk="name#id")),
    ("DK133", G + "/sk", gsi(sk="name#id")),
    ("DK134", "/tables/0/sk", table(sk="id")),
    ("DK134", G + "/sk", gsi(sk="name")),
    ("DK135", E, without("/1/entities/1", "pk_template")),
    ("DK135", E, without("/1/entities/1", "sk_template")),
    ("DK133", "/tables/1/sk", composed("mail#name")),
    ("DK133", "/tables/1/sk", composed("name#mail", sk_template="X")),
    ("DK135", E, composed("mail#nmae")),
    ("DK135", E, composed("#".join(["mail"] * 17))),
    (
        "DK136",
        E + "/attributes/0/type",
        lambda tables: (
            entity(attributes=[{**NAME, "type": "N"}])(tables)
            or both(gsis=[{"index_name": "One", "pk": "name"}])(tables)
        ),
    ),
    ("DK137", G, gsi(projection="INCLUDE")),
    ("DK137", G + "/projected_attributes", gsi(projection="INCLUDE", projected_attributes=[])),
    ("DK137", G + "/projected_attributes", gsi(projected_attributes=["id"])),
    (
        "DK137",
        G + "/projected_attributes",
        gsi(projection="KEYS_ONLY", projected_attributes=["id"]),
    ),
    (
        "DK138",
        G + "/projected_attributes/0",
        gsi(projection="INCLUDE", projected_attributes=["ids"]),
    ),
    (
        "DK139",
        "/tables/0/gsis",
        table(gsis=[{"index_name": f"One{n}", "pk": "name"} for n in range(21)]),
    ),
    (
        "DK139",
        G + "/projected_attributes",
        gsi(projection="INCLUDE", projected_attributes=TWENTY_ONE),
    ),
    # values
    ("DK150", A, without("/0/attributes/1", "source_column")),
    (
        "DK150",
        A,
        lambda tables: tables[0]["attributes"].__setitem__(
            1,
            {
                "name": "name",
                "type": "S",
                "calculation": {
                    "type": "date-math",
                    "operation": "add",
                    "unit": "day",
                    "amount": 1,
                },
            },
        ),
    ),
    ("DK151", A + "/transformation/format", transformed("string-format", format="{name")),
    ("DK151", A + "/transformation/template", transformed("template", template="{}")),
    ("DK151", E + "/pk_template", entity(pk_template="A}{")),
    ("DK152", A + "/transformation/format", transformed("date-format", format="dd.mm.yy")),
    ("DK153", A + "/transformation/format", transformed("number-format", format="#.##")),
    ("DK154", A + "/source_column", attribute(source_column=["a", "b"])),
]


@pytest.mark.parametrize(("code", "pointer", "change"), FOUND)
def test_each_fault_is_found_where_it_is(code: str, pointer: str, change: Change) -> None:
    """Nothing else is wrong with these contracts, so that at most echoes of the fault are added."""
    found = [(one.code, one.pointer) for one in problems_after(change)]

    assert (code, pointer) in found


def test_the_unchanged_contract_has_no_problem() -> None:
    """So that what the others find is the change's doing."""
    assert problems_after(lambda _: None) == ()


def test_every_code_is_brought_about() -> None:
    """Those of the text itself in `test_json_text`, the cut list below."""
    text = {"DK101", "DK102", "DK103", "DK104", "DK105", "DK106", "DK108"}

    assert {code for code, _, _ in FOUND} | text == {row.code for row in FORM}


@pytest.mark.parametrize("value", ["", 5, None, True, {"table": []}, {}])
def test_what_is_no_contract_is_a_problem(value: object) -> None:
    """Whatever JSON value the document is."""
    contract, problems = read_contract(json.dumps(value))

    assert contract is None
    assert problems[0].pointer == ""


@pytest.mark.parametrize("text", ["[]", '{"tables": []}'])
def test_a_contract_has_tables(text: str) -> None:
    """An empty list promises nothing."""
    assert [one.code for one in read_contract(text)[1]] == ["DK114"]


def test_problems_of_all_tables_are_found_in_one_run() -> None:
    """In the order of their places, with the value that was found and a near name."""

    def change(tables: Any) -> None:
        attribute(type="s", transfomation=1)(tables)
        entity(pk_templat="x", entity_type=7)(tables)
        tables.append({"table": "Third", "type": "singleentity", "attributes": [{"nam": "id"}]})

    found = problems_after(change)

    assert [(one.code, one.pointer) for one in found] == [
        ("DK110", A + "/transfomation"),
        ("DK113", A + "/type"),
        ("DK112", E + "/entity_type"),
        ("DK110", E + "/pk_templat"),
        ("DK117", "/tables/2"),
        ("DK111", "/tables/2"),
        ("DK111", "/tables/2/attributes/0"),
        ("DK111", "/tables/2/attributes/0"),
        ("DK150", "/tables/2/attributes/0"),
        ("DK110", "/tables/2/attributes/0/nam"),
        ("DK113", "/tables/2/type"),
    ]
    assert found[0].text == 'an attribute has no member "transfomation"'
    assert found[0].fix == 'did you mean "transformation"?'
    assert found[2].text == '"entity_type" takes a text, not the number 7'


def test_a_long_list_of_problems_is_cut_and_says_so() -> None:
    """None is lost silently, and a hostile document costs no more than a long one."""
    problems = problems_after(lambda tables: tables[0].update({f"x{n}": 0 for n in range(5_000)}))

    assert len(problems) == LISTED + 1
    assert problems[-1].code == "DK108"
    assert "more than these 1,000" in problems[-1].text


@pytest.mark.parametrize(
    "change",
    [
        table(sk=None, gsis=[], entities=[]),
        gsi(sk="id", projection="ALL", projected_attributes=[]),
        gsi(projection="INCLUDE", projected_attributes=["id"]),
        both(attributes=[]),
        both(gsis=[{"index_name": "Inverted", "pk": "SK", "sk": "PK"}]),
        both(dalkit={"discriminator": "kind"}, gsis=[{"index_name": "ByKind", "pk": "kind"}]),
        entity(attributes=[NAME, {"name": "PK", "type": "S", "source_column": "id"}]),
        attribute(type="S", join={"type": "conditional", "condition": "a\n= b", **TO}),
        lambda tables: tables[0]["attributes"].append({"name": "none", "type": "NULL"}),
        lambda tables: tables[0]["attributes"].append(
            {"name": "x", "type": "S", "transformation": {"type": "string-format", "format": "-"}}
        ),
    ],
)
def test_what_is_allowed_is_no_problem(change: Change) -> None:
    """Readings at the edge of the rules above."""
    assert problems_after(change) == ()
