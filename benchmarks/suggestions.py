"""Suggestions from prose against labels made by hand: precision, recall, and English beside French.

`tests/suggestions/held_out.yaml` was written and labelled without sight of the phrases and never
tuned on: its figures count. `tuned.yaml` is the set that the phrases were tuned on.
Run: python benchmarks/suggestions.py [--misses] [FILE...]
"""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "tests" / "suggestions"
FACTS = ("topics", "populations", "forum", "countries", "engagement_type")
Values = frozenset[tuple[str, str]]


@dataclass
class Score:
    """How many suggested values are right, are suggested, and are labelled."""

    right: int = 0
    suggested: int = 0
    labelled: int = 0

    def add(self, suggested: Values, labelled: Values) -> None:
        self.right += len(suggested & labelled)
        self.suggested += len(suggested)
        self.labelled += len(labelled)

    @property
    def precision(self) -> float:
        return self.right / self.suggested if self.suggested else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 1.0


def labels(item: Mapping[str, Any]) -> Values:
    """The values that a person gave, each with its fact."""
    found = set()
    for fact in FACTS:
        value = item[fact]
        values = value if isinstance(value, list) else [value] if value else []
        found |= {(fact, one) for one in values}
    return frozenset(found)


def suggestions(suggester: Any, text: str, weak: bool = False) -> Values:
    """The values that are suggested strongly, or also `weak`ly, each with its fact."""
    return frozenset(
        (one.fact, id) for one in suggester.suggest(text) if one.strong or weak for id in one.ids
    )


def scores(
    suggester: Any, items: Iterable[Mapping[str, Any]], weak: bool = False
) -> dict[tuple[str, str], Score]:
    """A score by language (en, fr) and fact; `all` has every fact."""
    found = {(language, fact): Score() for language in ("en", "fr") for fact in (*FACTS, "all")}
    for item in items:
        language = "en" if item["id"].startswith("E") else "fr"
        suggested, labelled = suggestions(suggester, item["text"], weak), labels(item)
        found[language, "all"].add(suggested, labelled)
        for fact in FACTS:
            of_fact = [
                frozenset(one for one in some if one[0] == fact) for some in (suggested, labelled)
            ]
            found[language, fact].add(*of_fact)
    return found


def agreement(suggester: Any, items: list[Mapping[str, Any]]) -> tuple[int, int]:
    """The values suggested for both texts of a translation pair, and for at least one of them."""
    by_id = {item["id"]: item["text"] for item in items}
    both = either = 0
    for item in items:
        if item.get("pair") in by_id:
            one = suggestions(suggester, item["text"])
            other = suggestions(suggester, by_id[item["pair"]])
            both += len(one & other)
            either += len(one | other)
    return both, either


def read(path: Path) -> list[Mapping[str, Any]]:
    """The items of a labelled set."""
    items: list[Mapping[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return items


def main() -> None:
    """Print the figures of each labelled set."""
    from triage.intake.suggestions import Suggester
    from triage.rulebook.load import load_policy

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--misses", action="store_true", help="print each text judged wrongly")
    options = parser.parse_args()
    files = options.files or [FOLDER / "held_out.yaml", FOLDER / "tuned.yaml"]
    suggester = Suggester(load_policy())
    for path in files:
        if not path.exists():
            print(f"{path.name}: not there")
            continue
        items = read(path)
        print(f"{path.name}: {len(items)} texts")
        for weak, title in ((False, "suggestions (strong)"), (True, "with hints (weak)")):
            print(f"  {title}")
            for (language, fact), score in scores(suggester, items, weak).items():
                print(
                    f"    {language} {fact:<16} precision {score.precision:6.1%} "
                    f"({score.right}/{score.suggested}), recall {score.recall:6.1%} "
                    f"({score.right}/{score.labelled})"
                )
        both, either = agreement(suggester, items)
        share = both / either if either else 1.0
        print(f"  English and French of a pair agree on {share:.1%} ({both}/{either})")
        if options.misses:
            print_misses(suggester, items)


def print_misses(suggester: Any, items: list[Mapping[str, Any]]) -> None:
    """Each text with what is suggested wrongly (+) and what is not suggested (-)."""
    for item in items:
        labelled = labels(item)
        strong, every = (suggestions(suggester, item["text"], weak) for weak in (False, True))
        if strong == labelled:
            continue
        print(f"{item['id']}: {item['text']}")
        for one in suggester.suggest(item["text"]):
            if any((one.fact, id) not in labelled for id in one.ids):
                print(f"    + {one.strength} {one.fact} {' '.join(one.ids)} {list(one.matched)}")
        for fact, value in sorted(labelled - strong):
            print(f"    - {fact} {value}{' (weak)' if (fact, value) in every else ''}")


if __name__ == "__main__":
    main()
