"""Asks a toy endpoint of a copy for what every endpoint gives; `test_recipes_edges.py` runs it.

python tests/toy_endpoint.py PATH
"""

import json
import sys

from served import serving, shipped_triage
from triage_api.app import document
from triage_api.keys import ApiKey, Keys, hash_of
from triage_api.security import Guard

PATH = sys.argv[1]

with serving() as served:
    english, french = (served.get(PATH, accept_language=one) for one in ("en", "fr"))
    again = served.get(PATH, accept_language="en", if_none_match=english.headers["etag"])
    route = served.logged[-1]["route"]
with serving(Guard(Keys([ApiKey("mission", hash_of("a key"))]))) as served:
    refused = served.get(PATH)
    let_in = served.get(PATH, x_api_key="a key")
found = {
    "en": english.json,
    "fr": french.json,
    "policy": "x-policy-version" in english.headers,
    "again": again.status,
    "route": route,
    "refused": refused.status,
    "let in": let_in.status,
    "described": document(shipped_triage())["paths"][PATH]["get"]["summary"],
}
print(json.dumps(found))
