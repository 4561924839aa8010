"""Ask a running `triage serve` for a decision: python examples/client.py REQUEST.json [URL] [en|fr]

The key, where the service wants one, is read from the environment: TRIAGE_KEY.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def decide(request: Any, url: str = "http://127.0.0.1:8000", language: str = "en") -> Any:
    """The decision on one request; `ValueError` says what is wrong with it, place by place."""
    headers = {"Content-Type": "application/json", "Accept-Language": language}
    if "TRIAGE_KEY" in os.environ:
        headers["Authorization"] = f"Bearer {os.environ['TRIAGE_KEY']}"
    asked = Request(f"{url}/v1/decisions", json.dumps(request).encode(), headers)
    try:
        with urlopen(asked, timeout=30) as answer:
            return json.load(answer)
    except HTTPError as error:
        problem = json.load(error)
        wrong = [f"{one['pointer']}: {one['expected']}" for one in problem.get("errors", ())]
        raise ValueError("\n".join([problem["detail"], *wrong])) from None


if __name__ == "__main__":
    made = decide(json.loads(Path(sys.argv[1]).read_text("utf-8")), *sys.argv[2:4])
    print(made["request_id"], made["recommendation"].upper(), made["score"], sep="\n")
    print(made["justification"])
