"""`python -m triage_api` prints the OpenAPI document of the shipped policy."""

import json

from triage.service import Triage
from triage_api.app import document

if __name__ == "__main__":
    print(json.dumps(document(Triage()), indent=1, ensure_ascii=False))
