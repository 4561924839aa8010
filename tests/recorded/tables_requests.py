"""Cases of `screen`, `topics` and `assess`: inboxes and proposals in, recommendations out."""

from collections.abc import Iterator

from recorded.case import SHORT, Case, both, table

FORMS = ("table", "json", "csv", "md", "html", "xlsx")
INBOX = "examples/inbox.csv"

SCREEN = """
projects          screen $PROJECTS
projects-best.en  screen $PROJECTS --allocate best
best-csv.en       screen $PROJECTS --allocate best --format csv
best-json.en      screen $PROJECTS --allocate best --format json
best-html         screen $PROJECTS --allocate best --format html
best-limit.en     screen $INBOX --allocate best --time-limit 30
french            screen examples/inbox-fr.csv
french-json.en    screen examples/inbox-fr.csv --format json
mistakes          screen $MISTAKES
mistakes-json.en  screen $MISTAKES --format json
mistakes-csv      screen $MISTAKES --format csv
mistakes-md.en    screen $MISTAKES --format md
mistakes-html     screen $MISTAKES --format html
mistakes-xlsx     screen $MISTAKES --format xlsx --output out.xlsx $SMALL
several.en        screen $INBOX examples/inbox-fr.csv $PROJECTS
several-bad       screen $INBOX $MISTAKES made/inbox.tsv
later.en          screen $INBOX --as-of 2024-03-01
first-day.en      screen $INBOX --as-of 2022-04-12 --format json
not-in-force      screen $INBOX --as-of 2021-01-01 $SMALL
committed         screen $INBOX --committed $COMMITTED
committed-json.en screen $INBOX --committed $COMMITTED --format json
committed-csv.en  screen $INBOX --committed $COMMITTED --format csv
twice             screen examples/inbox-twice.csv
twice-json        screen examples/inbox-twice.csv --seen $INBOX --format json
committed-md      screen $INBOX --committed $COMMITTED --format md
committed-html    screen $INBOX --committed $COMMITTED --format html
committed-xlsx    screen $INBOX --committed $COMMITTED --format xlsx -o o.xlsx
committed-best    screen $INBOX --committed $COMMITTED --allocate best
committed-two.en  screen $INBOX --committed $COMMITTED --committed made/one.json
committed-bad     screen $INBOX --committed $MISTAKES
committed-same    screen $INBOX --committed $INBOX
suspended.en      screen $INBOX --rules made/suspended/rules
suspended-json    screen $INBOX --rules made/suspended/rules --format json
suspended-html.en screen $INBOX --rules made/suspended/rules --format html
suggestions       screen made/unknown-columns.csv $INBOX --accept-suggestions
suggested-json.en screen $PROPOSALS/short-of-facts.yaml --accept-suggestions --format json
suggested-md      screen examples/inbox-fr.csv --accept-suggestions --format md
explain           screen $INBOX --explain IN-2022-037
explain-json.en   screen $INBOX --explain IN-2022-037 --format json
explain-md.en     screen $INBOX --explain IN-2022-037 --format md
explain-html      screen $INBOX --explain IN-2022-037 --format html
explain-waits.en  screen $INBOX --committed $COMMITTED --explain IN-2022-037
explain-none      screen $INBOX --explain IN-1999-001 $SMALL
explain-near      screen $INBOX --explain in-2022-037 $SMALL
explain-bad       screen $MISTAKES --explain IN-2022-102
explain-csv       screen $INBOX --explain IN-2022-037 --format csv $SMALL
explain-best.en   screen $PROJECTS --allocate best --explain PR-01
plan-csv          screen $INBOX --action-plan csv --output plan.csv
plan-xlsx         screen $INBOX --action-plan xlsx --output plan.xlsx
plan-limits.en    screen $INBOX --action-plan csv --output plan.csv --allocate best
plan-mixed.en     screen made/mixed.jsonl --action-plan csv --output plan.csv
plan-no-file      screen $INBOX --action-plan csv $SMALL
plan-format       screen $INBOX --action-plan csv --format json --output plan.csv $SMALL
plan-explain      screen $INBOX --action-plan csv --explain IN-2022-037 --output plan.csv $SMALL
template-csv      screen --template csv
template-xlsx     screen --template xlsx
template-file     screen --template xlsx --output empty.xlsx
template-with     screen $INBOX --template csv
template-back.en  screen --template csv -o empty.csv ; screen empty.csv
template-small.en screen --template csv --rules bad/none/rules
rejects-csv       screen $MISTAKES --rejects rejects.csv
rejects-xlsx.en   screen made/inbox-with-mistakes.xlsx --rejects rejects.xlsx
rejects-json      screen made/inbox-with-mistakes.json --rejects rejects.json
rejects-lines.en  screen made/inbox-with-mistakes.jsonl --rejects rejects.jsonl
rejects-yaml.en   screen made/inbox-with-mistakes.yaml --rejects rejects.yaml
rejects-1252.en   screen made/inbox-with-mistakes-1252.csv --rejects rejects.csv
rejects-16.en     screen made/inbox-with-mistakes-16.csv --rejects rejects.csv
rejects-tsv.en    screen made/inbox-with-mistakes.tsv --rejects rejects.tsv
rejects-pq.en     screen made/mistakes.parquet --rejects rejects.csv
rejects-other     screen $MISTAKES --rejects rejects.xlsx
rejects-two       screen $MISTAKES made/values.csv --rejects rejects.csv
rejects-kinds.en  screen $MISTAKES made/types.jsonl --rejects rejects.jsonl
rejects-none.en   screen $INBOX --rejects rejects.csv $SMALL
rejects-where     screen $MISTAKES --rejects no/such/folder/rejects.csv $SMALL
rejects-again.en  screen made/values.csv --rejects r.csv ; screen r.csv
rejects-value.en  screen made/values.jsonl --rejects rejects.jsonl
values            screen made/values.csv
values-json.en    screen made/values.jsonl --format json
types             screen made/types.jsonl $SMALL
hostile           screen made/hostile.jsonl $SMALL
hostile-csv.en    screen made/hostile.jsonl --format csv
hostile-md.en     screen made/hostile.jsonl --format md
hostile-html.en   screen made/hostile.jsonl --format html
hostile-xlsx.en   screen made/hostile.jsonl --format xlsx -o out.xlsx
policy-cases      screen made/policy-cases.jsonl --format json
cases-table.en    screen made/policy-cases.jsonl
mixed             screen made/mixed.jsonl --format json
mixed-html.en     screen made/few-mixed.jsonl --format html
mixed-md.en       screen made/few-mixed.jsonl --format md
mixed-csv.en      screen made/mixed.jsonl --format csv
mixed-xlsx        screen made/few-mixed.jsonl --format xlsx -o out.xlsx
mixed-best.en     screen made/mixed.jsonl --allocate best --committed $COMMITTED
mixed-late.en     screen made/mixed.jsonl --as-of 2026-02-01
xlsx.en           screen made/inbox.xlsx
xlsx-fr.en        screen made/inbox-fr.xlsx --format csv
json.en           screen made/inbox.json $SMALL
lines.en          screen made/inbox.jsonl $SMALL
yaml.en           screen made/inbox.yaml $SMALL
yaml-fr.en        screen made/inbox-fr.yaml --format json
tsv.en            screen made/inbox.tsv $SMALL
cp1252.en         screen made/inbox-1252.csv $SMALL
cp1252-fr.en      screen made/inbox-fr-1252.csv --format csv
utf16.en          screen made/inbox-fr-16.csv --format csv $SMALL
bom.en            screen made/inbox-bom.txt $SMALL
parquet.en        screen made/inbox.parquet --format csv
parquet-typed.en  screen made/typed.parquet --format csv
parquet-bad       screen made/mistakes.parquet
history.en        screen $HISTORY --format csv
sheets            screen made/two-sheets.xlsx $SMALL
sheets-one.en     screen made/two-sheets.xlsx --sheet French
sheets-case.en    screen made/two-sheets.xlsx --sheet french
sheets-wrong      screen made/two-sheets.xlsx --sheet Nowhere $SMALL
sheets-csv        screen $INBOX --sheet English $SMALL
sheets-found.en   screen made/one-of-two.xlsx $SMALL
sheets-hidden.en  screen made/hidden.xlsx
sheets-shown.en   screen made/hidden.xlsx --sheet French
out.en            screen $INBOX --output out.txt
out-nowhere       screen $INBOX --output no/such/folder/out.txt $SMALL
out-folder        screen $INBOX --output examples $SMALL
no-files          screen
missing           screen no-such-file.csv $SMALL
missing-second    screen $INBOX no-such-file.csv $SMALL
missing-commit    screen $INBOX --committed no-such-file.csv $SMALL
time-limit        screen $PROJECTS --allocate best --time-limit 0 $SMALL
time-negative.en  screen $PROJECTS --allocate best --time-limit -5 $SMALL
time-nan.en       screen $PROJECTS --allocate best --time-limit nan $SMALL
time-word         screen $PROJECTS --allocate best --time-limit soon $SMALL
as-of-word        screen $INBOX --as-of tomorrow $SMALL
as-of-other       screen $INBOX --as-of 04/07/2022 $SMALL
rules-none        screen $INBOX --rules no-such-folder
rules-broken      screen $INBOX --rules made/broken/rules
rules-small.en    screen $INBOX --rules bad/none/rules
rules-file        screen $INBOX --rules rules/policy.yaml
rules-copy.en     screen $INBOX --rules rules --format json
"""

BROKEN = (
    *("empty.csv", "header-only.csv", "no-header.csv", "headers-twice.csv", "unclosed.csv"),
    *("ragged.csv", "doubled.csv", "unknown-columns.csv", "cut-off.json", "number.json"),
    *("list-of-numbers.json", "empty.json", "doubled-keys.json", "nan.json", "cut-off.jsonl"),
    *("tagged.yaml", "bad.yaml", "aliases.yaml", "strange.docx", "no-ending", "bytes.csv"),
    *("not-a-workbook.xlsx", "old.xls", "not.parquet", "folder.csv", "wide.csv"),
)

STANDARD_INPUT = {
    "csv": "examples/inbox.csv",
    "json": "made/inbox.json",
    "lines": "made/inbox-with-mistakes.jsonl",
    "xlsx": "made/inbox-fr.xlsx",
    "parquet": "made/inbox.parquet",
    "yaml": "made/inbox.yaml",
    "utf16": "made/inbox-16.csv",
    "empty": "made/empty.csv",
    "bytes": "made/bytes.csv",
}

PROPOSALS = ("resettlement-visit", "half-aligned-tour", "peru", "short-of-facts")

ASSESS = """
french            assess $PROPOSALS/discussion-mobilite.json
french-json       assess $PROPOSALS/discussion-mobilite.json --format json
french-html.en    assess $PROPOSALS/discussion-mobilite.json --format html
suggested         assess $PROPOSALS/short-of-facts.yaml --accept-suggestions
later.en          assess $PROPOSALS/half-aligned-tour.yaml --as-of 2025-01-01
not-in-force      assess $PROPOSALS/half-aligned-tour.yaml --as-of 2021-01-01 $SMALL
other-policy.en   assess $PROPOSALS/peru.yaml --rules made/edited/rules
small-policy.en   assess $PROPOSALS/peru.yaml --rules bad/none/rules
broken-policy.en  assess $PROPOSALS/peru.yaml --rules made/broken/rules
version-wrong     assess $PROPOSALS/peru.yaml --expect-version 000000000000 $SMALL
drafts            assess $PROPOSALS/peru.yaml $PROPOSALS/half-aligned-tour.yaml
drafts-json       assess $PROPOSALS/half-aligned-tour.yaml made/one.json --format json
drafts-same.en    assess $PROPOSALS/peru.yaml $PROPOSALS/peru.yaml $SMALL
drafts-md         assess $PROPOSALS/peru.yaml made/one.json --format md $SMALL
drafts-stdin      assess - - $SMALL
drafts-missing.en assess $PROPOSALS/peru.yaml no-such-file.yaml $SMALL
many              assess $INBOX
none              assess made/empty.json $SMALL
bad               assess made/cut-off.json $SMALL
bad-values.en     assess made/doubled-keys.json $SMALL
missing           assess no-such-file.yaml $SMALL
no-file           assess
sheet.en          assess made/two-sheets.xlsx --sheet Nowhere $SMALL
out.en            assess $PROPOSALS/peru.yaml --output brief.txt $SMALL
out-md.en         assess $PROPOSALS/peru.yaml --format md --output brief.md
ask-two           assess $PROPOSALS/peru.yaml made/one.json --interview $SMALL
ask-stdin         assess - --interview $SMALL
ask-txt           assess $PROPOSALS/peru.yaml --interview --output out.txt $SMALL
ask-nowhere       assess $PROPOSALS/peru.yaml --interview --output no/such/out.yaml $SMALL
ask-nothing       assess $PROPOSALS/peru.yaml --interview --output out.yaml
"""

PROSE = b"""The embassy of Japan would talk about asylum seekers and resettlement.

L'ambassade du P\xc3\xa9rou veut parler des voies r\xc3\xa9guli\xc3\xa8res, des Ha\xc3\xaftiens
et du Processus de Colombo. Nothing here. Labour mobility, visa refusals, students.
"""

TOPICS = """
inbox       topics $INBOX
inbox-json  topics $INBOX --format json
french      topics examples/inbox-fr.csv
xlsx        topics made/two-sheets.xlsx --sheet French
sheet-wrong topics made/two-sheets.xlsx --sheet Nowhere $SMALL
proposal    topics $PROPOSALS/short-of-facts.yaml
missing     topics no-such-file.txt $SMALL
mistakes    topics $MISTAKES
hostile     topics made/hostile.jsonl
small       topics $INBOX --rules bad/none/rules
out         topics $INBOX --output out.txt
none        topics
"""

ANSWERS = {
    "answered": ("yes\r", "?\r", "nonsense\r", "skip\r", "2022-12-01\r", "passer\r", "oui\r")
    + ("\r",) * 60,
    "values": ("?\r", "Director\r", "virtual\r", "Canada\r", "5\r", "no\r") + ("skip\r",) * 60,
    "ended": ("yes\r", "\x04"),
    "interrupted": ("yes\r", "\x03"),
}


def cases() -> Iterator[Case]:
    """Every case of requests."""
    for form in FORMS:
        written = " --output out.xlsx" if form == "xlsx" else ""
        yield from both(f"screen/inbox-{form}", f"screen {INBOX} --format {form}{written}")
    yield from both("screen/inbox-xlsx-piped", f"screen {INBOX} --format xlsx")
    yield from table("screen", SCREEN)
    wrong = "examples/inbox-with-mistakes.csv"
    same = "screen inbox-with-mistakes.csv --rejects inbox-with-mistakes.csv"
    yield from both("screen/rejects-input", same, copies=(wrong,))
    yield from both("screen/out-input", "screen inbox.csv --output inbox.csv", copies=(INBOX,))
    for name in BROKEN:
        rules = SHORT["$SMALL"]
        line = (
            f"screen made/{name} {rules} ; assess made/{name} {rules} ; topics made/{name} {rules}"
        )
        yield from both(f"broken/{name}", line)
    for name, path in STANDARD_INPUT.items():
        yield from both(f"screen/stdin-{name}", "screen - --rejects rejects.csv", stdin=path)
    yield from both(
        "screen/stdin-and-file", "screen examples/inbox-fr.csv -", stdin="made/one.json"
    )
    yield from both("screen/stdin-twice", "screen - -", stdin="made/one.json")
    for name in PROPOSALS:
        path = f"examples/proposals/{name}.yaml"
        for form in ("text", "json", "md", "html"):
            yield from both(f"assess/{name}-{form}", f"assess {path} --format {form}")
    yield from table("assess", ASSESS)
    stdin = "examples/proposals/peru.yaml"
    yield from both("assess/stdin", "assess -", stdin=stdin)
    yield from both("assess/stdin-second", "assess made/one.json -", stdin=stdin)
    yield from table("topics", TOPICS)
    yield from both("topics/prose", "topics - ; topics - --format json", stdin=PROSE)
    yield from both("topics/nothing", "topics -", stdin=b"")
    yield from _interviews()


def _interviews() -> Iterator[Case]:
    peru = "examples/proposals/peru.yaml"
    yield from both(
        "interview/input", "assess peru.yaml --interview --output peru.yaml", copies=(peru,)
    )
    for name in ("short-of-facts", "half-aligned-tour", "resettlement-visit"):
        path = f"examples/proposals/{name}.yaml"
        line = f"assess {name}.yaml --interview"
        for kind, answers in ANSWERS.items():
            yield from both(
                f"interview/{name}-{kind}",
                line,
                copies=(path,),
                terminal="in err",
                answers=answers,
            )
        given = "".join(ANSWERS["values"]).replace("\r", "\n").encode()
        yield from both(f"interview/{name}-piped", line, copies=(path,), stdin=given)
    yield from both(
        "interview/then-assess",
        "assess short-of-facts.yaml --interview --format json --output done.yaml ; "
        "assess done.yaml",
        copies=("examples/proposals/short-of-facts.yaml",),
        stdin=b"yes\nmeeting\n\nDirector\nskip\n",
    )
    yield from both(
        "interview/twice",
        "assess short-of-facts.yaml --interview ; assess short-of-facts.yaml --interview",
        copies=("examples/proposals/short-of-facts.yaml",),
    )
