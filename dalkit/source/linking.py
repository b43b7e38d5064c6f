"""Drafts made tables: foreign keys find their targets, and every key its columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from attrs import evolve

from dalkit.contract.codes import problem
from dalkit.contract.problems import Problem, shown
from dalkit.source.drafts import Draft
from dalkit.source.keys import Reference
from dalkit.source.tables import ForeignKey, Source, SourceTable

__all__ = ["finished"]


def finished(
    drafts: Collection[Draft], unread: Collection[str], collation: str | None
) -> tuple[Source, list[Problem]]:
    """The tables, and what their keys name in vain; of tables in `unread` nothing is known."""
    problems: list[Problem] = []
    known = {draft.name: draft for draft in drafts}
    lowered = {name.lower(): draft for name, draft in known.items()}
    tables: list[SourceTable] = []
    for draft in drafts:
        problems.extend(_unknown_columns(draft))
        keys: list[ForeignKey] = []
        for reference, key in zip(draft.references, draft.foreign_keys(), strict=True):
            name = key.target_table
            target = known.get(name) or lowered.get(name.lower())
            if _elsewhere(reference, draft):
                target, name = None, f"{reference.database}.{name}"
            if target is None and name not in unread:
                text = (
                    f"foreign key {shown(key.name)} of {shown(draft.name)} points to {shown(name)}"
                )
                problems.append(problem("DK408", f"ddl:{draft.line}", text))
            if not _elsewhere(reference, draft):
                keys.append(_linked(key, target))
            problems.extend(_unknown_targets(draft, key, target))
        tables.append(draft.finished(_by_name(keys)))
    return Source(tables=tuple(tables), default_collation=collation), problems


def _elsewhere(reference: Reference, draft: Draft) -> bool:
    return bool(reference.database and draft.database) and reference.database != draft.database


def _linked(key: ForeignKey, target: Draft | None) -> ForeignKey:
    """The key with its target as that is spelled; without columns it means the primary key."""
    if target is None:
        return key
    wanted = key.target_columns or target.primary_key
    names = tuple(_spelled(target, name) for name in wanted)
    return evolve(key, target_table=target.name, target_columns=names)


def _spelled(target: Draft, name: str) -> str:
    found = target.columns.get(name.lower())
    return name if found is None else found.name


def _unknown_columns(draft: Draft) -> Iterator[Problem]:
    unknown = dict.fromkeys(n for n in draft.key_columns() if n.lower() not in draft.columns)
    for name in unknown:
        text = f"a key of table {shown(draft.name)} is on {shown(name)}, which it does not have"
        yield problem("DK404", f"ddl:{draft.line}", text)


def _unknown_targets(draft: Draft, key: ForeignKey, target: Draft | None) -> Iterator[Problem]:
    if target is None:
        return
    subject = f"foreign key {shown(key.name)} of {shown(draft.name)}"
    for name in key.target_columns:
        if name.lower() not in target.columns:
            text = f"{subject} points to {shown(target.name)}.{shown(name)}"
            yield problem("DK408", f"ddl:{draft.line}", text)
    if not key.target_columns and len(target.primary_key) != len(key.columns):
        text = f"{subject} names no columns, and the primary key of {shown(target.name)} has others"
        yield problem("DK408", f"ddl:{draft.line}", text)


def _by_name(keys: list[ForeignKey]) -> tuple[ForeignKey, ...]:
    return tuple(sorted(keys, key=lambda key: key.name.lower()))
