"""The effects of the policy language, one row each: what a rule can do under `then`.

Each effect has one of six shapes; how a shape is read, checked, compared and told is said once,
where that is done. A new effect of one of the shapes is a row here, a field of `policy.Effects`,
and its sentence under `effect` in `messages/`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Literal

from triage.model.policy import Effects, Recommendation


class EffectShape(Enum):
    """What stands under the key of an effect, and in its field of `policy.Effects`."""

    POINTS = auto()
    """By criterion a whole number or a parameter; pairs in the field, which may repeat one."""
    BOUND = auto()
    """A recommendation that the result does not pass."""
    CONCLUSIONS = auto()
    """By fact the values that a set gains, or true; pairs in the field, which may repeat one."""
    TERM = auto()
    """A term of a vocabulary."""
    TERMS = auto()
    """Terms of some vocabularies, sorted."""
    TEXT = auto()
    """A text in both languages, whose slots facts and parameters fill."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect by its `key` under `then` and its `field` of `policy.Effects`.

    `told` is the key of its sentence, with the slot `value`; points have `points` and `criterion`,
    conclusions `fact` and `value`.
    """

    key: str
    field: str
    shape: EffectShape
    told: str
    vocabularies: tuple[str, ...] = ()
    """Those that a term may be of."""
    bounds: tuple[Recommendation, ...] = ()
    """The recommendations that a bound may name, from the mildest bound to the strictest."""
    moves: bool = False
    """Whether it can move the recommendation."""
    paper: Literal["routing", "notes"] | None = None
    """The step of the worksheet that has its boxes; those that move a result have their own."""
    given_by: str | None = None
    """Another effect whose term need not be among the terms of this one."""

    def of(self, then: Effects) -> Any:
        """What a rule says for the effect; empty or None for nothing."""
        return getattr(then, self.field)


EFFECTS = (
    Effect("score", "score", EffectShape.POINTS, "effect.score", moves=True),
    Effect(
        *("at most", "ceiling", EffectShape.BOUND, "effect.at-most"),
        bounds=(Recommendation.DEFER, Recommendation.DECLINE),
        moves=True,
    ),
    Effect(
        *("at least", "floor", EffectShape.BOUND, "effect.at-least"),
        bounds=(Recommendation.DEFER, Recommendation.ACCEPT),
        moves=True,
    ),
    Effect("conclude", "conclude", EffectShape.CONCLUSIONS, "effect.conclude"),
    Effect("lead", "lead", EffectShape.TERM, "effect.lead", ("branches",), paper="routing"),
    Effect(
        *("consult", "consult", EffectShape.TERMS, "effect.consult", ("branches", "departments")),
        paper="routing",
        given_by="lead",
    ),
    Effect("advise", "advise", EffectShape.TEXT, "effect.advise", paper="notes"),
    Effect("fund", "fund", EffectShape.TERM, "effect.fund", ("funds",), paper="routing"),
    Effect("flag", "flag", EffectShape.TERM, "effect.flag", ("flags",), paper="notes"),
)

_TOLD = sorted(EFFECTS, key=lambda effect: effect.shape is EffectShape.TEXT)


def effects_of(then: Effects, *shapes: EffectShape) -> Iterator[tuple[Effect, Any]]:
    """What a rule does, in the order in which it is told: texts last. `shapes` are all or some."""
    for effect in _TOLD:
        value = effect.of(then)
        if value and (not shapes or effect.shape in shapes):
            yield effect, value


def merged(first: Effects, second: Effects) -> Effects:
    """Both effects together; where both say one thing, the second says it."""
    return Effects(**{row.field: _merged(row, row.of(first), row.of(second)) for row in EFFECTS})


def _merged(effect: Effect, first: Any, second: Any) -> Any:
    if effect.shape in (EffectShape.POINTS, EffectShape.CONCLUSIONS):
        return first + second
    return (
        tuple(sorted({*first, *second})) if effect.shape is EffectShape.TERMS else second or first
    )
