"""All that a backtest found, as figures, and its JSON shape (docs/backtest.md describes it)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from triage.backtest.agreement import Agreement, agreement, newly
from triage.backtest.attribution import Attribution, How
from triage.backtest.capacity import Capacity
from triage.backtest.cases import CaseSet
from triage.backtest.figures import (
    Bin,
    RuleFigures,
    Segment,
    causes,
    distribution,
    rule_figures,
    segments,
)
from triage.backtest.gates import Gate
from triage.backtest.segments import VOCABULARY
from triage.backtest.statistics import Estimate
from triage.backtest.tally import Flip, Shown, Tally
from triage.deciding.wording import Wording
from triage.messages import Language, say
from triage.model.facts import Determination
from triage.model.policy import RANKED, Policy
from triage.policy_diff.edits import Edit

REJECTED = "rejected:"
NOT_IN_FORCE = "not-in-force"
DIGITS = 4
"""Decimals of shares and kappa in JSON."""


@dataclass(frozen=True)
class Promoted:
    """The file of policy cases that was written, and the cases in it that came from flips."""

    path: Path
    cases: tuple[str, ...]


@dataclass(frozen=True)
class BacktestReport:
    """The outcome of one backtest. `caused` is by case id; `facts` are the unknown facts on
    which shown cases hang.
    """

    language: Language
    cases: CaseSet
    engine: str
    edits: Sequence[Edit]
    tally: Tally
    caused: Mapping[str, Attribution] = field(default_factory=dict)
    facts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    capacity: Capacity | None = None
    gates: Sequence[Gate] = ()
    promoted: Promoted | None = None

    def with_(self, gates: Sequence[Gate], promoted: Promoted | None) -> "BacktestReport":
        """The report with what was done with it."""
        return replace(self, gates=gates, promoted=promoted)

    @property
    def baseline(self) -> Policy:
        """The policy that is changed."""
        return self.tally.baseline.policy

    @property
    def candidate(self) -> Policy:
        """The policy as it would be."""
        return self.tally.candidate.policy

    @property
    def as_of(self) -> date | None:
        """The day by which all cases are judged; None where each has its own."""
        return self.tally.as_of

    @property
    def breached(self) -> list[Gate]:
        """The gates that do not hold."""
        return [gate for gate in self.gates if gate.breached]

    @cached_property
    def skipped(self) -> dict[str, int]:
        """Cases that were read and not judged, by reason."""
        found = {
            f"{REJECTED}{name}": count
            for name, count in sorted(self.cases.rejected_by_field.items())
        }
        if self.tally.not_in_force:
            found[NOT_IN_FORCE] = self.tally.not_in_force
        return found

    def skip_reason(self, reason: str) -> str:
        """A reason for skipping in words."""
        if reason == NOT_IN_FORCE:
            return say("backtest.skipped-not-in-force", self.language)
        name, dot, _ = reason.removeprefix(REJECTED).partition(".")
        label = say("backtest.determination", self.language) if dot else self.words.fact(name)
        return say("backtest.skipped-rejected", self.language, field=label)

    @cached_property
    def words(self) -> Wording:
        """The labels of the candidate, in the language of the report."""
        return Wording(self.candidate, self.language)

    @cached_property
    def agreements(self) -> tuple[Agreement, Agreement]:
        """With what people decided, under the baseline and under the candidate."""
        determined = self.tally.determined
        return agreement(determined, candidate=False), agreement(determined, candidate=True)

    @cached_property
    def newly_right(self) -> list[Flip]:
        """The flips by which the policy came to agree with people."""
        return newly(self.tally.flips, right=True)

    @cached_property
    def newly_wrong(self) -> list[Flip]:
        """The flips by which it ceased to."""
        return newly(self.tally.flips, right=False)

    @cached_property
    def rules(self) -> list[RuleFigures]:
        """Every rule of either policy."""
        return rule_figures(self.tally.baseline, self.tally.candidate)

    def rule_title(self, id: str) -> str:
        """What a rule is called; the candidate's title where both have it."""
        rule = self.candidate.rule.get(id) or self.baseline.rule.get(id)
        return rule.title[self.language] if rule else id

    @cached_property
    def bins(self) -> list[Bin]:
        """The distribution of scores."""
        return distribution(self.tally.baseline, self.tally.candidate)

    @cached_property
    def causes(self) -> list[tuple[tuple[str, ...], How, int]]:
        """The edits that flips are due to, how they work together, and how many flips."""
        return causes(self.tally.flips, self.caused)

    @cached_property
    def segments(self) -> dict[str, list[Segment]]:
        """The groups of cases by dimension."""
        found = {
            name: segments(self.tally.segments.get(name, {})) for name in self.tally.dimensions
        }
        return {name: groups for name, groups in found.items() if groups}

    def segment_label(self, dimension: str, value: str | None) -> str:
        """What a group is called."""
        if value is None:
            return say("word.unknown", self.language)
        if dimension == "language":
            return say("backtest." + f"language-{value}", self.language)
        if dimension == "region" and value == "outside":
            return say("backtest.region-outside", self.language)
        name = VOCABULARY.get(dimension)
        return self.words.label(name, value) if name else value

    def edits_of(self, flip: Flip) -> tuple[str, ...]:
        """The edits that a flip is due to."""
        cause = self.caused.get(flip.request.id)
        return cause.edits if cause else ()

    @cached_property
    def edit_numbers(self) -> dict[str, str]:
        """A short name for each edit by its id, as the report shows it."""
        return {edit.id: f"E{number}" for number, edit in enumerate(self.edits, 1)}

    def due_to(self, flip: Flip, short: bool = False) -> str:
        """The edits that a flip is due to, by id or by short name."""
        cause = self.caused.get(flip.request.id)
        if cause is None:
            return ""
        return joined([self.edit_numbers[id] if short else id for id in cause.edits], cause.how)

    def matched(self, id: str) -> int:
        """On how many cases a rule of the candidate holds."""
        return next((one.new_matched or 0 for one in self.rules if one.id == id), 0)

    # -- JSON
    # --------------------------------------------------------------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """The JSON shape; the order of the keys is fixed."""
        tally = self.tally
        return {
            "baseline": {"version": self.baseline.version, "rules": len(self.baseline.rules)},
            "candidate": {"version": self.candidate.version, "rules": len(self.candidate.rules)},
            "as_of": self.as_of.isoformat() if self.as_of else "received",
            "engine": self.engine,
            "language": self.language,
            "cases": {
                "digest": self.cases.digest,
                "files": [{"path": one.path, "digest": one.digest} for one in self.cases.sources],
                "read": self.cases.read,
                "eligible": tally.eligible,
                "skipped": [
                    {"reason": name, "count": count} for name, count in self.skipped.items()
                ],
                "determined": self.agreements[0].total,
            },
            "edits": [
                {
                    "id": one.id,
                    "kind": one.kind,
                    "subject": one.subject,
                    "affects_results": one.affects_results,
                    "words": one.words(self.language),
                }
                for one in self.edits
            ],
            "matrix": {
                old.value: {new.value: tally.moves[old.rank, new.rank] for new in reversed(RANKED)}
                for old in reversed(RANKED)
            },
            "unchanged": sum(tally.moves[one.rank, one.rank] for one in RANKED),
            "changed": len(tally.flips),
            "flips": [self._flip(one) for one in tally.flips],
            "causes": [
                {"edits": list(edits), "how": how, "flips": count}
                for edits, how, count in self.causes
            ],
            "rules": [self._rule(one) for one in self.rules],
            "scores": {
                "thresholds": {
                    name: [
                        {"accept": accept, "defer": defer, "cases": count}
                        for (accept, defer), count in sorted(side.thresholds.items())
                    ]
                    for name, side in (("baseline", tally.baseline), ("candidate", tally.candidate))
                },
                "bins": [
                    {"from": one.low, "to": one.high, "baseline": one.old, "candidate": one.new}
                    for one in self.bins
                ],
            },
            "segments": {
                name: [
                    {
                        "value": one.value,
                        "label": self.segment_label(name, one.value),
                        "cases": one.cases,
                        "gained": one.gained,
                        "lost": one.lost,
                        "unchanged": one.unchanged,
                        "small": one.small,
                    }
                    for one in groups
                ]
                for name, groups in self.segments.items()
            },
            "agreement": {
                "baseline": self._agreement(self.agreements[0]),
                "candidate": self._agreement(self.agreements[1]),
                "newly_right": [one.request.id for one in self.newly_right],
                "newly_wrong": [one.request.id for one in self.newly_wrong],
                "warning": say("backtest.bias", self.language),
            },
            "limits": self.capacity.as_dict() if self.capacity else None,
            "near": {
                "points": tally.near_points,
                "baseline": tally.baseline.near,
                "candidate": tally.candidate.near,
                "cases": [
                    self._shown(one) | {"points_from_threshold": one.gap} for one in tally.near
                ],
            },
            "hanging": {
                "baseline": tally.baseline.hanging,
                "candidate": tally.candidate.hanging,
                "cases": [
                    self._shown(one) | {"unknown": list(self.facts.get(one.id, ()))}
                    for one in tally.hanging
                ],
            },
            "gates": [
                {"gate": one.name, "limit": one.limit, "found": one.found, "breached": one.breached}
                for one in self.gates
            ],
            "promoted": None
            if self.promoted is None
            else {"file": str(self.promoted.path), "cases": list(self.promoted.cases)},
        }

    def _flip(self, flip: Flip) -> dict[str, Any]:
        return {
            "request_id": flip.request.id,
            "from": RANKED[flip.old].value,
            "to": RANKED[flip.new].value,
            "score_change": flip.new_score - flip.old_score,
            "edits": list(self.edits_of(flip)),
            "rules_gained": list(flip.gained),
            "rules_lost": list(flip.lost),
            "determination": _determination(flip.determination),
        }

    def _rule(self, figures: RuleFigures) -> dict[str, Any]:
        total = self.tally.eligible
        return {
            "id": figures.id,
            "matched": {"baseline": figures.old_matched, "candidate": figures.new_matched},
            "rate": {
                "baseline": _rate(figures.old_matched, total),
                "candidate": _rate(figures.new_matched, total),
            },
            "decisive": {"baseline": figures.old_decisive, "candidate": figures.new_decisive},
            "never_matched": figures.never_matched,
            "together_with": list(figures.together),
        }

    def _agreement(self, found: Agreement) -> dict[str, Any]:
        warning = say("backtest.bias", self.language)
        return {
            "table": {
                said.value: {
                    proposed.value: found.table[said.rank][proposed.rank]
                    for proposed in reversed(RANKED)
                }
                for said in reversed(RANKED)
            },
            "determined": found.total,
            "agreed": found.agreed,
            "agreement": _estimate(found.share) | {"method": "Wilson 95 %", "warning": warning},
            "kappa": _estimate(found.kappa.estimate)
            | {
                "method": "Cohen; Fleiss-Cohen-Everitt 95 %",
                "undefined": found.kappa.why_not or None,
                "warning": warning,
            },
        }

    def _shown(self, one: Shown) -> dict[str, Any]:
        return {
            "request_id": one.id,
            "baseline": RANKED[one.old].value,
            "candidate": RANKED[one.new].value,
            "score": one.score,
            "thresholds": {"accept": one.accept, "defer": one.defer},
        }


def joined(edits: Sequence[str], how: How) -> str:
    """Edits in one text: with + where it takes all of them, with a bar where each is enough."""
    return (" | " if how == "either" else " + ").join(edits)


def _determination(found: Determination | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "outcome": found.outcome,
        "date": found.date.isoformat() if found.date else None,
        "reason": found.reason,
    }


def _rate(count: int | None, total: int) -> float | None:
    return None if count is None or total == 0 else round(count / total, DIGITS)


def _estimate(found: Estimate | None) -> dict[str, Any]:
    if found is None:
        return {"value": None, "low": None, "high": None}
    return {name: round(getattr(found, name), DIGITS) for name in ("value", "low", "high")}
