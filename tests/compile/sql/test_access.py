"""Which key of a table serves a condition best."""

from __future__ import annotations

import pytest

from dalkit.compile.sql_access import Access, Used, most_rows, used_key
from dalkit.source.tables import Column, ColumnType, ForeignKey, Index, SourceTable

TYPES = {
    "id": ColumnType(base="int"),
    "email": ColumnType(base="varchar", length=40, charset="utf8mb4"),
    "status": ColumnType(base="enum", values=("a", "b")),
    "done": ColumnType(base="tinyint", length=1),
    "user_id": ColumnType(base="int"),
    "made": ColumnType(base="datetime"),
    "owner": ColumnType(base="int"),
    "text": ColumnType(base="text"),
}
TABLE = SourceTable(
    name="t",
    columns=tuple(Column(name=name, type=type_) for name, type_ in TYPES.items()),
    primary_key=("id",),
    indexes=(
        Index(name="by_status", columns=("status", "made")),
        Index(name="by_user", columns=("user_id", "made")),
        Index(name="by_email", columns=("email",), unique=True),
        Index(name="by_text", columns=("text",), unique=True, partial=True),
        Index(name="by_expression", columns=()),
    ),
    foreign_keys=(
        ForeignKey(columns=("user_id",), target_table="users", target_columns=("id",)),
        ForeignKey(columns=("owner",), target_table="users", target_columns=("id",), name="its"),
    ),
)


@pytest.mark.parametrize(
    ("equal", "ranged", "some", "used"),
    [
        ((), (), (), Used("t")),
        (("done",), (), (), Used("t")),
        (("id",), (), (), Used("t", "PRIMARY", ("id",), True)),
        (("ID",), (), (), Used("t", "PRIMARY", ("id",), True)),
        ((), (), ("id",), Used("t", "PRIMARY", ("id",))),
        ((), ("id",), (), Used("t", "PRIMARY", ("id",))),
        (("id", "user_id"), ("made",), (), Used("t", "PRIMARY", ("id",), True)),
        (("email",), (), (), Used("t", "by_email", ("email",), True)),
        (("text",), (), (), Used("t", "by_text", ("text",))),
        (("user_id",), (), (), Used("t", "by_user", ("user_id",))),
        (("user_id",), ("made",), (), Used("t", "by_user", ("user_id", "made"))),
        (("user_id", "status"), ("made",), (), Used("t", "by_user", ("user_id", "made"))),
        (("status",), ("made",), (), Used("t", "by_status", ("status", "made"))),
        (("made",), (), (), Used("t")),
        (("owner",), (), (), Used("t", "its", ("owner",))),
    ],
)
def test_the_best_key_is_used(
    equal: tuple[str, ...], ranged: tuple[str, ...], some: tuple[str, ...], used: Used
) -> None:
    """One row before many, more columns before fewer, many values before few."""
    assert used_key(TABLE, equal, ranged, some) == used


@pytest.mark.parametrize(
    ("access", "most", "rows"),
    [
        (Access(own=Used("t", "PRIMARY", ("id",), True)), None, 1),
        (Access(own=Used("t", "by_user", ("user_id",))), 20, 21),
        (Access(own=Used("t", "by_user", ("user_id",))), None, None),
        (Access(own=Used("t", "by_user", ("user_id",)), sorted=True), 20, None),
        (Access(own=Used("t")), 20, None),
    ],
)
def test_rows_are_bounded_by_a_key_and_its_order(
    access: Access, most: int | None, rows: int | None
) -> None:
    """What is sorted or looked for among all rows is not bounded by a page."""
    assert most_rows(access, most) == rows
