"""Several reads in one DynamoDB request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from dalkit.compile.answers import Answers
from dalkit.compile.call import DynamoCall
from dalkit.compile.dynamo_reads import get_arguments
from dalkit.compile.dynamo_request import MOST_GETS, mark_of
from dalkit.compile.presence import present
from dalkit.compile.refused import refuse
from dalkit.compile.settings import Settings
from dalkit.query.gets import Get
from dalkit.query.together import TransactGet
from dalkit.result import Result, Success, collect, then

__all__ = ["transact_get_call"]

A = TypeVar("A")


def transact_get_call(query: TransactGet[A], settings: Settings) -> Result[DynamoCall[A]]:
    """TransactGetItems; a record that is got twice is asked for once, as a whole."""
    if not query.gets:
        nothing: Any = ()
        return Success(DynamoCall("", {}, lambda _: Success(nothing)))

    def made(gets: tuple[dict[str, Any], ...]) -> Result[DynamoCall[A]]:
        requests: dict[str, dict[str, Any]] = {}
        for mark, one in zip(map(_mark, gets), gets, strict=True):
            requests[mark] = _whole(one) if mark in requests else one
        _check_number(len(requests))
        asked = [{"Get": one} for one in requests.values()]

        def read(reply: Mapping[str, Any]) -> Result[Any]:
            found = dict(zip(requests, reply.get("Responses", ()), strict=True))
            return collect(
                _answer(get, found[_mark(one)].get("Item"), settings)
                for get, one in zip(query.gets, gets, strict=True)
            )

        return Success(DynamoCall("TransactGetItems", {"TransactItems": asked}, read))

    return then(collect(get_arguments(one, settings) for one in query.gets), made)


def _mark(arguments: Mapping[str, Any]) -> str:
    return mark_of(arguments["TableName"], arguments["Key"])


def _whole(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in ("TableName", "Key")}


def _answer(get: Get[Any, Any], item: Mapping[str, Any] | None, settings: Settings) -> Result[Any]:
    if not item or not present(get.entity, get.key, item, settings.now):
        return Success(None)
    answers: Answers[Any] = Answers(get.entity, get.selected)
    return then(answers.read((item,)), lambda found: Success(found[0]))


def _check_number(number: int) -> None:
    if number > MOST_GETS:
        refuse(
            f"a transaction of {number}, and DynamoDB takes {MOST_GETS}",
            "make it smaller, in steps that may each stand alone",
        )
