"""A policy as a plain Polars program, as a person would write it: the yardstick of `backtest.py`.

One expression a rule, straight from its conditions, on the columns of the cases; membership of sets
and the facts that rules conclude are columns made first, layer by layer. It shares no code with
`triage.columnar`, does not tell whether an unknown fact could change a result, and does not share
work between two policies.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from triage.deciding.calendar import Snapshot, Snapshots, turning_days
from triage.model.conditions import Test
from triage.model.facts import Kind, Origin
from triage.model.policy import Policy, Recommendation

NONE = pl.lit(None, dtype=pl.Boolean)
LEVELS = ("none", "partial", "large", "full")
Concluded = dict[str, dict[Any, list[pl.Expr]]]
"""The columns that conclude each value of a fact, by fact."""


class PlainProgram:
    """One policy; its results have a row a case: recommendation, score, strategy, perhaps rules."""

    def __init__(self, policy: Policy) -> None:
        self.snapshots = Snapshots(policy)
        self.turning = turning_days(policy)
        self._stretches: dict[int, Any] = {}

    def evaluate(self, cases: pl.DataFrame, rules: bool) -> pl.DataFrame:
        """The results, in the order of the cases."""
        days = pl.Series(self.turning, dtype=pl.Date)
        stretches = days.search_sorted(cases["received"], side="right")
        results = []
        for stretch in stretches.unique().sort().to_list():
            where = (stretches == stretch).arg_true()
            if stretch not in self._stretches:
                day = self.turning[stretch - 1] if stretch else date.min
                self._stretches[stretch] = _Snapshot(self.snapshots.on(day))
            own = cases[where] if len(where) < cases.height else cases
            result = self._stretches[stretch].evaluate(own, rules)
            results.append(result.with_columns(where.alias("case")))
        return pl.concat(results).sort("case") if len(results) > 1 else results[0]


class _Snapshot:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot, self.policy = snapshot, snapshot.policy
        self.places = {rule.id: place for place, rule in enumerate(self.policy.rules)}
        self.names = sorted(name for name in snapshot.plans if name is not None)
        self.members: dict[str, set[str]] = defaultdict(set)
        for scope in snapshot.scopes.values():
            self.members["countries"] |= scope.countries
        for plan in snapshot.plans.values():
            for rule in plan.rules:
                for test in (test for clause in rule.when + rule.unless for test in clause):
                    self._note(test)
        self.members["topics"] |= set(self.policy.vocabularies["topics"].terms)

    def _note(self, test: Test) -> None:
        fact = self.policy.facts[test.fact]
        if fact.kind is Kind.SET and fact.origin is Origin.REQUEST and test.value is not None:
            self.members[fact.name] |= {test.value} if isinstance(test.value, str) else test.value

    # -- the program

    def evaluate(self, cases: pl.DataFrame, rules: bool) -> pl.DataFrame:
        frame = cases.lazy().with_columns(**self._facts())
        for name in [*self.names, None]:
            frame = self._assessed(frame, name)
        frame = self._chosen(frame)
        outside, best = pl.col("strategy").is_null(), pl.col("best")
        rank = pl.when(outside).then(1).otherwise(best // 1000)
        score = pl.when(outside).then(pl.col("score None")).otherwise(best % 1000)
        columns = {
            "recommendation": rank.cast(pl.Int8),
            "score": score.cast(pl.Int16),
            "strategy": pl.col("strategy"),
        }
        if rules:
            columns["rules"] = self._rules()
        return frame.select(**columns).collect()

    def _facts(self) -> dict[str, pl.Expr]:
        """Membership of the sets, and the facts worked out from others."""
        values, start, end = self.snapshot.values, pl.col("start"), pl.col("end")
        small, medium = values["small_event_at_most"], values["medium_event_at_most"]
        people = pl.col("participants")
        size = pl.when(people <= small).then(pl.lit("small"))
        size = size.when(people <= medium).then(pl.lit("medium")).otherwise(pl.lit("large"))
        last = (end.dt.weekday() < 6).cast(pl.Int32)
        facts = {
            f"{fact}:{value}": pl.col(fact).list.contains(value)
            for fact, asked in self.members.items()
            for value in sorted(asked)
        }
        return facts | {
            "notice_days": pl.business_day_count("received", start),
            "duration_days": pl.business_day_count(start, end) + last,
            "event_size": pl.when(people.is_not_null()).then(size),
            "country_count": pl.col("countries").list.len(),
        }

    def _chosen(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The strategy that counts, with `best`: 1000 times its rank, and its score."""
        touched = []
        for name in self.names:
            scope = self.snapshot.scopes[name]
            inside = [pl.col(f"countries:{country}") for country in scope.countries]
            inside.append(pl.col("forum").is_in(list(scope.forums)))
            touched.append(any_(inside).fill_null(False).alias(f"in {name}"))
        frame = frame.with_columns(touched)
        best, chosen = pl.lit(-1), pl.lit(None, dtype=pl.String)
        for name in self.names:
            own = pl.col(f"rank {name}") * 1000 + pl.col(f"score {name}")
            better = pl.col(f"in {name}") & (own > best)
            chosen = pl.when(better).then(pl.lit(name)).otherwise(chosen)
            best = pl.when(better).then(own).otherwise(best)
        return frame.with_columns(best=best, strategy=chosen)

    def _rules(self) -> pl.Expr:
        by_place: dict[int, list[pl.Expr]] = defaultdict(list)
        strategy = pl.col("strategy")
        for name in [*self.names, None]:
            counts = strategy.is_null() if name is None else (strategy == name).fill_null(False)
            for rule in self.snapshot.plans[name].rules:
                by_place[self.places[rule.id]].append(counts & pl.col(f"{name}/{rule.id}"))
        matched = [
            pl.when(any_(holding)).then(pl.lit(place, dtype=pl.UInt16))
            for place, holding in sorted(by_place.items())
        ]
        return pl.concat_list(matched).list.drop_nulls()

    def _assessed(self, frame: pl.LazyFrame, name: str | None) -> pl.LazyFrame:
        """One strategy: its rules layer by layer, then points, thresholds, ceilings and floors."""
        scope = self.snapshot.scopes.get(name or "")
        inside = [pl.col(f"countries:{country}") for country in scope.countries] if scope else []
        known = pl.col("countries").is_not_null()
        in_region = any_(inside) if inside else pl.when(known).then(False)
        frame = frame.with_columns(in_region=in_region, strategy=pl.lit(name, dtype=pl.String))
        frame = self._matched(frame, name)
        frame = frame.with_columns(self._score(name).alias(f"score {name}"))
        return frame.with_columns(self._rank(name).alias(f"rank {name}"))

    def _matched(self, frame: pl.LazyFrame, name: str | None) -> pl.LazyFrame:
        """A column for each rule, true where it holds; one that may hold counts as false."""
        plan = self.snapshot.plans[name]
        concluded: Concluded = defaultdict(lambda: defaultdict(list))
        for layer in plan.layers:
            frame = frame.with_columns(**self._alignment(concluded))
            made = {}
            for rule in layer:
                holds = self._all_hold(rule.when, concluded)
                if rule.unless:
                    holds = holds & ~self._all_hold(rule.unless, concluded)
                made[f"? {name}/{rule.id}"] = holds
            frame = frame.with_columns(**made)
            for rule in layer:
                for fact, value in rule.rule.then.conclude:
                    for one in [True] if value is True else value:
                        concluded[fact][one].append(pl.col(f"? {name}/{rule.id}"))
        return frame.with_columns(
            pl.col(f"? {name}/{rule.id}").fill_null(False).alias(f"{name}/{rule.id}")
            for rule in plan.rules
        )

    def _all_hold(self, clauses: Iterable[Iterable[Test]], concluded: Concluded) -> pl.Expr:
        return all_([any_([self._test(test, concluded) for test in clause]) for clause in clauses])

    def _score(self, name: str | None) -> pl.Expr:
        criteria = []
        for criterion, most in enumerate(self.snapshot.maxima):
            given = [
                pl.col(f"{name}/{rule.id}").cast(pl.Int32) * number
                for rule in self.snapshot.plans[name].rules
                for own, number in rule.points
                if own == criterion
            ]
            limit = pl.lit(most)
            criteria.append(
                pl.min_horizontal(pl.sum_horizontal(given), limit) if given else pl.lit(0)
            )
        return pl.sum_horizontal(criteria)

    def _rank(self, name: str | None) -> pl.Expr:
        """The recommendation as a number from 0 to 2: of the score, then of ceilings and floors."""
        rules, score = self.snapshot.plans[name].rules, pl.col(f"score {name}")
        rank = pl.when(score >= self.snapshot.accept).then(2)
        rank = rank.when(score >= self.snapshot.defer).then(1).otherwise(0)
        for bound in (Recommendation.DEFER, Recommendation.DECLINE):
            under = [rule.id for rule in rules if rule.rule.then.ceiling is bound]
            holds = any_([pl.col(f"{name}/{id}") for id in under])
            if under:
                rank = pl.when(holds).then(pl.min_horizontal(rank, bound.rank)).otherwise(rank)
        for bound in (Recommendation.DEFER, Recommendation.ACCEPT):
            over = [rule.id for rule in rules if rule.rule.then.floor is bound]
            holds = any_([pl.col(f"{name}/{id}") for id in over])
            if over:
                rank = pl.when(holds).then(pl.max_horizontal(rank, bound.rank)).otherwise(rank)
        return rank

    def _alignment(self, concluded: Concluded) -> dict[str, pl.Expr]:
        """The least and the greatest level that the topics allow."""
        serving = [
            pl.col(f"topics:{topic}") & any_(concluding)
            for topic, concluding in concluded["aligned_topics"].items()
        ]
        count = pl.col("topics").list.len()
        large = self.snapshot.values["largely_aligned_share"]
        levels = {}
        for bound, fill in (("low", False), ("high", True)):
            known = [one.fill_null(fill).cast(pl.UInt8) for one in serving]
            number = pl.sum_horizontal(known or [pl.lit(0)]).cast(pl.Int32)
            enough = number * large.denominator >= count.cast(pl.Int32) * large.numerator
            level = pl.when(number == 0).then(0).when(number == count).then(3)
            level = level.when(enough).then(2).otherwise(1)
            levels[f"alignment {bound}"] = pl.when(count.is_not_null()).then(level)
        return levels

    def _test(self, test: Test, concluded: Concluded) -> pl.Expr:
        fact, value, column = self.policy.facts[test.fact], test.value, pl.col(test.fact)
        if test.presence:
            return column.is_not_null() if test.operator == "is known" else column.is_null()
        if fact.kind is Kind.SET:
            return self._on_set(test, concluded)
        if test.fact == "alignment":
            passing = self._passing(test, LEVELS)
            found = [
                (pl.col("alignment low") <= n) & (pl.col("alignment high") >= n) for n in range(4)
            ]
            may = any_([one for n, one in enumerate(found) if n in passing])
            may_not = any_([one for n, one in enumerate(found) if n not in passing])
            return pl.when(~(may & may_not)).then(may)
        if fact.kind is Kind.BOOLEAN:
            yes = any_(concluded[test.fact][True]) if fact.origin is Origin.CONCLUDED else column
            return yes if value else ~yes
        if test.ranks:
            return column.is_in([test.ranks[n] for n in self._passing(test, test.ranks)])
        return self._compared(column, test.operator, value)

    def _compared(self, column: pl.Expr, operator: str, value: Any) -> pl.Expr:
        match operator:
            case "is any of" | "is none of":
                found = column.is_in(sorted(value))
                return found if operator == "is any of" else ~found
            case "is":
                return column == value
            case "is not":
                return column != value
            case "at least":
                return column >= value
            case "at most":
                return column <= value
            case "above":
                return column > value
        return column < value

    def _passing(self, test: Test, ranks: tuple[str, ...]) -> set[int]:
        place = ranks.index(test.value) if isinstance(test.value, str) else -1
        tests = {
            "is": lambda n: n == place,
            "is not": lambda n: n != place,
            "is any of": lambda n: ranks[n] in test.value,
            "is none of": lambda n: ranks[n] not in test.value,
            "is at least": lambda n: n >= place,
            "is at most": lambda n: n <= place,
            "is above": lambda n: n > place,
            "is below": lambda n: n < place,
        }
        return {n for n in range(len(ranks)) if tests[test.operator](n)}

    def _on_set(self, test: Test, concluded: Concluded) -> pl.Expr:
        asked = {test.value} if isinstance(test.value, str) else test.value or set()
        if self.policy.facts[test.fact].origin is Origin.CONCLUDED:
            own = concluded[test.fact]
            found = [any_(own[one]) for one in sorted(asked)]
            some = any_([any_(one) for one in own.values()])
        else:
            found = [pl.col(f"{test.fact}:{one}") for one in sorted(asked)]
            some = pl.col(test.fact).list.len() > 0
        match test.operator:
            case "include" | "include any of":
                return any_(found)
            case "include none of":
                return ~any_(found)
            case "include all of":
                return all_(found)
        return some if test.operator == "is not empty" else ~some


def any_(found: list[pl.Expr]) -> pl.Expr:
    return reduce(or_, found) if found else pl.lit(False)


def all_(found: list[pl.Expr]) -> pl.Expr:
    return reduce(and_, found)
