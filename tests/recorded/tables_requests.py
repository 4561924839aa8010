"""Cases of `screen`, `topics` and `assess`: inboxes and proposals in, recommendations out."""

from collections.abc import Iterator

from recorded.case import Case, both, case, table

FORMS = ("table", "json", "csv", "md", "html", "xlsx")
INBOX = "examples/inbox.csv"

SCREEN = """
projects       screen $PROJECTS
projects-best  screen $PROJECTS --allocate best
best-csv       screen $PROJECTS --allocate best --format csv
best-json      screen $PROJECTS --allocate best --format json
best-html      screen $PROJECTS --allocate best --format html
best-limit     screen $INBOX --allocate best --time-limit 30
french         screen examples/inbox-fr.csv
french-json    screen examples/inbox-fr.csv --format json
mistakes       screen $MISTAKES
mistakes-json  screen $MISTAKES --format json
mistakes-csv   screen $MISTAKES --format csv
mistakes-md    screen $MISTAKES --format md
mistakes-html  screen $MISTAKES --format html
mistakes-xlsx  screen $MISTAKES --format xlsx --output out.xlsx
several        screen $INBOX examples/inbox-fr.csv $PROJECTS
several-bad    screen $INBOX $MISTAKES made/inbox.tsv
later          screen $INBOX --as-of 2024-03-01
first-day      screen $INBOX --as-of 2022-04-12 --format json
not-in-force   screen $INBOX --as-of 2021-01-01
committed      screen $INBOX --committed $COMMITTED
committed-json screen $INBOX --committed $COMMITTED --format json
committed-csv  screen $INBOX --committed $COMMITTED --format csv
committed-md   screen $INBOX --committed $COMMITTED --format md
committed-html screen $INBOX --committed $COMMITTED --format html
committed-xlsx screen $INBOX --committed $COMMITTED --format xlsx -o o.xlsx
committed-best screen $INBOX --committed $COMMITTED --allocate best
committed-two  screen $INBOX --committed $COMMITTED --committed made/one.json
committed-bad  screen $INBOX --committed $MISTAKES
committed-same screen $INBOX --committed $INBOX
suspended      screen $INBOX --rules made/suspended/rules
suspended-json screen $INBOX --rules made/suspended/rules --format json
suspended-html screen $INBOX --rules made/suspended/rules --format html
suggestions    screen made/unknown-columns.csv $INBOX --accept-suggestions
suggested-json screen $PROPOSALS/short-of-facts.yaml --accept-suggestions --format json
suggested-md   screen examples/inbox-fr.csv --accept-suggestions --format md
explain        screen $INBOX --explain IN-2022-037
explain-json   screen $INBOX --explain IN-2022-037 --format json
explain-md     screen $INBOX --explain IN-2022-037 --format md
explain-html   screen $INBOX --explain IN-2022-037 --format html
explain-waits  screen $INBOX --committed $COMMITTED --explain IN-2022-037
explain-none   screen $INBOX --explain IN-1999-001
explain-near   screen $INBOX --explain in-2022-037
explain-bad    screen $MISTAKES --explain IN-2022-102
explain-csv    screen $INBOX --explain IN-2022-037 --format csv
explain-best   screen $PROJECTS --allocate best --explain PR-01
plan-csv       screen $INBOX --action-plan csv --output plan.csv
plan-xlsx      screen $INBOX --action-plan xlsx --output plan.xlsx
plan-limits    screen $INBOX --action-plan csv --output plan.csv --allocate best
plan-mixed     screen made/mixed.jsonl --action-plan csv --output plan.csv
plan-no-file   screen $INBOX --action-plan csv
plan-format    screen $INBOX --action-plan csv --format json --output plan.csv
plan-explain   screen $INBOX --action-plan csv --explain IN-2022-037 --output plan.csv
template-csv   screen --template csv
template-xlsx  screen --template xlsx
template-file  screen --template xlsx --output empty.xlsx
template-with  screen $INBOX --template csv
template-back  screen --template csv -o empty.csv ; screen empty.csv
template-small screen --template csv --rules bad/none/rules
rejects-csv    screen $MISTAKES --rejects rejects.csv
rejects-xlsx   screen made/inbox-with-mistakes.xlsx --rejects rejects.xlsx
rejects-json   screen made/inbox-with-mistakes.json --rejects rejects.json
rejects-lines  screen made/inbox-with-mistakes.jsonl --rejects rejects.jsonl
rejects-yaml   screen made/inbox-with-mistakes.yaml --rejects rejects.yaml
rejects-1252   screen made/inbox-with-mistakes-1252.csv --rejects rejects.csv
rejects-16     screen made/inbox-with-mistakes-16.csv --rejects rejects.csv
rejects-tsv    screen made/inbox-with-mistakes.tsv --rejects rejects.tsv
rejects-pq     screen made/mistakes.parquet --rejects rejects.csv
rejects-other  screen $MISTAKES --rejects rejects.xlsx
rejects-two    screen $MISTAKES made/values.csv --rejects rejects.csv
rejects-kinds  screen $MISTAKES made/types.jsonl --rejects rejects.jsonl
rejects-none   screen $INBOX --rejects rejects.csv
rejects-where  screen $MISTAKES --rejects no/such/folder/rejects.csv
rejects-again  screen made/values.csv --rejects r.csv ; screen r.csv
rejects-value  screen made/values.jsonl --rejects rejects.jsonl
values         screen made/values.csv
values-json    screen made/values.jsonl --format json
types          screen made/types.jsonl
hostile        screen made/hostile.jsonl
hostile-csv    screen made/hostile.jsonl --format csv
hostile-md     screen made/hostile.jsonl --format md
hostile-html   screen made/hostile.jsonl --format html
hostile-xlsx   screen made/hostile.jsonl --format xlsx -o out.xlsx
policy-cases   screen made/policy-cases.jsonl --format json
cases-table    screen made/policy-cases.jsonl
mixed          screen made/mixed.jsonl --format json
mixed-html     screen made/few-mixed.jsonl --format html
mixed-md       screen made/few-mixed.jsonl --format md
mixed-csv      screen made/mixed.jsonl --format csv
mixed-xlsx     screen made/few-mixed.jsonl --format xlsx -o out.xlsx
mixed-best     screen made/mixed.jsonl --allocate best --committed $COMMITTED
mixed-late     screen made/mixed.jsonl --as-of 2026-02-01
xlsx           screen made/inbox.xlsx
xlsx-fr        screen made/inbox-fr.xlsx --format csv
json           screen made/inbox.json
lines          screen made/inbox.jsonl
yaml           screen made/inbox.yaml
yaml-fr        screen made/inbox-fr.yaml --format json
tsv            screen made/inbox.tsv
cp1252         screen made/inbox-1252.csv
cp1252-fr      screen made/inbox-fr-1252.csv --format csv
utf16          screen made/inbox-fr-16.csv --format csv
bom            screen made/inbox-bom.txt
parquet        screen made/inbox.parquet --format csv
parquet-typed  screen made/typed.parquet --format csv
parquet-bad    screen made/mistakes.parquet
history        screen $HISTORY --format csv
sheets         screen made/two-sheets.xlsx
sheets-one     screen made/two-sheets.xlsx --sheet French
sheets-case    screen made/two-sheets.xlsx --sheet french
sheets-wrong   screen made/two-sheets.xlsx --sheet Nowhere
sheets-csv     screen $INBOX --sheet English
sheets-found   screen made/one-of-two.xlsx
sheets-hidden  screen made/hidden.xlsx
sheets-shown   screen made/hidden.xlsx --sheet French
out            screen $INBOX --output out.txt
out-nowhere    screen $INBOX --output no/such/folder/out.txt
out-folder     screen $INBOX --output examples
no-files       screen
missing        screen no-such-file.csv
missing-second screen $INBOX no-such-file.csv
missing-commit screen $INBOX --committed no-such-file.csv
time-limit     screen $PROJECTS --allocate best --time-limit 0
time-negative  screen $PROJECTS --allocate best --time-limit -5
time-nan       screen $PROJECTS --allocate best --time-limit nan
time-word      screen $PROJECTS --allocate best --time-limit soon
as-of-word     screen $INBOX --as-of tomorrow
as-of-other    screen $INBOX --as-of 04/07/2022
rules-none     screen $INBOX --rules no-such-folder
rules-broken   screen $INBOX --rules made/broken/rules
rules-small    screen $INBOX --rules bad/none/rules
rules-file     screen $INBOX --rules rules/policy.yaml
rules-copy     screen $INBOX --rules rules --format json
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
french         assess $PROPOSALS/discussion-mobilite.json
french-json    assess $PROPOSALS/discussion-mobilite.json --format json
french-html    assess $PROPOSALS/discussion-mobilite.json --format html
suggested      assess $PROPOSALS/short-of-facts.yaml --accept-suggestions
later          assess $PROPOSALS/half-aligned-tour.yaml --as-of 2025-01-01
not-in-force   assess $PROPOSALS/half-aligned-tour.yaml --as-of 2021-01-01
other-policy   assess $PROPOSALS/peru.yaml --rules made/edited/rules
small-policy   assess $PROPOSALS/peru.yaml --rules bad/none/rules
broken-policy  assess $PROPOSALS/peru.yaml --rules made/broken/rules
version-wrong  assess $PROPOSALS/peru.yaml --expect-version 000000000000
drafts         assess $PROPOSALS/peru.yaml $PROPOSALS/half-aligned-tour.yaml
drafts-json    assess $PROPOSALS/half-aligned-tour.yaml made/one.json --format json
drafts-same    assess $PROPOSALS/peru.yaml $PROPOSALS/peru.yaml
drafts-md      assess $PROPOSALS/peru.yaml made/one.json --format md
drafts-stdin   assess - -
drafts-missing assess $PROPOSALS/peru.yaml no-such-file.yaml
many           assess $INBOX
none           assess made/empty.json
bad            assess made/cut-off.json
bad-values     assess made/doubled-keys.json
missing        assess no-such-file.yaml
no-file        assess
sheet          assess made/two-sheets.xlsx --sheet Nowhere
out            assess $PROPOSALS/peru.yaml --output brief.txt
out-md         assess $PROPOSALS/peru.yaml --format md --output brief.md
ask-two        assess $PROPOSALS/peru.yaml made/one.json --interview
ask-stdin      assess - --interview
ask-txt        assess $PROPOSALS/peru.yaml --interview --output out.txt
ask-nowhere    assess $PROPOSALS/peru.yaml --interview --output no/such/out.yaml
ask-nothing    assess $PROPOSALS/peru.yaml --interview --output out.yaml
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
sheet-wrong topics made/two-sheets.xlsx --sheet Nowhere
proposal    topics $PROPOSALS/short-of-facts.yaml
missing     topics no-such-file.txt
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
        yield from both(f"screen/broken-{name}", f"screen made/{name} ; assess made/{name}")
        yield case(f"topics/broken-{name}", f"topics made/{name}")
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
        "assess short-of-facts.yaml --interview --format json --output done.yaml ; assess done.yaml",
        copies=("examples/proposals/short-of-facts.yaml",),
        stdin=b"yes\nmeeting\n\nDirector\nskip\n",
    )
    yield from both(
        "interview/twice",
        "assess short-of-facts.yaml --interview ; assess short-of-facts.yaml --interview",
        copies=("examples/proposals/short-of-facts.yaml",),
    )
