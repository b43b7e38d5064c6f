"""The loop that one writes first: DictCursor, boto3's TypeSerializer, json.dumps.

`python naive_export.py HOST PORT USER DATABASE TABLE ROWS FILE`; the password is in
DALKIT_MYSQL_PASSWORD.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pymysql
from boto3.dynamodb.types import TypeSerializer
from pymysql.cursors import DictCursor


def main(host: str, port: str, user: str, database: str, table: str, rows: str, file: str) -> None:
    """Write the first rows of the table, each as a line."""
    connection: Any = pymysql.connect(
        host=host,
        port=int(port),
        user=user,
        password=os.environ.get("DALKIT_MYSQL_PASSWORD", ""),
        database=database,
        cursorclass=DictCursor,
    )
    serialize = TypeSerializer().serialize
    with connection.cursor() as cursor, Path(file).open("w") as out:
        cursor.execute(f"SELECT * FROM `{table}` ORDER BY id LIMIT {int(rows)}")
        for row in cursor:
            values = {name: _value(name, value) for name, value in row.items() if value is not None}
            item = {name: serialize(value) for name, value in values.items()}
            out.write(json.dumps({"Item": item}) + "\n")


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    return bool(value) if name == "paid" else value


if __name__ == "__main__":
    main(*sys.argv[1:])
