"""Whatever a contract says, it is resolved or its problems are told."""

from __future__ import annotations

import json
import os
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit.compile.select import plan
from dalkit.contract import document as doc
from dalkit.contract.codes import CODES
from dalkit.contract.document import Contract
from dalkit.contract.problems import Problem, stops
from dalkit.contract.reader import read_contract
from dalkit.records import render
from dalkit.schema.definition import Schema
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl
from dalkit.source.tables import Source

TIMES = int(os.environ.get("DALKIT_TIMES", "1"))
"""How many times the usual number of examples a long run tries."""

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "schema"
STORE = HERE.parents[1] / "contracts" / "online_store"

WORDS = st.sampled_from(
    (
        *"id name email total customers orders categories parent_id regions.name orders.id".split(),
        *"p.id customers.id orders.customer_id c.name".split(),
        *"NULL 'x' n.a. 007 -1.50 COUNT(*) ` '' é {id}".split(),
        *"{value:05} { SLEEP(1) SELECT * 1e400 x#y".split(),
        *"class self _x extra_ N S M L BOOL SS B key".split(),
        *("😀", "1 = 1", "(SELECT 1)", "a b", "orders.total + 1", "line_no DESC, sku"),
        "CASE WHEN 1 THEN 2 END",
    )
)


def source_of(path: Path) -> Source:
    """The tables of a DDL file."""
    source, problems = read_ddl(path.read_text())
    assert source is not None, problems
    return source


def documents() -> list[tuple[Any, Source]]:
    """The example contract, and one of all attributes of the golden cases."""
    store = json.loads((STORE / "migrationContract.json").read_text())
    shop = source_of(HERE / "shop.sql")
    found: list[tuple[Any, Source]] = [(store, source_of(STORE / "schema.sql"))]
    for path in sorted(GOLDEN.glob("*.txt")):
        for block in path.read_text().split("=== ")[1:]:
            found += [(one, shop) for one in contracts_of(block)]
    return found


def contracts_of(block: str) -> list[Any]:
    """The contract of a golden case, its attributes in a table if need be."""
    given = block.partition("\n")[2].partition("\n---\n")[0]
    lines = [one for one in given.splitlines() if one.startswith(("{", "[", " ", "}", "]"))]
    if given.startswith(("{", "[")):
        return [json.loads("\n".join(lines))]
    attributes = json.loads("[" + ",".join(lines) + "]")
    key = {"name": "PK", "type": "S", "transformation": {"type": "static", "value": "K"}}
    head = {"table": "Items", "type": "single-entity", "pk": "PK", "satisfies": ["AP1"]}
    source = given.partition("\n")[0]
    return [{"tables": [{**head, "source_table": source, "attributes": [key, *attributes]}]}]


DOCUMENTS = documents()


def texts_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all texts of a document."""
    if isinstance(value, str):
        return [path]
    if not isinstance(value, dict | list):
        return []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [found for name, one in items for found in texts_of(one, (*path, name))]


def changed(document: Any, path: tuple[Any, ...], text: str) -> Any:
    """The document with another text at the path."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = text
    return copy


def told(contract: Contract, source: Source) -> tuple[Schema | None, tuple[Problem, ...]]:
    """What resolving gives, which must make sense in itself."""
    schema, problems = resolve(contract, source)
    assert (schema is None) is stops(problems)
    for one in problems:
        assert one.code in CODES
        assert one.pointer.startswith("/")
        assert str(one).isprintable()
    return schema, problems


@settings(max_examples=300 * TIMES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_contract_with_other_texts_is_resolved_or_told(data: st.DataObject) -> None:
    """One to three names, fragments, types or formats of a sound contract are something else."""
    document, source = data.draw(st.sampled_from(DOCUMENTS))
    paths = texts_of(document)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths))
        other = read(document, data.draw(st.sampled_from(paths)))
        document = changed(document, path, data.draw(st.one_of(WORDS, st.just(other))))
    contract, _ = read_contract(json.dumps(document))
    if contract is None:
        return
    schema, _ = told(contract, source)
    if schema is not None:
        compile(render(schema), "records", "exec")
        for entity in schema.entities:
            plan(entity, source)


def read(document: Any, path: tuple[Any, ...]) -> str:
    """The text at a path."""
    for step in path:
        document = document[step]
    return str(document)


def test_problems_do_not_depend_on_the_order_in_which_tables_are_declared() -> None:
    """The same schema and problems from a source whose tables stand otherwise."""
    for document, source in DOCUMENTS:
        contract, _ = read_contract(json.dumps(document))
        if contract is not None:
            tables = list(source.tables)
            random.Random(7).shuffle(tables)

            assert resolve(contract, source) == resolve(
                contract, Source(tables=tuple(tables), default_collation=source.default_collation)
            )


def test_a_contract_made_by_hand_is_checked_too() -> None:
    """What the reader would have refused: no key, two types of a key, no value, no column."""
    shop = source_of(HERE / "shop.sql")
    entity = doc.Entity(
        entity_type="A",
        source_table="orders",
        pk_template="A#{id",
        attributes=(
            doc.Attribute(name="SK", type="N", source_column=("id",)),
            doc.Attribute(name="empty", type="S"),
            doc.Attribute(name="both", type="S", source_column=("id", "total"), listed=True),
            doc.Attribute(
                name="moved",
                type="S",
                calculation=doc.DateMath(operation="add", unit="days", amount=1),
            ),
            doc.Attribute(name="bare", type="S", calculation=doc.Concat()),
            doc.Attribute(
                name="diff", type="N", calculation=doc.DateMath(operation="diff", unit="days")
            ),
            doc.Attribute(
                name="unit",
                type="N",
                calculation=doc.DateMath(operation="diff", unit="eons", start="due", end="due"),
            ),
        ),
    )
    other = evolve(entity, entity_type="B", pk_template=None, sk_template="x", attributes=())
    nowhere = evolve(other, entity_type="C", source_table=None)
    table = doc.Table(
        table="Shop", type="multi-entity", pk="PK", sk="SK", entities=(entity, other, nowhere)
    )
    schema, problems = told(doc.Contract(tables=(table,)), shop)

    assert schema is None
    assert [(one.code, one.pointer) for one in problems] == [
        ("DK150", "/tables/0/entities/0/attributes/1"),
        ("DK154", "/tables/0/entities/0/attributes/2/source_column"),
        ("DK203", "/tables/0/entities/0/attributes/3/calculation"),
        ("DK203", "/tables/0/entities/0/attributes/4/calculation"),
        ("DK203", "/tables/0/entities/0/attributes/5/calculation"),
        ("DK203", "/tables/0/entities/0/attributes/6/calculation/unit"),
        ("DK204", "/tables/0/entities/0/pk_template"),
        ("DK135", "/tables/0/entities/1/pk_template"),
        ("DK201", "/tables/0/entities/2/source_table"),
        ("DK136", "/tables/0/sk"),
    ]


def formatted(name: str, text: str) -> doc.Attribute:
    """An attribute that is a string-format."""
    return doc.Attribute(name=name, type="S", transformation=doc.StringFormat(format=text))


def single(attributes: list[doc.Attribute]) -> Contract:
    """A contract of one table over customers."""
    key = doc.Attribute(name="id", type="N", source_column=("id",))
    table = doc.Table(
        table="Items",
        type="single-entity",
        source_table="customers",
        pk="id",
        attributes=(key, *attributes),
    )
    return doc.Contract(tables=(table,))


def test_texts_that_double_forty_times_are_refused_early() -> None:
    """Each attribute names the one before twice: no text of a trillion parts is ever made."""
    attributes = [formatted("a0", "{email}")]
    attributes += [formatted(f"a{i}", f"{{a{i - 1}}}{{a{i - 1}}}") for i in range(1, 40)]
    schema, problems = told(single(attributes), source_of(HERE / "shop.sql"))

    assert schema is None
    assert any("over 1,000 parts" in one.text for one in problems)


def test_columns_that_attributes_hide_are_looked_at_once() -> None:
    """Formats that name columns whose attributes name others, forty deep, and fail at the end."""
    names = [f"c{i}" for i in range(45)]
    ddl = f"CREATE TABLE t (id INT PRIMARY KEY, {', '.join(f'{n} INT' for n in names)});"
    source, _ = read_ddl(ddl)
    assert source is not None
    attributes = [
        formatted(one, f"{{{other}}}{{{other}}}{{nothing}}") for one, other in pairwise(names)
    ]
    contract = single(attributes)
    table = evolve(contract.tables[0], source_table="t")
    schema, problems = told(doc.Contract(tables=(table,)), source)

    assert schema is None
    assert len(problems) == 44


def test_placeholders_may_not_refer_to_one_another_without_end() -> None:
    """A thousand attributes in a row, the last of them first."""
    attributes = [formatted(f"a{i}", f"<{{a{i + 1}}}>") for i in range(1_000)]
    attributes.append(formatted("a1000", "{email}"))
    schema, problems = told(single(attributes), source_of(HERE / "shop.sql"))

    assert schema is None
    assert any("over 40 times" in one.text for one in problems)


def test_thousands_of_faults_are_told_one_by_one() -> None:
    """Only the first have suggestions."""
    attributes = [formatted(f"a{i}", f"{{unknown_{i}}}") for i in range(3_000)]
    _, problems = told(single(attributes), source_of(HERE / "shop.sql"))

    assert len(problems) == 3_000
    assert 0 < sum(bool(one.fix) for one in problems) <= 50


def test_thousands_of_attributes_are_resolved() -> None:
    """Each a value of its own."""
    attributes = [formatted(f"a{i}", f"{i}-{{email}}-{{level:03}}") for i in range(3_000)]
    schema, problems = told(single(attributes), source_of(HERE / "shop.sql"))

    assert problems == ()
    assert schema is not None
    assert len(schema.entities[0].fields) == 3_001
    assert len(schema.entities[0].source.cells) == 3
