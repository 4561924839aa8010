"""Canaries: the hazards of durable-rules are still the ones that the adapter guards against.

The adapter drives the compiled core of the package directly. Should a new version or build change
one of these behaviours, a test here fails; look again at the guard that its docstring names. Some
hazards hang or crash, so each snippet runs in a process of its own, with a time limit. Hazards
whose outcome depends on uninitialised memory are guarded too, but not asserted on.
"""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

pytest.importorskip("durable_rules_engine")

HANGS_AFTER = 3.0

PRELUDE = """
import json, os, threading
import durable_rules_engine as core

RETRACT = '{"id":1,"sid":0}'

def rule(*conditions):
    pattern = conditions[0] if len(conditions) == 1 else {"$and": list(conditions)}
    return {"all": [{"m": pattern}]}

def ruleset(**rules):
    return core.create_ruleset("rules", json.dumps(rules))

def fact(**facts):
    return json.dumps({"id": 1, "sid": 0, **facts})

def drain(handle, state):
    # Completing an action starts the next one.
    names, result = [], core.start_action_for_state(handle, state)
    message = result and result[1]
    while message:
        names.append(message[2 : message.index('"', 2)])
        message = core.complete_and_start_action(handle, state)
    return names

def decide(handle, text):
    code, state = core.assert_fact(handle, text)
    names = drain(handle, state)
    core.retract_fact(handle, RETRACT)
    return names

def fires(condition, **facts):
    return decide(ruleset(r=rule(condition)), fact(**facts)) == ["r"]

def error(call, *arguments):
    try:
        call(*arguments)
    except core.error as problem:
        return str(problem).rpartition(": ")[2]

def megabytes():
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

def answer(value):
    print(json.dumps(value), flush=True)
"""

HOST = """
import warnings
warnings.simplefilter("ignore")  # Python 3.12 warns of utcfromtimestamp
from durable import engine

class QuietHost(engine.Host):
    def _run(self):
        pass

def host_of(condition, run):
    host = QuietHost()
    host.set_rulesets({"rules": {"r": {"all": [{"m": condition}], "run": run}}})
    return host
"""


class Outcome(NamedTuple):
    """How a snippet ended, and what it wrote."""

    exit: int | Literal["timeout"]
    stdout: str
    stderr: str


def run(snippet: str, seconds: float = 30.0) -> Outcome:
    """Run a snippet of Python in a process of its own, and kill it when the time is up."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", PRELUDE + snippet],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            stdout, stderr = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            return Outcome("timeout", stdout, stderr)
        return Outcome(process.returncode, stdout, stderr)


def answer_of(snippet: str) -> Any:
    """What a snippet that must end well gives to `answer`."""
    outcome = run(snippet)
    assert outcome.exit == 0, outcome
    return json.loads(outcome.stdout)


def test_version_is_the_one_that_was_examined() -> None:
    """The adapter accepts this version only: every guard was established on it."""
    assert metadata.version("durable-rules") == "2.0.28"


# The calls and what they return


def test_each_rule_that_holds_is_named_once_in_the_order_of_definition() -> None:
    """The adapter takes the names of the actions, as they come, for the answer."""
    names = answer_of("""
handle = ruleset(
    z=rule({"x": "T"}), b=rule({"x": "F"}), a=rule({"x": "T"}, {"y": "T"}), m=rule({"y": "T"})
)
answer([decide(handle, fact(x="T", y="T")) for _ in range(3)])
""")

    assert names == [["z", "a", "m"]] * 3


def test_priority_comes_before_the_order_of_definition() -> None:
    """The adapter gives no `pri`, so that the order of the answer is that of the rules."""
    names = answer_of("""
handle = ruleset(late={**rule({"x": "T"}), "pri": 9}, early=rule({"x": "T"}))
answer(decide(handle, fact(x="T")))
""")

    assert names == ["early", "late"]


def test_code_0_means_that_a_rule_holds_and_code_1_that_none_does() -> None:
    """The adapter tells "no rule holds" by the code: code 0 without an action is a fault."""
    codes = answer_of("""
handle = ruleset(r=rule({"x": "T"}, {"y": "T"}))
none, state = core.assert_fact(handle, fact(x="T"))
left, kept = drain(handle, state), core.get_facts(handle, "0")
some, state = core.assert_fact(handle, fact(x="T", y="T"))
answer([none, left, kept, some, drain(handle, state)])
""")

    assert codes == [1, [], "[]", 0, ["r"]]


def test_a_fact_under_an_id_in_use_fires_nothing() -> None:
    """The adapter takes any code but 0 and 1 for a fault, and retracts before the next fact."""
    codes = answer_of("""
handle = ruleset(r=rule({"x": "T"}))
first, state = core.assert_fact(handle, fact(x="T"))
drain(handle, state)
second, state = core.assert_fact(handle, fact(x="T"))
nothing = drain(handle, state)
core.retract_fact(handle, RETRACT)
answer([first, second, nothing, decide(handle, fact(x="T"))])
""")

    assert codes == [0, 2, [], ["r"]]


def test_after_an_interrupted_drain_a_handle_answers_nothing_and_raises_nothing() -> None:
    """The adapter never uses a handle again after anything was raised between its calls."""
    names = answer_of("""
handle = ruleset(r=rule({"x": "T"}), s=rule({"x": "T"}))
code, state = core.assert_fact(handle, fact(x="T"))
core.start_action_for_state(handle, state)
core.retract_fact(handle, RETRACT)
code, state = core.assert_fact(handle, fact(x="T"))
answer([code, drain(handle, state)])
""")

    assert names == [0, []]


def test_a_deleted_handle_is_refused() -> None:
    """A closed engine is an error and not a crash."""
    code = answer_of("""
handle = ruleset(r=rule({"x": "T"}))
decide(handle, fact(x="T"))
core.delete_state(handle, "0")
core.delete_ruleset(handle)
answer(error(core.assert_fact, handle, fact(x="T")))
""")

    assert code == "111"


@pytest.mark.parametrize("text", ['b"{}"', "None", "'\"\\0\"'", "'\"\\ud800\"'"])
def test_a_fact_is_text_without_nul_or_surrogates(text: str) -> None:
    """The adapter decodes what orjson gives, and takes any error of the core for a fault."""
    refused = answer_of(f"answer(error(core.assert_fact, ruleset(), {text}))")

    assert refused == "pyAssertFact Invalid argument"


def test_the_core_starts_no_thread_and_one_handle_a_thread_is_safe() -> None:
    """The adapter keeps one set of handles for each thread, and shares none."""
    threads = answer_of("""
wrong = []
def work():
    handle = ruleset(**{f"r{i}": rule({f"x{i}": "T"}) for i in range(10)})
    for i in range(500):
        if decide(handle, fact(**{f"x{i % 10}": "T"})) != [f"r{i % 10}"]:
            wrong.append(i)
workers = [threading.Thread(target=work) for _ in range(4)]
for worker in workers: worker.start()
for worker in workers: worker.join()
answer([threading.active_count(), wrong])
""")

    assert threads == [1, []]


# How much fits


@pytest.mark.parametrize("first", ["", '{"kind": "request"}, '])
def test_64_conditions_may_hold_at_once_and_65_are_an_error(first: str) -> None:
    """The adapter puts at most 60 conjunctions in a ruleset."""
    snippet = """
count = %d
handle = ruleset(**{f"r{i}": rule(%s{f"x{i}": "T"}) for i in range(count)})
text = fact(kind="request", **{f"x{i}": "T" for i in range(count)})
answer(len(decide(handle, text)) if count < 65 else error(core.assert_fact, handle, text))
"""

    assert answer_of(snippet % (64, first)) == 64
    assert answer_of(snippet % (65, first)) == "303"


def test_511_different_first_conditions_are_answered() -> None:
    """The adapter puts at most 60 conjunctions in a ruleset."""
    names = answer_of("""
handle = ruleset(**{f"r{i}": rule({f"x{i}": "T"}) for i in range(511)})
answer(decide(handle, fact(x7="T", x400="T")))
""")

    assert names == ["r7", "r400"]


def test_512_different_first_conditions_hang() -> None:
    """The adapter puts at most 60 conjunctions in a ruleset: here the search has no end."""
    outcome = run(
        """
handle = ruleset(**{f"r{i}": rule({f"x{i}": "T"}) for i in range(512)})
answer("compiled")
core.assert_fact(handle, fact(y="T"))
answer("asserted")
""",
        seconds=HANGS_AFTER,
    )

    assert outcome[:2] == ("timeout", '"compiled"\n')


def test_255_rules_may_share_their_only_condition() -> None:
    """The adapter puts at most 60 conjunctions in a ruleset: 256 are a write out of bounds."""
    count = answer_of("""
handle = ruleset(**{f"r{i}": rule({"x": "T"}) for i in range(255)})
answer(len(decide(handle, fact(x="T"))))
""")

    assert count == 255


def test_252_fields_fit_in_a_fact() -> None:
    """A fact with more fields is an error of the core, which the adapter raises."""
    codes = answer_of("""
handle = ruleset(r=rule({"x1": "T"}))
def wide(count):
    return fact(**{f"x{i}": "T" for i in range(count)})
answer([decide(handle, wide(252)), error(core.assert_fact, handle, wide(253))])
""")

    assert codes == [["r"], "302"]


# What a condition means


def test_the_second_key_of_a_condition_is_ignored() -> None:
    """The adapter writes one key in each dictionary."""
    names = answer_of("""
handle = ruleset(equal=rule({"x": "T", "y": "T"}), more=rule({"$gt": {"n": 1, "o": 5}}))
answer(decide(handle, fact(x="T", n=2)))
""")

    assert names == ["equal", "more"]


def test_each_true_branch_of_an_alternative_fires_again() -> None:
    """The adapter expands alternatives itself and never writes `$or`."""
    counts = answer_of("""
once = ruleset(r=rule({"$or": [{"x": "T"}, {"y": "T"}]}))
often = ruleset(r=rule(*[{"$or": [{f"x{i}": "T"}, {f"y{i}": "T"}]} for i in range(4)]))
both = {f"{letter}{i}": "T" for letter in "xy" for i in range(4)}
answer([len(decide(once, fact(x="T", y="T"))), len(decide(often, fact(**both)))])
""")

    assert counts == [2, 16]


def test_a_lone_absence_fires_for_a_message_of_the_core_itself() -> None:
    """The adapter begins each conjunction with a condition on a field that the fact carries."""
    names = answer_of("""
lone = ruleset(r=rule({"$nex": {"x": 1}}))
guarded = ruleset(r=rule({"kind": "request"}, {"$nex": {"x": 1}}))
facts = [fact(kind="request", x="T"), fact(kind="request", x="T"), fact(kind="request")]
answer([[decide(handle, text) for text in facts] for handle in (lone, guarded)])
""")

    assert names == [[["r"], [], ["r"]], [[], [], ["r"]]]


def test_empty_groups_are_accepted() -> None:
    """The adapter begins each conjunction with a condition of its own, so that none is empty."""
    names = answer_of("""
handle = ruleset(none={"all": []}, either=rule({"$or": []}))
both = ruleset(both={"all": [{"m": {"$and": []}}]})
answer([decide(handle, fact(x="T")), "both" in decide(both, fact(x="T"))])
""")

    assert names == [[], True]


@pytest.mark.parametrize(
    "document", ['{"$in": {"x": 1}}', '{"x": [1]}', '{"x": {"y": 1}}', '{"x": 1e-05}', "{}"]
)
def test_other_mistakes_in_a_condition_are_refused(document: str) -> None:
    """The adapter takes an error of the compiler for a fault of its own."""
    assert answer_of(
        f"answer(error(core.create_ruleset, 'r', json.dumps({{'r': rule({document})}})))"
    )


# What a value means


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ('{"x": 1}', "True"),
        ('{"x": True}', "1"),
        ('{"x": 1}', "1.0"),
        ('{"x": "1"}', "1"),
        ('{"x": "true"}', "True"),
    ],
)
def test_values_of_different_types_are_equal(condition: str, value: str) -> None:
    """The adapter sends one type for each field, and true or false as text."""
    assert answer_of(f"answer(fires({condition}, x={value}))") is True


def test_null_is_a_value() -> None:
    """The adapter leaves an unknown fact out, and never sends null."""
    held = answer_of("""
answer([
    fires({"$ex": {"x": 1}}, x=None),
    fires({"$neq": {"x": 1}}, x=None),
    fires({"x": None}, x=None),
    fires({"x": None}, y=1),
])
""")

    assert held == [True, False, True, False]


def test_every_comparison_with_an_absent_field_fails() -> None:
    """An unknown fact satisfies no condition but absence, as in the reference meaning."""
    held = answer_of("""
operators = ("$neq", "$lt", "$lte", "$gt", "$gte", "$ex")
conditions = [{"x": 1}, *({operator: {"x": 1}} for operator in operators)]
answer([fires(condition, y=1) for condition in conditions])
""")

    assert held == [False] * 7


def test_numbers_with_a_bare_exponent_do_not_parse_and_nan_is_null() -> None:
    """The adapter sends decimals as scaled integers, and never a float."""
    codes = answer_of("""
handle = ruleset(null=rule({"x": None}))
texts = ['{"id":1,"sid":0,"x":%s}' % number for number in ("1e-05", "1e+16", "Infinity", "NaN")]
answer([error(core.assert_fact, handle, text) for text in texts[:3]] + decide(handle, texts[3]))
""")

    assert codes == ["204", "204", "202", "null"]


def test_integers_beyond_64_bits_saturate() -> None:
    """The adapter refuses integers beyond 2**53."""
    held = answer_of("""
answer([
    fires({"x": 10**19}, x=10**20),
    fires({"x": 2**63 - 1}, x=10**20),
    fires({"x": 2**53}, x=2**53 + 1),
    fires({"$lt": {"x": 2**53}}, x=2**53 - 1),
])
""")

    assert held == [True, True, False, True]


def test_the_length_of_a_text_counts_in_16_bits() -> None:
    """The adapter sends no text of a request: conditions on text are compared in Python."""
    held = answer_of("""
answer([
    fires({"x": ""}, x="y" * 65_535),
    fires({"x": ""}, x="y" * 65_536),
    fires({"x": "y"}, x="y" * 65_537),
])
""")

    assert held == [False, True, True]


def test_text_is_compared_as_it_is_written_in_json() -> None:
    """The adapter writes rules and facts with one and the same serializer."""
    held = answer_of("""
handle = core.create_ruleset("r", json.dumps({"r": rule({"x": "é"})}))
answer([
    decide(handle, json.dumps({"id": 1, "sid": 0, "x": "é"}, ensure_ascii=escape)) == ["r"]
    for escape in (True, False)
])
""")

    assert held == [True, False]


def test_text_has_no_order() -> None:
    """The adapter compares text for equality only: the closing quote takes part in an order."""
    assert answer_of('answer(fires({"$lt": {"x": "ab !"}}, x="ab"))') is False


def test_names_of_one_32_bit_hash_are_one_name() -> None:
    """The adapter uses field names known to differ, and one constant id and session."""
    collisions = answer_of("""
handle = ruleset(r=rule({"field_1079599": "T"}))
field = decide(handle, fact(field_1262382="T"))
template = '{"id":"%s","sid":"%s","field_1079599":"T"}'
names = ("req-991307", "req-1971740")
ids = [core.assert_fact(handle, template % (name, "s"))[0] for name in names]
sessions = [core.assert_fact(handle, template % (1, name))[0] for name in names]
answer([field, ids, sessions])
""")

    assert collisions == [["r"], [0, 2], [0, 2]]


# What stays in memory

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the size of a process is read from /proc"
)

RULES_OF_60 = """
rules = {f"r{i}": rule({f"x{i % 20}": "T"}, {f"x{(i * 7 + 1) % 20}": "T"}) for i in range(60)}
text = fact(**{f"x{i}": "T" for i in range(20)})
"""


@needs_proc
def test_retracting_leaves_nothing_behind() -> None:
    """The adapter retracts each fact; kept facts would take nine kilobytes each."""
    retracted, left, kept = answer_of(
        RULES_OF_60
        + """
handle = ruleset(**rules)
for _ in range(200):
    decide(handle, text)  # the pools of the core grow to what a decision takes
start = megabytes()
for _ in range(20_000):
    decide(handle, text)
retracted = megabytes() - start
left = core.get_facts(handle, "0")
for i in range(1_000):
    code, state = core.assert_fact(handle, text.replace('"id": 1', f'"id": {i + 2}'))
    drain(handle, state)
answer([retracted, left, megabytes() - start - retracted])
"""
    )

    assert retracted < 5
    assert left == "[]"
    assert kept > 5


@needs_proc
@pytest.mark.parametrize("with_state", [True, False])
def test_a_ruleset_is_given_back_only_after_its_state(with_state: bool) -> None:
    """The adapter deletes the state, then the ruleset; else a reload loses most of a megabyte."""
    grown = answer_of(
        RULES_OF_60
        + f"""
def cycle():
    handle = ruleset(**rules)
    decide(handle, text)
    if {with_state}:
        core.delete_state(handle, "0")
    core.delete_ruleset(handle)
for _ in range(20):
    cycle()
start = megabytes()
for _ in range(60):
    cycle()
answer(megabytes() - start)
"""
    )

    assert grown < 5 if with_state else grown > 20


# The Host of the package, which the adapter does not use


def test_a_stock_host_starts_threads() -> None:
    """The adapter never makes a `Host`: its timers take work away from the thread that asked."""
    counts = answer_of(
        HOST
        + """
quiet = QuietHost(); alone = threading.active_count()
stock = engine.Host(); answer([alone, threading.active_count()])
os._exit(0)
"""
    )

    assert counts == [1, 3]


def test_a_host_swallows_the_error_of_an_action() -> None:
    """The adapter has no actions: it reads names, and its own errors are raised."""
    state = answer_of(
        HOST
        + """
def fail(context):
    raise SystemExit("stop")
answer(host_of({"x": "T"}, fail).assert_fact("rules", {"id": 1, "sid": 0, "x": "T"}))
"""
    )

    assert "stop" in state["exception"]


def test_a_host_never_returns_from_a_lone_absence() -> None:
    """The adapter never makes a `Host`: it asserts its own state again after each action."""
    outcome = run(
        HOST
        + """
host = host_of({"$nex": {"x": 1}}, lambda context: None)
answer("compiled")
host.assert_fact("rules", {"id": 1, "sid": 0, "y": "T"})
answer("returned")
""",
        seconds=HANGS_AFTER,
    )

    assert outcome[:2] == ("timeout", '"compiled"\n')


def test_the_language_of_the_package_hides_all_and_any() -> None:
    """The adapter never imports `durable.lang`."""
    assert answer_of(
        HOST
        + """
names = {}
exec("from durable.lang import *", names)
answer([names["all"] is not all, names["any"] is not any])
os._exit(0)
"""
    ) == [True, True]
