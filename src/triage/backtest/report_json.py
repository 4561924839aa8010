"""The JSON shape of a backtest's report, part by part (docs/backtest.md describes it)."""

from typing import Any

from triage.backtest.agreement import Agreement
from triage.backtest.figures import RuleFigures
from triage.backtest.report import BacktestReport
from triage.backtest.statistics import Estimate
from triage.backtest.tally import Flip, Shown
from triage.formats.file_names import one_line
from triage.messages import say
from triage.model.facts import Determination
from triage.model.policy import RANKED, Policy

DIGITS = 4
"""Decimals of shares and kappa."""

FAVOURABLE_FIRST = tuple(reversed(RANKED))


def report_json(report: BacktestReport) -> dict[str, Any]:
    """The whole report; the order of the keys is fixed."""
    tally, promoted = report.tally, report.promoted
    return {
        "baseline": _policy(report.baseline),
        "candidate": _policy(report.candidate),
        "as_of": report.as_of.isoformat() if report.as_of else "received",
        "engine": report.engine,
        "language": report.language,
        "cases": _cases(report),
        "edits": [edit.as_dict(report.language) for edit in report.edits],
        "matrix": {
            old.value: {new.value: tally.moves[old.rank, new.rank] for new in FAVOURABLE_FIRST}
            for old in FAVOURABLE_FIRST
        },
        "unchanged": sum(tally.moves[one.rank, one.rank] for one in RANKED),
        "changed": len(tally.flips),
        "flips": [_flip(report, flip) for flip in tally.flips],
        "causes": [
            {"edits": list(edits), "how": how, "flips": count}
            for edits, how, count in report.causes
        ],
        "rules": [_rule(rule, tally.eligible) for rule in report.rules],
        "scores": _scores(report),
        "segments": _segments(report),
        "agreement": _agreements(report),
        "limits": report.capacity.as_dict() if report.capacity else None,
        "near": _near(report),
        "hanging": _hanging(report),
        "gates": [
            {"gate": one.name, "limit": one.limit, "found": one.found, "breached": one.breached}
            for one in report.gates
        ],
        "promoted": promoted and {"file": one_line(promoted.path), "cases": list(promoted.cases)},
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {"version": policy.version, "rules": len(policy.rules)}


def _cases(report: BacktestReport) -> dict[str, Any]:
    cases, skipped = report.cases, report.skipped
    return {
        "digest": cases.digest,
        "files": [{"path": one_line(one.path), "digest": one.digest} for one in cases.sources],
        "read": cases.read,
        "eligible": report.tally.eligible,
        "skipped": [{"reason": reason, "count": count} for reason, count in skipped.items()],
        "determined": report.agreements[0].total,
    }


def _flip(report: BacktestReport, flip: Flip) -> dict[str, Any]:
    return {
        "request_id": flip.request.id,
        "from": RANKED[flip.old].value,
        "to": RANKED[flip.new].value,
        "score_change": flip.new_score - flip.old_score,
        "edits": list(report.edits_of(flip)),
        "rules_gained": list(flip.gained),
        "rules_lost": list(flip.lost),
        "determination": _determination(flip.determination),
    }


def _determination(made: Determination | None) -> dict[str, Any] | None:
    if made is None:
        return None
    day = made.date.isoformat() if made.date else None
    return {"outcome": made.outcome, "date": day, "reason": made.reason}


def _rule(rule: RuleFigures, total: int) -> dict[str, Any]:
    old, new = rule.old_matched, rule.new_matched
    return {
        "id": rule.id,
        "matched": {"baseline": old, "candidate": new},
        "rate": {"baseline": _rate(old, total), "candidate": _rate(new, total)},
        "decisive": {"baseline": rule.old_decisive, "candidate": rule.new_decisive},
        "never_matched": rule.never_matched,
        "together_with": list(rule.together),
    }


def _rate(count: int | None, total: int) -> float | None:
    return None if count is None or total == 0 else round(count / total, DIGITS)


def _scores(report: BacktestReport) -> dict[str, Any]:
    policies = {"baseline": report.tally.baseline, "candidate": report.tally.candidate}
    return {
        "thresholds": {
            name: [
                {"accept": accept, "defer": defer, "cases": count}
                for (accept, defer), count in sorted(policy.thresholds.items())
            ]
            for name, policy in policies.items()
        },
        "bins": [
            {"from": one.low, "to": one.high, "baseline": one.old, "candidate": one.new}
            for one in report.bins
        ],
    }


def _segments(report: BacktestReport) -> dict[str, Any]:
    return {
        dimension: [
            {
                "value": segment.value,
                "label": report.segment_label(dimension, segment.value),
                "cases": segment.cases,
                "gained": segment.gained,
                "lost": segment.lost,
                "unchanged": segment.unchanged,
                "small": segment.small,
            }
            for segment in segments
        ]
        for dimension, segments in report.segments.items()
    }


def _agreements(report: BacktestReport) -> dict[str, Any]:
    warning = say("backtest.bias", report.language)
    return {
        "baseline": _agreement(report.agreements[0], warning),
        "candidate": _agreement(report.agreements[1], warning),
        "newly_right": [flip.request.id for flip in report.newly_right],
        "newly_wrong": [flip.request.id for flip in report.newly_wrong],
        "warning": warning,
    }


def _agreement(agreement: Agreement, warning: str) -> dict[str, Any]:
    kappa = _estimate(agreement.kappa.estimate) | {"method": "Cohen; Fleiss-Cohen-Everitt 95 %"}
    return {
        "table": {
            said.value: {
                one.value: agreement.table[said.rank][one.rank] for one in FAVOURABLE_FIRST
            }
            for said in FAVOURABLE_FIRST
        },
        "determined": agreement.total,
        "agreed": agreement.agreed,
        "agreement": _estimate(agreement.share) | {"method": "Wilson 95 %", "warning": warning},
        "kappa": kappa | {"undefined": agreement.kappa.why_not or None, "warning": warning},
    }


def _estimate(estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None:
        return {"value": None, "low": None, "high": None}
    return {name: round(getattr(estimate, name), DIGITS) for name in ("value", "low", "high")}


def _near(report: BacktestReport) -> dict[str, Any]:
    tally = report.tally
    return {
        "points": tally.near_points,
        "baseline": tally.baseline.near,
        "candidate": tally.candidate.near,
        "cases": [_shown(case) | {"points_from_threshold": case.gap} for case in tally.near],
    }


def _hanging(report: BacktestReport) -> dict[str, Any]:
    tally, unknown = report.tally, report.facts
    return {
        "baseline": tally.baseline.hanging,
        "candidate": tally.candidate.hanging,
        "cases": [
            _shown(case) | {"unknown": list(unknown.get(case.id, ()))} for case in tally.hanging
        ],
    }


def _shown(case: Shown) -> dict[str, Any]:
    return {
        "request_id": case.id,
        "baseline": RANKED[case.old].value,
        "candidate": RANKED[case.new].value,
        "score": case.score,
        "thresholds": {"accept": case.accept, "defer": case.defer},
    }
