"""Key templates: text made of a record's fields, and the fields read back where that is unique.

Reading cuts parts off from both ends: a part is cut where its width is fixed, or where the literal
beside it starts with a character that the part's text cannot hold. One part at most may be left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, final

from attrs import frozen

from dalkit import kinds
from dalkit.convert.refusal import refuse
from dalkit.convert.text import text_of, value_of
from dalkit.convert.transformations import padded
from dalkit.schema.definition import Part, Template

__all__ = ["Cut", "Shape", "cuts_of", "parse", "render", "shape_of"]

_DIGITS = frozenset("0123456789")


@final
@frozen
class Shape:
    """What the text of a part can be: `width` characters or any number, out of `alphabet`.

    An alphabet of None is every character, and `without` are those that never occur.
    """

    width: int | None
    alphabet: frozenset[str] | None
    without: frozenset[str] = frozenset()

    def may_hold(self, character: str) -> bool:
        if character in self.without:
            return False
        return self.alphabet is None or character in self.alphabet


@final
@frozen
class Cut:
    """One step of reading: take `part` (a literal or a Part) off an end of what is left.

    `width` characters, or up to the literal `until`, or (neither) all that is left.
    """

    part: str | Part
    end: bool
    width: int | None = None
    until: str | None = None


Cuts: TypeAlias = tuple[Cut, ...]


def render(
    template: Template, kinds_of: Mapping[str, kinds.Kind], values: Mapping[str, Any]
) -> str | None:
    """The template's text, None when one of its fields is None."""
    written: list[str] = []
    for part in template.parts:
        if isinstance(part, str):
            written.append(part)
            continue
        value = values[part.field]
        if value is None:
            return None
        kind = kinds_of[part.field]
        text = padded(kind, text_of(kind, value), part.width)
        written.append(_escaped(text) if template.escape else text)
    return "".join(written)


def parse(
    template: Template, cuts: Cuts, kinds_of: Mapping[str, kinds.Kind], text: str
) -> dict[str, Any]:
    """The fields of a template's text; any text that the template does not make is refused."""
    found: dict[str, Any] = {}
    rest = text
    for cut in cuts:
        taken, rest = _taken(cut, rest, text)
        if isinstance(cut.part, Part):
            kind = kinds_of[cut.part.field]
            found.setdefault(cut.part.field, _read(kind, cut.part, taken, template.escape))
    if rest or render(template, kinds_of, found) != text:
        refuse("not a text that the key's template makes", text)
    return found


def cuts_of(template: Template, kinds_of: Mapping[str, kinds.Kind]) -> Cuts | None:
    """The steps that read the template's text back, None where no reading is unique."""
    parts = _joined(template.parts)
    cuts: list[Cut] = []
    while parts:
        step = _from_left(parts, kinds_of, template.escape)
        rest = parts[1:]
        if step is None:
            step = _from_right(parts, kinds_of, template.escape)
            rest = parts[:-1]
        if step is None:
            return None
        cuts.append(step)
        parts = rest
    return tuple(cuts)


def shape_of(kind: kinds.Kind, width: int = 0, *, escape: bool = False) -> Shape:
    """What the text of a kind can be."""
    without = frozenset("#") if escape else frozenset[str]()
    match kind:
        case kinds.Integer(low=low, high=high):
            return _whole(low, high, width)
        case kinds.Bits(width=bits):
            return _whole(0, (1 << bits) - 1, width)
        case kinds.Year():
            return Shape(max(4, width), _DIGITS)
        case kinds.Boolean():
            return Shape(max(1, width), _DIGITS)
        case kinds.Fixed():
            return Shape(None, _DIGITS | {"-", "."})
        case kinds.Float():
            return Shape(None, _DIGITS | frozenset("-+.e"))
        case kinds.Date():
            return Shape(10, _DIGITS | {"-"})
        case kinds.DateTime(digits=digits):
            return Shape(20 + digits + (digits > 0), _DIGITS | frozenset("-T:.Z"))
        case kinds.Time():
            return Shape(None, _DIGITS | frozenset("-:."))
        case kinds.Enum(values=values):
            return _chosen(values, escape, without)
        case kinds.Members(values=values):
            return Shape(None, frozenset("".join(values)) | frozenset(",%235"), without)
        case _:
            return Shape(None, None, without)


def _whole(low: int, high: int, width: int) -> Shape:
    alphabet = _DIGITS | {"-"} if low < 0 else _DIGITS
    if low >= 0 and width >= len(str(high)):
        return Shape(width, alphabet)
    return Shape(None, alphabet)


def _chosen(values: Sequence[str], escape: bool, without: frozenset[str]) -> Shape:
    written = [_escaped(one) for one in values] if escape else list(values)
    widths = {len(one) for one in written}
    width = widths.pop() if len(widths) == 1 else None
    return Shape(width, frozenset("".join(written)), without)


def _joined(parts: Sequence[str | Part]) -> tuple[str | Part, ...]:
    joined: list[str | Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def _from_left(
    parts: Sequence[str | Part], kinds_of: Mapping[str, kinds.Kind], escape: bool
) -> Cut | None:
    first = parts[0]
    if isinstance(first, str):
        return Cut(first, end=False, width=len(first))
    shape = shape_of(kinds_of[first.field], first.width, escape=escape)
    if shape.width is not None:
        return Cut(first, end=False, width=shape.width)
    if len(parts) == 1:
        return Cut(first, end=False)
    after = parts[1]
    if isinstance(after, str) and not shape.may_hold(after[0]):
        return Cut(first, end=False, until=after[0])
    return None


def _from_right(
    parts: Sequence[str | Part], kinds_of: Mapping[str, kinds.Kind], escape: bool
) -> Cut | None:
    last = parts[-1]
    if isinstance(last, str):
        return Cut(last, end=True, width=len(last))
    shape = shape_of(kinds_of[last.field], last.width, escape=escape)
    if shape.width is not None:
        return Cut(last, end=True, width=shape.width)
    before = parts[-2]
    if isinstance(before, str) and not shape.may_hold(before[-1]):
        return Cut(last, end=True, until=before[-1])
    return None


def _taken(cut: Cut, rest: str, text: str) -> tuple[str, str]:
    at = _place(cut, rest)
    if at < 0 or at > len(rest):
        refuse("not a text that the key's template makes", text)
    taken, left = (rest[at:], rest[:at]) if cut.end else (rest[:at], rest[at:])
    if isinstance(cut.part, str) and taken != cut.part:
        refuse("not a text that the key's template makes", text)
    return taken, left


def _place(cut: Cut, rest: str) -> int:
    if cut.width is not None:
        return len(rest) - cut.width if cut.end else cut.width
    if cut.until is None:
        return 0 if cut.end else len(rest)
    if cut.end:
        found = rest.rfind(cut.until)
        return found + 1 if found >= 0 else -1
    return rest.find(cut.until)


def _read(kind: kinds.Kind, part: Part, text: str, escape: bool) -> Any:
    if escape:
        text = text.replace("%23", "#").replace("%25", "%")
    return value_of(kind, _unpadded(kind, text) if part.width else text)


def _unpadded(kind: kinds.Kind, text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    digits = text[len(sign) :].lstrip("0")
    if isinstance(kind, kinds.Year):
        digits = digits.zfill(4)
    if not digits or digits.startswith("."):
        digits = f"0{digits}"
    return sign + digits


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("#", "%23")
