"""Numbers that occur twice are found, however many runs they are spread over."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from dalkit.migrate.sieve import Sieve

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.sampled_from((-(2**63), -1, 0, 1, 2**63 - 1))


@settings(max_examples=100, deadline=None)
@given(st.lists(NUMBERS), st.integers(1, 5))
def test_numbers_that_occur_twice_are_found(numbers: list[int], held: int) -> None:
    """In one run or in several; no other is named."""
    with Sieve(held=held) as sieve:
        for number in numbers:
            sieve.add(number)

        found = sieve.repeated(1_000)

    assert found == frozenset(one for one, count in Counter(numbers).items() if count > 1)


def test_too_many_repeated_numbers_are_not_held() -> None:
    """None says that they are more than asked for."""
    with Sieve(held=3) as sieve:
        for number in (5, 6, 7, 7, 6, 5):
            sieve.add(number)

        assert sieve.repeated(2) is None
        assert sieve.repeated(3) == frozenset({5, 6, 7})
