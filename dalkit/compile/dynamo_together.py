"""Several reads in one DynamoDB request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from dalkit.compile.answers import Answers
from dalkit.compile.call import DynamoCall
from dalkit.compile.dynamo_reads import get_arguments
from dalkit.compile.dynamo_request import MOST_GETS
from dalkit.compile.presence import present
from dalkit.compile.refused import refuse
from dalkit.compile.settings import Settings
from dalkit.query.gets import Get
from dalkit.query.subjects import key_text as said_key
from dalkit.query.subjects import named
from dalkit.query.together import TransactGet
from dalkit.result import Result, Success, collect, then

__all__ = ["transact_get_call"]

A = TypeVar("A")


def transact_get_call(query: TransactGet[A], settings: Settings) -> Result[DynamoCall[A]]:
    """TransactGetItems."""
    if not query.gets:
        nothing: Any = ()
        return Success(DynamoCall("", {}, lambda _: Success(nothing)))
    _check_number(len(query.gets))

    def read(reply: Mapping[str, Any]) -> Result[Any]:
        found = reply.get("Responses", ())
        return collect(
            _answer(one, said.get("Item"), settings)
            for one, said in zip(query.gets, found, strict=True)
        )

    def made(gets: tuple[dict[str, Any], ...]) -> Result[DynamoCall[A]]:
        _check_once(query, gets)
        requests = [{"Get": one} for one in gets]
        return Success(DynamoCall("TransactGetItems", {"TransactItems": requests}, read))

    return then(collect(get_arguments(one, settings) for one in query.gets), made)


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


def _check_once(query: TransactGet[Any], gets: Iterable[Mapping[str, Any]]) -> None:
    seen = set[tuple[str, str]]()
    for get, one in zip(query.gets, gets, strict=True):
        mark = (str(one["TableName"]), repr(sorted(one["Key"].items())))
        if mark in seen:
            subject = f"{named(get.entity)} {said_key(get.entity, get.key)}"
            refuse(f"{subject} is there twice, and DynamoDB takes each record once", "join the two")
        seen.add(mark)
