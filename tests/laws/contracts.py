"""Random contracts over the tables of `contracts_ddl.sql`: every join, calculation and format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "towns": {"id": "int", "name": "text", "code": "text", "population": "int", "founded": "date"},
    "people": {
        "id": "int",
        "name": "text",
        "nick": "text",
        "town_id": "int",
        "town_code": "text",
        "boss_id": "int",
        "height": "decimal",
        "wealth": "decimal",
        "mass": "double",
        "score": "float",
        "active": "flag",
        "sort": "enum",
        "flags": "set",
        "born": "date",
        "seen": "datetime",
        "logged": "datetime",
        "worked": "time",
        "hired": "year",
        "note": "text",
        "raw": "bytes",
        "mask": "bits",
    },
    "purchases": {
        "id": "int",
        "person_id": "int",
        "amount": "decimal",
        "quantity": "int",
        "label": "text",
        "paid": "datetime",
    },
    "remarks": {"person_name": "text", "body": "text", "stars": "int", "number": "int"},
    "clubs": {"id": "int", "title": "text"},
    "memberships": {"person_id": "int", "club_id": "int", "since": "date"},
}
TYPES: Mapping[str, tuple[str, ...]] = {
    "int": ("N", "S"),
    "text": ("S",),
    "decimal": ("N", "S"),
    "double": ("N", "S"),
    "float": ("N", "S"),
    "flag": ("BOOL", "N"),
    "enum": ("S",),
    "set": ("SS", "S"),
    "date": ("S",),
    "datetime": ("S", "N"),
    "time": ("S",),
    "year": ("N", "S"),
    "bytes": ("B",),
    "bits": ("B", "N"),
}
WAYS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "people": (
        ("towns", ("people.town_id = towns.id",)),
        ("towns", ("towns.code = people.town_code",)),
        ("purchases", ("purchases.person_id = people.id",)),
        ("purchases", ("purchases.person_id = people.id", "purchases.amount > 5")),
        ("remarks", ("remarks.person_name = people.name",)),
        ("remarks", ("people.name = remarks.person_name", "remarks.stars >= 2")),
        ("remarks", ("remarks.person_name LIKE people.nick",)),
        ("towns", ("towns.founded < people.born", "towns.id > people.id")),
    ),
    "purchases": (
        ("people", ("purchases.person_id = people.id",)),
        ("purchases", ("purchases.quantity = purchases.person_id",)),
        ("remarks", ("remarks.number = purchases.quantity",)),
    ),
    "towns": (
        ("people", ("people.town_id = towns.id",)),
        ("people", ("people.town_code = towns.code", "people.active = 1")),
    ),
}
"""Table -> (target, conditions) pairs."""


def column(table: str, *kinds: str) -> st.SearchStrategy[str]:
    """A column of the table of one of the kinds (any, if none is named)."""
    held = COLUMNS[table]
    return st.sampled_from([name for name, kind in held.items() if not kinds or kind in kinds])


@st.composite
def fragments(draw: st.DrawFn, table: str, *, depth: int = 2) -> str:
    """A scalar over columns of the table, qualified."""
    kind = draw(st.sampled_from(["column"] * 4 + ["text", "number", "case", "date"]))
    if kind == "column" or depth == 0:
        return f"{table}.{draw(column(table, 'int', 'text', 'decimal', 'date', 'datetime'))}"
    inner = fragments(table, depth=depth - 1)
    if kind == "text":
        form = draw(
            st.sampled_from(
                [
                    "UPPER({0})",
                    "CONCAT({0}, ' - ', {1})",
                    "COALESCE({0}, 'none')",
                    "TRIM({0})",
                    "SUBSTRING({0}, 2, 3)",
                    "CONCAT_WS('/', {0}, {1})",
                    "NULLIF({0}, '')",
                ]
            )
        )
        return form.format(
            f"{table}.{draw(column(table, 'text'))}",
            f"{table}.{draw(column(table, 'text', 'int'))}",
        )
    if kind == "number":
        form = draw(
            st.sampled_from(
                ["{0} + 1", "{0} * 2.50", "ABS({0})", "ROUND({0}, 1)", "-{0}", "FLOOR({0})"]
            )
        )
        return form.format(f"{table}.{draw(column(table, 'int', 'decimal'))}")
    if kind == "case":
        return f"CASE WHEN {draw(conditions(table))} THEN {draw(inner)} END"
    return draw(st.sampled_from(["YEAR({0})", "DATE_FORMAT({0}, '%Y/%m')", "DATE({0})"])).format(
        f"{table}.{draw(column(table, *dated(table)))}"
    )


def dated(table: str) -> tuple[str, ...]:
    """The kinds that date functions take; any kind where the table has none of them."""
    held = set(COLUMNS[table].values()) & {"date", "datetime"}
    return tuple(sorted(held)) or ("int",)


@st.composite
def conditions(draw: st.DrawFn, table: str) -> str:
    """A test of one row."""
    form = draw(
        st.sampled_from(
            [
                "{n} > 2",
                "{n} BETWEEN 1 AND 20",
                "{t} = 'ann'",
                "{t} <> 'ANN'",
                "{t} IS NULL",
                "{t} IS NOT NULL",
                "{t} LIKE 'a%'",
                "{n} IN (1, 3, 5)",
                "NOT {n} < 4 OR {t} = ''",
                "{n} > 1 AND {t} IS NOT NULL",
            ]
        )
    )
    return form.format(
        n=f"{table}.{draw(column(table, 'int', 'decimal'))}",
        t=f"{table}.{draw(column(table, 'text'))}",
    )


@st.composite
def joins(draw: st.DrawFn, table: str) -> tuple[Json, str]:
    """A join, and the attribute type that fits it."""
    target, on = draw(st.sampled_from(WAYS[table]))
    name = draw(column(target, "int", "text", "decimal", "date", "datetime", "enum", "year"))
    kind = COLUMNS[target][name]
    type_ = draw(st.sampled_from(TYPES[kind]))
    base: Json = {"target_table": target, "select_column": f"{target}.{name}"}
    one = {**base, "join_condition": " AND ".join(on)}
    form = draw(st.sampled_from(["foreign-key", "multi", "conditional", "self", "chain", "array"]))
    if form == "multi":
        if draw(st.booleans()):
            base["select_column"], type_ = draw(fragments(target)), "S"
        return {"type": "multi-column", **base, "join_conditions": list(on)}, type_
    if form == "conditional":
        otherwise = draw(st.sampled_from(["'none'", "ROOT", f"{table}.id", None]))
        member = {} if otherwise is None else {"else_value": otherwise}
        join = {"type": "conditional", "condition": draw(conditions(table)), **one, **member}
        return join, type_ if otherwise is None else "S"
    if form == "self" and table == "people":
        return _self(draw), "S"
    if form == "chain" and table in ("people", "purchases"):
        return _chain(draw, table), "S"
    if form == "array":
        return _array(draw, target, " AND ".join(on)), draw(st.sampled_from(["L", "S"]))
    kind_ = draw(st.sampled_from(["foreign-key", "lookup-table"]))
    return {"type": kind_, **one}, type_


def _self(draw: st.DrawFn) -> Json:
    null = draw(st.sampled_from([None, "ROOT", "'n.a.'", "it's root", "name"]))
    condition = draw(st.sampled_from(["boss.id = people.boss_id", "people.boss_id = boss.id"]))
    join = {
        "type": "self-join",
        "join_alias": "boss",
        "join_condition": condition,
        "select_column": f"boss.{draw(column('people', 'text'))}",
    }
    return join if null is None else {**join, "null_value": null}


def _chain(draw: st.DrawFn, table: str) -> Json:
    hops = [
        {
            "target_table": "people",
            "join_condition": "purchases.person_id = people.id",
            "select_column": "people.name",
        },
        {
            "target_table": "towns",
            "join_condition": "people.town_id = towns.id",
            "select_column": "towns.name",
        },
    ]
    if table == "people":
        boss = {
            "target_table": "people",
            "join_condition": "people.id = people.boss_id",
            "select_column": "people.name",
        }
        hops = [boss] * draw(st.integers(1, 3)) + hops[1:] * draw(st.integers(0, 1))
    else:
        hops = hops[: draw(st.integers(1, 2))]
    separator = draw(st.sampled_from([None, " > ", ""]))
    join: Json = {"type": "chain", "joins": hops}
    return join if separator is None else {**join, "chain_separator": separator}


def _array(draw: st.DrawFn, target: str, on: str) -> Json:
    names = draw(st.lists(column(target), min_size=1, max_size=5, unique=True))
    construction: Json = {"type": "array", "select_columns": {n: n for n in names}}
    if draw(st.booleans()):
        by = draw(column(target, "int", "decimal", "date", "datetime"))
        construction["order_by"] = f"{target}.{by}{draw(st.sampled_from(['', ' DESC', ' ASC']))}"
    if draw(st.booleans()):
        construction["limit"] = draw(st.integers(1, 3))
    return {
        "type": "json-construction",
        "target_table": target,
        "join_condition": on,
        "construction": construction,
    }


@st.composite
def calculations(draw: st.DrawFn, table: str) -> tuple[Json, str]:
    """A calculation, and the attribute type that fits it."""
    form = draw(st.sampled_from(["aggregate", "case", "concat", "parts", "diff", "add"]))
    if form == "aggregate":
        target, on = draw(st.sampled_from(WAYS[table]))
        operation = draw(st.sampled_from(["SUM", "COUNT", "AVG", "MIN", "MAX"]))
        kinds: tuple[str, ...] = ("int", "decimal")
        if operation in ("COUNT", "MIN", "MAX"):
            kinds += ("text", "date", "datetime")
        name = draw(column(target, *kinds))
        number = COLUMNS[target][name] in ("int", "decimal") or operation == "COUNT"
        return {
            "type": "aggregate",
            "target_table": target,
            "join_condition": " AND ".join(on),
            "operation": operation,
            "select_column": f"{target}.{name}",
        }, draw(st.sampled_from(["N", "S"])) if number else "S"
    if form == "case":
        cases = draw(st.integers(1, 3))
        branches = [
            {"when": draw(conditions(table)), "then": draw(st.sampled_from(["'low'", "'high'"]))}
            for _ in range(cases)
        ]
        other = draw(st.sampled_from([{}, {"else": "'other'"}, {"else": f"{table}.id"}]))
        return {"type": "case", "cases": branches, **other}, "S"
    if form == "concat":
        names = draw(st.lists(column(table, "int", "text", "decimal", "date", "datetime", "enum"),
                              min_size=1, max_size=3))  # fmt: skip
        separator = draw(st.sampled_from([{}, {"separator": ""}, {"separator": "#"}]))
        return {"type": "concat", "source_column": names, **separator}, "S"
    if form == "parts":
        return {"type": "concat", "parts": [f"{table}.id", "'-'", draw(column(table, "text"))]}, "S"
    dates = dated(table)
    if form == "diff":
        unit = draw(st.sampled_from(["days", "hours", "months", "years", "weeks", "minute"]))
        start, end = draw(column(table, *dates)), draw(column(table, *dates))
        return {
            "type": "date-math", "operation": "diff", "unit": unit, "start": start, "end": end,
        }, "N"  # fmt: skip
    operation = draw(st.sampled_from(["add", "sub"]))
    unit = draw(st.sampled_from(["day", "month", "year", "hour"]))
    amount = draw(st.integers(-40, 400))
    return {"type": "date-math", "operation": operation, "unit": unit, "amount": amount}, "S"


@st.composite
def attributes(draw: st.DrawFn, table: str, name: str) -> Json:
    """An attribute of the entity whose source is `table`."""
    form = draw(st.sampled_from(["column", "join", "join", "calculation", "map", "format"]))
    base: Json = {"name": name, "source_table": table}
    if form == "join":
        join, type_ = draw(joins(table))
        made: Json = {**base, "type": type_, "source_column": "id", "join": join}
        text = type_ == "S" and join["type"] != "json-construction"
        if text and draw(st.integers(0, 3)) == 0:
            made["transformation"] = {"type": "string-format", "format": "<{value}|{id}>"}
        return made
    if form == "calculation":
        calculation, type_ = draw(calculations(table))
        made = {**base, "type": type_, "calculation": calculation}
        if calculation.get("operation") in ("add", "sub"):
            made["source_column"] = draw(column(table, *dated(table)))
        elif type_ == "S" and draw(st.integers(0, 4)) == 0:
            made["transformation"] = {"type": "string-format", "format": "[{value}]"}
        return made
    if form == "map":
        names = draw(st.lists(column(table), min_size=1, max_size=4, unique=True))
        return {**base, "type": draw(st.sampled_from(["M", "L"])), "source_column": names}
    if form == "format":
        return {**base, **draw(formats(table))}
    found = draw(column(table))
    return {**base, "type": draw(st.sampled_from(TYPES[COLUMNS[table][found]])),
            "source_column": found}  # fmt: skip


@st.composite
def formats(draw: st.DrawFn, table: str) -> Json:
    """The members of an attribute with a transformation of own columns."""
    kind = draw(st.sampled_from(["string", "date", "number"]))
    if kind == "string":
        texts = sorted(set(COLUMNS[table].values()) - {"bytes"})
        names = draw(st.lists(column(table, *texts), min_size=1, max_size=3))
        text = "#".join("{" + name + "}" for name in names)
        return {"type": "S", "transformation": {"type": "string-format", "format": f"X{text}"}}
    if kind == "date":
        token = draw(
            st.sampled_from(
                ["ISO8601", "epoch", "epoch-millis", "YYYY-MM-DD", "DD/MM/YYYY HH:mm:ss", "SSS"]
            )
        )
        step = {"type": "date-format", "format": token}
        type_ = "N" if token.startswith("epoch") else "S"
        return {"type": type_, "source_column": draw(column(table, *dated(table))),
                "transformation": step}  # fmt: skip
    step = {
        "type": "number-format",
        "format": draw(st.sampled_from(["0.00", "000000", "0", "0.0"])),
    }
    found = draw(column(table, "int", "decimal"))
    return {"type": "S", "source_column": found, "transformation": step}


@st.composite
def contracts(draw: st.DrawFn) -> Json:
    """A contract of one table keyed by the source's id."""
    table = draw(st.sampled_from(sorted(WAYS)))
    count = draw(st.integers(1, 5))
    made = [draw(attributes(table, f"a{number}")) for number in range(count)]
    key = {
        "name": "PK",
        "type": "S",
        "source_table": table,
        "source_column": "id",
        "transformation": {"type": "string-format", "format": "X#{id}"},
    }
    return {
        "tables": [
            {
                "table": "Things",
                "type": "single-entity",
                "source_table": table,
                "pk": "PK",
                "attributes": [key, *made],
                "satisfies": ["AP"],
                "estimated_item_size_bytes": 500,
            }
        ]
    }
