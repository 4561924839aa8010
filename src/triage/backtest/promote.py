"""Chosen flips as policy cases: a file of YAML that `triage test` reads, and that passes under
the candidate.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from triage.backtest.tally import Flip
from triage.errors import UsageError
from triage.formats.yaml import DocumentError, Mapping, read_document
from triage.messages import Language, say
from triage.model.facts import REQUEST_FACTS, Request
from triage.model.policy import RANKED

ALL = "all"
WIDTH = 118


def chosen(flips: Iterable[Flip], wanted: str, language: Language) -> list[Flip]:
    """The flips that an option names: ids with commas between them, or `all`."""
    by_id = {flip.request.id: flip for flip in flips}
    if wanted.strip() == ALL:
        return list(by_id.values())
    found = []
    for id in dict.fromkeys(part.strip() for part in wanted.split(",") if part.strip()):
        if id not in by_id:
            raise UsageError(say("backtest.no-such-flip", language, id=id))
        found.append(by_id[id])
    return found


def promote(
    flips: Sequence[Flip], folder: Path, candidate: str, language: Language
) -> tuple[Path, tuple[str, ...]]:
    """Write flips into the folder; the file, and the names of the cases that it has of them.

    The file is named after the version of the candidate. Cases that it has already are left as they
    are.
    """
    path = folder / f"backtest-{candidate}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = path.read_text("utf-8") if path.exists() else ""
        known = _names(path) if kept else set()
        cases = [(_name(flip, language), flip) for flip in flips]
        new = [_case(name, flip) for name, flip in cases if name not in known]
        text = kept or f"# {say('backtest.promoted-head', language)}.\ncases:\n"
        path.write_text(text + "".join(new), "utf-8")
    except OSError as error:
        raise UsageError(
            say("intake.unreadable", language, path=path, problem=error.strerror)
        ) from None
    except DocumentError as error:
        problem = say(f"diagnostic.{error.code}", language, **error.values)
        raise UsageError(f"{path}:{error.line}: {problem}") from None
    return path, tuple(name for name, _ in cases)


def _names(path: Path) -> set[str]:
    content = read_document(path)
    cases = content.get("cases") if isinstance(content, Mapping) else None
    return {str(one.get("name")) for one in cases or () if isinstance(one, Mapping)}


def _name(flip: Flip, language: Language) -> str:
    old, new = (
        say(f"recommendation.{RANKED[rank].value}", language) for rank in (flip.old, flip.new)
    )
    return say("backtest.promoted-name", language, id=flip.request.id, old=old, new=new)


def _case(name: str, flip: Flip) -> str:
    case = {
        "name": name,
        "as_of": flip.day.isoformat(),
        "request": _request(flip.request),
        "expect": {"recommendation": RANKED[flip.new].value, "score": flip.new_score},
    }
    text = yaml.dump(
        [case],
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
        default_flow_style=False,
    )
    return "\n" + "".join(f"  {line}\n" for line in text.splitlines())


def _request(request: Request) -> dict[str, Any]:
    """The facts that rules may read, as the file of a request has them; free text stays where it
    is.
    """
    given: dict[str, Any] = {"id": request.id}
    for name, fact in REQUEST_FACTS.items():
        if fact.readable and (value := getattr(request, name)) is not None:
            given[name] = _plain(value)
    # What was given and not understood stays unknown under the candidate too.
    given |= {name: one.given for name, one in request.unresolved.items()}
    return given


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return _Flow(sorted(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


class _Flow(list[str]):
    """A list on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes lists of values on one line."""


def _flow(dumper: yaml.SafeDumper, values: _Flow) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=True)


_Dumper.add_representer(_Flow, _flow)
