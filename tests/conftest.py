"""Settings of all tests: English messages, and hypothesis without a stop-watch."""

import os

import pytest
from hypothesis import settings

settings.register_profile("local", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("CMPOLICY_LANG", "en")
