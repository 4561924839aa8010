"""Cases of `backtest`, `sweep`, `replay` and `diff`: old cases and other policies."""

from collections.abc import Iterator

from recorded.case import Case, both, case, table

BACKTEST = """
history           backtest $HISTORY --candidate $WIDER
html              backtest $CASES --candidate $WIDER --format html
json              backtest $CASES --set accept_threshold=50 --format json
xlsx              backtest $CASES --set accept_threshold=50 --format xlsx -o out.xlsx
md                backtest $CASES --set accept_threshold=50 --format md
gates             backtest $CASES --set accept_threshold=50 --max-flips 0 --forbid defer:accept
                  --min-agreement 99% --max-use visits-a-quarter=1% --format csv
mistakes.en       backtest examples/history/cases-synthetic-with-mistakes.csv --set
                  accept_threshold=55
promote-none.en   backtest $CASES --set accept_threshold=45 --promote kept --flips SYN-1999-001
                  $SMALL
none              backtest $SMALL
no-candidate      backtest $CASES $SMALL
no-cases          backtest --set accept_threshold=55 $SMALL
missing           backtest no-such-file.csv --set accept_threshold=55 $SMALL
no-such           backtest $CASES --candidate no-such-folder $SMALL
broken.en         backtest $CASES --candidate made/broken/rules
broken-overlay    backtest $CASES --candidate made/broken-overlay.yaml $SMALL
unknown           backtest $CASES --candidate made/unknown-parameter.yaml
crossed.en        backtest $CASES --candidate made/crossed.yaml
set-form          backtest $CASES --set accept_threshold $SMALL
set-unknown       backtest $CASES --set accept_treshold=55 $SMALL
set-twice         backtest $CASES --set accept_threshold=55 --set accept_threshold=50 $SMALL
set-word          backtest $CASES --set accept_threshold=many $SMALL
set-day.en        backtest $CASES --set accept_threshold@2024=55 $SMALL
as-of             backtest $CASES --set accept_threshold=55 --as-of yesterday $SMALL
by-unknown        backtest $CASES --set accept_threshold=55 --by region,colour $SMALL
near              backtest $CASES --set accept_threshold=55 --near 101 $SMALL
near-word.en      backtest $CASES --set accept_threshold=55 --near many $SMALL
flips             backtest $CASES --set accept_threshold=55 --max-flips many $SMALL
flips-negative.en backtest $CASES --set accept_threshold=55 --max-flips -1 $SMALL
forbid            backtest $CASES --set accept_threshold=55 --forbid accept $SMALL
forbid-same.en    backtest $CASES --set accept_threshold=55 --forbid accept:accept $SMALL
agreement         backtest $CASES --set accept_threshold=55 --min-agreement 101% $SMALL
use               backtest $CASES --set accept_threshold=55 --max-use no-such-limit=10%
use-form          backtest $CASES --set accept_threshold=55 --max-use visits-a-quarter $SMALL
promote-alone     backtest $CASES --set accept_threshold=55 --promote kept $SMALL
flips-alone       backtest $CASES --set accept_threshold=55 --flips all $SMALL
backend           backtest $CASES --set accept_threshold=55 --backend dask $SMALL
backend-none.en   backtest $CASES --set accept_threshold=55 --backend pandas $SMALL
scheduler         backtest made/few-cases.parquet --set accept_threshold=55 --scheduler
                  127.0.0.1:1 $SMALL
header-only.en    backtest made/header-only.csv --set accept_threshold=55 $SMALL
format            backtest $CASES --set accept_threshold=55 --format table $SMALL
history-json.en   backtest $HISTORY --candidate $WIDER --format json
history-html.en   backtest $HISTORY --candidate $WIDER --format html
typed.en          backtest made/typed.parquet --candidate $WIDER --format json
parquet.en        backtest made/few-cases.parquet --set accept_threshold=55 --format csv
gates-kept.en     backtest $CASES --set accept_threshold=59 --max-flips 90% --forbid
                  accept:decline --min-agreement 1% --max-use visits-a-quarter=900% --format json
by.en             backtest $CASES --set accept_threshold=50 --by region,quarter,language --near 0
dated.en          backtest $CASES --set accept_threshold@2024-01-01=55 --set weight.partner=25
                  --near 20 --format md
one-day.en        backtest $CASES --set accept_threshold=55 --as-of 2024-06-03 --format json
promote.en        backtest $CASES --set accept_threshold=45 --promote kept --flips all ; test kept
promote-some.en   backtest $CASES --set accept_threshold=45 --promote kept --flips SYN-2022-037
xlsx-in.en        backtest made/few-cases.xlsx --set accept_threshold=55 --sheet Cases --format
                  json
lines.en          backtest made/few-cases.jsonl made/few-cases-fr.csv --set accept_threshold=55
undetermined.en   backtest made/undetermined.csv --set accept_threshold=55 --min-agreement 10%
early.en          backtest made/early-cases.csv --set accept_threshold=55 $SMALL
folder.en         backtest $CASES --candidate made/edited/rules
suspended.en      backtest $CASES --candidate made/suspension.yaml --format md
removed.en        backtest $CASES --candidate made/removals.yaml --format json
baseline.en       backtest $CASES --baseline made/edited/rules --set weight.partner=10 --format
                  csv
nothing.en        backtest $CASES --set accept_threshold=60
"""

SWEEP = """
text         sweep $CASES --set accept_threshold=50..60:5 --set weight.partner=10,20
json.en      sweep $CASES --set accept_threshold=50..60:5 --format json
csv.en       sweep $CASES --set weight.partner=10,15,20 --format csv $SMALL
html         sweep $CASES --set accept_threshold=50..60:5 --set weight.partner=10,20 --format html
history.en   sweep $HISTORY --set accept_threshold=40..70:5
three.en     sweep $CASES --set accept_threshold=55,60 --set weight.partner=10,20 --set
             defer_threshold=20,30 --format html
matched      sweep $CASES --set minimum_notice_days=10,30 --set accept_threshold=55,60
crossed.en   sweep $CASES --set accept_threshold=20,60 --set defer_threshold=25
one-day.en   sweep $CASES --set accept_threshold=55,60 --as-of 2024-06-03 --format json $SMALL
kept.en      sweep $CASES --set accept_threshold=55,60 -o points.jsonl ; sweep $CASES --set
             accept_threshold=50..60:5 -o points.jsonl
parquet.en   sweep made/few-cases.parquet --set accept_threshold=55,60 $SMALL
mistakes     sweep examples/history/cases-synthetic-with-mistakes.csv --set accept_threshold=55,60
undetermined sweep made/undetermined.csv --set accept_threshold=55,60 --rules made/edited/rules
sheet.en     sweep made/few-cases.xlsx --set accept_threshold=55,60 --sheet Cases $SMALL
"""

SWEEP_USE = """
no-grid   sweep $CASES $SMALL
no-cases  sweep --set accept_threshold=50..60:5 $SMALL
form      sweep $CASES --set accept_threshold $SMALL
unknown   sweep $CASES --set accept_treshold=50..60 $SMALL
many      sweep $CASES --set accept_threshold=0..100:1 --set weight.partner=0..100:1 $SMALL
step      sweep $CASES --set accept_threshold=50..60:0 $SMALL
backwards sweep $CASES --set accept_threshold=60..50 $SMALL
twice     sweep $CASES --set accept_threshold=50 --set accept_threshold=60 $SMALL
word      sweep $CASES --set accept_threshold=low..high $SMALL
missing   sweep no-such-file.csv --set accept_threshold=50..60:5 $SMALL
output    sweep $CASES --set accept_threshold=55 -o no/such/points.jsonl $SMALL
as-of     sweep $CASES --set accept_threshold=55 --as-of never $SMALL
"""

SCREENED = "screen $INBOX --format json -o d.json ; "
REPLAY = f"""
same            {SCREENED}replay d.json --requests $INBOX
same-json.en    {SCREENED}replay d.json --requests $INBOX --format json
other-inbox     {SCREENED}replay d.json --requests examples/inbox-fr.csv
mistakes        {SCREENED}replay d.json --requests $INBOX --requests $MISTAKES
other-policy    {SCREENED}replay d.json --requests $INBOX --rules made/edited/rules
two-policies.en {SCREENED}replay d.json --requests $INBOX --rules made/edited/rules --rules rules
no-committed    screen $INBOX --committed $COMMITTED --format json -o d.json ; replay d.json
                --requests $INBOX
committed.en    screen $INBOX --committed $COMMITTED --format json -o d.json ; replay d.json
                --requests $INBOX --committed $COMMITTED --format json
assessed        assess $PROPOSALS/peru.yaml --format json -o d.json ; replay d.json --requests
                $PROPOSALS/peru.yaml
changed.en      assess $PROPOSALS/peru.yaml --format json -o d.json ; replay d.json --requests
                made/one.json
out.en          {SCREENED}replay d.json --requests $INBOX --output told.txt
no-requests     replay $INBOX $SMALL
no-records      replay $SMALL
not-records     replay $INBOX --requests $INBOX $SMALL
lines.en        replay made/inbox.jsonl --requests $INBOX $SMALL
cut-off         replay made/cut-off.json --requests $INBOX $SMALL
missing         replay no-such-file.json --requests $INBOX $SMALL
sheet.en        screen made/one-of-two.xlsx --format json -o d.json ; replay d.json --requests
                made/one-of-two.xlsx --sheet Requests
no-inbox.en     {SCREENED}replay d.json --requests no-such-file.csv
no-policy.en    {SCREENED}replay d.json --requests $INBOX --rules no-such-folder $SMALL
"""

DIFF = """
overlay          diff rules $WIDER
overlay-json     diff rules $WIDER --format json
overlay-md.en    diff rules $WIDER --format md
overlay-html     diff rules $WIDER --format html
folder           diff rules made/edited/rules
folder-json.en   diff rules made/edited/rules --format json
folder-md.en     diff made/edited/rules rules --format md
small.en         diff rules bad/none/rules --format json
small-text       diff rules bad/none/rules
suspended.en     diff rules made/suspended/rules
suspension       diff rules made/suspension.yaml --format json
removals         diff rules made/removals.yaml
set              diff rules --set accept_threshold=55 --set weight.partner=25
set-dated.en     diff rules --set accept_threshold@2024-01-01=55
set-list         diff rules --set asia_key_countries=JPN,IND --format json
set-share.en     diff rules $WIDER --set defer_threshold=30
same.en          diff rules rules
none             diff
one              diff rules
missing          diff rules no-such-folder
missing-first    diff no-such-folder rules
broken           diff rules made/broken/rules
broken-overlay   diff rules made/broken-overlay.yaml
empty-overlay    diff rules made/empty-overlay.yaml
unknown-rule     diff rules made/unknown-remove.yaml
unknown          diff rules made/unknown-parameter.yaml
strategy         diff rules made/strategy.yaml
crossed          diff rules made/crossed.yaml
overlay-first.en diff $WIDER rules
set-unknown      diff rules --set no_such_parameter=1
set-countries    diff rules --set asia_key_countries=Japan,XXX
out.en           diff rules made/removals.yaml --output out.txt
"""


def cases() -> Iterator[Case]:
    """Every case of old cases and other policies; the slowest come first."""
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
    over = "sweep made/few-cases.csv --set accept_threshold=55 -o inbox.csv --rules bad/none/rules"
    yield from both("sweep/over-another", over, copies=("examples/inbox.csv",))
    yield from both("replay/stdin", "replay - --requests examples/inbox.csv", stdin="made/one.json")
