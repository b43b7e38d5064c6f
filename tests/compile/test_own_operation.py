"""Operations of the user's own: what is taken, and what is never given to the user's reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dalkit import Failure, Success
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.own_operation import operation
from dalkit.result import Conflict, Result


def count(reply: Mapping[str, Any]) -> Result[int]:
    """How many a reply counts."""
    return Success(int(reply["Count"]))


def test_an_operation_is_a_call_as_it_is() -> None:
    """Its arguments are the user's, and so is the answer."""
    asked = operation("Query", {"TableName": "T", "Select": "COUNT"}, count)
    call = to_dynamodb(asked).unwrap()

    assert (call.operation, call.arguments) == ("Query", {"TableName": "T", "Select": "COUNT"})
    assert call.read({"Count": 3}) == Success(3)
    assert str(asked) == "operation: Query on T"


def test_an_error_is_not_read_as_a_reply() -> None:
    """A condition that is not met is a failure by itself."""
    call = to_dynamodb(operation("PutItem", {"TableName": "T"}, count)).unwrap()
    answer = call.read({"Error": {"Code": "ConditionalCheckFailedException", "Message": "no"}})

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Conflict)


@pytest.mark.parametrize("idempotent", [False, True])
def test_only_the_user_knows_what_may_be_repeated(idempotent: bool) -> None:
    """Nothing is derived from the arguments."""
    asked = operation("PutItem", {"TableName": "T"}, count, idempotent=idempotent)

    assert to_dynamodb(asked).unwrap().repeat is idempotent


@pytest.mark.parametrize("name", ["", "get_item", "Get Item", "Q", 7, None])
def test_a_name_that_is_none_is_refused(name: Any) -> None:
    """The message shows it, and what would do."""
    with pytest.raises(ValueError, match="UpdateItem"):
        operation(name, {}, count)


@pytest.mark.parametrize("arguments", [None, [("TableName", "T")], {7: "T"}])
def test_arguments_that_are_none_are_refused(arguments: Any) -> None:
    """They are a mapping as boto3 takes them."""
    with pytest.raises(TypeError, match="boto3"):
        operation("Query", arguments, count)
