"""Whether two requests are one, or may be, from the few traits of each that are compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

import orjson

from triage.formats.values import normal
from triage.intake.requesters import plain_words, requester_name, same_requester, similar_words
from triage.model.facts import Request

RECEIVED_WITHIN = 30
"""Days between the dates of receipt; beyond that a request is taken for a new one.

This and the other settings of this module are our choice: no source names them.
"""

START_WITHIN = 6
"""Days between the first days, where both are known. A meeting in each week is not one request."""

TITLE_LIKE = 2 / 3
"""The share of words of the longer title that the shorter one has too: all of its own."""

SAME_TITLE = 1.0
"""The same share, where one of the two does not say who asks."""

TOPICS_LIKE = 0.5
"""The share of topics that two requests have in common, of all topics of both."""

Among = Literal["committed", "seen", "inbox"]
AMONG: tuple[Among, ...] = ("committed", "seen", "inbox")
Certainty = Literal["certain", "probable"]

_TEXTS = ("requester_organization", "title", "summary")
_LONGEST_TITLE = 200
_NUMBERS = {
    word: str(number)
    for number, row in enumerate(
        (
            "first 1st premier premiere 1er 1ere i",
            "second 2nd deuxieme seconde 2e ii",
            "third 3rd troisieme 3e iii",
            "fourth 4th quatrieme 4e iv",
            "fifth 5th cinquieme 5e v",
            "sixth 6th sixieme 6e vi",
        ),
        1,
    )
    for word in row.split()
}
# Words that say the type of an engagement, or nothing: titles are not told apart by them.
_SAYS_LITTLE = frozenset(
    """
    call demande delegation fw fwd invitation meeting proposal proposition re rencontre request
    reunion tr visit visite
    """.split()  # noqa: SIM905
)


class RequestPlace(NamedTuple):
    """Where a request stands: its id, its file, and its row there."""

    id: str
    among: Among
    file: str
    row: int


class Ground(NamedTuple):
    """Why two requests are taken for one: the key of a message, and what fills it.

    Topics are given by id, and a day as a date.
    """

    key: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DuplicateLink:
    """A request of the inbox, and one before it that is the same or may be."""

    request: RequestPlace
    other: RequestPlace
    certainty: Certainty
    grounds: tuple[Ground, ...]

    def with_names(self, files: Mapping[str, str]) -> "DuplicateLink":
        """The link with other names for its files, by their paths."""
        places = (self.request, self.other)
        request, other = (place._replace(file=files[place.file]) for place in places)
        return replace(self, request=request, other=other)


class Traits(NamedTuple):
    """What is kept of a request to compare it."""

    place: RequestPlace
    received: int
    content: bytes
    tells: bool
    """Whether it says who asks or what for."""
    type: str
    start: int | None
    requester: str | None
    title: str | None
    countries: frozenset[str] | None
    forum: str | None
    topics: frozenset[str] | None
    extent: tuple[Any, ...]
    """Last day, participants and cost."""

    @property
    def order(self) -> tuple[int, int, str, str, int]:
        """What was there before comes first, then what was received first."""
        place = self.place
        return AMONG.index(place.among), self.received, place.id, place.file, place.row


def traits_of(
    request: Request, place: RequestPlace, content: bytes, shared: dict[Any, Any]
) -> Traits:
    """What is kept of a request that stands at a place; `content` is its digest.

    Equal names and sets are kept once, in `shared`.
    """
    known, share = request.facts.get, shared.setdefault
    start, title, requester = known("start"), known("title"), known("requester_organization")
    countries, topics = known("countries"), known("topics")
    return Traits(
        place,
        request.received.toordinal(),
        content,
        bool(title or requester or known("summary")),
        request.engagement_type,
        start.toordinal() if start else None,
        share(requester, requester),
        title[:_LONGEST_TITLE] if title else None,
        share(countries, countries),
        known("forum"),
        share(topics, topics),
        (known("end"), known("participants"), known("cost_cad")),
    )


def content_digest(request: Request) -> bytes:
    """16 bytes that are the same for the same facts, whatever the id.

    Texts count without case and without the width of blanks.
    """
    facts = {name: value for name, value in request.facts.items() if name != "id"}
    for name in _TEXTS:
        if name in facts:
            facts[name] = " ".join(str(facts[name]).casefold().split())
    if request.unresolved:
        facts["?"] = {name: normal(one.given) for name, one in request.unresolved.items()}
    data = orjson.dumps(facts, default=_plain, option=orjson.OPT_SORT_KEYS)
    return blake2b(data, digest_size=16).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value.normalize()) if isinstance(value, Decimal) else str(value)


def likeness(first: Traits, second: Traits) -> tuple[Certainty, tuple[Ground, ...]] | None:
    """Whether two requests are one, and why; None when they are not."""
    if first.content == second.content:
        if first.tells:
            return "certain", (Ground("duplicates.same-content", {}),)
        return "probable", (Ground("duplicates.same-content-without-names", {}),)
    if first.place.id == second.place.id:
        return "probable", (Ground("duplicates.same-number", {}),)
    if _contradict(first, second):
        return None
    title = _title_likeness(first.title, second.title)
    if first.requester is None or second.requester is None:
        known = first.start is not None and first.start == second.start
        if not (known and title >= SAME_TITLE and _share_place(first, second)):
            return None
    else:
        names = requester_name(first.requester), requester_name(second.requester)
        alike = title >= TITLE_LIKE or _same_occasion(first, second)
        if not (alike and same_requester(*names)):
            return None
    return "probable", tuple(_grounds(first, second, title))


def _contradict(first: Traits, second: Traits) -> bool:
    """Whether something that both say keeps them from being one."""
    if abs(first.received - second.received) > RECEIVED_WITHIN:
        return True
    if _both(first.start, second.start) and abs(first.start - second.start) > START_WITHIN:  # type: ignore[operator]
        return True
    if _both(first.forum, second.forum) and first.forum != second.forum:
        return True
    if _apart(first.countries, second.countries) or _apart(first.topics, second.topics):
        return True
    numbers = _numbers(first.title), _numbers(second.title)
    return bool(numbers[0] and numbers[1] and numbers[0] != numbers[1])


def _both(first: object, second: object) -> bool:
    return first is not None and second is not None


def _apart(first: frozenset[str] | None, second: frozenset[str] | None) -> bool:
    return first is not None and second is not None and first != second and not first & second


def _share_place(first: Traits, second: Traits) -> bool:
    """Whether they concern one country or forum; what neither of them names is not asked for."""
    if first.forum is not None and first.forum == second.forum:
        return True
    if first.countries is None and second.countries is None:
        return first.forum is None and second.forum is None
    return bool(first.countries and second.countries and first.countries & second.countries)


def _same_occasion(first: Traits, second: Traits) -> bool:
    """Whether one requester asks for the same on the same topics, whatever the title.

    Two titles that differ are of two requests, unless place, topics and days are just the same: one
    of them may be in the other language.
    """
    if first.type != second.type or not first.topics or not second.topics:
        return False
    if first.title is not None and second.title is not None:
        same = (first.start, first.countries, first.forum, first.topics)
        same_too = (second.start, second.countries, second.forum, second.topics)
        return first.start is not None and same == same_too and _same_extent(first, second)
    if _both(first.start, second.start) and first.start != second.start:
        return False
    common, every = first.topics & second.topics, first.topics | second.topics
    return len(common) >= TOPICS_LIKE * len(every) and _share_place(first, second)


def _same_extent(first: Traits, second: Traits) -> bool:
    pairs = zip(first.extent, second.extent, strict=True)
    return all(one == other for one, other in pairs if _both(one, other))


def _title_likeness(first: str | None, second: str | None) -> float:
    """The share of words of the longer title in the shorter one; 0 without two titles.

    It is 0 too when each has words that the other lacks, which tell one request from another.
    """
    if first is None or second is None:
        return 0.0
    fewer, more = sorted((_title_words(first), _title_words(second)), key=len)
    rest = set(more - fewer)
    for word in sorted(fewer - more):
        twin = min((other for other in rest if similar_words(word, other)), default=None)
        if twin is None:
            return 0.0
        rest.discard(twin)
    return len(fewer) / len(more)


@lru_cache(maxsize=4096)
def _title_words(title: str) -> frozenset[str]:
    """The words that tell titles apart; all of them where there are no others."""
    words = frozenset(_NUMBERS.get(word, word) for word in plain_words(title))
    return words - _SAYS_LITTLE or words or frozenset((title.casefold().strip(),))


def _numbers(title: str | None) -> frozenset[str]:
    return frozenset(filter(str.isdigit, _title_words(title))) if title else frozenset()


def _grounds(first: Traits, second: Traits, title: float) -> Iterator[Ground]:
    """What two requests that are probably one have in common."""
    if _both(first.requester, second.requester):
        names = {"first": first.requester, "second": second.requester}
        if normal(str(first.requester)) == normal(str(second.requester)):
            yield Ground("duplicates.same-requester", {"name": first.requester})
        else:
            yield Ground("duplicates.requester-otherwise", names)
    if title == 1:
        yield Ground("duplicates.same-title", {})
    elif title >= TITLE_LIKE:
        yield Ground("duplicates.similar-title", {})
    if first.topics and second.topics and (common := first.topics & second.topics):
        yield Ground("duplicates.topics", {"topics": sorted(common)})
    if first.start is not None and first.start == second.start:
        yield Ground("duplicates.same-start", {"start": date.fromordinal(first.start)})
    days = abs(first.received - second.received)
    keys = ("duplicates.received-same-day", "duplicates.received-next-day")
    if days < len(keys):
        yield Ground(keys[days], {})
    else:
        yield Ground("duplicates.received-days-apart", {"days": days})
