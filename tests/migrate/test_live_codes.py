"""Each code of live data on the real server: an example that brings it about, word for word."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from dalkit.contract.codes_live import LIVE
from dalkit.contract.problems import Problem
from dalkit.contract.reader import read_contract
from dalkit.migrate.live import live_problems
from dalkit.result import Success
from dalkit.run.config import Connect
from dalkit.run.mysql import live_source, snapshot
from dalkit.schema.resolve import resolve
from dalkit.source.lexer import statements

FOLDER = Path(__file__).parents[1] / "golden" / "live"
EXAMPLES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
Check = Callable[[dict[str, Any], str, list[str]], tuple[Problem, ...]]


@pytest.fixture
def check(mysql_connection: Connection[Cursor], connect: Connect) -> Check:
    """A function that fills the test's database and gives what the data has to say."""

    def run(document: dict[str, Any], ddl: str, data: list[str]) -> tuple[Problem, ...]:
        with mysql_connection.cursor() as cursor:
            for statement in [*(one.text for one in statements(ddl)), *data]:
                cursor.execute(statement)
        contract, problems = read_contract(json.dumps(document))
        assert contract is not None, problems
        with snapshot(connect) as connection:
            source, _ = live_source(connection)
        schema, problems = resolve(contract, source)
        assert schema is not None, problems
        found = live_problems(connect, contract, source, schema)
        assert isinstance(found, Success), found
        return found.unwrap()

    return run


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_says_what_its_page_shows(check: Check, code: str) -> None:
    """That and nothing else, but for the count of rows."""
    example = EXAMPLES[code]
    found = check(example["contract"], example["ddl"], example["data"])

    said = [str(one) for one in found if code == "DK530" or one.code != "DK530"]
    assert said == example["said"]
    assert {one.code for one in found} == {code, "DK530"}


def test_every_code_has_an_example() -> None:
    """A code that nothing brings about is none."""
    assert set(EXAMPLES) == {row.code for row in LIVE}


PEOPLE = (
    "CREATE TABLE people (id INT PRIMARY KEY, boss_id INT, name VARCHAR(50), pin VARCHAR(50), "
    "town_id INT, KEY (town_id)) DEFAULT CHARSET=utf8mb4;"
    "CREATE TABLE towns (id INT PRIMARY KEY, name VARCHAR(50)) DEFAULT CHARSET=utf8mb4;"
    "CREATE TABLE streets (id INT PRIMARY KEY, town VARCHAR(50), name VARCHAR(50)) "
    "DEFAULT CHARSET=utf8mb4;"
)


def _people(*attributes: dict[str, Any], pk: str = "id", **more: Any) -> dict[str, Any]:
    given = {"source_table": "people", "type": "S"}
    return {
        "tables": [
            {
                "table": "People", "type": "single-entity", "source_table": "people", "pk": pk,
                "attributes": [given | one for one in attributes], "satisfies": ["all"],
            } | more
        ]
    }  # fmt: skip


ID = {"name": "id", "type": "N", "source_column": "id"}


def _texts(found: tuple[Problem, ...], code: str) -> list[str]:
    return [one.text for one in found if one.code == code]


def test_joins_are_counted_along_their_hops(check: Check) -> None:
    """Of a chain the paths, of a self-join the matches, of an object its child rows."""
    chain = {
        "type": "chain",
        "joins": [
            {
                "target_table": "towns",
                "join_condition": "towns.id = people.town_id",
                "select_column": "towns.name",
            },
            {
                "target_table": "streets",
                "join_condition": "streets.town = towns.name",
                "select_column": "streets.name",
            },
        ],
    }
    namesake = {
        "type": "self-join",
        "join_alias": "other",
        "join_condition": "other.name = people.name",
        "select_column": "other.id",
    }
    assistant = {
        "type": "json-construction",
        "target_table": "people",
        "join_condition": "people.boss_id = people.id",
        "construction": {"type": "object", "select_columns": {"id": "people.id"}},
    }
    document = _people(
        ID,
        {"name": "street", "source_column": "town_id", "join": chain},
        {"name": "namesake", "source_column": "name", "join": namesake},
        {"name": "assistant", "type": "M", "source_column": "id", "join": assistant},
    )
    found = check(
        document,
        PEOPLE,
        [
            "INSERT INTO towns VALUES (1, 'Rome'), (2, 'Bern')",
            "INSERT INTO streets VALUES (1, 'Rome', 'a'), (2, 'ROME', 'b'), (3, 'Bern', 'c')",
            (
                "INSERT INTO people VALUES (1, NULL, 'Ann', '', 1), (2, 1, 'ANN', '', 2), "
                "(3, 1, 'Bob', '', 1), (4, NULL, NULL, '', NULL)"
            ),
        ],
    )

    assert _texts(found, "DK522") == [
        'the join of "street" finds several rows of "streets" for 2 rows: people id=1, people id=3',
        (
            'the join of "namesake" finds several rows of "people" for 2 rows: '
            "people id=1, people id=2"
        ),
        'the join of "assistant" finds several rows of "people" for 1 row: people id=1',
    ]


def test_at_most_ten_rows_are_named_and_all_are_counted(check: Check) -> None:
    """However many rows share a fault."""
    document = _people(
        {"name": "name", "source_column": "name"},
        {"name": "pin", "type": "N", "source_column": "pin"},
        ID,
        pk="name",
    )
    found = check(
        document,
        PEOPLE,
        [
            (
                "INSERT INTO people (id, name, pin) WITH RECURSIVE n AS "
                "(SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
                "SELECT i, IF(i > 100, 'Ann', NULL), IF(i % 2 = 0, 'x', '1') FROM n"
            ),
        ],
    )

    (null,) = _texts(found, "DK501")
    (text,) = _texts(found, "DK510")
    shared = _texts(found, "DK504")
    assert null.startswith('"name": 100 rows are refused')
    assert null.count("people id=") == 10
    assert text.startswith('"pin": 50 rows are refused')
    assert len(shared) == 11
    assert shared[-1] == "39 more pairs of rows give one key, 49 in all"
    assert _texts(found, "DK530") == ['"People": 200 rows and 50 items, 150 refused']


def test_a_secret_is_never_shown(check: Check) -> None:
    """Neither in a reason, nor as a key that two rows share, nor as a value that many have."""
    key = {"name": "key", "source_column": "pin"}
    pin = {"name": "pin", "source_column": "pin", "dalkit": {"secret": True}}
    number = {"name": "n", "type": "N", "source_column": "pin", "dalkit": {"secret": True}}
    document = _people(key, pin, number, ID, pk="key")
    found = check(
        document,
        PEOPLE,
        [
            (
                "INSERT INTO people (id, pin) WITH RECURSIVE n AS "
                "(SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 30) "
                "SELECT i, IF(i > 29, 'geheim', 4711) FROM n"
            ),
        ],
    )

    assert {"DK504", "DK510", "DK521"} <= {one.code for one in found}
    assert [str(one) for one in found if "geheim" in str(one) or "4711" in str(one)] == []
    assert "(secret)" in _texts(found, "DK504")[0]


def test_entities_of_one_table_are_looked_at_together(check: Check) -> None:
    """Two templates that can meet: the rows of both tables are named."""
    entities = [
        {
            "entity_type": name.upper(),
            "source_table": name,
            "pk_template": "{name}",
            "sk_template": "#META",
            "attributes": [
                {"name": "name", "type": "S", "source_table": name, "source_column": "name"},
                {"name": "id", "type": "N", "source_table": name, "source_column": "id"},
            ],
        }
        for name in ("people", "towns")
    ]
    document = {
        "tables": [
            {
                "table": "All", "type": "multi-entity", "pk": "PK", "sk": "SK",
                "entities": entities, "satisfies": ["all"],
            }
        ]
    }  # fmt: skip
    found = check(
        document,
        PEOPLE,
        [
            "INSERT INTO people (id, name) VALUES (1, 'Ann'), (2, 'Florence')",
            "INSERT INTO towns VALUES (1, 'florence'), (2, 'Florence')",
        ],
    )

    (text,) = _texts(found, "DK504")
    assert text == 'people id=2 and towns id=2 give one key, "PK=Florence SK=#META"'


def test_arrays_count_for_the_size(check: Check) -> None:
    """Child rows make an item too large, or nearly, though each of them is small."""
    array = {
        "type": "json-construction",
        "target_table": "streets",
        "join_condition": "streets.town = towns.name",
        "construction": {"type": "array", "select_columns": {"name": "streets.name"}},
    }
    document = {
        "tables": [
            {
                "table": "Towns", "type": "single-entity", "source_table": "towns", "pk": "id",
                "attributes": [
                    {"name": "id", "type": "N", "source_table": "towns", "source_column": "id"},
                    {
                        "name": "streets", "type": "L", "source_table": "towns",
                        "source_column": "name", "join": array,
                    },
                ],
                "satisfies": ["all"],
            }
        ]
    }  # fmt: skip
    found = check(
        document,
        PEOPLE,
        [
            "INSERT INTO towns VALUES (1, 'Rome'), (2, 'Bern'), (3, 'Kiel')",
            (
                "INSERT INTO streets (id, town, name) WITH RECURSIVE n AS "
                "(SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 90) "
                "SELECT a.i * 100 + b.i, "
                "IF(a.i < 88, 'Rome', 'Kiel'), REPEAT('x', 50) FROM n a, n b"
            ),
        ],
    )

    (large,) = _texts(found, "DK505")
    assert large.startswith("towns id=1 is refused: the item has 4")
    assert not _texts(found, "DK520")


@pytest.mark.parametrize(
    ("fold", "secret", "values", "said"),
    [
        ("case-accent-1", False, ["ada", "\u00e9", "BO"], None),
        (
            "case-accent-1",
            False,
            ["gro\u00df"],
            '"S" and "\u00df" are one in MySQL only; "\u00df" and "ss" are one by the fold only',
        ),
        ("case-accent-1", False, ["a "], '"a" and "a " are one in MySQL only'),
        ("case-accent-pad-1", False, ["a "], None),
        ("case-accent-1", True, ["gro\u00df"], "they are secret"),
    ],
)
def test_characters_that_a_fold_takes_otherwise(
    check: Check, fold: str, secret: bool, values: list[str], said: str | None
) -> None:
    """Only those that the rows hold, and spaces at their ends; secret ones are not shown."""
    document = json.loads((FOLDER / "DK525.json").read_text())["contract"]
    (table,) = document["tables"]
    table["dalkit"]["unique"][0]["fold"] = fold
    table["attributes"][1]["dalkit"] = {"secret": secret}
    ddl = EXAMPLES["DK525"]["ddl"].replace("utf8mb4_unicode_ci", "utf8mb4_general_ci")
    data = [f"INSERT INTO things VALUES ({i}, '{one}')" for i, one in enumerate(values, 1)]
    found = _texts(check(document, ddl, data), "DK525")

    start = f'"name" has characters that utf8mb4_general_ci and {fold} do not compare alike: '
    assert found == ([] if said is None else [start + said])
