"""A Chromium for the tests that look at pages in a real browser, and what it is started with."""

import os
import shutil

VARIABLE = "TRIAGE_CHROMIUM"
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE_FOUND = (
    "no Chromium on this machine: install one (Debian: apt-get install chromium; "
    f"elsewhere: .venv/bin/playwright install chromium), or name one in {VARIABLE}"
)
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]


def find_chromium(downloaded: str) -> str | None:
    """The path of the first that is there: what TRIAGE_CHROMIUM names, COMMANDS, Playwright's own.

    `downloaded` is where Playwright looks for the one that `playwright install` fetches. A name in
    TRIAGE_CHROMIUM that cannot be run is an error, so that a machine which promises a browser never
    skips its tests.
    """
    if named := os.environ.get(VARIABLE):
        if found := shutil.which(named):
            return found
        raise FileNotFoundError(f"{VARIABLE}: there is no program {named!r}")
    return next(filter(None, map(shutil.which, (*COMMANDS, downloaded))), None)
