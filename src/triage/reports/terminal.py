"""Decisions as text for a terminal: the ranked table of an inbox, and one decision in full."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from triage.deciding.decision import Decision
from triage.deciding.durable import active_engine
from triage.deciding.rank import RankKey, rank_key
from triage.deciding.wording import Wording
from triage.errors import UsageError
from triage.formats.spelling import nearest
from triage.messages import Language, listed, say
from triage.model.policy import Policy, Rule
from triage.reports.rows import Entry, short_priorities
from triage.reports.sections import Section
from triage.review.cases import Coverage, Outcome
from triage.review.checks import statement_counts, statement_table
from triage.rulebook.diagnostics import Diagnostic

WIDTH = 100
COLUMNS = (
    ("id", 12),
    ("recommendation", 8),
    ("score", 5),
    ("countries", 13),
    ("type", 11),
    ("priorities", 17),
)
# Letters of ideographic and Korean writing, full-width forms and pictures take two places in a
# terminal.
WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\U0001f300-\U0001faff\U00020000-\U0003fffd]"
)
REASON_WIDTH = WIDTH - sum(width + 1 for _, width in COLUMNS)


@dataclass(frozen=True, slots=True)
class RankedLine:
    """One row of the ranked table: all that the table needs of a decision, so that decisions
    need not be kept.
    """

    key: RankKey
    cells: tuple[str, ...]
    recommendation: str


def line(decision: Decision, wording: Wording) -> RankedLine:
    """A decision as a row of the table; made of few parts, because there may be very many."""
    request, language = decision.request, wording.language
    places = wording.value("countries", request.countries) if request.countries else ""
    if not places and request.forum:
        places = wording.label("forums", request.forum)
    return RankedLine(
        key=rank_key(decision),
        cells=(
            request.id,
            say(f"recommendation.{decision.recommendation}", language),
            str(decision.score),
            places or request.requester_organization or say("word.unknown", language),
            wording.label("engagement_types", request.engagement_type),
            short_priorities(decision, wording) or "-",
            decision.result.reason,
        ),
        recommendation=decision.recommendation.value,
    )


def deferred(one: RankedLine, reason: str, language: Language) -> RankedLine:
    """A row of what was to be accepted, with what defers it."""
    rank, *rest = one.key
    cells = (one.cells[0], say("recommendation.defer", language), *one.cells[2:-1], reason)
    return RankedLine((rank + 1, *rest), cells, "defer")  # type: ignore[arg-type]


def table(lines: Iterable[RankedLine], language: Language) -> str:
    """The ranked table, at most 100 columns wide."""
    heads = [say(f"column.{name}", language) for name, _ in COLUMNS] + [
        say("column.reason", language)
    ]
    widths = [width for _, width in COLUMNS] + [REASON_WIDTH]
    rows = [
        heads,
        ["-" * width for width in widths],
        *([*one.cells] for one in sorted(lines, key=lambda one: one.key)),
    ]
    return "\n".join(" ".join(map(cell, row, widths)).rstrip() for row in rows)


def cell(text: str, width: int) -> str:
    """A text in a column of a terminal: one line, cut to the width, where some letters take two
    places.
    """
    text = "".join(
        one if one.isprintable() else " "
        for one in unicodedata.normalize("NFC", text[: 10 * width])
    )
    text = " ".join(text.split())
    if places(text) > width:
        while places(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - places(text))


def places(text: str) -> int:
    """How many places a text takes on a line of a terminal."""
    if text.isascii():
        return len(text)
    return (
        len(text)
        + len(WIDE.findall(text))
        - sum(unicodedata.category(one) in ("Mn", "Me") for one in text)
    )


def totals(
    counts: dict[str, int], rejected: int, decided: Policy, engine: str, language: Language
) -> str:
    """How many of each recommendation, and under which policy and engine; at most 100 columns
    wide.
    """
    text = say(
        "screen.totals",
        language,
        read=sum(counts.values()) + rejected,
        accept=counts.get("accept", 0),
        defer=counts.get("defer", 0),
        decline=counts.get("decline", 0),
        rejected=rejected,
        version=decided.version,
        engine=engine,
        notice=decided.notice[language],
    )
    return "\n".join(line for part in text.splitlines() for line in textwrap.wrap(part, WIDTH))


def explain(row: Entry, wording: Wording, more: Iterable[Section] = ()) -> str:
    """One decision in full, at most 100 columns wide."""
    return "\n".join(_Explanation(row, wording).lines(more)) + "\n"


class _Explanation:
    def __init__(self, row: Entry, wording: Wording) -> None:
        self.row, self.policy, self.language = row, wording.policy, wording.language

    def say(self, key: str, **values: object) -> str:
        return say(f"explain.{key}", self.language, **values)

    def lines(self, more: Iterable[Section]) -> list[str]:
        row = self.row
        out = self._wrapped(f"{row.id}  {row.title}", "")
        strategy = row.strategy or self.say("no-strategy")
        out += self._wrapped(
            self.say(
                "headline", recommendation=row.proposed.upper(), score=row.score, strategy=strategy
            ),
            "",
        )
        out += self._wrapped(row.reason, "")
        out += [
            self.say("other-strategy", strategy=name, recommendation=proposed, score=score)
            for name, proposed, score in row.strategies
        ]
        out += ["", self.say("criteria")]
        out += [f"  {part.label:<36}{part.points:>4} / {part.maximum}" for part in row.criteria]
        out.append(f"  {self.say('total'):<36}{row.score:>4} / {row.total}")
        out += self._section("priorities", row.priorities, "  ")
        for kind in ("bounds", "points", "other"):
            kinds = (kind, "facts") if kind == "other" else (kind,)
            found = [one for one in row.reasons if one.kind in kinds]
            texts = [one.text + (f" [{one.source}]" if one.source else "") for one in found]
            out += self._section(f"rules-{kind}", texts)
        out += self._unknown()
        for section in more:
            out += ["", f"{section.heading}{say('report.colon', self.language)}".rstrip()]
            out += [line for item in section.items for line in self._wrapped(item.text, "  - ")]
        out += ["", self.say("routing"), *self._wrapped(f"{self.say('lead')}: {row.lead}")]
        if row.consult:
            out += self._wrapped(f"{self.say('consult')}: {listed(row.consult, self.language)}")
        if row.fund:
            out += self._wrapped(f"{self.say('fund')}: {row.fund}")
        out += self._section("advice", row.advice)
        out += self._section("flags", row.flags)
        title, notice = self.policy.title[self.language], self.policy.notice[self.language]
        footer = self.say(
            "footer", title=title, version=row.policy, day=row.as_of, engine=row.engine
        )
        return [*out, "", *self._wrapped(footer, ""), *self._wrapped(notice, "")]

    def _section(self, key: str, texts: Iterable[str], start: str = "  - ") -> list[str]:
        lines = [line for text in texts for line in self._wrapped(text, start)]
        return ["", self.say(key), *lines] if lines else []

    def _wrapped(self, text: str, start: str = "  ") -> list[str]:
        return textwrap.wrap(
            text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start)
        ) or [start]

    def _unknown(self) -> list[str]:
        out = []
        matters = [f"{one.question} ({one.fact})" for one in self.row.unknown if one.could_change]
        rest = [one.label for one in self.row.unknown if not one.could_change]
        if matters:
            possible = listed(self.row.possible, self.language, "or")
            out += [
                "",
                *self._wrapped(self.say("unknown", possible=possible, count=len(matters)), ""),
            ]
            out += [line for text in matters for line in self._wrapped(text, "  - ")]
        if rest:
            text = self.say("unknown-rest", facts=listed(rest, self.language), count=len(rest))
            out += ["", *self._wrapped(text, "")]
        return out


def checked(policy: Policy | None, diagnostics: list[Diagnostic], language: Language) -> str:
    """What `check` found: each diagnostic with its help, the statements by document and kind,
    the engine.
    """
    out = []
    for one in diagnostics:
        severity = say(f"check.{one.severity}", language)
        out.append(f"{one.where.file}:{one.where.line}: {severity}: {one.message(language)}")
        if help := one.help(language):
            out.append(f"    {help}")
    if policy is not None:
        out += ["", say("check.statements", language)]
        for document, kind, cited, listed_, missing in statement_table(policy):
            out.append(f"  {document:<10}{kind:<8}{cited:>5}{listed_:>5}{missing:>5}")
        counts = statement_counts(policy)
        out.append(say("check.total", language, **counts))
        out.append(
            say(
                "check.policy",
                language,
                rules=len(policy.rules),
                version=policy.version,
                engine=active_engine(),
            )
        )
    errors = sum(one.severity == "error" for one in diagnostics)
    out.append(say("check.summary", language, errors=errors, warnings=len(diagnostics) - errors))
    return "\n".join(out).lstrip("\n") + "\n"


def tested(outcomes: list[Outcome], coverage: Coverage, language: Language) -> str:
    """What `test` found: failed cases with expected and actual, then the coverage by rule."""
    out = []
    for one in outcomes:
        if one.passed:
            continue
        out.append(
            say(
                "test.failed",
                language,
                file=one.case.where.file,
                line=one.case.where.line,
                name=one.case.name,
            )
        )
        for key, (expected, actual) in one.differences.items():
            if isinstance(expected, list) and isinstance(actual, list):
                missing = ", ".join(
                    sorted({str(item) for item in expected} - {str(item) for item in actual})
                )
                extra = ", ".join(
                    sorted({str(item) for item in actual} - {str(item) for item in expected})
                )
                out += [f"    {key}: {say('test.missing', language)}: {missing}"] if missing else []
                out += [f"    {key}: {say('test.extra', language)}: {extra}"] if extra else []
            else:
                out.append(
                    f"    {key}: " + say("test.differs", language, expected=expected, actual=actual)
                )
    failed = sum(not one.passed for one in outcomes)
    out.append(
        say(
            "test.summary",
            language,
            cases=len(outcomes),
            passed=len(outcomes) - failed,
            failed=failed,
        )
    )
    out.append(say("test.coverage", language, rules=coverage.rules, covered=coverage.covered))
    for key, ids in (
        ("never-matched", coverage.never_matched),
        ("never-missed", coverage.never_just_missed),
    ):
        out += [f"  {say(f'test.{key}', language)}: {id}" for id in ids]
    return "\n".join(out) + "\n"


def rules(policy: Policy, language: Language) -> str:
    """All rules, a line each."""
    width = max((len(rule.id) for rule in policy.rules), default=0)
    out = []
    for rule in policy.rules:
        mark = say("rules.setting", language) if rule.basis == "setting" else ", ".join(rule.cite)
        out.append(f"{rule.id:<{width}}  {rule.title[language]} [{mark}]")
    out.append(say("rules.summary", language, count=len(policy.rules), version=policy.version))
    return "\n".join(out) + "\n"


def find_rule(policy: Policy, id: str, language: Language) -> Rule:
    """The rule with an id; a `UsageError` names the nearest one."""
    found = policy.rule.get(id)
    if found is None:
        near = nearest(id, policy.rule)
        suggestion = say("word.suggestion", language, suggestion=near) if near else ""
        raise UsageError(say("rules.no-rule", language, id=id) + suggestion)
    return found


def vocabulary(policy: Policy, name: str, language: Language) -> str:
    """The values of one vocabulary with their labels and aliases."""
    found = policy.vocabularies.get(name)
    if found is None:
        known = ", ".join(sorted(policy.vocabularies))
        raise UsageError(say("rules.no-vocabulary", language, name=name, known=known))
    lines = []
    for term in found.terms.values():
        aliases = f" ({', '.join(term.aliases)})" if term.aliases else ""
        lines.append(f"{term.id:<32}{term.label[language]}{aliases}")
    return "\n".join(lines) + "\n"
