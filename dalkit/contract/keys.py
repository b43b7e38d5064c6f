"""Checks of a table's keys and indexes that need no MySQL schema."""

from __future__ import annotations

from collections.abc import Iterable

from dalkit.contract.bearers import Bearer, bearers, is_multi, key_name
from dalkit.contract.findings import Findings
from dalkit.contract.node import Node
from dalkit.contract.problems import shown

__all__ = ["check_keys"]

MOST_EXAMINED = 100
"""Of a table with more indexes, which DynamoDB refuses, only these are looked at."""


def check_keys(table: Node, findings: Findings) -> None:
    """Note every key of the table or an index that no item could have as the contract says."""
    entities = bearers(table)
    if is_multi(table):
        _templates(table, entities, findings)
    else:
        for key in ("pk", "sk"):
            _borne(table, key, entities, "DK130", findings)
    _both_keys(table, key_name(table, "pk"), key_name(table, "sk"), findings)
    for index in table.listed("gsis")[:MOST_EXAMINED]:
        for key in ("pk", "sk"):
            _borne(index, key, entities, "DK131", findings)
        _both_keys(index, index.text("pk"), index.text("sk"), findings)
    _types(table, entities, findings)


def _borne(
    holder: Node, key: str, entities: tuple[Bearer, ...], code: str, findings: Findings
) -> None:
    """The table's or index's key is an attribute of some entity, or several of one joined by #."""
    name, place = holder.text(key), holder.member(key)
    if name is None or place is None or any(one.bears(name) for one in entities):
        return
    if any(one.composes(name) for one in entities):
        _composite(name, place.pointer, findings)
        return
    if not entities or not all(one.legible for one in entities):
        return
    lacking = min((one.lacks(name) for one in entities), key=len)
    known = (attribute for one in entities for attribute in one.types)
    fix = findings.suggest(lacking[0], known)
    text = f"no attribute is named {' or '.join(map(shown, lacking[:5]))}"
    findings.add(code, place.pointer, text, fix=fix)


def _composite(name: str, pointer: str, findings: Findings) -> None:
    text = f"{shown(name)} is read as one attribute that holds the values of its parts"
    findings.add("DK133", pointer, text)


def _templates(table: Node, entities: tuple[Bearer, ...], findings: Findings) -> None:
    """Each entity of a multi-entity table gives each key, and none that the table has not."""
    for key in ("pk", "sk"):
        name, given = key_name(table, key), table.member(key)
        for one in entities:
            template = one.node.member(f"{key}_template")
            if name is None and template and given and given.value is None:
                text = f"the table has no sort key, so {key}_template has no effect"
                findings.add("DK116", template.pointer, text)
        if name is not None:
            keyless = tuple(one for one in entities if not one.bears(name))
            if given is not None and any(one.composes(name) for one in keyless):
                _composite(name, given.pointer, findings)
            _keyless(name, key, keyless, findings)


def _keyless(name: str, key: str, entities: tuple[Bearer, ...], findings: Findings) -> None:
    for one in entities:
        if one.legible and not one.composes(name):
            text = f"neither {key}_template nor an attribute gives the key {shown(name)}"
            findings.add("DK135", one.node.pointer, text, fix=f"add {key}_template")


def _both_keys(holder: Node, pk: str | None, sk: str | None, findings: Findings) -> None:
    if pk is not None and pk == sk:
        place = holder.member("sk") or holder.member("pk") or holder
        findings.add("DK134", place.pointer, f"pk and sk are both {shown(pk)}")


def _types(table: Node, entities: Iterable[Bearer], findings: Findings) -> None:
    """Each key attribute has one type, S, N or B, in all entities."""
    entities = tuple(entities)
    for name in _key_names(table):
        first = ""
        for one in entities:
            made = "S" if name in one.made or one.composes(name) else ""
            kind, place = one.types.get(name, (made, ""))
            if kind and place and kind not in ("S", "N", "B"):
                text = f"the key {shown(name)} has the type {kind}"
                findings.add("DK132", place, text)
            elif kind and first and kind != first:
                text = f"the key {shown(name)} has the type {kind} here and {first} before"
                findings.add("DK136", place or one.node.pointer, text)
            else:
                first = first or kind


def _key_names(table: Node) -> tuple[str, ...]:
    """The names of all key attributes of the table and its indexes, each once."""
    names = [key_name(table, "pk"), key_name(table, "sk")]
    for index in table.listed("gsis")[:MOST_EXAMINED]:
        names += [index.text("pk"), index.text("sk")]
    return tuple(dict.fromkeys(name for name in names if name is not None))
