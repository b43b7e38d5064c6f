"""A document held against the grammar: every member that is missing, unknown or of a wrong kind."""

from __future__ import annotations

from decimal import Decimal
from typing import final

from dalkit.contract.findings import Findings
from dalkit.contract.grammar import (
    Flag,
    Listing,
    Member,
    Named,
    Number,
    Object,
    OneOrList,
    Rule,
    Scalar,
    Tagged,
    Text,
    Whole,
    WholeOrText,
    Word,
)
from dalkit.contract.json_text import Unread
from dalkit.contract.names import attribute_fault
from dalkit.contract.node import Node, said, subject
from dalkit.contract.problems import shown

__all__ = ["Form"]


@final
class Form:
    """Compares values with rules and notes each difference."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def hold(self, node: Node, rule: Rule) -> None:
        """Note every way in which the value and what it contains break the rule."""
        if isinstance(node.value, Unread):
            return
        match rule:
            case Object():
                self._object(node, rule)
            case Tagged():
                self._tagged(node, rule)
            case Listing():
                self._listing(node, rule)
            case OneOrList():
                self._one_or_list(node, rule)
            case Named():
                self._named(node, rule)
            case _:
                self._leaf(node, rule)

    def _object(self, node: Node, rule: Object) -> None:
        if not isinstance(node.value, dict):
            self._wrong(node, "an object")
            return
        self._missing(node, rule)
        for name, member in node.members():
            if name in rule.members:
                self._member(member, rule.members[name])
            else:
                self._stranger(name, member, rule)

    def _missing(self, node: Node, rule: Object) -> None:
        for name, member in rule.members.items():
            if member.needed and node.member(name) is None:
                text = f"{rule.what} needs the member {shown(name)}"
                self._findings.add("DK111", node.pointer, text, fix=f"add {name}")

    def _member(self, node: Node, member: Member) -> None:
        if not (member.null and node.value is None):
            self.hold(node, member.rule)

    def _stranger(self, name: str, node: Node, rule: Object) -> None:
        if name in rule.hollow and node.value == []:
            return
        if name in rule.elsewhere:
            text = f"{rule.what} has no {shown(name)}"
            self._findings.add("DK116", node.pointer, text, fix=rule.elsewhere[name])
            return
        fix = self._findings.suggest(name, rule.members)
        text = f"{rule.what} has no member {shown(name)}"
        self._findings.add("DK110", node.pointer, text, fix=fix)

    def _tagged(self, node: Node, rule: Tagged) -> None:
        if not isinstance(node.value, dict):
            self._wrong(node, "an object")
            return
        tag = node.member("type")
        word = tag.value if tag else None
        if isinstance(word, str) and word in rule.variants:
            self._object(node, rule.variants[word])
            return
        if tag is None:
            text = f'{rule.what} needs the member "type"'
            fix = f"one of {', '.join(rule.variants)}"
            self._findings.add("DK111", node.pointer, text, fix=fix)
        else:
            self.hold(tag, Word(tuple(rule.variants)))
        self._likely(node, rule)

    def _likely(self, node: Node, rule: Tagged) -> None:
        """Go on as the variant that has most of the members, so that no other problem is hidden."""
        given = {name for name, _ in node.members()}
        likely = max(rule.variants.values(), key=lambda one: len(given & one.members.keys()))
        for name, member in node.members():
            if name in likely.members and name != "type":
                self._member(member, likely.members[name])
            elif not any(name in one.members for one in rule.variants.values()):
                self._stranger(name, member, likely)

    def _listing(self, node: Node, rule: Listing) -> None:
        if not isinstance(node.value, list):
            self._wrong(node, "a list")
        elif not node.value and not rule.empty:
            self._empty(node, "list")
        for element in node.elements():
            self.hold(element, rule.of)

    def _one_or_list(self, node: Node, rule: OneOrList) -> None:
        if isinstance(node.value, str):
            self._text(node, rule.of)
        elif isinstance(node.value, list):
            self._listing(node, Listing(of=rule.of))
        elif rule.within is None:
            self._wrong(node, "a text or a list of texts")
        elif isinstance(node.value, dict):
            self._object(node, rule.within)
        else:
            self._wrong(node, "a text, a list of texts or an object")

    def _named(self, node: Node, rule: Named) -> None:
        if not isinstance(node.value, dict):
            self._wrong(node, "an object of names and texts")
        elif not node.value:
            self._empty(node, "object")
        for name, member in node.members():
            self._findings.fault(member.pointer, attribute_fault(name))
            if not name.strip():
                self._findings.add("DK114", member.pointer, "the name of a member is empty")
            self.hold(member, rule.of)

    def _leaf(self, node: Node, rule: Rule) -> None:
        value = node.value
        match rule:
            case Text():
                self._text(node, rule)
            case Word(words):
                self._word(node, words)
            case Flag() if not isinstance(value, bool):
                self._wrong(node, "true or false")
            case Whole() if not _is_whole(value):
                self._wrong(node, "a whole number")
            case Number() if not (_is_whole(value) or isinstance(value, Decimal)):
                self._wrong(node, "a number")
            case Whole() | Number() if isinstance(value, int | Decimal) and value <= 0:
                text = f"{subject(node.pointer)} is {said(value)}, which is not above zero"
                self._findings.add("DK115", node.pointer, text)
            case Scalar() if isinstance(value, dict | list):
                self._wrong(node, "a text, a number, true, false or null")
            case WholeOrText() if isinstance(value, str):
                self._text(node, Text())
            case WholeOrText() if not _is_whole(value):
                self._wrong(node, "a whole number or a text")
            case _:
                return

    def _text(self, node: Node, rule: Text) -> None:
        if not isinstance(node.value, str):
            self._wrong(node, "a text")
        elif not node.value.strip() and not rule.empty:
            self._empty(node, "text")
        else:
            self._findings.fault(node.pointer, rule.check(node.value))

    def _word(self, node: Node, words: tuple[str, ...]) -> None:
        if not isinstance(node.value, str):
            self._wrong(node, f"one of the words {', '.join(words)}")
        elif node.value not in words:
            known = f"one of {', '.join(words)}"
            fix = self._findings.suggest(node.value, words) or f"use {known}"
            text = f"{subject(node.pointer)} is {shown(node.value)}, which is not {known}"
            self._findings.add("DK113", node.pointer, text, fix=fix)

    def _wrong(self, node: Node, wanted: str) -> None:
        text = f"{subject(node.pointer)} takes {wanted}, not {said(node.value)}"
        fix = "leave the member out where it says nothing" if node.value is None else None
        self._findings.add("DK112", node.pointer, text, fix=fix)

    def _empty(self, node: Node, kind: str) -> None:
        text = f"{subject(node.pointer)} is an empty {kind}"
        self._findings.add("DK114", node.pointer, text)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
