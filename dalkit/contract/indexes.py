"""Checks of what indexes carry, and of names that must differ."""

from __future__ import annotations

from collections.abc import Iterable

from dalkit.contract.bearers import Bearer, bearers, is_multi, key_name
from dalkit.contract.findings import Findings
from dalkit.contract.node import Node
from dalkit.contract.problems import shown

__all__ = ["check_indexes", "check_names", "check_tables", "each_once"]

MOST_INDEXES = 20
MOST_PROJECTED = 20
MOST_PROJECTED_IN_ALL = 100


def check_tables(tables: Iterable[Node], findings: Findings) -> None:
    """Note every table whose name another one bears."""
    each_once((table.member("table") for table in tables), "table", findings)


def check_names(table: Node, findings: Findings) -> None:
    """Note every index, entity, attribute or discriminator whose name is taken in its table."""
    each_once((one.member("index_name") for one in table.listed("gsis")), "index", findings)
    if is_multi(table):
        types = (one.member("entity_type") for one in table.listed("entities"))
        each_once(types, "entity", findings)
    options = table.member("dalkit")
    discriminator = options.member("discriminator") if options else None
    keys = {key_name(table, "pk"), key_name(table, "sk")}
    for one in bearers(table):
        names = (each.member("name") for each in one.node.listed("attributes"))
        each_once(names, "attribute", findings)
    if discriminator and isinstance(discriminator.value, str):
        name = discriminator.value
        if name in keys or any(name in one.types for one in bearers(table)):
            text = f"the discriminator {shown(name)} is an attribute of the table already"
            findings.add("DK122", discriminator.pointer, text)


def each_once(names: Iterable[Node | None], what: str, findings: Findings) -> None:
    """Note each text that came before."""
    seen: set[str] = set()
    for name in names:
        if name is None or not isinstance(name.value, str):
            continue
        if name.value in seen:
            findings.add("DK122", name.pointer, f"two of one {what} name: {shown(name.value)}")
        seen.add(name.value)


def check_indexes(table: Node, findings: Findings) -> None:
    """Note every index that DynamoDB would refuse, or that would carry what does not exist."""
    indexes, entities = table.listed("gsis"), bearers(table)
    if len(indexes) > MOST_INDEXES:
        text = f"the table has {len(indexes):,} indexes; DynamoDB allows {MOST_INDEXES}"
        findings.add("DK139", f"{table.pointer}/gsis", text)
    known = _all_names(table, entities)
    for index in indexes:
        _projection(index, findings)
        _projected(index, known, findings)
    total = sum(len(index.listed("projected_attributes")) for index in indexes)
    if total > MOST_PROJECTED_IN_ALL:
        text = f"its indexes project {total:,} names; DynamoDB allows {MOST_PROJECTED_IN_ALL}"
        findings.add("DK139", f"{table.pointer}/gsis", text)


def _all_names(table: Node, entities: tuple[Bearer, ...]) -> dict[str, None] | None:
    """All attribute names of the table; None when some could not be read."""
    if not entities or not all(one.legible for one in entities):
        return None
    keys = (table.text("pk"), table.text("sk"))
    names = dict.fromkeys(key for key in keys if key is not None)
    for one in entities:
        names.update(dict.fromkeys((*one.types, *one.made)))
    return names


def _projection(index: Node, findings: Findings) -> None:
    projection, names = index.member("projection"), index.member("projected_attributes")
    word = projection.value if projection else "ALL"
    if word == "INCLUDE" and names is None:
        text = "INCLUDE without projected_attributes adds nothing to the keys"
        fix = "add projected_attributes, or make it KEYS_ONLY"
        findings.add("DK137", index.pointer, text, fix=fix)
    elif word == "INCLUDE" and names and names.value == []:
        text = "INCLUDE with no projected_attributes adds nothing to the keys"
        findings.add("DK137", names.pointer, text, fix="name some, or make it KEYS_ONLY")
    elif word in ("ALL", "KEYS_ONLY") and names and names.elements():
        text = f"projected_attributes has no effect with the projection {word}"
        fix = "make the projection INCLUDE, or leave the names out"
        findings.add("DK137", names.pointer, text, fix=fix)


def _projected(index: Node, known: dict[str, None] | None, findings: Findings) -> None:
    names = index.listed("projected_attributes")
    if len(names) > MOST_PROJECTED:
        text = f"the index projects {len(names):,} names; DynamoDB allows {MOST_PROJECTED}"
        findings.add("DK139", f"{index.pointer}/projected_attributes", text)
    each_once(names, "projected attribute", findings)
    for name in names:
        if known is not None and isinstance(name.value, str) and name.value not in known:
            fix = findings.suggest(name.value, known)
            text = f"no attribute is named {shown(name.value)}"
            findings.add("DK138", name.pointer, text, fix=fix)
