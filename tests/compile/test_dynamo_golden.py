"""What both stores are asked for each query, beside the query and its plans, for a reader.

`tests/golden/queries/*.txt` hold the query, the plans, the first statement and the first operation
side by side. `DALKIT_GOLDEN=write` rewrites them.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dalkit import Failure, Success, read_contract, read_ddl, resolve
from dalkit.compile.call import DynamoCall, SqlBatch, SqlCall
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.explain import explain
from dalkit.compile.sql import to_sql
from dalkit.records.made import records_module

HERE = Path(__file__).parent
STORE = HERE.parents[1] / "contracts" / "online_store"
GOLDEN = HERE.parent / "golden" / "queries"


def _loaded(path: Path) -> ModuleType:
    spec = spec_from_file_location(f"golden_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _patterns() -> Any:
    """The access patterns; the example is imported from the repository's folder."""
    if str(STORE.parents[1]) not in sys.path:
        sys.path.append(str(STORE.parents[1]))
    queries = _loaded(STORE / "queries.py")
    records = sys.modules["contracts.online_store.records"]
    return _loaded(HERE / "pattern_cases.py").patterns(queries, records)


def _store() -> ModuleType:
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    return records_module(schema)


MODULE, STORE_MODULE = _loaded(HERE / "dynamo_cases.py"), _store()
PATTERNS = _patterns()
CASES = {
    **MODULE.reads(STORE_MODULE),
    **MODULE.writes(STORE_MODULE),
    "patterns": PATTERNS,
}


def statement(query: Any) -> str:
    """The first statement with its parameters, or why there is none; of a batch each one's."""
    found: Any = to_sql(query)
    match found:
        case Success(SqlBatch(calls)):
            return "\n".join(map(_sent, calls)) or "nothing is sent"
        case Success(call):
            return _sent(call)
        case Failure(error):
            return f"refused: {error}"
    raise AssertionError(found)


def _sent(call: Any) -> str:
    if not isinstance(call, SqlCall):
        return f"answered at once: {call}"
    return f"{call.text}\n-- with ({', '.join(map(repr, call.parameters))})"


def operation(query: Any) -> str:
    """The first operation as text, after what is asked of counters, or why there is none."""
    match to_dynamodb(query):
        case Success(call) if not call.operation:
            return "nothing is sent"
        case Success(call):
            return "\n".join(map(_asked, past_counters(call)))
        case Failure(error):
            return f"refused: {error}"
    raise AssertionError(query)


def _asked(call: DynamoCall[Any]) -> str:
    """An operation, an argument a line."""
    said = sorted(call.arguments.items())
    lines = [f"  {name}: {json.dumps(held, ensure_ascii=False)}" for name, held in said]
    return "\n".join([call.operation, *lines])


def past_counters(call: DynamoCall[Any]) -> list[DynamoCall[Any]]:
    """The calls of counters, which are answered 1000, and the one after them."""
    calls, step = [call], call
    while step.operation == "UpdateItem" and "COUNTER#" in str(step.arguments["Key"]):
        after = step.read({"Attributes": {"value": {"N": "1000"}}})
        assert isinstance(after, DynamoCall)
        calls.append(after)
        step = after
    return calls


def block(name: str, query: Any) -> str:
    """One case of a golden file."""
    plans = str(explain(query))
    return f"== {name}\n{plans}\n--- mysql\n{statement(query)}\n--- dynamodb\n{operation(query)}\n"


@pytest.mark.parametrize("topic", CASES)
def test_what_is_asked(topic: str) -> None:
    """Every query of the topic compiles to what the golden file says, byte for byte."""
    text = "\n".join(block(name, query) for name, query in CASES[topic].items())
    path = GOLDEN / f"{topic}.txt"
    if os.environ.get("DALKIT_GOLDEN") == "write":
        path.write_text(text)

    assert text == path.read_text()


@pytest.mark.parametrize("topic", CASES)
def test_only_the_refusals_are_refused(topic: str) -> None:
    """A query is refused by DynamoDB exactly where its topic says so."""
    refused = {name: isinstance(to_dynamodb(one), Failure) for name, one in CASES[topic].items()}

    assert set(refused.values()) == {topic.endswith("refusals")}


@pytest.mark.parametrize("topic", CASES)
def test_no_name_stands_in_an_expression(topic: str) -> None:
    """Expressions consist of aliases, placeholders and words of DynamoDB's own."""
    for query in CASES[topic].values():
        match to_dynamodb(query):
            case Success(call):
                arguments: Any = call.arguments
                texts = [v for k, v in arguments.items() if k.endswith("Expression")]
                for name in arguments.get("ExpressionAttributeNames", {}).values():
                    assert not any(name in text.replace(" AND ", " ") for text in texts)
            case Failure():
                continue


def _requests(arguments: Any) -> Iterator[Any]:
    yield arguments
    for one in arguments.get("TransactItems", ()):
        yield from one.values()


@pytest.mark.parametrize("topic", CASES)
def test_every_alias_is_used_and_known(topic: str) -> None:
    """DynamoDB refuses a name or value that no expression uses, and one that is not given."""
    for query in CASES[topic].values():
        match to_dynamodb(query):
            case Success(call):
                for one in _requests(call.arguments):
                    texts = " ".join(str(v) for k, v in one.items() if k.endswith("Expression"))
                    given = {
                        *one.get("ExpressionAttributeNames", {}),
                        *one.get("ExpressionAttributeValues", {}),
                    }

                    assert set(re.findall("[#:][a-z0-9]+", texts)) == given
            case Failure():
                continue


def test_every_access_pattern_is_shown() -> None:
    """No function of the online store's patterns is left out, and none is refused by a store."""
    queries = sys.modules["golden_queries"]
    served = {one.__name__ for serving in queries.SERVED.values() for one in serving}

    assert {name.partition(":")[0] for name in PATTERNS} == served
    for query in PATTERNS.values():
        assert isinstance(to_sql(query), Success)
