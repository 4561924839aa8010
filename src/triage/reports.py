"""Decisions as text for a terminal: the ranked table of an inbox, and one decision in full."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from triage.cases import Coverage, Outcome
from triage.checks import statement_counts, statement_table
from triage.diagnostics import Diagnostic, nearest
from triage.engine import active_engine
from triage.errors import UsageError
from triage.messages import Language, listed, say
from triage.policy import Policy, Rule
from triage.records import Decision
from triage.wording import Wording

WIDTH = 100
COLUMNS = (("id", 12), ("recommendation", 8), ("score", 5), ("countries", 13), ("type", 11), ("priorities", 17))
BEFORE_NUMBER = re.compile(r"\A[a-z]+(?=\d+\Z)")
# Letters of ideographic and Korean writing, full-width forms and pictures take two places in a terminal.
WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\U0001f300-\U0001faff\U00020000-\U0003fffd]"
)
REASON_WIDTH = WIDTH - sum(width + 1 for _, width in COLUMNS)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the ranked table: all that the table needs of a decision, so that decisions need not be kept."""

    key: tuple[int, int, str, str]
    cells: tuple[str, ...]
    recommendation: str


def rank_key(decision: Decision) -> tuple[int, int, str, str]:
    """The order of an inbox: best recommendation, highest score, earliest received, id."""
    request = decision.request
    return (-decision.recommendation.rank, -decision.score, request.received.isoformat(), request.id)


def line(decision: Decision, wording: Wording) -> Line:
    """A decision as a row of the table."""
    request, language = decision.request, wording.language
    places = wording.value("countries", request.countries) if request.countries else ""
    if not places and request.forum:
        places = wording.label("forums", request.forum)
    recommendation = say(f"recommendation.{decision.recommendation}", language)
    return Line(
        key=rank_key(decision),
        cells=(
            request.id,
            recommendation,
            str(decision.score),
            places or request.requester_organization or say("word.unknown", language),
            wording.label("engagement_types", request.engagement_type),
            _priorities(decision, wording),
            decision.result.reason,
        ),
        recommendation=decision.recommendation.value,
    )


def _priorities(decision: Decision, wording: Wording) -> str:
    """The strategy's short name and the numbers of its priorities, or what else its ids end with: `West 1 4`."""
    if decision.strategy is None:
        return "-"
    short = wording.label("strategies", decision.strategy)
    own = [one.removeprefix(f"{decision.strategy}-") for one in decision.result.priorities]
    return " ".join([short, *(BEFORE_NUMBER.sub("", one) for one in own)])


def table(lines: Iterable[Line], language: Language) -> str:
    """The ranked table, at most 100 columns wide."""
    heads = [say(f"column.{name}", language) for name, _ in COLUMNS] + [say("column.reason", language)]
    widths = [width for _, width in COLUMNS] + [REASON_WIDTH]
    rows = [heads, ["-" * width for width in widths], *([*one.cells] for one in sorted(lines, key=lambda one: one.key))]
    return "\n".join(" ".join(map(_cell, row, widths)).rstrip() for row in rows)


def _cell(text: str, width: int) -> str:
    """A text in a column of a terminal: one line, cut to the width, where some letters take two places."""
    text = "".join(one if one.isprintable() else " " for one in unicodedata.normalize("NFC", text[: 10 * width]))
    text = " ".join(text.split())
    if _places(text) > width:
        while _places(text) >= width:
            text = text[:-1]
        text += "…"
    return text + " " * (width - _places(text))


def _places(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text) + len(WIDE.findall(text)) - sum(unicodedata.category(one) in ("Mn", "Me") for one in text)


def totals(counts: dict[str, int], rejected: int, decided: Policy, engine: str, language: Language) -> str:
    """How many of each recommendation, and under which policy and engine; at most 100 columns wide."""
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


def explain(decision: Decision, wording: Wording) -> str:
    """One decision in full, at most 100 columns wide."""
    return "\n".join(_Explanation(decision, wording).lines()) + "\n"


class _Explanation:
    def __init__(self, decision: Decision, wording: Wording) -> None:
        self.decision, self.words, self.language = decision, wording, wording.language

    def say(self, key: str, **values: object) -> str:
        return say(f"explain.{key}", self.language, **values)

    def lines(self) -> list[str]:
        decision, result = self.decision, self.decision.result
        request = decision.request
        out = self._wrapped(f"{request.id}  {request.title or ''}", "")
        recommendation = say(f"recommendation.{decision.recommendation}", self.language).upper()
        strategy = self.words.label("strategies", decision.strategy) if decision.strategy else self.say("no-strategy")
        headline = self.say("headline", recommendation=recommendation, score=decision.score, strategy=strategy)
        out += self._wrapped(headline, "")
        out += self._wrapped(result.reason, "")
        out += self._others()
        out += ["", self.say("criteria")]
        labels = {one.id: one.label[self.language] for one in self.words.policy.criteria}
        for id, part in result.criteria.items():
            out.append(f"  {labels[id]:<36}{part['points']:>4} / {part['maximum']}")
        total = sum(part["maximum"] for part in result.criteria.values())
        out.append(f"  {self.say('total'):<36}{decision.score:>4} / {total}")
        if result.priorities:
            named = [self.words.label("priorities", one) for one in result.priorities]
            out += ["", self.say("priorities"), *(line for one in named for line in self._wrapped(one))]
        out += self._rules()
        out += self._unknown()
        out += ["", self.say("routing")]
        out += self._wrapped(f"{self.say('lead')}: {self.words.organization(result.lead)}")
        if result.consult:
            consulted = listed([self.words.organization(one) for one in result.consult], self.language)
            out += self._wrapped(f"{self.say('consult')}: {consulted}")
        if result.fund:
            out += self._wrapped(f"{self.say('fund')}: {self.words.label('funds', result.fund)}")
        if result.advice:
            out += ["", self.say("advice"), *(line for one in result.advice for line in self._wrapped(one, "  - "))]
        if result.flags:
            named = [self.words.label("flags", one) for one in result.flags]
            out += ["", self.say("flags"), *(line for one in named for line in self._wrapped(one, "  - "))]
        policy = self.words.policy
        footer = self.say(
            "footer",
            title=policy.title[self.language],
            version=decision.policy_version,
            day=decision.as_of.isoformat(),
            engine=decision.engine,
        )
        return [*out, "", *self._wrapped(footer, ""), *self._wrapped(policy.notice[self.language], "")]

    def _wrapped(self, text: str, start: str = "  ") -> list[str]:
        return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start)) or [start]

    def _others(self) -> list[str]:
        rest = [name for name in self.decision.strategies if name != self.decision.strategy]
        return [
            self.say(
                "other-strategy",
                strategy=self.words.label("strategies", name),
                recommendation=say(f"recommendation.{self.decision.strategies[name].recommendation}", self.language),
                score=self.decision.strategies[name].score,
            )
            for name in rest
        ]

    def _rules(self) -> list[str]:
        out = []
        groups: dict[str, list[str]] = {"bounds": [], "points": [], "other": []}
        for entry in self.decision.result.rules:
            effect = entry["effect"]
            group = "bounds" if {"at_most", "at_least"} & set(effect) else "points" if "score" in effect else "other"
            start = ""
            if "at_most" in effect:
                start = self.say("at-most", recommendation=say(f"recommendation.{effect['at_most']}", self.language))
            if "at_least" in effect:
                start = self.say("at-least", recommendation=say(f"recommendation.{effect['at_least']}", self.language))
            cited: dict[str, list[str]] = {}
            for one in entry["citations"]:
                cited.setdefault(f"{one['document']}, {one['section']}", []).append(one["id"])
            source = "; ".join(f"{where} ({', '.join(ids)})" for where, ids in cited.items())
            text = f"{start}{entry['because']}" + (f" [{source}]" if source else "")
            groups[group] += self._wrapped(text, "  - ")
        for group, lines in groups.items():
            if lines:
                out += ["", self.say(f"rules-{group}"), *lines]
        return out

    def _unknown(self) -> list[str]:
        result, out = self.decision.result, []
        possible = listed([say(f"recommendation.{one}", self.language) for one in result.possible], self.language, "or")
        matters = [one for one in result.unknown if one["could_change"]]
        rest = [self.words.fact(one["fact"]) for one in result.unknown if not one["could_change"]]
        if matters:
            out += ["", self.say("unknown", possible=possible)]
            for one in matters:
                text = self.words.policy.fact_texts.get(one["fact"])
                question = text.question[self.language] if text and text.question else self.words.fact(one["fact"])
                out += self._wrapped(f"{question} ({one['fact']})", "  - ")
        if rest:
            out += ["", *self._wrapped(self.say("unknown-rest", facts=listed(rest, self.language)), "")]
        return out


def checked(policy: Policy | None, diagnostics: list[Diagnostic], language: Language) -> str:
    """What `check` found: each diagnostic with its help, the statements by document and kind, the engine."""
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
            say("check.policy", language, rules=len(policy.rules), version=policy.version, engine=active_engine())
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
        out.append(say("test.failed", language, file=one.case.where.file, line=one.case.where.line, name=one.case.name))
        for key, (expected, actual) in one.differences.items():
            if isinstance(expected, list) and isinstance(actual, list):
                missing = ", ".join(sorted({str(item) for item in expected} - {str(item) for item in actual}))
                extra = ", ".join(sorted({str(item) for item in actual} - {str(item) for item in expected}))
                out += [f"    {key}: {say('test.missing', language)}: {missing}"] if missing else []
                out += [f"    {key}: {say('test.extra', language)}: {extra}"] if extra else []
            else:
                out.append(f"    {key}: " + say("test.differs", language, expected=expected, actual=actual))
    failed = sum(not one.passed for one in outcomes)
    out.append(say("test.summary", language, cases=len(outcomes), passed=len(outcomes) - failed, failed=failed))
    out.append(say("test.coverage", language, rules=coverage.rules, covered=coverage.covered))
    for key, ids in (("never-matched", coverage.never_matched), ("never-missed", coverage.never_just_missed)):
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
