"""The session that every connection to MySQL has: UTC, strict, utf8mb4, cells as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dalkit.contract.problems import display
from dalkit.result import Unsupported
from dalkit.run.broken import StoreError

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = ["SQL_MODE", "is_mariadb", "prepare", "refuse_cuts", "set_session"]

SQL_MODE: Final = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
"""The modes that change what a statement means are all off: backslashes escape, `||` is OR,
CHAR is read without its padding."""

_COMMON: Final = (
    "SET time_zone = '+00:00', group_concat_max_len = @@max_allowed_packet, "
    "max_sort_length = 65536, sort_buffer_size = 8388608, "
    "tmp_table_size = 67108864, max_heap_table_size = 67108864, join_buffer_size = 16777216, "
    "net_write_timeout = 3600, net_read_timeout = 3600"
)
"""By default the servers sort, and number by groups, the first 1,024 bytes of a text's weight; and
put a derived table of more than 16 MB on disk, where rows are found at half the speed. A small
join buffer has the other table read again and again."""
_MARIADB: Final = (
    "SET max_statement_time = 0, join_cache_level = 8, join_buffer_space_limit = 67108864, "
    "optimizer_switch = 'subquery_cache=off,derived_merge=off,split_materialized=off'"
)
"""MariaDB's cache of subqueries takes outer values for equal that only their collation equates. A
derived table that it merges has no key to be found by; one that it splits is made for every row."""
_MYSQL: Final = "SET max_execution_time = 0"

_MARK: Final = "dalkit_session"
_CUT: Final = "1260"


def set_session(connection: Connection[Any]) -> None:
    """Set what dalkit's statements rely on; once for a connection."""
    with connection.cursor() as cursor:
        cursor.execute(_COMMON)
        cursor.execute(_MARIADB if is_mariadb(connection) else _MYSQL)
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    vars(connection)[_MARK] = True


def prepare(connection: Any, *, lock_wait: int) -> None:
    """Make anybody's connection one of dalkit's, and bound its waits for locks, in seconds.

    What was done for a connection before is not done again.
    """
    held = vars(connection)
    if held.get(_MARK) == lock_wait:
        return
    if _MARK not in held:
        held["decoders"] = {}
        connection.set_character_set("utf8mb4")
        with connection.cursor() as cursor:
            cursor.execute("SET sql_mode = %s", (SQL_MODE,))
        connection.autocommit(True)
        set_session(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SET innodb_lock_wait_timeout = {lock_wait:d}")
    held[_MARK] = lock_wait


def is_mariadb(connection: Any) -> bool:
    """Whether the server is MariaDB, as it said when the connection was made."""
    return "mariadb" in str(vars(connection)["server_version"]).lower()


def refuse_cuts(cursor: Any) -> None:
    """Raise StoreError if the server cut a value of the last statement short: it is no answer."""
    cursor.execute("SHOW WARNINGS")
    for _, number, text in cursor.fetchall():
        if str(number) == _CUT:
            reason = f"MySQL {number}: {display(str(text))}"
            raise StoreError(Unsupported("the statement", reason))
