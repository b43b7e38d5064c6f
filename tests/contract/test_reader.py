"""Contracts that are in order: what is read, and what is derived."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from dalkit.contract import document
from dalkit.contract.document import Attribute, Contract
from dalkit.contract.folds import Folded
from dalkit.contract.reader import read_contract, read_sound_tables


def contract_of(value: object) -> Contract:
    """The contract that this value is, which must have no errors."""
    contract, problems = read_contract(json.dumps(value))
    assert contract is not None, [str(problem) for problem in problems]
    return contract


def single(*attributes: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A single-entity table with a key attribute and these."""
    key = {"name": "id", "type": "N", "source_table": "things", "source_column": "id"}
    table = {"table": "Things", "type": "single-entity", "pk": "id"}
    return {**table, "attributes": [key, *attributes], "satisfies": ["Get"], **members}


def attribute_of(**members: Any) -> Attribute:
    """An attribute as it is read."""
    return contract_of([single({"name": "a", "type": "S", **members})]).tables[0].attributes[1]


@pytest.fixture
def contract(everything_text: str) -> Contract:
    """The example that has every construct."""
    found, problems = read_contract(everything_text)
    assert [(one.code, one.pointer) for one in problems] == [("DK133", "/tables/1/sk")]
    assert found is not None
    return found


def test_bytes_and_text_read_the_same(everything_text: str, contract: Contract) -> None:
    """And as often as one likes."""
    assert read_contract(everything_text.encode())[0] == contract


def test_a_bare_list_of_tables_is_a_contract(everything: dict[str, Any]) -> None:
    """Its pointers begin with the table's position."""
    bare, whole = contract_of(everything["tables"]), contract_of(everything)

    assert bare.tables == whole.tables
    assert (bare.pointer(1), whole.pointer(1)) == ("/1", "/tables/1")


def test_joins_are_read(contract: Contract) -> None:
    """One of each type."""
    joins = [one.join for one in contract.tables[1].attributes]

    assert joins[2:7] == [
        document.SelfJoin(
            join_alias="parent",
            join_condition="parent.id = books.parent_id",
            select_column="parent.title",
            null_value="NONE",
        ),
        document.MultiColumn(
            target_table="editions",
            join_conditions=(
                "editions.title_id = books.title_id",
                "editions.no = books.edition_no",
            ),
            select_column="CONCAT(editions.name, ' - ', editions.year)",
        ),
        document.Conditional(
            condition="books.author_id IS NOT NULL",
            target_table="authors",
            join_condition="authors.id = books.author_id",
            select_column="authors.name",
            else_value="Anonymous",
        ),
        document.Chain(
            joins=(
                document.ChainHop(
                    target_table="shelves",
                    join_condition="shelves.id = books.shelf_id",
                    select_column="shelves.name",
                ),
                document.ChainHop(
                    target_table="rooms",
                    join_condition="rooms.id = shelves.room_id",
                    select_column="rooms.name",
                ),
            ),
            chain_separator=" > ",
        ),
        document.LookupTable(
            target_table="book_tags",
            join_condition="book_tags.book_id = books.id",
            select_column="book_tags.tag",
        ),
    ]


def test_constructions_keep_the_members_order(contract: Contract) -> None:
    """`order_by` is always a list of terms, and a text stays one term as it was written."""
    joins = [one.join for one in contract.tables[1].attributes[7:]]

    assert joins == [
        document.JsonConstruction(
            target_table="reviews",
            join_condition="reviews.book_id = books.id",
            construction=document.Construction(
                type="array",
                select_columns=(("stars", "reviews.stars"), ("by", "reviews.author")),
                order_by=("stars DESC", "reviews.id"),
                limit=5,
            ),
        ),
        document.JsonConstruction(
            target_table="blurbs",
            join_condition="blurbs.book_id = books.id",
            construction=document.Construction(
                type="object",
                select_columns=(("text", "blurbs.text"),),
                order_by=("blurbs.id DESC, blurbs.text",),
            ),
        ),
    ]


def test_calculations_are_read(contract: Contract) -> None:
    """One of each type and operation."""
    entities = contract.tables[0].entities
    found = [one.calculation for entity in entities for one in entity.attributes if one.calculation]

    assert found == [
        document.Concat(source_column=("first_name", "last_name"), separator=" "),
        document.Concat(parts=("'Dear '", "first_name")),
        document.Aggregate(
            target_table="loans",
            join_condition="loans.member_id = members.id",
            operation="COUNT",
            select_column="loans.id",
        ),
        document.Case(
            cases=(
                document.CaseBranch(when="points >= 100", then="'gold'"),
                document.CaseBranch(when="points IS NULL", then=None),
            ),
            otherwise=0,
        ),
        document.DateMath(operation="diff", unit="days", start="lent_at", end="returned_at"),
        document.DateMath(operation="add", unit="WEEK", amount=3),
        document.DateMath(operation="sub", unit="day", amount="grace_days"),
        document.DateMath(expression="DATE_ADD(lent_at, INTERVAL 1 YEAR)"),
    ]


def test_transformations_are_read(contract: Contract) -> None:
    """One of each type."""
    entities = contract.tables[0].entities
    found = [one.transformation for entity in entities for one in entity.attributes]

    assert [one for one in found if one] == [
        document.DateFormat(format="YYYY-MM-DDTHH:mm:ss.SSSZ", source_format="timestamp"),
        document.DateFormat(format="epoch-millis"),
        document.NumberFormat(format="000000"),
        document.JsonParse(),
        document.DateFormat(format="ISO8601"),
        document.Static(value="loan"),
        document.TemplateFormat(template="Loan {id}"),
    ]


def test_options_are_read(contract: Contract) -> None:
    """A single-entity table's own and its entity's stand in one object of the document."""
    library, books = contract.tables

    assert library.dalkit == document.TableOptions(key_escape=True, discriminator="entity")
    assert library.entities[0].dalkit == document.EntityOptions(
        class_name="Member",
        handle="members",
        unique=(
            "mail",
            ("first_name", "last_name"),
            Folded(fields=("mail",), fold="case-1"),
        ),
        version="version",
        ttl="joined_epoch",
        where="deleted_at IS NULL",
        counter="id",
    )
    assert books.dalkit == document.TableOptions(
        discriminator="kind", entity=document.EntityOptions(class_name="Book")
    )
    assert library.entities[0].attributes[6].dalkit == document.AttributeOptions(
        secret=True, name="card_number"
    )


def test_what_can_be_derived_may_be_missing(everything: dict[str, Any]) -> None:
    """A multi-entity table's keys and source, an entity's source, a table's source."""
    library, books = everything["tables"]
    for name in ("pk", "sk", "source_table"):
        del library[name]
    del library["entities"][0]["source_table"], books["source_table"]
    found = contract_of(everything).tables

    assert (found[0].pk, found[0].sk, found[0].source_table) == ("PK", "SK", "members")
    assert found[0].entities[0].source_table == "members"
    assert found[1].source_table == "books"


def test_a_multi_entity_table_may_have_no_sort_key() -> None:
    """When no entity gives one."""
    attribute = {"name": "a", "type": "S", "source_column": "a"}
    entity = {
        "entity_type": "E",
        "source_table": "e",
        "pk_template": "E#{id}",
        "attributes": [attribute],
    }
    table = {"table": "One", "type": "multi-entity", "entities": [entity], "attributes": []}
    found = contract_of([table]).tables[0]

    assert (found.pk, found.sk) == ("PK", None)


@pytest.mark.parametrize(
    ("written", "columns", "listed"),
    [("a", ("a",), False), (["a"], ("a",), True), (["a", "b"], ("a", "b"), True)],
)
def test_source_columns_are_a_name_or_a_list(
    written: object, columns: tuple[str, ...], listed: bool
) -> None:
    """A list of one is told from a name."""
    calculation = {"type": "concat", "separator": ""}
    found = attribute_of(source_column=written, calculation=calculation)

    assert (found.source_column, found.listed) == (columns, listed)
    assert found.calculation == document.Concat(source_column=columns, separator="")


def test_a_calculation_may_stand_beside_a_join() -> None:
    """The join brings its target into the calculation's reach."""
    join = {
        "type": "foreign-key",
        "target_table": "t",
        "join_condition": "t.id = things.id",
        "select_column": "t.a",
    }
    found = attribute_of(join=join, calculation={"type": "concat", "parts": ["a", "t.a"]})

    assert isinstance(found.join, document.ForeignKey)
    assert isinstance(found.calculation, document.Concat)


@pytest.mark.parametrize("literal", ["", "x", 0, 5, True, None])
def test_literals_stay_what_they_are(literal: object) -> None:
    """No text becomes a number and no number a text."""
    found = attribute_of(transformation={"type": "static", "value": literal}).transformation

    assert isinstance(found, document.Static)
    assert found.value == literal
    assert type(found.value) is type(literal)


def test_decimals_keep_their_digits() -> None:
    """A literal of 1.10 is not 1.1 in text."""
    text = json.dumps([single({"name": "a", "type": "S", "transformation": {"type": "static"}})])
    contract, problems = read_contract(text.replace('"static"', '"static", "value": 1.10'))

    assert contract is not None, problems
    assert repr(contract.tables[0].attributes[1].transformation) == (
        f"Static(type='static', value={Decimal('1.10')!r})"
    )


@pytest.mark.parametrize("bare", [False, True])
def test_tables_without_errors_are_read_beside_broken_ones(bare: bool) -> None:
    """Each keeps its place; warnings and notes break none."""
    tables = [
        single(table="One"),
        single(table="Two", pk="no"),
        single(table="Three", satisfies=[]),
    ]
    contract, problems = read_sound_tables(json.dumps(tables if bare else {"tables": tables}))

    assert contract is not None
    assert [one.table for one in contract.tables] == ["One", "Three"]
    above = "" if bare else "/tables"
    assert [contract.pointer(position) for position in (0, 1)] == [f"{above}/0", f"{above}/2"]
    assert [one.code for one in problems] == ["DK130", "DK117"]


def test_a_contract_without_errors_is_whole_however_it_is_read() -> None:
    """Both readers answer the same."""
    text = json.dumps([single()])

    assert read_sound_tables(text) == read_contract(text)


@pytest.mark.parametrize(
    "text", ["", "[", "{}", '{"tables": []}', '{"tables": [], "tables": [1]}', "[1]", '[{"a": 1}]']
)
def test_no_table_is_sound_where_none_can_be_read(text: str) -> None:
    """Nor where the fault is above all of them."""
    assert read_sound_tables(text)[0] is None


def test_no_table_is_sound_of_a_list_of_problems_that_was_cut() -> None:
    """What stands behind the cut was never looked at."""
    broken = [single(table=f"Two{i}", pk="no") for i in range(1_100)]
    contract, problems = read_sound_tables(json.dumps([*broken, single(table="Last")]))

    assert contract is None
    assert problems[-1].code == "DK108"


def test_a_table_without_patterns_is_a_note_only() -> None:
    """Missing or empty."""
    missing = single()
    del missing["satisfies"]
    for table in (single(satisfies=[]), missing):
        contract, problems = read_contract(json.dumps([table]))

        assert contract is not None
        assert [(one.code, one.severity) for one in problems] == [("DK117", "note")]
