"""From the command line's words to the library's values: files, servers, clients, routes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, final

from attrs import frozen

from dalkit.cli.files import read_file
from dalkit.cli.output import Refusal, print_problems
from dalkit.contract.document import Contract
from dalkit.contract.problems import Problem, in_order, stops
from dalkit.contract.reader import read_sound_tables
from dalkit.result import Failure, Success
from dalkit.schema.checks.checker import checks
from dalkit.schema.definition import Schema
from dalkit.schema.resolve import resolve
from dalkit.source.tables import Source

if TYPE_CHECKING:
    from dalkit.run.config import Connect
    from dalkit.run.dynamodb import DynamoClient

__all__ = [
    "Read",
    "client_of",
    "connect_of",
    "patterns_of",
    "read_all",
    "read_bytes",
    "sound",
]


@final
@frozen(kw_only=True)
class Read:
    """All that could be read, and every problem of it."""

    contract: Contract | None
    source: Source | None = None
    schema: Schema | None = None
    problems: tuple[Problem, ...] = ()


def read_all(arguments: argparse.Namespace) -> Read:
    """The contract, MySQL's tables from `--ddl` or `--mysql`, and the schema of both."""
    contract, problems = read_sound_tables(read_bytes(arguments.contract))
    if getattr(arguments, "ddl", None) is None and arguments.mysql is None:
        return Read(contract=None if stops(problems) else contract, problems=problems)
    source, faults = _source(arguments)
    if contract is None:
        return Read(contract=None, source=source, problems=(*problems, *faults))
    schema, more = resolve(contract, source)
    if stops(problems):  # what the other tables carry is not known, so nothing more is judged
        told = (*faults, *in_order((*problems, *more)))
        return Read(contract=None, source=source, problems=told)
    if schema is not None:
        declared = patterns_of(getattr(arguments, "patterns", None))
        more = (*more, *checks(contract, source, schema, patterns=declared))
    return Read(
        contract=contract,
        source=source,
        schema=schema,
        problems=(*faults, *in_order((*problems, *more))),
    )


def patterns_of(path: str | None) -> frozenset[str] | None:
    """The names of the declared access patterns; None when no file is given.

    A Python file declares them as PATTERNS, names or values with a `name`; those whose `tables`
    are () do no database work and need no table. A JSON file is a list of names.
    """
    if path is None:
        return None
    try:
        declared = _declared(path)
        names = [
            one if isinstance(one, str) else str(one.name)
            for one in declared
            if getattr(one, "tables", None) != ()
        ]
    except Refusal:
        raise
    except Exception as error:
        text = f"{path} declares no access patterns: {type(error).__name__}: {error}"
        raise Refusal(text) from None
    return frozenset(names)


def sound(arguments: argparse.Namespace) -> tuple[Schema, Source]:
    """The schema and its source; a Refusal after the errors are printed when there are any."""
    read = read_all(arguments)
    print_problems(_shown(read.problems), to_stderr=True)
    if read.schema is None or read.source is None or stops(read.problems):
        raise Refusal("the contract has problems", status=1)
    return read.schema, read.source


def read_bytes(path: str) -> bytes:
    """What a file holds, or stdin for `-`; a Refusal when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if path == "-" else read_file(path)
    except (OSError, ValueError) as error:
        raise Refusal(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def connect_of(arguments: argparse.Namespace) -> Connect:
    """The source of connections that `--mysql` names."""
    from dalkit.run.config import mysql_connect

    match mysql_connect(arguments.mysql):
        case Success(connect):
            return connect
        case Failure(error):
            raise Refusal(f"--mysql: {error}")


def client_of(arguments: argparse.Namespace) -> DynamoClient:
    """The DynamoDB client that the options describe."""
    from dalkit.run.config import dynamodb_client

    made = dynamodb_client(
        endpoint_url=arguments.endpoint_url,
        region=arguments.region,
        bulk=True,
        checksums=arguments.checksums,
    )
    match made:
        case Success(client):
            return client
        case Failure(error):
            raise Refusal(str(error), status=1)


def _source(arguments: argparse.Namespace) -> tuple[Source, tuple[Problem, ...]]:
    if getattr(arguments, "ddl", None) is not None:
        from dalkit.source.ddl import read_ddl

        return read_ddl(_text(arguments.ddl))
    from dalkit.run.mysql import live_source, snapshot

    with snapshot(connect_of(arguments)) as connection:
        return live_source(connection)


def _declared(path: str) -> Iterable[Any]:
    text = _text(path)
    if path.endswith(".json"):
        names: list[str] = json.loads(text)
        return names
    import runpy

    declared: Iterable[Any] = runpy.run_path(path)["PATTERNS"]
    return declared


def _text(path: str) -> str:
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Refusal(f"{path} is not UTF-8: line {line}", status=1) from None


def _shown(problems: Iterable[Problem]) -> Iterable[Problem]:
    """Warnings and notes are told by `check`."""
    return (one for one in problems if one.severity == "error")
