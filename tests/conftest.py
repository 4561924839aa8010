"""What every test shares: the settings of hypothesis."""

import os

from hypothesis import settings

settings.register_profile("dev", deadline=None)
# The same examples on every run: a red build is a change of ours, never a lucky draw.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")
