"""Sums by slot against the plain meaning: a number for each slot of each day."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from triage.limits.sums import Sums

DAYS = 40
runs = st.tuples(st.integers(1, DAYS), st.integers(0, 12)).map(lambda run: (run[0], sum(run)))
additions = st.lists(st.tuples(st.sampled_from("ab"), runs, st.integers(0, 5)), max_size=12)


@given(additions, st.sampled_from("abc"), runs)
def test_sums_are_what_was_added_to_each_slot(
    added: list[tuple[str, tuple[int, int], int]], group: str, run: tuple[int, int]
) -> None:
    sums, plain = Sums(), Counter[tuple[str, int]]()
    for name, (first, last), amount in added:
        sums.add((0, name, first), last, amount)
        plain.update({(name, day): amount for day in range(first, last + 1)})
    first, last = run
    each = [plain[group, day] for day in range(first, last + 1)]
    assert sums.most((0, group, first), last) == max(each)
    assert sums.at((0, group, first)) == each[0]
    parts = list(sums.parts((0, group, first), last))
    assert [amount for start, end, amount in parts for _ in range(start, end + 1)] == each
    above = {
        (slot[1], day): amount
        for slot, end, amount in sums.added()
        for day in range(slot[2], end + 1)
    }
    assert above == {key: amount for key, amount in plain.items() if amount}


def test_a_copy_goes_its_own_way() -> None:
    sums = Sums()
    sums.add((0, "a", 3), 5, 2)
    copied = sums.copy()
    copied.add((0, "a", 4), 4, 1)
    assert (sums.at((0, "a", 4)), copied.at((0, "a", 4))) == (2, 3)
