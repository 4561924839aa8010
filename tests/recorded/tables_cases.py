"""Cases of `backtest`, `sweep`, `replay` and `diff`: old cases and other policies."""

from collections.abc import Iterator

from recorded.case import Case, both, case, table

BACKTEST = """
text           backtest $HISTORY --candidate $WIDER
html           backtest $CASES --candidate $WIDER --format html
json           backtest $CASES --candidate $WIDER --format json
xlsx           backtest $CASES --candidate $WIDER --format xlsx -o out.xlsx
md             backtest $CASES --candidate $WIDER --format md
gates          backtest $CASES --set accept_threshold=50 --max-flips 0 --forbid defer:accept
               --min-agreement 99% --max-use visits-a-quarter=1% --format csv
mistakes       backtest examples/history/cases-synthetic-with-mistakes.csv --set accept_threshold=55
promote-none   backtest $CASES --set accept_threshold=45 --promote kept --flips SYN-1999-001
none           backtest
no-candidate   backtest $CASES
no-cases       backtest --set accept_threshold=55
missing        backtest no-such-file.csv --set accept_threshold=55
no-such        backtest $CASES --candidate no-such-folder
broken         backtest $CASES --candidate made/broken/rules
broken-overlay backtest $CASES --candidate made/broken-overlay.yaml
unknown        backtest $CASES --candidate made/unknown-parameter.yaml
crossed        backtest $CASES --candidate made/crossed.yaml
set-form       backtest $CASES --set accept_threshold
set-unknown    backtest $CASES --set accept_treshold=55
set-twice      backtest $CASES --set accept_threshold=55 --set accept_threshold=50
set-word       backtest $CASES --set accept_threshold=many
set-day        backtest $CASES --set accept_threshold@2024=55
as-of          backtest $CASES --set accept_threshold=55 --as-of yesterday
by-unknown     backtest $CASES --set accept_threshold=55 --by region,colour
near           backtest $CASES --set accept_threshold=55 --near 101
near-word      backtest $CASES --set accept_threshold=55 --near many
flips          backtest $CASES --set accept_threshold=55 --max-flips many
flips-negative backtest $CASES --set accept_threshold=55 --max-flips -1
forbid         backtest $CASES --set accept_threshold=55 --forbid accept
forbid-same    backtest $CASES --set accept_threshold=55 --forbid accept:accept
agreement      backtest $CASES --set accept_threshold=55 --min-agreement 101%
use            backtest $CASES --set accept_threshold=55 --max-use no-such-limit=10%
use-form       backtest $CASES --set accept_threshold=55 --max-use visits-a-quarter
promote-alone  backtest $CASES --set accept_threshold=55 --promote kept
flips-alone    backtest $CASES --set accept_threshold=55 --flips all
backend        backtest $CASES --set accept_threshold=55 --backend dask
backend-none   backtest $CASES --set accept_threshold=55 --backend pandas
scheduler      backtest made/few-cases.parquet --set accept_threshold=55 --scheduler 127.0.0.1:1
header-only    backtest made/header-only.csv --set accept_threshold=55
format         backtest $CASES --set accept_threshold=55 --format table
"""

BACKTEST_ENGLISH = """
history        backtest $HISTORY --candidate $WIDER --format json
history-html   backtest $HISTORY --candidate $WIDER --format html
typed          backtest made/typed.parquet --candidate $WIDER --format json
parquet        backtest made/few-cases.parquet --set accept_threshold=55 --format csv
gates-kept     backtest $CASES --set accept_threshold=59 --max-flips 90% --forbid accept:decline
               --min-agreement 1% --max-use visits-a-quarter=900% --format json
by             backtest $CASES --set accept_threshold=50 --by region,quarter,language --near 0
dated          backtest $CASES --set accept_threshold@2024-01-01=55 --set weight.partner=25
               --near 20 --format md
one-day        backtest $CASES --set accept_threshold=55 --as-of 2024-06-03 --format json
promote        backtest $CASES --set accept_threshold=45 --promote kept --flips all ; test kept
promote-some   backtest $CASES --set accept_threshold=45 --promote kept --flips SYN-2022-037
xlsx-in        backtest made/few-cases.xlsx --set accept_threshold=55 --sheet Cases --format json
lines          backtest made/few-cases.jsonl made/few-cases-fr.csv --set accept_threshold=55
undetermined   backtest made/undetermined.csv --set accept_threshold=55 --min-agreement 10%
early          backtest made/early-cases.csv --set accept_threshold=55
folder         backtest $CASES --candidate made/edited/rules
suspended      backtest $CASES --candidate made/suspension.yaml --format md
removed        backtest $CASES --candidate made/removals.yaml --format json
baseline       backtest $CASES --baseline made/edited/rules --set weight.partner=10 --format csv
nothing        backtest $CASES --set accept_threshold=60
"""
"""These take long, and show no words that are not in the others."""

SWEEP = """
text           sweep $CASES --set accept_threshold=50..60:5 --set weight.partner=10,20
json           sweep $CASES --set accept_threshold=50..60:5 --format json
csv            sweep $CASES --set weight.partner=10,15,20 --format csv
html           sweep $CASES --set accept_threshold=50..60:5 --set weight.partner=10,20 --format html
history        sweep $HISTORY --set accept_threshold=40..70:5
three          sweep $CASES --set accept_threshold=55,60 --set weight.partner=10,20 --set defer_threshold=20,30
               --format html
matched        sweep $CASES --set minimum_notice_days=10,30 --set accept_threshold=55,60
crossed        sweep $CASES --set accept_threshold=20,60 --set defer_threshold=25
one-day        sweep $CASES --set accept_threshold=55,60 --as-of 2024-06-03 --format json
kept           sweep $CASES --set accept_threshold=55,60 -o points.jsonl ; sweep $CASES --set accept_threshold=50..60:5
               -o points.jsonl
parquet        sweep made/few-cases.parquet --set accept_threshold=55,60
mistakes       sweep examples/history/cases-synthetic-with-mistakes.csv --set accept_threshold=55,60
undetermined   sweep made/undetermined.csv --set accept_threshold=55,60 --rules made/edited/rules
sheet          sweep made/few-cases.xlsx --set accept_threshold=55,60 --sheet Cases
"""

SWEEP_USE = """
no-grid        sweep $CASES
no-cases       sweep --set accept_threshold=50..60:5
form           sweep $CASES --set accept_threshold
unknown        sweep $CASES --set accept_treshold=50..60
many           sweep $CASES --set accept_threshold=0..100:1 --set weight.partner=0..100:1
step           sweep $CASES --set accept_threshold=50..60:0
backwards      sweep $CASES --set accept_threshold=60..50
twice          sweep $CASES --set accept_threshold=50 --set accept_threshold=60
word           sweep $CASES --set accept_threshold=low..high
missing        sweep no-such-file.csv --set accept_threshold=50..60:5
output         sweep $CASES --set accept_threshold=55 -o no/such/points.jsonl
as-of          sweep $CASES --set accept_threshold=55 --as-of never
"""

SCREENED = "screen $INBOX --format json -o d.json ; "
REPLAY = f"""
same           {SCREENED}replay d.json --requests $INBOX
same-json      {SCREENED}replay d.json --requests $INBOX --format json
other-inbox    {SCREENED}replay d.json --requests examples/inbox-fr.csv
mistakes       {SCREENED}replay d.json --requests $INBOX --requests $MISTAKES
other-policy   {SCREENED}replay d.json --requests $INBOX --rules made/edited/rules
two-policies   {SCREENED}replay d.json --requests $INBOX --rules made/edited/rules --rules rules
no-committed   screen $INBOX --committed $COMMITTED --format json -o d.json ; replay d.json
               --requests $INBOX
committed      screen $INBOX --committed $COMMITTED --format json -o d.json ; replay d.json
               --requests $INBOX --committed $COMMITTED --format json
assessed       assess $PROPOSALS/peru.yaml --format json -o d.json ; replay d.json --requests $PROPOSALS/peru.yaml
changed        assess $PROPOSALS/peru.yaml --format json -o d.json ; replay d.json --requests made/one.json
out            {SCREENED}replay d.json --requests $INBOX --output told.txt
no-requests    replay $INBOX
no-records     replay
not-records    replay $INBOX --requests $INBOX
lines          replay made/inbox.jsonl --requests $INBOX
cut-off        replay made/cut-off.json --requests $INBOX
missing        replay no-such-file.json --requests $INBOX
no-inbox       {SCREENED}replay d.json --requests no-such-file.csv
no-policy      {SCREENED}replay d.json --requests $INBOX --rules no-such-folder
"""

DIFF = """
overlay        diff rules $WIDER
overlay-json   diff rules $WIDER --format json
overlay-md     diff rules $WIDER --format md
overlay-html   diff rules $WIDER --format html
folder         diff rules made/edited/rules
folder-json    diff rules made/edited/rules --format json
folder-md      diff made/edited/rules rules --format md
small          diff rules bad/none/rules --format json
small-text     diff rules bad/none/rules
suspended      diff rules made/suspended/rules
suspension     diff rules made/suspension.yaml --format json
removals       diff rules made/removals.yaml
set            diff rules --set accept_threshold=55 --set weight.partner=25
set-dated      diff rules --set accept_threshold@2024-01-01=55
set-list       diff rules --set asia_key_countries=JPN,IND --format json
set-share      diff rules $WIDER --set defer_threshold=30
same           diff rules rules
none           diff
one            diff rules
missing        diff rules no-such-folder
missing-first  diff no-such-folder rules
broken         diff rules made/broken/rules
broken-overlay diff rules made/broken-overlay.yaml
empty-overlay  diff rules made/empty-overlay.yaml
unknown-rule   diff rules made/unknown-remove.yaml
unknown        diff rules made/unknown-parameter.yaml
strategy       diff rules made/strategy.yaml
crossed        diff rules made/crossed.yaml
overlay-first  diff $WIDER rules
set-unknown    diff rules --set no_such_parameter=1
set-countries  diff rules --set asia_key_countries=Japan,XXX
out            diff rules made/removals.yaml --output out.txt
"""


def cases() -> Iterator[Case]:
    """Every case of old cases and other policies; the slowest come first."""
    yield from (one for one in table("backtest", BACKTEST_ENGLISH) if not one.french)
    yield from table("backtest", BACKTEST)
    yield from table("sweep", SWEEP)
    yield from table("replay", REPLAY)
    yield from table("diff", DIFF)
    yield from table("sweep-use", SWEEP_USE)
    yield case(
        "backtest/stdin",
        "backtest - --set accept_threshold=55 --format csv",
        stdin="made/few-cases.csv",
    )
    yield from both(
        "sweep/stdin", "sweep - --set accept_threshold=55,60", stdin="made/few-cases.csv"
    )
    over = "sweep made/few-cases.csv --set accept_threshold=55 -o inbox.csv"
    yield from both("sweep/over-another", over, copies=("examples/inbox.csv",))
    yield from both("replay/stdin", "replay - --requests examples/inbox.csv", stdin="made/one.json")
