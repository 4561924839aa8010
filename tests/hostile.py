"""An inbox whose texts try to be formulas, markup, or wider than any page."""

import json

FORMULAS = (
    '=HYPERLINK("x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "＝1+1",
    "#N/A",
    "'=1",
)
MARKUP = "<script>alert(1)</script> [link](x) | **bold** `code` & <b>"
WIDE = "W" * 400


def requests(titles: tuple[str, ...]) -> bytes:
    """One request for each title, as JSON; the id and the requester are hostile too."""
    found = [
        {
            "id": f"=ID-{number}",
            "title": title,
            "received": "2022-07-04",
            "engagement_type": "meeting",
            "countries": ["JPN"],
            "topics": ["resettlement"],
            "requester_organization": f"{title} {WIDE}",
            "expressed_interest": True,
            "classification": "unclassified",
        }
        for number, title in enumerate(titles, 1)
    ]
    return json.dumps(found).encode()
