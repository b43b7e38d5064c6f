"""Questions about joins in the data: which are asked, as which SQL, and what an answer says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dalkit.compile.live import Question, answer_of, questions
from dalkit.contract.reader import read_contract
from dalkit.schema.resolve import resolve
from dalkit.schema.subjects import subjects_of
from dalkit.source.ddl import read_ddl

DDL = """
CREATE TABLE things (id INT PRIMARY KEY, maker_id INT, name VARCHAR(9), KEY (name));
CREATE TABLE makers (id INT PRIMARY KEY, name VARCHAR(9), town VARCHAR(9));
CREATE TABLE towns (id INT PRIMARY KEY, name VARCHAR(9));
"""


def _asked(join: dict[str, Any]) -> tuple[Question, ...]:
    given = {"source_table": "things", "type": "S"}
    document = {
        "tables": [
            {
                "table": "Things", "type": "single-entity", "source_table": "things", "pk": "id",
                "attributes": [
                    given | {"name": "id", "type": "N", "source_column": "id"},
                    given | {"name": "maker", "source_column": "maker_id", "join": join},
                    given | {"name": "again", "source_column": "maker_id", "join": join},
                ],
                "satisfies": ["all"],
            }
        ]
    }  # fmt: skip
    contract, problems = read_contract(json.dumps(document))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    (subject,) = subjects_of(contract, source, schema)
    return questions(subject)


MAKER = {"target_table": "makers", "select_column": "makers.town"}
BY_KEY = {"join_condition": "makers.id = things.maker_id"}
BY_NAME = {"join_condition": "makers.name = things.name"}


def test_a_join_over_a_unique_key_is_not_asked_about() -> None:
    """It finds one row, whatever the data."""
    assert _asked({"type": "foreign-key", **MAKER, **BY_KEY}) == ()


def test_several_matches_are_counted_once_for_a_join() -> None:
    """Two attributes over one join are one question."""
    (one,) = _asked({"type": "foreign-key", **MAKER, **BY_NAME})

    assert (one.code, one.attribute, one.target) == ("DK522", "maker", "makers")
    assert one.pointer == "/tables/0/attributes/1"
    first, second, *_, last = one.sql.splitlines()
    assert first == "SELECT COUNT(*) OVER () AS `total`, `things`.`id`"
    assert second == "FROM `things`"
    assert "> 1" in one.sql
    assert last == "ORDER BY `things`.`id` LIMIT 10"


def test_hops_without_an_index_are_joined_over_a_copy() -> None:
    """Where MariaDB would compare every row with every other."""
    join = {
        "type": "chain",
        "joins": [
            MAKER | BY_KEY,
            {
                "target_table": "towns",
                "join_condition": "towns.name = makers.town",
                "select_column": "towns.id",
            },
        ],
    }
    (one,) = _asked(join)

    assert "JOIN `makers` AS `hop_1` ON `hop_1`.`id` = `things`.`maker_id`" in one.sql
    assert (
        "JOIN (SELECT `name` FROM `towns` LIMIT 18446744073709551615) AS `hop_2`"
        " ON `hop_2`.`name` = `hop_1`.`town`"
    ) in one.sql


@pytest.mark.parametrize(("over", "codes"), [(BY_KEY, ["DK523"]), (BY_NAME, ["DK522", "DK523"])])
def test_a_condition_is_asked_about_its_target(over: dict[str, str], codes: list[str]) -> None:
    """Rows for which it is true and no row is there; several only where it is true."""
    join = {"type": "conditional", "condition": "things.id > 3", "else_value": "x"}
    found = _asked(join | MAKER | over)

    assert [one.code for one in found] == codes
    assert all("`things`.`id` > 3" in one.sql for one in found)


def test_an_answer_counts_all_and_names_the_first() -> None:
    """The names of the contract are shown quoted, and what is left out is said to be."""
    one = Question(code="DK522", pointer="/a", sql="", target="t\n", attribute="a")

    assert answer_of(one, 1, ["x id=1"]).text == (
        'the join of "a" finds several rows of "t\\n" for 1 row: x id=1'
    )
    assert answer_of(one, 2_000, ["x id=1", "x id=2"]).text.endswith(
        "for 2,000 rows: x id=1, x id=2, …"
    )
