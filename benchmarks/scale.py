"""`python benchmarks/scale.py [--rows N]`: time and memory of `dalkit export` at any size.

Fills a private MySQL with a shop of N rows in all (`scale_shop.py`), exports it as a user would,
and the plain orders once more beside the loop that one writes first (`naive_export.py`). Writes
`artifacts/benchmarks/scale.json` and `.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, final

import pymysql
from attrs import asdict, frozen
from scale_shop import fill, plain_contract, schema, sizes, whole_contract

from dalkit.testing.services import MySQLServer, mysql_server

ROOT = Path(__file__).parents[1]
ARTIFACTS = ROOT / "artifacts" / "benchmarks"
DATABASE = "dalkit_scale"
NAIVE_ROWS = 300_000
DALKIT = (sys.executable, "-c", "from dalkit.cli import main; raise SystemExit(main())")
_MB = 1_000_000


@final
@frozen(kw_only=True)
class Run:
    """One program run: what it took. Memory and temporary files are the most that were seen."""

    name: str
    rows: int
    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    temporary_mb: float
    written_mb: float

    @property
    def rows_per_cpu_second(self) -> float:
        """Rows for each second of the program's own processor time."""
        return self.rows / self.cpu_seconds


def main() -> None:
    """Fill, run, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of all tables together")
    parser.add_argument("--folder", type=Path, default=None, help="where the exported files go")
    arguments = parser.parse_args()
    with mysql_server() as server, TemporaryDirectory(dir=arguments.folder) as folder:
        started = time.monotonic()
        prepare(server, arguments.rows)
        filled = time.monotonic() - started
        runs = list(measure(server, arguments.rows, Path(folder)))
        clean(server)
    report(arguments.rows, filled, server, runs)


def prepare(server: MySQLServer, rows: int) -> None:
    """Make and fill the tables."""
    with closing(_connected(server)) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        cursor.execute(f"USE {DATABASE}")
        for statement in (*schema(), *fill(rows)):
            cursor.execute(statement)


def clean(server: MySQLServer) -> None:
    """Leave nothing in a server that outlives the run."""
    with closing(_connected(server)) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {DATABASE}")


def measure(server: MySQLServer, rows: int, folder: Path) -> Iterator[Run]:
    """Each program in turn."""
    counts = sizes(rows)
    url = f"mysql://{server.user}@{server.host}:{server.port}/{DATABASE}"
    environment = {**os.environ, "DALKIT_MYSQL_PASSWORD": server.password}
    contracts = {"plain": plain_contract(), "whole": whole_contract()}
    items = {
        "plain": counts["orders"],
        "whole": sum(counts[one] for one in ("customers", "orders", "order_lines", "visits")),
    }
    naive_rows = min(NAIVE_ROWS, counts["orders"])
    place = (server.host, str(server.port), server.user, DATABASE, "orders", str(naive_rows))
    file = folder / "naive.jsonl"
    naive = (sys.executable, str(ROOT / "benchmarks/naive_export.py"), *place, str(file))
    yield run("naive loop, plain orders", naive_rows, naive, environment, [file])
    for name, text in contracts.items():
        contract, out = folder / f"{name}.json", folder / name
        contract.write_text(text)
        command = (*DALKIT, "export", str(contract), "--mysql", url, "--out", str(out))
        label = "dalkit export, plain orders" if name == "plain" else "dalkit export, whole shop"
        yield run(label, items[name], command, environment, [out])


def run(
    name: str,
    rows: int,
    command: Sequence[str],
    environment: Mapping[str, str],
    written: Sequence[Path],
) -> Run:
    """Run a program to its end; its output is shown only if it fails."""
    started = time.monotonic()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        most = 0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            most = max(most, _temporary_bytes(process.pid))
            time.sleep(0.1)
        _, status, used = ended
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said = process.stderr.read().decode() if process.stderr else ""
            raise SystemExit(f"{name} failed with {process.returncode}: {said[-2000:]}")
    return Run(
        name=name,
        rows=rows,
        wall_seconds=round(wall, 2),
        cpu_seconds=round(used.ru_utime + used.ru_stime, 2),
        peak_mb=round(used.ru_maxrss * 1024 / _MB, 1),
        temporary_mb=round(most / _MB, 1),
        written_mb=round(sum(_size(one) for one in written) / _MB, 1),
    )


def report(rows: int, filled: float, server: MySQLServer, runs: Sequence[Run]) -> None:
    """Write both files and print the table."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    naive, plain = runs[0].rows_per_cpu_second, runs[1].rows_per_cpu_second
    facts = {
        "rows": rows,
        "server": server.version,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "fill_seconds": round(filled, 1),
        "times_naive": round(plain / naive, 2),
        "runs": [
            {**asdict(one), "rows_per_cpu_second": round(one.rows_per_cpu_second)} for one in runs
        ],
    }
    (ARTIFACTS / "scale.json").write_text(json.dumps(facts, indent=2) + "\n")
    text = "\n".join(_lines(facts, runs))
    (ARTIFACTS / "scale.md").write_text(text + "\n")
    sys.stdout.write(text + "\n")


def _lines(facts: Mapping[str, Any], runs: Sequence[Run]) -> Iterator[str]:
    yield f"# Export of a shop of {facts['rows']:,} rows"
    yield ""
    yield (
        f"MySQL server {facts['server']} on the same machine, Python {facts['python']}, "
        f"{facts['processors']} processors, load {facts['load'][0]} at the end. "
        f"CPU is that of the program alone, start included."
    )
    yield ""
    yield "| run | rows | wall s | CPU s | rows/s of CPU | rows/s | peak MB | temporary MB | MB |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for one in runs:
        yield (
            f"| {one.name} | {one.rows:,} | {one.wall_seconds} | {one.cpu_seconds} "
            f"| {one.rows_per_cpu_second:,.0f} | {one.rows / one.wall_seconds:,.0f} "
            f"| {one.peak_mb} | {one.temporary_mb} | {one.written_mb} |"
        )
    yield ""
    yield f"Plain orders: {facts['times_naive']} times the naive loop, by CPU."


def _connected(server: MySQLServer) -> Any:
    return pymysql.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        autocommit=True,
    )


def _temporary_bytes(pid: int) -> int:
    """The bytes of unnamed files that a process holds open, where /proc tells them."""
    total = 0
    with suppress(OSError):
        for one in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if one.readlink().name.endswith("(deleted)"):
                    total += one.stat().st_size
    return total


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.iterdir())


if __name__ == "__main__":
    main()
