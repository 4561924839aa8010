"""The report model: entries go into bytes and back, rank is kept, the whole is classified."""

from collections import Counter
from contextlib import closing

from hypothesis import given, settings
from hypothesis import strategies as st

from support import decider, request, requests, shipped
from triage.deciding.rank import RankKey, rank_key
from triage.deciding.wording import Wording
from triage.formats.spool import AT_ONCE, RankedSpool
from triage.messages import Language
from triage.model.facts import Request
from triage.reports.entries import Entry, entry
from triage.reports.marking import Handling
from triage.reports.request import sections

WORDS: dict[Language, Wording] = {"en": Wording(shipped(), "en"), "fr": Wording(shipped(), "fr")}


@settings(max_examples=40)
@given(requests(), st.sampled_from(["en", "fr"]))
def test_an_entry_comes_back_from_bytes_as_it_was(found: Request, language: Language) -> None:
    made = entry(decider().decide(found, language=language), WORDS[language])
    assert Entry.unpack(made.pack()) == made


@settings(max_examples=40)
@given(requests())
def test_an_entry_tells_what_the_decision_says(found: Request) -> None:
    decision = decider().decide(found)
    made = entry(decision, WORDS["en"])
    assert (made.recommendation, made.score) == (decision.recommendation, decision.score)
    assert sum(part.points for part in made.criteria) == made.score
    assert made.justification == decision.result.justification
    assert [one.rule for one in made.reasons] == [one["id"] for one in decision.result.rules]
    told = " ".join(item.text for section in sections(made, "en") for item in section.items)
    assert all(one.text in told for one in made.reasons)
    assert all(one.question in told for one in made.unknown if one.could_change)


@given(
    st.lists(
        st.tuples(st.integers(-2, 0), st.integers(-100, 0), st.dates(), st.text()), max_size=40
    )
)
def test_a_spool_gives_back_in_order_of_rank(rows: list[tuple[int, int, object, str]]) -> None:
    keys = [RankKey(rank, score, str(day), id) for rank, score, day, id in rows]
    with closing(RankedSpool[RankKey]()) as spool:
        for key in keys:
            spool.add(key, repr(key).encode())
        assert [data.decode() for data in spool] == [repr(key) for key in sorted(keys)]
        assert len(list(spool)) == len(spool) == len(keys)


def test_a_revised_record_keeps_its_bulk_and_a_dropped_one_is_gone() -> None:
    keys = [RankKey(0, 0, "", id) for id in "abc"]
    with closing(RankedSpool[RankKey]()) as spool:
        for key in keys:
            spool.add(key, key.id.encode(), key.id.encode() * 3)
        # One changed record is longer than what is gathered before it is written.
        long = b"A" * (AT_ONCE + 1)
        spool.revise("ac", lambda key, data: (key, long) if data == b"a" else None)
        spool.revise("b", lambda key, data: (key._replace(score=-1), data.upper()))
        assert list(spool.records()) == [(b"B", b"bbb"), (long, b"aaa")]
        assert list(spool) == [b"B", long]


def test_rank_puts_the_best_first() -> None:
    found = [
        decider().decide(one)
        for one in (_request("B", "JPN"), _request("A", "JPN"), _request("C", "FRA"))
    ]
    assert [one.request.id for one in sorted(found, key=rank_key)] == ["A", "B", "C"]


def _request(id: str, country: str) -> Request:
    return request(id=id, countries=[country], topics=["resettlement"])


def test_the_highest_classification_is_the_reports_own() -> None:
    def of(counts: dict[str | None, int], rejected: int = 0) -> tuple[str, int]:
        found = Handling.of(Counter(counts), rejected, WORDS["en"])
        return found.label, found.unlabelled

    assert of({"unclassified": 3}) == ("Unclassified", 0)
    assert of({"unclassified": 3, "protected_b": 1, "protected_a": 2}) == ("Protected B", 0)
    assert of({"unclassified": 1, None: 2}, rejected=1) == ("Unclassified", 3)
    assert of({None: 2}) == ("", 2)
