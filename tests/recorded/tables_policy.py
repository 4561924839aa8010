"""Cases of `check`, `test`, `rules` and `worksheet`: the policy itself."""

from collections.abc import Iterator
from pathlib import Path

from recorded import inputs
from recorded.case import Case, case, table

DAY = "--as-of 2022-07-04"

POLICY = f"""
check               check
check-json.en       check --format json
check-rules.en      check rules --cases tests/cases
check-option        check --rules made/suspended/rules
check-edited.en     check made/edited/rules --cases tests/cases --format json
check-broken        check made/broken/rules
check-missing       check no-such-folder
check-no-cases      check rules --cases no-such-folder
check-file          check rules/policy.yaml
check-out.en        check bad/none/rules --output out.txt
test                test
test-json.en        test --format json
test-folder.en      test tests/cases/asia
test-files          test tests/cases/asia/china.yaml tests/cases/operations
test-edited.en      test tests/cases --rules made/edited/rules
test-other.en       test tests/cases/asia/china.yaml --rules bad/none/rules
test-missing        test no-such-folder
test-not-cases      test rules/policy.yaml
test-broken.en      test tests/cases --rules made/broken/rules
test-out.en         test tests/cases/asia/china.yaml --output out.txt
rules               rules {DAY}
rules-json          rules {DAY} --format json
rules-schema.en     rules --schema
rules-schema-out.en rules --schema --output schema.json
rules-one           rules asia-visit-not-largely-aligned
rules-one-json      rules asia-visit-not-largely-aligned {DAY} --format json
rules-row           rules asia-topic-removals {DAY}
rules-early.en      rules asia-visit-not-largely-aligned --as-of 2021-01-01
rules-near          rules asia-visit-not-largly-aligned
rules-none          rules zzz
rules-day           rules --as-of never
rules-day-one.en    rules asia-topic-removals --as-of never
rules-small         rules --rules bad/none/rules
rules-small-json.en rules --rules bad/none/rules --schema
rules-broken.en     rules --rules made/broken/rules
rules-missing       rules --rules no-such-folder
vocabulary-none     rules --vocabulary no-such-vocabulary
vocabulary-near     rules --vocabulary topic
vocabulary-small.en rules --vocabulary topics --rules bad/none/rules
worksheet           worksheet {DAY}
worksheet-html      worksheet {DAY} --format html
worksheet-today.en  worksheet
worksheet-later.en  worksheet --as-of 2026-01-01
worksheet-early     worksheet --as-of 2021-01-01
worksheet-small     worksheet --rules bad/none/rules {DAY} --format html --output out.html
worksheet-bad.en    worksheet --rules made/broken/rules
worksheet-day       worksheet --as-of 2022-13-01
worksheet-form      worksheet --format xlsx
"""

VOCABULARIES = (
    *("topics", "populations", "forums", "countries", "engagement_types", "requester_types"),
    *("origins", "levels", "modalities", "locations", "canada_roles", "cost_recoveries"),
    *("priorities", "gc_priorities", "classifications", "strategies", "alignments", "leads"),
    *("event_sizes", "flags", "funds", "organizations"),
)
RULES = (
    *("same-topic-again", "outcome-stated", "asia-fully-aligned", "asia-transactional-limit"),
    *("refer-elsewhere-culture", "americas-priority-country", "asia-tier-engaged"),
    *("asia-established-forum", "asia-population-afghan", "asia-lead-protection"),
)
"""Rules of several kinds; the API shows every rule in both languages."""


def cases(checkout: Path) -> Iterator[Case]:
    """Every case of policies."""
    yield from table("policy", POLICY)
    for name in VOCABULARIES:
        yield case(
            f"vocabulary/{name}", f"rules --vocabulary {name} ; rules --vocabulary {name} --lang fr"
        )
    for name in RULES:
        yield case(
            f"rule/{name}", f"rules {name} {DAY} ; rules {name} {DAY} --format json --lang fr"
        )
    screened = "screen examples/inbox-projects.csv --rules"
    for name in ("none", *inputs.mistakes(checkout)):
        rules = f"bad/{name}/rules"
        yield case(f"bad/{name}.en", f"check {rules} ; {screened} {rules}")
        yield case(
            f"bad/{name}.fr", f"check {rules} --lang fr ; check {rules} --format json --lang fr"
        )
