"""Every number of the catalog: its error, whether to try again, and what may have been done."""

from __future__ import annotations

import pymysql
import pytest

from dalkit.result import (
    AccessDenied,
    ConditionFailed,
    Conflict,
    DeadlineExceeded,
    InvalidValue,
    MissingTable,
    Unavailable,
    Unsupported,
)
from dalkit.run.mysql_faults import error_of, fault_of, is_over

AGAIN = [
    (1213, "Deadlock found when trying to get lock", Conflict),
    (1205, "Lock wait timeout exceeded", Conflict),
    (3572, "Statement aborted because lock(s) could not be acquired immediately", Conflict),
]
ANEW = [
    (2006, "MySQL server has gone away", Unavailable),
    (0, "", Unavailable),
    (2003, "Can't connect to MySQL server", Unavailable),
    (1040, "Too many connections", Unavailable),
    (1203, "User has already more than 'max_user_connections'", Unavailable),
    (1226, "User has exceeded the 'max_questions' resource", Unavailable),
    (1053, "Server shutdown in progress", Unavailable),
    (1077, "Normal shutdown", Unavailable),
    (1079, "Shutdown complete", Unavailable),
    (1290, "The MySQL server is running with the --read-only option", Unavailable),
    (1836, "Running in read-only mode", Unavailable),
    (1792, "Cannot execute statement in a READ ONLY transaction.", Unavailable),
]
LOST = [
    (2013, "Lost connection to MySQL server during query", Unavailable),
    (2013, "Lost connection to MySQL server during query (timed out)", Unavailable),
    (2014, "Command Out of Sync", Unavailable),
    (2055, "Lost connection to MySQL server", Unavailable),
]
FINAL = [
    (1317, "Query execution was interrupted", Unavailable),
    (3024, "Query execution was interrupted, maximum statement execution time", DeadlineExceeded),
    (1969, "Query execution was interrupted (max_statement_time exceeded)", DeadlineExceeded),
    (1062, "Duplicate entry 'x' for key 'users.users_email'", ConditionFailed),
    (1451, "Cannot delete or update a parent row", InvalidValue),
    (1452, "Cannot add or update a child row", InvalidValue),
    (1048, "Column 'name' cannot be null", InvalidValue),
    (1364, "Field 'name' doesn't have a default value", InvalidValue),
    (1406, "Data too long for column 'name' at row 1", InvalidValue),
    (1264, "Out of range value for column 'id' at row 1", InvalidValue),
    (1366, "Incorrect string value: '\\xF0' for column `d`.`t`.`name` at row 1", InvalidValue),
    (1292, "Incorrect datetime value: 'x' for column `d`.`t`.`at` at row 1", InvalidValue),
    (3819, "Check constraint 'positive' is violated.", InvalidValue),
    (4025, "CONSTRAINT `positive` failed for `d`.`t`", InvalidValue),
    (1064, "You have an error in your SQL syntax", Unsupported),
    (1146, "Table 'd.t' doesn't exist", MissingTable),
    (1054, "Unknown column 'x' in 'field list'", Unsupported),
    (1045, "Access denied for user 'u'@'h'", AccessDenied),
    (1044, "Access denied for user 'u'@'h' to database 'd'", AccessDenied),
    (1049, "Unknown database 'd'", AccessDenied),
    (1153, "Got a packet bigger than 'max_allowed_packet' bytes", Unsupported),
]


@pytest.mark.parametrize(("number", "text", "error"), AGAIN)
def test_a_lock_is_waited_for_again(number: int, text: str, error: type) -> None:
    """Nothing was done, and the connection is as good as before."""
    raised = pymysql.err.OperationalError(number, text)
    fault = fault_of(raised, write=True)

    assert isinstance(fault.error, error)
    assert (fault.again, fault.ambiguous, is_over(raised)) == ("soon", False, False)
    assert not fault_of(raised, write=True, commit=True).ambiguous


@pytest.mark.parametrize(("number", "text", "error"), ANEW)
def test_a_server_that_did_nothing_is_asked_anew(number: int, text: str, error: type) -> None:
    """On another connection; in the place of COMMIT's reply even these leave a doubt."""
    raised = pymysql.err.InterfaceError(number, text)
    fault = fault_of(raised, write=True)

    assert isinstance(fault.error, error)
    assert (fault.again, fault.ambiguous, is_over(raised)) == ("soon", False, True)
    assert fault_of(raised, write=True, commit=True).ambiguous


@pytest.mark.parametrize(("number", "text", "error"), LOST)
def test_a_lost_reply_leaves_a_doubt_about_writes(number: int, text: str, error: type) -> None:
    """Reads have nothing to doubt."""
    raised = pymysql.err.OperationalError(number, text)

    assert isinstance(error_of(raised), error)
    assert fault_of(raised, write=True).ambiguous
    assert not fault_of(raised, write=False).ambiguous
    assert is_over(raised)


@pytest.mark.parametrize(
    "raised",
    [
        ConnectionResetError(104, "Connection reset by peer"),
        TimeoutError("timed out"),
        pymysql.err.InternalError("Packet sequence number wrong - got 3 expected 1"),
        UnicodeDecodeError("utf8", b"\xff", 0, 1, "invalid start byte"),
        AssertionError("Protocol error, expecting EOF"),
    ],
)
def test_what_has_no_number_is_a_lost_reply(raised: Exception) -> None:
    """A broken socket, and a reply that cannot be read."""
    fault = fault_of(raised, write=True)

    assert isinstance(fault.error, Unavailable)
    assert (fault.again, fault.ambiguous, is_over(raised)) == ("soon", True, True)


@pytest.mark.parametrize(("number", "text", "error"), FINAL)
def test_what_the_server_refuses_is_the_answer(number: int, text: str, error: type) -> None:
    """Under every class that the driver may give it."""
    for kind in (pymysql.err.OperationalError, pymysql.err.IntegrityError):
        raised = kind(number, text)
        fault = fault_of(raised, write=True)

        assert isinstance(fault.error, error)
        assert (fault.again, fault.ambiguous, is_over(raised)) == ("no", False, False)
        assert fault.judged is (error is not DeadlineExceeded)


@pytest.mark.parametrize(
    ("number", "text", "where"),
    [
        (1062, "Duplicate entry 'it's for key 'x'-1' for key 'users_email'", "users_email"),
        (1062, "Duplicate entry '1' for key 'users.PRIMARY'", "PRIMARY"),
        (1366, "Incorrect string value: 'for column `a`' for column `d`.`t`.`b` at row 1", "b"),
        (1406, "Data too long for column 'name' at row 1", "name"),
        (1364, "Field 'name' doesn't have a default value", "name"),
        (4025, "CONSTRAINT `positive` failed for `d`.`t`", "positive"),
        (3819, "Check constraint 'positive' is violated.", "positive"),
        (
            1452,
            (
                "Cannot add or update a child row: a foreign key constraint fails (`d`.`t`, "
                "CONSTRAINT `t_fk` FOREIGN KEY (`owner_id`) REFERENCES `owners` (`id`))"
            ),
            "t_fk",
        ),
    ],
)
def test_columns_and_constraints_are_named_but_no_value(number: int, text: str, where: str) -> None:
    """A value may hold anything, and may be secret."""
    found = error_of(pymysql.err.DataError(number, text))

    assert (found.unique if isinstance(found, ConditionFailed) else found.where) == where  # type: ignore[union-attr]  # each of the others is an InvalidValue
    assert "Duplicate" not in str(found)
    assert "Incorrect" not in str(found)
