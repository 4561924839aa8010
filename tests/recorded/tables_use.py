"""Cases of help, wrong use, languages and terminals."""

from collections.abc import Iterator

from recorded.case import Case, both, case, table

COMMANDS = (
    *("screen", "assess", "topics", "check", "test", "rules", "diff", "replay", "backtest"),
    *("sweep", "serve", "worksheet"),
)

WRONG = """
command         scren
command-far     zzz
option          screen examples/inbox.csv --formt json
option-far      screen examples/inbox.csv --zzz
value           screen examples/inbox.csv --format pdf
no-value        screen examples/inbox.csv --format
needs           assess
extra           worksheet extra
extra-two       check rules extra more
allocate        screen examples/inbox.csv --allocate worst
template        screen --template pdf
plan            screen examples/inbox.csv --action-plan pdf --output x
port            serve --port many
port-large      serve --port 70000
port-negative   serve --port -1
host            serve --host 0.0.0.0
remote          serve --allow-remote
remote-keys     serve --allow-remote --keys no-such-file.txt
address         serve --host 203.0.113.7 --allow-remote --keys examples/inbox.csv
key-no-file     serve --new-key someone
key-name        serve --new-key 'a b' --keys keys.txt
key-taken       serve --new-key new-key --keys keys.txt ; serve --new-key new-key --keys keys.txt
key-two         serve --new-key new-key --keys keys.txt ; serve --new-key new-key-2 --keys keys.txt
key-nowhere     serve --new-key someone --keys no/such/keys.txt
serve-rules     serve --rules made/broken/rules --port 0
serve-none      serve --rules no-such-folder --port 0
replay-format   replay a.json --requests b.csv --format html
sweep-format    sweep a.csv --set x=1 --format xlsx
"""

TERMINAL = """
bar            sweep made/few-cases.csv --set accept_threshold=55,60
backtest       backtest made/few-cases.csv --set accept_threshold=55
backtest-xlsx  backtest made/few-cases.csv --set accept_threshold=55 --format xlsx
table          screen examples/inbox.csv
count          screen made/mixed.jsonl made/policy-cases.jsonl
xlsx           screen examples/inbox.csv --format xlsx
template       screen --template xlsx
wrong          screen no-such-file.csv
help           screen --help
"""


def cases() -> Iterator[Case]:
    """Every case of use."""
    for name in COMMANDS:
        yield from both(f"help/{name}", f"{name} --help ; {name} -h")
        # Started as users start it; the others are forks of a program that is loaded already.
        yield case(f"help/{name}.cold", f"{name} --help", cold=True)
    yield from both("help/program", "--help")
    yield case("help/nothing", "")
    yield case("help/version", "--version", cold=True)
    for columns in ("60", "200"):
        wide = {"COLUMNS": columns}
        yield from both(f"help/{columns}", "screen --help ; backtest --help", environment=wide)
    yield from table("use", WRONG)
    yield from _languages()
    for row in table("terminal", TERMINAL):
        # No output but help depends on the width, and help has cases of its own.
        for columns in ("140",) if row.french else ("60",):
            yield case(
                f"{row.name}.{columns}",
                " ; ".join(" ".join(words) for words in row.commands),
                terminal="in out err",
                environment={"COLUMNS": columns},
            )
    yield from both(
        "terminal/err-only", "sweep made/few-cases.csv --set accept_threshold=55", terminal="err"
    )
    yield from both("terminal/out-only", "screen examples/inbox.csv", terminal="out")
    yield from _cold()


def _languages() -> Iterator[Case]:
    french = {"TRIAGE_LANG": "fr"}
    for name, line, environment in (
        ("variable", "screen examples/inbox-with-mistakes.csv", french),
        ("variable-wrong-use", "screen --zzz", french),
        ("variable-help", "check --help", french),
        ("variable-and-option", "screen examples/inbox-with-mistakes.csv --lang en", french),
        ("variable-odd", "screen examples/inbox.csv", {"TRIAGE_LANG": "de"}),
        ("variable-odd-help", "check --help", {"TRIAGE_LANG": "de"}),
        ("before", "--lang fr screen examples/inbox-with-mistakes.csv", {}),
        ("before-help", "--lang fr --help", {}),
        ("before-and-after", "--lang fr screen examples/inbox-with-mistakes.csv --lang en", {}),
        ("joined", "screen examples/inbox-with-mistakes.csv --lang=fr", {}),
        ("joined-wrong-use", "screen --lang=fr --zzz", {}),
        ("odd", "screen examples/inbox.csv --lang de", {}),
        ("no-value", "screen examples/inbox.csv --lang", {}),
    ):
        yield case(f"language/{name}", line, environment=environment, cold=True)


def _cold() -> Iterator[Case]:
    """Each command once as a process of its own, as users have it."""
    for name, line in {
        "screen": "screen examples/inbox.csv",
        "screen-fr": "screen examples/inbox-fr.csv --format xlsx --output out.xlsx --lang fr",
        "assess": "assess examples/proposals/peru.yaml",
        "topics": "topics examples/inbox-fr.csv --lang fr",
        "check": "check bad/none/rules",
        "test": "test tests/cases/asia/china.yaml",
        "rules": "rules asia-topic-removals --as-of 2022-07-04",
        "worksheet": "worksheet --as-of 2022-07-04 --rules bad/none/rules",
        "diff": "diff rules examples/candidate/wider-door.yaml",
        "replay": "replay made/inbox.jsonl --requests examples/inbox.csv",
        "backtest": "backtest made/few-cases.csv --set accept_threshold=55",
        "sweep": "sweep made/few-cases.csv --set accept_threshold=55,60",
        "elsewhere": "screen made/inbox.xlsx --format csv",
    }.items():
        yield case(f"cold/{name}", line, cold=True)
    yield case("cold/openapi", "", module="triage_api")
    yield case("cold/module", "screen examples/inbox-fr.csv", module="triage.cli")
