"""Triage of requests for international migration engagement, by a policy kept as plain files.

For use as a library: load a policy, make a `Decider` of it, and decide requests.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triage.deciding.decide import Decider
    from triage.deciding.decision import Decision
    from triage.model.facts import Request
    from triage.rulebook.load import load_policy

__all__ = ["Decider", "Decision", "Request", "load_policy"]
__version__ = "0.2.0"

_HOMES = {
    "Decider": "triage.deciding.decide",
    "Decision": "triage.deciding.decision",
    "Request": "triage.model.facts",
    "load_policy": "triage.rulebook.load",
}


def __getattr__(name: str) -> Any:
    """Import a name of the face when it is asked for: `triage --version` needs none of them."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
