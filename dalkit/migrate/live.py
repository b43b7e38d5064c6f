"""What the data in MySQL would do under a contract: every row read once, nothing written.

Each row is turned into its item as an export would, so that what is told is exactly what an
export refuses; joins are asked about in SQL. Memory stays constant, whatever the tables hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, final

from attrs import Factory, define

from dalkit.compile.live import NAMED, answer_of, questions
from dalkit.contract import document as doc
from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, in_order, shown
from dalkit.convert import Refused as Unconverted
from dalkit.convert import item_size
from dalkit.migrate.collisions import KeyLog, with_guards
from dalkit.migrate.findings import Collision, Refused
from dalkit.migrate.folded import fold_problems
from dalkit.migrate.heat import Heat, heats_of
from dalkit.migrate.route import Route, entity_rows, refused, row_text
from dalkit.migrate.routes import routes_of
from dalkit.migrate.spool import SortSpool
from dalkit.result import Error, Failure, ItemTooLarge, KeyTooLarge, Result, Success
from dalkit.run.batches import Item
from dalkit.run.broken import StoreError
from dalkit.run.mysql import Cells, rows, snapshot
from dalkit.schema.bookkeeping import GUARD
from dalkit.schema.definition import Carried, EntityDefinition, Schema
from dalkit.schema.subjects import Subject, subjects_of
from dalkit.source.tables import Source

if TYPE_CHECKING:
    from pymysql.connections import Connection

    from dalkit.run.config import Connect

__all__ = ["NEAR", "code_of", "live_problems"]

Progress = Callable[[str, int], object]

NEAR: Final = 350 * 1024
"""Bytes from which an item is near the limit."""
_SAMPLED = 64
"""Every so many items one is measured for the average."""

_REASONS: Final = (
    ("zero date", "DK508"),
    ("neither 0 nor 1", "DK509"),
    ("significant digits", "DK507"),
    ("DynamoDB's range", "DK507"),
    ("DynamoDB holds 38", "DK507"),
    ("not a number", "DK510"),
    ("NULL in the table's key", "DK501"),
)


def live_problems(
    connect: Connect,
    contract: doc.Contract,
    source: Source,
    schema: Schema,
    *,
    progress: Progress = lambda *_: None,
) -> Result[tuple[Problem, ...]]:
    """Every problem of the data in one snapshot of MySQL, ordered by place.

    `progress` is told an entity's name and how many of its rows have been read.
    """
    subjects = subjects_of(contract, source, schema)
    routes = routes_of(schema, source)
    found: list[Problem] = []
    try:
        with snapshot(connect) as connection:
            for together in _by_table(subjects, routes):
                found += _table_problems(connection, together, progress)
            for subject in subjects:
                found += _join_problems(connection, subject)
                found += fold_problems(connection, subject)
    except StoreError as failed:
        return Failure(failed.error)
    return Success(in_order(found))


def code_of(error: Error, *, in_key: bool) -> str:
    """The code that says why a row is refused; `in_key` if the value is part of the table's key."""
    match error:
        case ItemTooLarge():
            return "DK505"
        case KeyTooLarge(size=size):
            return "DK503" if size else "DK502"
    reason = str(getattr(error, "reason", error))
    if in_key and reason.startswith("NULL"):
        return "DK501"
    return next((code for text, code in _REASONS if text in reason), "DK511")


def _by_table(
    subjects: Sequence[Subject], routes: Sequence[Route]
) -> Iterable[list[tuple[Subject, Route]]]:
    tables: dict[str, list[tuple[Subject, Route]]] = {}
    for subject, route in zip(subjects, routes, strict=True):
        tables.setdefault(route.table.name, []).append((subject, route))
    return tables.values()


def _table_problems(
    connection: Connection[Any], together: list[tuple[Subject, Route]], progress: Progress
) -> Iterable[Problem]:
    """The rows of one DynamoDB table, and the keys that they share."""
    first, route = together[0]
    proven = all(one.proven for _, one in together)
    sizes: list[int] = []
    with SortSpool() as spool:
        log = KeyLog(route.table, spool)
        for subject, one in together:
            look = _Look(subject, one, None if proven else log)
            look.read(connection, progress)
            sizes += [look.sampled, look.sample]
            yield from look.problems()
        if not proven:
            yield from _shared_keys(first, log)
    yield from _estimate(first, sum(sizes[::2]), sum(sizes[1::2]))


def _shared_keys(subject: Subject, log: KeyLog) -> Iterable[Problem]:
    count, named = 0, list[Collision]()
    for one in log.collisions():
        count += 1
        if len(named) < NAMED:
            named.append(one)
    for one in named:
        what = "one unique value" if GUARD in one.key else "one key"
        text = f"{one.rows[0]} and {one.rows[1]} give {what}, {shown(one.key)}"
        yield problem("DK504", f"{subject.table_pointer}/pk", text)
    if count > len(named):
        text = f"{count - len(named):,} more pairs of rows give one key, {count:,} in all"
        yield problem("DK504", f"{subject.table_pointer}/pk", text)


def _estimate(subject: Subject, sampled: int, sample: int) -> Iterable[Problem]:
    """The size written into the contract against the average of the items seen."""
    given = subject.table.estimated_item_size_bytes
    if not sampled or not given or given <= 0:
        return
    average = -(-sample // sampled)
    if not given / 2 <= average <= given * 2:
        place = f"{subject.table_pointer}/estimated_item_size_bytes"
        text = f"items have {average:,} bytes on average; {given} are estimated"
        yield problem("DK524", place, text)


def _join_problems(connection: Connection[Any], subject: Subject) -> Iterable[Problem]:
    for question in questions(subject):
        found = rows(connection, question.sql)
        if found:
            named = [row_text(subject.definition, row[1:]) for row in found]
            yield answer_of(question, int(found[0][0]), named)


@final
@define
class _Kept:
    """Rows of one fault: how many, and the first of them."""

    count: int = 0
    reason: str = ""
    named: list[str] = Factory(list)

    def add(self, row: str, reason: str = "") -> None:
        self.count += 1
        self.reason = self.reason or reason
        if len(self.named) < NAMED:
            self.named.append(row)

    def __str__(self) -> str:
        if self.count == 1:
            return f"{self.named[0]} is refused: {self.reason}"
        more = ", …" if self.count > len(self.named) else ""
        return (
            f"{self.count:,} rows are refused, the first with this reason: {self.reason}: "
            f"{', '.join(self.named)}{more}"
        )


@final
@define
class _Look:
    """One entity's rows, looked at one by one."""

    subject: Subject
    route: Route
    log: KeyLog | None
    """None where no two rows can have one key or unique value."""
    count: int = 0
    sampled: int = 0
    sample: int = 0
    near: _Kept = Factory(_Kept)
    largest: int = 0
    refused: dict[tuple[str, str], _Kept] = Factory(dict)
    heats: list[Heat] = Factory(lambda look: heats_of(look.subject), takes_self=True)

    def read(self, connection: Connection[Any], progress: Progress) -> None:
        """Every row of the entity."""
        encode, wide = self.route.transcoder, _Width(self.route)
        for identity, row in entity_rows(connection, self.route):
            self.count += 1
            if self.count % 1_000 == 0:
                progress(self.route.definition.name, self.count)
            item = encode.item(row)
            if isinstance(item, Unconverted):
                self._refuse(identity, item.error)
                continue
            if self.log is not None:
                for one in with_guards(self.route, item):
                    self.log.add(self.route, identity, one)
            for heat in self.heats:
                heat.add(item)
            if self.count % _SAMPLED == 1 or wide.may_be_near(row):
                self._measure(identity, item)

    def problems(self) -> Iterable[Problem]:
        """What was found."""
        for (code, where), kept in self.refused.items():
            text = f"{shown(where)}: {kept}" if where else str(kept)
            yield problem(code, self._place(where), text)
        if self.near.count:
            yield problem("DK520", self.subject.pointer, self._near())
        for heat in self.heats:
            yield from heat.problems()
        yield problem("DK530", self.subject.pointer, self._counted())

    def _near(self) -> str:
        count, more = self.near.count, ", …" if self.near.count > NAMED else ""
        items = f"1 item of {shown(self.route.definition.name)} has"
        if count > 1:
            items = f"{count:,} items of {shown(self.route.definition.name)} have"
        return (
            f"{items} more than 350 KB, the largest {self.largest:,} bytes: "
            f"{', '.join(self.near.named)}{more}"
        )

    def _counted(self) -> str:
        lost = sum(kept.count for kept in self.refused.values())
        made = self.count - lost
        said = f"{self.count:,} row{'s' * (self.count != 1)} and {made:,} item{'s' * (made != 1)}"
        tail = f", {lost:,} refused" if lost else ""
        return f"{shown(self.route.definition.name)}: {said}{tail}"

    def _refuse(self, identity: Cells, error: Error) -> None:
        found: Refused = refused(self.route.definition, identity, error)
        code = code_of(error, in_key=_in_key(self.route.definition, found.where))
        self.refused.setdefault((code, found.where), _Kept()).add(found.row, found.reason)

    def _measure(self, identity: Cells, item: Item) -> None:
        size = item_size(item)
        if self.count % _SAMPLED == 1:
            self.sampled += 1
            self.sample += size
        if size > NEAR:
            self.near.add(row_text(self.route.definition, identity))
            self.largest = max(self.largest, size)

    def _place(self, where: str) -> str:
        """The attribute that bears the name, or carries the field of that name."""
        definition = self.route.definition
        for one in definition.attributes:
            if one.name == where or one.content == Carried(where):
                return self.subject.place(one.name)
        return self.subject.pointer


def _in_key(definition: EntityDefinition, where: str) -> bool:
    table = definition.table
    return where in definition.key or where in (table.pk.name, table.sk.name if table.sk else "")


@final
class _Width:
    """A bound on the size of a row's item, computed faster than the size."""

    def __init__(self, route: Route) -> None:
        definition = route.definition
        names = [len(one.name.encode()) + 200 for one in definition.attributes]
        literals = [len(str(one.content)) for one in definition.attributes]
        self._fixed = sum(names) + sum(literals)
        self._times = 4 * len(definition.attributes)
        self._line = route.transcoder.line
        self._nested = bool(route.statements.children)

    def may_be_near(self, row: Cells) -> bool:
        """Whether the item could have more than 350 KB."""
        if not self._nested:
            width = sum(len(cell) for cell in row if cell is not None)
            if self._fixed + self._times * width <= NEAR:
                return False
        line: Any = self._line(row)
        return not isinstance(line, bytes) or len(line) > NEAR
