"""Settings of all tests: English messages, and hypothesis without a stop-watch."""

import os
import sys

import pytest
from hypothesis import settings

from cmpolicy import cli
from cmpolicy.messages import set_language

# The same cases every time, so that what fails is the change's own; with CMPOLICY_EXPLORE=1 it looks for new ones.
EXPLORE = os.environ.get("CMPOLICY_EXPLORE") == "1"
settings.register_profile("cmpolicy", deadline=None, max_examples=50, derandomize=not EXPLORE)
settings.load_profile("cmpolicy")


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("CMPOLICY_LANG", "en")


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command in a folder of its own: its status, and what it prints on either stream."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["cmpolicy", *map(str, arguments)])
        status = 0
        try:
            cli.main()
        except SystemExit as stop:
            status = stop.code or 0
        set_language(None)  # what --language set
        return (status, *capsys.readouterr())

    return command
