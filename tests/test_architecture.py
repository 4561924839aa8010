"""Imports go one way, and each foreign package has one door."""

import ast
from pathlib import Path

from support import ROOT

SOURCE = ROOT / "src" / "triage"

LAYERS = (
    "errors messages formats.cells formats.spool formats.spelling",
    "formats.yaml model.facts model.periods model.program",
    "formats.rows formats.values reports.markup formats.write_xlsx cli.options",
    "model.countries model.conditions intake.determinations formats.read_xlsx",
    "model.policy intake.canonical",
    "rulebook.diagnostics",
    "rulebook.reader",
    "rulebook.read_conditions deciding.layers deciding.settled",
    "rulebook.read_effects deciding.bitsets",
    "rulebook.read_rules deciding.calendar",
    "rulebook.read_vocabulary deciding.durable",
    "rulebook.read_indicators rulebook.read_changes rulebook.read_limits",
    "rulebook.load review.satisfiable deciding.match deciding.wording",
    "review.limit_checks",
    "deciding.possible review.checks deciding.decision review.describe",
    "intake.suggestions limits.outcome columnar.shape columnar.algebra formats.parquet deciding.rank",
    "columnar.compile columnar.emit columnar.encode",
    "columnar.outcome columnar.prepare",
    "columnar.evaluate",
    "limits.demands",
    "limits.book",
    "limits.rank limits.best limits.usage",
    "limits.allocate limits.words",
    "limits.tables",
    "deciding.explain review.schema review.worksheet",
    "deciding.decide intake.requests intake.rejects",
    "advice.options",
    "advice.equivalence",
    "advice.search",
    "advice.assessment",
    "advice.interview advice.comparison",
    "policy_diff.parts policy_diff.settings policy_diff.overlays",
    "policy_diff.dated_words policy_diff.candidate",
    "policy_diff.edit_words",
    "policy_diff.edits policy_diff.trial",
    "backtest.attribution backtest.replay sweep.grid",
    "sweep.families backtest.statistics backtest.decisive",
    "sweep.points",
    "review.cases intake.inbox intake.templates columnar.canonical",
    "columnar.cases",
    "columnar.backends",
    "backtest.cases",
    "backtest.evaluation backtest.segments backtest.sides",
    "backtest.tally",
    "backtest.agreement backtest.figures backtest.promote",
    "reports.document reports.rows reports.charts intake.topics",
    "backtest.capacity",
    "backtest.gates",
    "backtest.report",
    "reports.html_limits",
    "reports.sections",
    "reports.terminal reports.limited reports.changes reports.csv reports.xlsx reports.document_book",
    "reports.html reports.markdown reports.terminal_limits",
    "reports.sweep reports.comparing reports.action_plan",
    "reports.document_text reports.backtest_words reports.drafts",
    "reports.rendering reports.worksheet_pages reports.document_pages",
    "reports.backtest_outcomes reports.backtest_charts reports.backtest_limits reports.backtest_csv",
    "reports.backtest_parts",
    "reports.backtest",
    "service.limiting",
    "service.screening service.policies service.comparing service.sweeping service.backtesting",
    "service.assessing",
    "service",
    "cli.console cli.speaking",
    "cli.screening cli.assessing cli.policies",
    "cli.serving cli.comparing cli.backtesting",
    "cli.app",
    "cli",
    "cli.__main__",
)
"""The modules from the lowest layer to the highest; an import goes to a lower one."""

LAYER = {module: number for number, row in enumerate(LAYERS) for module in row.split()}

API = ROOT / "api" / "triage_api"
API_LAYERS = (
    "languages keys logs problems",
    "limits security models",
    "middleware openapi desk",
    "bodies",
    "decisions assessments screenings resources",
    "app",
    "server __main__",
)
"""The same for the API, all of which stands above `service`."""

API_LAYER = {module: number for number, row in enumerate(API_LAYERS) for module in row.split()}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]


def modules() -> dict[str, Path]:
    """The modules by dotted name below `triage`; a package stands for its `__init__`, where that imports anything."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name and (parts[-1] != "__init__" or imports(path)):
            found[name] = path
    return found


def own(name: str) -> str | None:
    """The module of ours that an imported name is, or is in."""
    inside = name.removeprefix("triage.")
    if inside == name:
        return None
    while inside and inside not in LAYER:
        inside = inside.rpartition(".")[0]
    return inside or None


def test_every_module_has_a_layer() -> None:
    assert set(modules()) == set(LAYER)


def test_imports_go_to_lower_layers_only() -> None:
    for module, path in modules().items():
        for used in filter(None, map(own, imports(path))):
            assert LAYER[used] < LAYER[module], f"{module} imports {used}"


def test_the_engine_is_imported_by_its_adapter_only() -> None:
    text = {module: path.read_text(encoding="utf-8") for module, path in modules().items()}
    users = {module for module, words in text.items() if "durable_rules_engine" in words or "import durable" in words}
    assert users == {"deciding.durable"}


def test_no_web_framework_and_no_network_below_the_api() -> None:
    forbidden = ("fastapi", "starlette", "uvicorn", "requests", "urllib.request", "http.client", "socket")
    for module, path in modules().items():
        assert not [name for name in imports(path) if name.startswith(forbidden)], module


def api_modules() -> dict[str, Path]:
    return {path.stem: path for path in API.glob("*.py") if path.stem != "__init__"}


def test_the_api_goes_one_way_too() -> None:
    assert set(api_modules()) == set(API_LAYER)
    for module, path in api_modules().items():
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "triage_api" and len(parts) > 1 and parts[1] in API_LAYER:
                assert API_LAYER[parts[1]] < API_LAYER[module], f"{module} imports {parts[1]}"


def test_only_the_command_line_knows_the_api_and_only_when_it_serves() -> None:
    for module, path in modules().items():
        found = [name for name in imports(path) if name.startswith("triage_api")]
        assert not found or module == "cli.serving", module
    tree = ast.parse((SOURCE / "cli" / "serving.py").read_text(encoding="utf-8"))
    top = [name for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for name in _names(node)]
    assert not [name for name in top if name.startswith("triage_api")]


def test_modules_stay_small() -> None:
    for module, path in (modules() | {f"triage_api.{name}": path for name, path in api_modules().items()}).items():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 400, f"{module} has {lines} lines: probably two responsibilities"


def test_the_program_knows_no_strategy_country_or_topic() -> None:
    words = ("asia", "americas", "japan", "mexico", "jpn'", "irregular_migration")
    for module, path in modules().items():
        if module != "model.countries":
            text = path.read_text(encoding="utf-8").lower()
            assert not [word for word in words if word in text], module
