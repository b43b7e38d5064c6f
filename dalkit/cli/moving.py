"""export, load, verify: the data on its way, each finding a line, the counts at the end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from attrs import asdict

from dalkit.cli.commands import create_tables
from dalkit.cli.inputs import client_of, connect_of, sound
from dalkit.cli.output import Refusal, counted, dump, say
from dalkit.migrate.export import Exported
from dalkit.migrate.export import export as run_export
from dalkit.migrate.findings import Finding
from dalkit.migrate.load import Loaded
from dalkit.migrate.load import load as run_load
from dalkit.migrate.progress import Progress
from dalkit.migrate.recomputed import recomputed
from dalkit.migrate.route import Route, moved
from dalkit.migrate.routes import routes_of
from dalkit.migrate.verify import Verified
from dalkit.migrate.verify import verify as run_verify
from dalkit.result import Failure, Result, Success
from dalkit.run.config import Connect
from dalkit.run.mysql import estimated_rows, snapshot

__all__ = ["export", "load", "verify"]


def export(arguments: argparse.Namespace) -> int:
    """Write the files; 1 if a row was refused or keys collide."""
    schema, source = sound(arguments)
    connect, routes = connect_of(arguments), routes_of(schema, source)
    with _Teller(arguments, connect, routes) as teller:
        done = _answer(
            run_export(
                connect,
                routes,
                Path(arguments.out),
                gzip=arguments.gzip,
                report=teller.report,
                progress=teller.progress,
            )
        )
    _sum_up(arguments, done, _exported(done))
    return int(bool(done.refused or done.collisions))


def load(arguments: argparse.Namespace) -> int:
    """Put the items; 1 if a row was refused or keys collide."""
    schema, source = sound(arguments)
    connect, routes = connect_of(arguments), routes_of(schema, source)
    if arguments.create:
        create_tables(arguments, schema, quiet=arguments.json)
    client = client_of(arguments)
    with _Teller(arguments, connect, routes) as teller:
        done = _answer(
            run_load(
                connect,
                client,
                routes,
                prefix=arguments.prefix,
                mode=arguments.mode,
                threads=arguments.threads,
                report=teller.report,
                progress=teller.progress,
            )
        )
    _sum_up(arguments, done, _loaded(done))
    return int(bool(done.refused or done.collisions))


def verify(arguments: argparse.Namespace) -> int:
    """Compare; 1 if there is any difference."""
    schema, source = sound(arguments)
    connect, routes = connect_of(arguments), routes_of(schema, source)
    client = client_of(arguments)
    with _Teller(arguments, connect, routes) as teller:
        done = _answer(
            run_verify(
                connect,
                client,
                routes,
                prefix=arguments.prefix,
                threads=arguments.threads,
                read=recomputed(source) if arguments.generated else moved,
                report=teller.report,
                progress=teller.progress,
            )
        )
    _sum_up(arguments, done, _verified(done))
    return int(not done.agreed)


@final
class _Teller:
    """Prints findings as they come, and how far the run is if a terminal is there."""

    def __init__(
        self, arguments: argparse.Namespace, connect: Connect, routes: tuple[Route, ...]
    ) -> None:
        self._json = arguments.json
        shown = sys.stderr.isatty()
        self._progress = Progress(sys.stderr, _expected(connect, routes)) if shown else None

    def __enter__(self) -> _Teller:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.clear()

    def report(self, finding: Finding) -> None:
        """Print one finding."""
        if self._progress is not None:
            self._progress.clear()
        if self._json:
            dump({"finding": type(finding).__name__.lower(), **asdict(finding)}, indent=None)
        else:
            say(str(finding))

    def progress(self, table: str, count: int) -> None:
        """Take the count of a table."""
        if self._progress is not None:
            self._progress(table, count)


def _answer(result: Result[Any]) -> Any:
    match result:
        case Success(value):
            return value
        case Failure(error):
            raise Refusal(str(error), status=1)


def _expected(connect: Connect, routes: tuple[Route, ...]) -> Mapping[str, int]:
    with snapshot(connect) as connection:
        rows = estimated_rows(connection)
    totals: dict[str, int] = {}
    for route in routes:
        here = rows.get(route.definition.source.table, 0)
        totals[route.table.name] = totals.get(route.table.name, 0) + here
    return totals


def _sum_up(arguments: argparse.Namespace, done: Any, lines: list[str]) -> None:
    if arguments.json:
        counts = asdict(done)
        counts.pop("files", None)
        dump({"summary": arguments.command, **counts}, indent=None)
        return
    for line in lines:
        say(line)


def _exported(done: Exported) -> list[str]:
    if done.collisions:
        return [f"{counted(done.collisions, 'collision')}: no file was written"]
    lines = [
        f"{file}: {counted(count, 'item')}"
        for file, count in zip(done.files, done.items.values(), strict=True)
    ]
    return [*lines, *_kept(done.kept, "written"), f"{counted(done.refused, 'row')} refused"]


def _loaded(done: Loaded) -> list[str]:
    if done.collisions:
        return [f"{counted(done.collisions, 'collision')}: nothing was written"]
    lines = [f"{table}: {counted(count, 'item')} written" for table, count in done.written.items()]
    there = f", {counted(done.present, 'item')} there before" if done.present else ""
    refused = f"{counted(done.refused, 'row')} refused{there}"
    return [*lines, *_kept(done.kept, "written"), refused]


def _verified(done: Verified) -> list[str]:
    lines = [f"{table}: {counted(count, 'row')} compared" for table, count in done.compared.items()]
    differences = done.missing + done.extra + done.different
    parts = [f"{done.missing:,} missing", f"{done.extra:,} extra", f"{done.different:,} different"]
    if done.refused:
        parts.append(f"{done.refused:,} refused")
    if done.collisions:
        parts.append(counted(done.collisions, "collision"))
    said = f"{counted(differences, 'difference')}: {', '.join(parts)}"
    return [*lines, *_kept(done.kept, "compared"), said]


def _kept(count: int, done: str) -> list[str]:
    """The line about what is no record."""
    return [f"{counted(count, 'guard or counter', 'guards and counters')} {done}"] if count else []
