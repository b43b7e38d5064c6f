"""Documents that are wrong in every way: problems with their places, never an exception."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dalkit.contract.document import Contract
from dalkit.contract.findings import LISTED
from dalkit.contract.problems import Problem, escape, stops
from dalkit.contract.reader import read_contract, read_sound_tables

TIMES = int(os.environ.get("DALKIT_TIMES", "1"))
"""How many times the usual number of examples a long run tries."""

Path = tuple[str | int, ...]

LITERALS = {"null_value", "else_value", "then", "else", "value"}
MAY_BE_EMPTY = {"chain_separator", "separator", "justification", "$schema"} | LITERALS
MAY_BE_NO_LIST = {"source_column", "order_by"}
WORDS = {"type", "operation", "unit", "projection", "source_format"}
TEMPLATES = {"pk_template", "sk_template", "template"}
REFERENCES = {"pk"}
INTRUDERS: list[Any] = [5, -1, 1.5, "", True, None, [], {}, [[]], {"x": "y"}]
TWICE = "a member to be renamed"


def sites(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of the document with its path."""
    yield path, value
    if isinstance(value, dict | list):
        named: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for name, child in named:
            yield from sites(child, (*path, name))


def pointer(path: Path) -> str:
    """The path as a JSON pointer."""
    return "".join(f"/{escape(str(token))}" for token in path)


def changed(value: Any, path: Path, change: Callable[[Any, Any], None]) -> Any:
    """A copy of the document after the change of what holds the path's end."""
    value = copy.deepcopy(value)
    holder = value
    for token in path[:-1]:
        holder = holder[token]
    change(holder, path[-1])
    return value


def put(new: Any) -> Callable[[Any, Any], None]:
    """Replace what is there."""
    return lambda holder, token: holder.__setitem__(token, new)


def rename(holder: Any, token: Any) -> None:
    """Give a member a name that the format does not have."""
    holder[f"{token}x"] = holder.pop(token)


def intrusions(path: Path, value: Any) -> Iterator[Any]:
    """Values of a kind that cannot stand there."""
    name = next(token for token in reversed(path) if isinstance(token, str))
    listed = isinstance(path[-1], int)
    for one in INTRUDERS:
        same = type(one) is type(value) and not (one in ("", [], {}, [[]], -1) or one == {"x": "y"})
        number = isinstance(value, int | float) and type(one) in (int, float)
        literal = name in LITERALS and not isinstance(one, dict | list)
        empty = one == "" and (name in MAY_BE_EMPTY or not isinstance(value, str))
        fine = (one == [] and name in ("gsis", "satisfies")) or (one is None and name == "sk")
        fine |= name == "select_columns" and isinstance(one, dict) and one == {"x": "y"}
        fine |= name == "amount" and one in (5, -1) and one is not True
        if name == "unique" and listed and isinstance(one, list):
            continue  # a list of names is as good as a name there, and its fault is inside
        if one == [[]] and (isinstance(value, list) or name in MAY_BE_NO_LIST):
            continue  # the fault is inside
        if one == {"x": "y"} and isinstance(value, dict):
            continue
        if one == {} and isinstance(value, dict) and name == "dalkit":
            continue
        if number and one in (5, 1.5):
            continue
        if not (same or literal or fine or (empty and name in MAY_BE_EMPTY)):
            yield one


def mutants(document: Any) -> Iterator[tuple[str, str, str]]:
    """Every single fault: what it is, the document's text with it, and where it must be found."""
    for number, (path, value) in enumerate(sites(document)):
        if not path:
            continue
        place, holder = pointer(path), pointer(path[:-1])
        for one in islice(intrusions(path, value), number % 3, None, 3):
            yield f"{one!r}", json.dumps(changed(document, path, put(one))), place
        if isinstance(path[-1], str) and path[-2:-1] != ("select_columns",):
            yield "rename", json.dumps(changed(document, path, rename)), f"{place}x"
            without = changed(document, path, lambda holder, token: holder.pop(token))
            if read_contract(json.dumps(without))[0] is None:
                yield "delete", json.dumps(without), holder
        if isinstance(path[-1], str):
            doubled = changed(document, path, lambda holder, _: holder.__setitem__(TWICE, 1))
            text = json.dumps(doubled).replace(json.dumps(TWICE), json.dumps(path[-1]))
            yield "double", text, place
        if isinstance(value, str) and path[-1] not in LITERALS:
            yield "control", json.dumps(changed(document, path, put(value + "\0"))), place
        if path[-1] in WORDS:
            yield "word", json.dumps(changed(document, path, put(f"{value}x"))), place
        if path[-1] in TEMPLATES:
            yield "template", json.dumps(changed(document, path, put(value + "{"))), place
        if path[-1] in REFERENCES:
            yield "reference", json.dumps(changed(document, path, put("nowhere"))), place


def judged(text: str | bytes) -> tuple[Contract | None, tuple[Problem, ...]]:
    """What the reader answers, after what holds for every answer has been checked."""
    contract, problems = read_contract(text)
    assert (contract is None) == stops(problems)
    assert all(str(problem).isprintable() for problem in problems)
    assert all(len(str(problem)) < 2_000 for problem in problems)
    assert len(problems) <= LISTED + 1
    if contract is None:
        sound, same = read_sound_tables(text)
        assert same == problems
        for position in range(len(sound.tables) if sound else 0):
            place = sound.pointer(position) if sound else ""
            assert not any(
                one.severity == "error" and f"{one.pointer}/".startswith(f"{place}/")
                for one in problems
            )
    return contract, problems


def test_single_faults_are_found_where_they_are(everything: dict[str, Any]) -> None:
    """At least 95 of 100, and each of the others makes a problem somewhere."""
    missed: list[tuple[str, str]] = []
    total = 0
    for what, text, place in mutants(everything):
        total += 1
        contract, problems = judged(text)
        if not any(one.pointer == place and one.code not in ("DK117", "DK133") for one in problems):
            missed.append((what, place))
        assert contract is None or what == "reference", (what, place)

    assert total > 2_000
    assert len(missed) <= total * 0.05, missed


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(
        ["S", "L", "single-entity", "concat", "{a}", "`a`", "a'b\"", "\n", "\0", "#"]
    ),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "name", "table", "pk", "sk", "attributes", "join", "", "~/", "\x1b"]
            ),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(data=st.data())
@settings(max_examples=150 * TIMES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_anything_anywhere_is_answered(everything_text: str, data: st.DataObject) -> None:
    """Up to four sites of the contract are replaced by any JSON value, removed, or renamed."""
    document = json.loads(everything_text)
    for _ in range(data.draw(st.integers(1, 4))):
        places = [path for path, _ in sites(document) if path]
        if not places:
            break
        path = data.draw(st.sampled_from(places))
        change = data.draw(st.one_of(st.builds(put, JSON), st.just(lambda h, t: h.pop(t))))
        document = changed(document, path, change)

    judged(json.dumps(document))


@given(JSON)
@settings(max_examples=100 * TIMES, deadline=None)
def test_any_json_value_is_answered(value: Any) -> None:
    """As a document, as its tables, and as a table."""
    for document in (value, {"tables": value}, [value]):
        judged(json.dumps(document))


@given(st.binary() | st.text())
@settings(max_examples=100 * TIMES, deadline=None)
def test_any_text_is_answered(text: str | bytes) -> None:
    """JSON or not."""
    judged(text)


@given(st.integers(0, 9_000), st.binary(max_size=6))
@settings(max_examples=100 * TIMES, deadline=None)
def test_any_damage_to_the_text_is_answered(everything_text: str, at: int, patch: bytes) -> None:
    """Bytes overwritten somewhere in a contract in order."""
    text = everything_text.encode()
    judged(text[:at] + patch + text[at + len(patch) :])


MANY = 5_000
NAMES = [f"attribute_{number}" for number in range(MANY)]
ATTRIBUTES = [{"name": name, "type": "S", "source_column": "a"} for name in NAMES]
SINGLE = {"table": "Wide", "type": "single-entity", "source_table": "t", "pk": NAMES[0]}
INDEXES = [{"index_name": f"Index{n}", "pk": f"attribut_{n}", "sk": f"x#{n}"} for n in range(MANY)]
ENTITIES = [{"entity_type": f"E{n}", "attributes": ATTRIBUTES[:1]} for n in range(MANY)]


@pytest.mark.parametrize(
    "tables",
    [
        [{**SINGLE, "attributes": ATTRIBUTES, "gsis": INDEXES}],
        [{"table": "Many", "type": "multi-entity", "entities": ENTITIES, "gsis": INDEXES}],
        [{**SINGLE, "attributes": ATTRIBUTES[:1] * MANY}],
        [{**SINGLE, "attributes": ATTRIBUTES, **dict.fromkeys(NAMES, 1)}],
        [
            {
                **SINGLE,
                "attributes": ATTRIBUTES,
                "gsis": [
                    {
                        **INDEXES[0],
                        "projection": "INCLUDE",
                        "projected_attributes": [f"{name}x" for name in NAMES],
                    }
                ],
            }
        ],
        [{**SINGLE, "table": "x" * 5_000_000, "attributes": [{"x" * 5_000_000: 1}]}],
        [
            {
                "table": "Many",
                "type": "multi-entity",
                "entities": [
                    {
                        "entity_type": f"E{n}",
                        "source_table": "t",
                        "attributes": ATTRIBUTES[n : n + 1],
                    }
                    for n in range(MANY)
                ],
                "gsis": [
                    {"index_name": f"Index{n}", "pk": "#".join(NAMES[n : n + 2_000])}
                    for n in range(100)
                ],
            }
        ],
        [{**SINGLE, "sk": "#" * 1_000_000, "attributes": ATTRIBUTES[:1]}],
        [
            {
                **SINGLE,
                "attributes": [
                    {
                        **ATTRIBUTES[0],
                        "transformation": {
                            "type": "string-format",
                            "format": "{a}" * 500_000 + "{",
                        },
                    }
                ],
            }
        ],
        [
            {
                **SINGLE,
                "attributes": [
                    {
                        **ATTRIBUTES[0],
                        "transformation": {"type": "date-format", "format": "T" * 1_000_000},
                    }
                ],
            }
        ],
        [{**SINGLE, "attributes": [{**ATTRIBUTES[0], "join": {"type": "y" * 1_000_000}}]}],
        [{}] * 100_000,
        [[]] * 1_000_000,
    ],
    ids=range(13),
)
def test_size_is_no_weapon(tables: Any) -> None:
    """Work grows with the document, not with its square: these would never end otherwise."""
    contract, problems = judged(json.dumps(tables))

    assert contract is None
    assert problems
