"""The texts that a key can be, as an automaton: whether two keys can meet, and be read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias, final

from attrs import field, frozen

from dalkit.kinds import (
    Bits,
    Boolean,
    Date,
    DateTime,
    Enum,
    Fixed,
    Float,
    Integer,
    Kind,
    Time,
    Year,
)
from dalkit.schema.definition import DateFormatted, NumberFormatted
from dalkit.schema.pieces import Piece, Pieces

__all__ = ["Characters", "Run", "ambiguous", "delimiters", "meet", "runs"]


@final
@frozen
class Characters:
    """A set of characters, or (`but`) all except them."""

    held: frozenset[str] = frozenset()
    but: bool = False

    def meets(self, other: Characters) -> bool:
        if self.but and other.but:
            return True
        if self.but or other.but:
            wide, narrow = (self, other) if self.but else (other, self)
            return bool(narrow.held - wide.held)
        return bool(self.held & other.held)

    def holds(self, character: str) -> bool:
        return (character in self.held) is not self.but


@final
@frozen
class Run:
    """At least `low` of the characters, at most `high` (None is any number)."""

    characters: Characters
    low: int = 1
    high: int | None = 1


Word: TypeAlias = tuple[Run, ...]
_DIGITS = Characters(frozenset("0123456789"))
_MINUS = Run(Characters(frozenset("-")), 0, 1)
_FEW = 64


def _literal(text: str) -> Word:
    return tuple(Run(Characters(frozenset(character))) for character in text)


def _digits(low: int, high: int | None = None) -> Run:
    return Run(_DIGITS, low, high)


def runs(piece: Piece, forbidden: frozenset[str]) -> tuple[Word, ...]:
    """What the piece's text can be, as alternatives; free text lacks the forbidden characters."""
    match piece.step:
        case NumberFormatted(whole, decimals):
            point = (*_literal("."), _digits(decimals, decimals)) if decimals else ()
            return ((_MINUS, _digits(max(whole, 1)), *point),)
        case DateFormatted(parts, epoch):
            if epoch:
                return ((_MINUS, _digits(1)),)
            found: list[Run] = []
            for how, text in parts:
                found += [_digits(len(text), len(text))] if how == "token" else _literal(text)
            return (tuple(found),)
        case _:
            return _of_kind(piece.kind, max(piece.width, 1), forbidden)


def _of_kind(kind: Kind, width: int, forbidden: frozenset[str]) -> tuple[Word, ...]:
    match kind:
        case Integer(low):
            return ((_MINUS, _digits(width)),) if low < 0 else ((_digits(width),),)
        case Bits():
            return ((_digits(width),),)
        case Fixed(_, scale):
            point = (*_literal("."), _digits(scale, scale)) if scale else ()
            return ((_MINUS, _digits(1), *point),)
        case Float():
            return ((Run(Characters(frozenset("0123456789+-.eE")), 1, None),),)
        case Boolean():
            return ((Run(Characters(frozenset("01"))),),)
        case Year():
            return ((_digits(4, 4),),)
        case Date() | DateTime() | Time():
            return (_moment(kind),)
        case Enum(values) if len(values) <= _FEW:
            return tuple(_literal(value) for value in values)
        case _:
            return ((Run(Characters(forbidden, but=True), 0, None),),)


def _moment(kind: Date | DateTime | Time) -> Word:
    day: Word = (_digits(4, 4), *_literal("-"), _digits(2, 2), *_literal("-"), _digits(2, 2))
    if isinstance(kind, Date):
        return day
    clock: Word = (*_literal(":"), _digits(2, 2), *_literal(":"), _digits(2, 2))
    if kind.digits:
        clock = (*clock, *_literal("."), _digits(kind.digits, kind.digits))
    if isinstance(kind, Time):
        return (_MINUS, _digits(2, 3), *clock)
    return (*day, *_literal("T"), _digits(2, 2), *clock, *_literal("Z"))


@final
@frozen
class _Automaton:
    """States with steps over characters, or (None) over nothing; the last state ends."""

    steps: list[list[tuple[Characters | None, int]]] = field(factory=lambda: [[]])

    def word(self, start: int, word: Word) -> int:
        for run in word:
            start = self._run(start, run)
        return start

    def _run(self, at: int, run: Run) -> int:
        for _ in range(run.low):
            at = self.step(at, run.characters)
        if run.high is None:
            self.steps[at].append((run.characters, at))
            return self.step(at, None)
        for _ in range(run.high - run.low):
            before, at = at, self.step(at, run.characters)
            self.steps[before].append((None, at))
        return at

    def step(self, at: int, over: Characters | None) -> int:
        self.steps.append([])
        self.steps[at].append((over, len(self.steps) - 1))
        return len(self.steps) - 1

    def either(self, start: int, words: Sequence[Word]) -> int:
        ends = [self.word(start, word) for word in words]
        self.steps.append([])
        for end in ends:
            self.steps[end].append((None, len(self.steps) - 1))
        return len(self.steps) - 1


def _automaton(pieces: Pieces, forbidden: frozenset[str]) -> _Automaton:
    made, at = _Automaton(), 0
    for piece in pieces:
        if isinstance(piece, str):
            at = made.word(at, _literal(piece))
        else:
            at = made.either(made.step(at, None), runs(piece, forbidden))
    return made


def meet(
    left: Pieces,
    right: Pieces,
    forbidden: frozenset[str] = frozenset(),
    *,
    most: int = 50_000,
    unsure: bool = True,
) -> bool:
    """Whether one text can be made by both, free text without the forbidden characters.

    The answer is `unsure` where finding out takes more than `most` steps, as absurdly long keys do.
    """
    if not _prefixes_agree(left, right):
        return False
    one, other = _automaton(left, forbidden).steps, _automaton(right, forbidden).steps
    waiting, seen = [(0, 0)], {(0, 0)}
    while waiting:
        at, beside = waiting.pop()
        if at == len(one) - 1 and beside == len(other) - 1:
            return True
        if len(seen) > most:
            return unsure
        for state in _both(one[at], other[beside], at, beside):
            if state not in seen:
                seen.add(state)
                waiting.append(state)
    return False


def _both(
    one: Iterable[tuple[Characters | None, int]],
    other: Iterable[tuple[Characters | None, int]],
    at: int,
    beside: int,
) -> Iterable[tuple[int, int]]:
    for over, to in one:
        if over is None:
            yield to, beside
    for over, to in other:
        if over is None:
            yield at, to
    for over, to in one:
        for across, where in other:
            if over is not None and across is not None and over.meets(across):
                yield to, where


def _prefixes_agree(left: Pieces, right: Pieces) -> bool:
    one = left[0] if left and isinstance(left[0], str) else ""
    other = right[0] if right and isinstance(right[0], str) else ""
    return one.startswith(other) or other.startswith(one)


def delimiters(pieces: Iterable[str | Piece]) -> frozenset[str]:
    """The characters of the literal text that are neither letters nor digits."""
    return frozenset(
        c for piece in pieces if isinstance(piece, str) for c in piece if not c.isalnum()
    )


def ambiguous(pieces: Pieces, forbidden: frozenset[str] = frozenset()) -> tuple[Piece, ...]:
    """The values that cannot be told apart in the text: none, or at least two.

    From each end, a value is told by its fixed length or by a delimiter that it cannot hold; one
    value that is left over in the middle is whatever remains.
    """
    at = [i for i, piece in enumerate(pieces) if isinstance(piece, Piece)]
    left = _told(pieces, at, 1, forbidden)
    rest = at[left:]
    right = _told(pieces, rest[::-1], -1, forbidden)
    rest = rest[: len(rest) - right]
    if len(rest) < 2:
        return ()
    return tuple(piece for i in rest if isinstance(piece := pieces[i], Piece))


def _told(pieces: Pieces, at: Sequence[int], way: int, forbidden: frozenset[str]) -> int:
    told = 0
    for i in at:
        piece = pieces[i]
        assert isinstance(piece, Piece)
        beyond = pieces[i + way] if 0 <= i + way < len(pieces) else ""
        words = runs(piece, forbidden)
        edge = (beyond[0] if way == 1 else beyond[-1]) if isinstance(beyond, str) and beyond else ""
        held = any(run.characters.holds(edge) for word in words for run in word) if edge else True
        if held and not _fixed(words):
            break
        told += 1
    return told


def _fixed(words: Sequence[Word]) -> bool:
    lengths = {sum(run.low for run in word) for word in words}
    return len(lengths) == 1 and all(run.low == run.high for word in words for run in word)
