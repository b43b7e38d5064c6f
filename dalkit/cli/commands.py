"""check, records, tables, sql: what follows from the contract, MySQL's schema and its data."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from dalkit.cli.inputs import Read, client_of, connect_of, read_all, read_bytes, sound
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
from dalkit.contract.problems import Problem, display, stops
from dalkit.result import Failure, Success
from dalkit.schema.definition import Schema

if TYPE_CHECKING:
    from dalkit.schema.loss import ColumnLoss

__all__ = ["check", "create_tables", "records", "sql", "tables"]


def check(arguments: argparse.Namespace) -> int:
    """Print every problem, and the loss report if asked; 1 if one is an error."""
    read = read_all(arguments)
    found, broken = _live(arguments, read)
    problems = (*read.problems, *found)
    failed = stops(problems) or bool(broken)
    if arguments.json:
        dump(_report(arguments, read, problems, failed=failed))
    else:
        print_problems(problems)
        _sum_up(arguments, read, problems)
    if broken:
        raise Refusal(broken, status=1)
    return int(failed)


def _live(arguments: argparse.Namespace, read: Read) -> tuple[tuple[Problem, ...], str]:
    """What the data has to say, and why it could not be read to the end."""
    if arguments.mysql is None or not arguments.data:
        return (), ""
    if read.contract is None or read.source is None or read.schema is None:
        return (), ""
    from dalkit.migrate.live import live_problems
    from dalkit.migrate.progress import Progress

    shown = Progress(sys.stderr, {}) if sys.stderr.isatty() else None
    answer = live_problems(
        connect_of(arguments), read.contract, read.source, read.schema,
        progress=shown or (lambda *_: None),
    )  # fmt: skip
    if shown is not None:
        shown.clear()
    match answer:
        case Success(found):
            return found, ""
        case Failure(error):
            return (), f"the data could not be checked: {error}"


def _report(
    arguments: argparse.Namespace, read: Read, problems: Sequence[Problem], *, failed: bool
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "ok": not failed,
        "form_only": read.source is None,
        "problems": problem_values(problems),
    }
    if arguments.loss:
        from dalkit.schema.loss import as_json_value

        report = _loss(read)
        values["loss"] = None if report is None else as_json_value(report)
    return values


def _sum_up(arguments: argparse.Namespace, read: Read, problems: Sequence[Problem]) -> None:
    if arguments.loss:
        _print_loss(read)
    found = Counter(one.severity for one in problems)
    counts = (counted(found[s], s) for s in ("error", "warning", "note") if found[s])
    say(f"{arguments.contract}: {', '.join(counts) or 'no problems'}")
    if read.source is None:
        say("only the document's form was checked: --ddl or --mysql gives MySQL's schema too")


def _print_loss(read: Read) -> None:
    from dalkit.schema.loss import as_text

    report = _loss(read)
    if report is None:
        say("no loss report: it needs a contract that can be resolved, and --ddl or --mysql")
    else:
        sys.stdout.write(as_text(report))


def _loss(read: Read) -> tuple[ColumnLoss, ...] | None:
    from dalkit.schema.loss import loss_report

    if read.contract is None or read.source is None or read.schema is None:
        return None
    return loss_report(read.contract, read.source, read.schema)


def records(arguments: argparse.Namespace) -> int:
    """Print the records module, or say how a file differs from it."""
    from dalkit.records import render

    schema, _ = sound(arguments)
    text = render(schema)
    if arguments.check is None:
        sys.stdout.write(text)
        return 0
    held = read_bytes(arguments.check)
    if held == text.encode():
        return 0
    before = held.decode(errors="backslashreplace").splitlines()
    for line in unified_diff(before, text.splitlines(), arguments.check, "records", lineterm=""):
        say(line)
    complain(f"{arguments.check} is not what the contract gives; write it again with `records`")
    return 1


def sql(arguments: argparse.Namespace) -> int:
    """Print the SELECTs that read each entity, or its views."""
    from dalkit.compile.script import script

    schema, source = sound(arguments)
    text = script(schema, source, views=arguments.views)
    if display(text) != text:
        raise Refusal(
            "a name or a text holds control characters, with which no SQL is printed", status=1
        )
    sys.stdout.write(text)
    return 0


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
