"""Chosen flips as policy cases: YAML that `triage test` reads and the candidate passes."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from triage.backtest.tally import Flip, rank_word
from triage.errors import UsageError
from triage.formats.whole_files import whole_file
from triage.formats.yaml import DocumentError, Mapping, read_document
from triage.messages import Language, say
from triage.model.facts import Request
from triage.model.policy import RANKED, Policy

ALL = "all"
WIDTH = 118


def chosen(flips: Iterable[Flip], wanted: str, language: Language) -> list[Flip]:
    """The flips that an option names: ids with commas between them, or `all`."""
    by_id = {flip.request.id: flip for flip in flips}
    if wanted.strip() == ALL:
        return list(by_id.values())
    ids = dict.fromkeys(id.strip() for id in wanted.split(",") if id.strip())
    for id in ids:
        if id not in by_id:
            raise UsageError(say("backtest.no-such-flip", language, id=id))
    return [by_id[id] for id in ids]


def promote(
    flips: Sequence[Flip], folder: Path, candidate: Policy, language: Language
) -> tuple[Path, tuple[str, ...]]:
    """Write flips into a file named after the candidate's version; the file and the cases' names.

    Cases that the file has already are left as they are.
    """
    path = folder / f"backtest-{candidate.version}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = path.read_text("utf-8") if path.exists() else ""
        known = _names(path) if kept else set()
        cases = [(_name(flip, language), flip) for flip in flips]
        new = [_case(name, flip, candidate) for name, flip in cases if name not in known]
        text = kept or f"# {say('backtest.promoted-head', language)}.\ncases:\n"
        with whole_file(path) as stream:
            stream.write((text + "".join(new)).encode())
    except OSError as error:
        values = {"path": path, "problem": error.strerror}
        raise UsageError(say("intake.unreadable", language, **values)) from None
    except DocumentError as error:
        # The reader of YAML has a code for each way in which a document can be broken.
        problem = say(f"diagnostic.{error.code}", language, **error.values)
        raise UsageError(f"{path}:{error.line}: {problem}") from None
    return path, tuple(name for name, _ in cases)


def _names(path: Path) -> set[str]:
    content = read_document(path)
    cases = content.get("cases") if isinstance(content, Mapping) else None
    return {str(one.get("name")) for one in cases or () if isinstance(one, Mapping)}


def _name(flip: Flip, language: Language) -> str:
    old, new = rank_word(flip.old, language), rank_word(flip.new, language)
    return say("backtest.promoted-name", language, id=flip.request.id, old=old, new=new)


def _case(name: str, flip: Flip, policy: Policy) -> str:
    case = {
        "name": name,
        "as_of": flip.day.isoformat(),
        "request": _request(flip.request, policy),
        "expect": {"recommendation": RANKED[flip.new].value, "score": flip.new_score},
    }
    style: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": WIDTH}
    text = yaml.dump([case], Dumper=_Dumper, default_flow_style=False, **style)
    return "\n" + "".join(f"  {line}\n" for line in text.splitlines())


def _request(request: Request, policy: Policy) -> dict[str, Any]:
    """The facts that rules may read, as the file of a request has them; no free text."""
    given: dict[str, Any] = {"id": request.id}
    given |= {name: _plain(value) for name, value in request.known(policy.readable).items()}
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
