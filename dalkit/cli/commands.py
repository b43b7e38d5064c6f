"""check, records, tables: what follows from the contract and MySQL's schema alone."""

from __future__ import annotations

import argparse
from collections import Counter

from dalkit.cli.inputs import client_of, read_all, read_bytes, sound
from dalkit.cli.output import (
    Refusal,
    complain,
    counted,
    dump,
    print_problems,
    problem_values,
    say,
)
from dalkit.compile.tables import create_table_request
from dalkit.contract.problems import stops
from dalkit.result import Failure, Success
from dalkit.schema.definition import Schema

__all__ = ["check", "create_tables", "records", "tables"]


def check(arguments: argparse.Namespace) -> int:
    """Print every problem; 1 if one is an error."""
    read = read_all(arguments)
    failed = stops(read.problems)
    form_only = read.source is None
    if arguments.json:
        dump(
            {
                "ok": not failed,
                "form_only": form_only,
                "problems": problem_values(read.problems),
            }
        )
        return int(failed)
    print_problems(read.problems)
    found = Counter(one.severity for one in read.problems)
    counts = (counted(found[s], s) for s in ("error", "warning", "note") if found[s])
    say(f"{arguments.contract}: {', '.join(counts) or 'no problems'}")
    if form_only:
        say("only the document's form was checked: --ddl or --mysql gives MySQL's schema too")
    return int(failed)


def records(arguments: argparse.Namespace) -> int:
    """Print the records module, or say whether a file is it."""
    from dalkit.records import render

    schema, _ = sound(arguments)
    text = render(schema)
    if arguments.check is None:
        import sys

        sys.stdout.write(text)
        return 0
    if read_bytes(arguments.check) == text.encode():
        return 0
    complain(f"{arguments.check} is not what the contract gives; write it again with `records`")
    return 1


def tables(arguments: argparse.Namespace) -> int:
    """Print the CreateTable requests, or send them."""
    schema, _ = sound(arguments)
    if arguments.create:
        create_tables(arguments, schema)
        return 0
    dump([create_table_request(one, prefix=arguments.prefix) for one in schema.tables])
    return 0


def create_tables(arguments: argparse.Namespace, schema: Schema, *, quiet: bool = False) -> None:
    """Create the tables that are not there; a Refusal when one cannot be."""
    from dalkit.run.tables import create_table

    client = client_of(arguments)
    for one in schema.tables:
        request = create_table_request(one, prefix=arguments.prefix)
        match create_table(client, request):
            case Failure(error):
                raise Refusal(str(error), status=1)
            case Success(made) if not quiet:
                say(f"{request['TableName']}: {'created' if made else 'is there already'}")
