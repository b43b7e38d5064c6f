"""Laws of plans: no scan that was not allowed, and an explanation of every query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit import Failure, Success, read_contract, read_ddl, resolve
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.explain import explain
from dalkit.compile.explanation import DynamoPlan, MysqlPlan
from dalkit.compile.sql import to_sql
from dalkit.query.finds import Count, Find
from dalkit.records.made import records_module
from dalkit.schema.entity import Entity
from dalkit.testing.queries import queries_on

STORE = Path(__file__).parents[2] / "contracts" / "online_store"


def _entities() -> list[Entity[Any, Any]]:
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    module = records_module(schema)
    return [getattr(module, one.handle) for one in schema.entities]


ENTITIES = _entities()
QUIET = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda one: type(one).__name__)
@QUIET
@given(data=st.data())
def test_nothing_is_scanned_unasked(entity: Entity[Any, Any], data: st.DataObject) -> None:
    """A read is a Scan only where that was allowed, and then only where no key serves it."""
    query: Any = data.draw(queries_on(entity))
    if not isinstance(query, (Find, Count)):
        return
    unasked = evolve(query, access=evolve(query.access, scan=False))
    call: Any = to_dynamodb(unasked)

    assert isinstance(call, Failure) or call.unwrap().operation in ("Query", "")
    asked: Any = to_dynamodb(evolve(query, access=evolve(query.access, scan=True)))
    if isinstance(asked, Success) and asked.unwrap().operation == "Scan":
        assert isinstance(call, Failure)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda one: type(one).__name__)
@QUIET
@given(data=st.data())
def test_every_query_is_explained(entity: Entity[Any, Any], data: st.DataObject) -> None:
    """A plan where a store answers, the reason where it does not; the same each time."""
    query: Any = data.draw(queries_on(entity))
    found = explain(query)

    assert isinstance(found.dynamodb, DynamoPlan) is isinstance(to_dynamodb(query), Success)
    assert isinstance(found.mysql, MysqlPlan) is isinstance(to_sql(query), Success)
    assert str(found) == str(explain(query))
    assert str(found).startswith(str(query))
