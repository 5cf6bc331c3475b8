"""Work of its own thread: the lab goes on meanwhile, it tells how far it is, and it can be ended."""

import threading

import ipywidgets as widgets
import pytest
from shown import plain

import cmpolicy as cm
from cmpolicy import progress
from cmpolicy.errors import CmpolicyError
from cmpolicy.lab import LabState, Thresholds
from cmpolicy.lab.long_work import LongWork
from cmpolicy.messages import Message
from cmpolicy.progress import with_bar

WHAT = Message("Comparing groups …")
PATIENCE = 10
"""Seconds after which a thread that does not come is given up."""


@pytest.fixture
def panel():
    return Thresholds(state=LabState(cm.synthesize(staff=10, months=3, seed=1)))


@pytest.fixture
def work(panel):
    return LongWork(panel, widgets.Button())


class Steps:
    """Work of ten steps that waits at each for leave to go on."""

    def __init__(self):
        self.began, self.leave = threading.Event(), threading.Semaphore(0)

    def __call__(self):
        for _step in with_bar(range(10), Message("people")):
            self.began.set()
            assert self.leave.acquire(timeout=PATIENCE)
        return "the result"


@pytest.fixture
def steps():
    return Steps()


def test_it_returns_at_once_and_shows_the_result_later(work, steps):
    """Meanwhile the button cannot be pressed again, and there is one that stops it."""
    shown = []
    work.run(WHAT, steps, lambda result: shown.append(result()))
    assert steps.began.wait(PATIENCE)
    assert (shown, work._start.disabled, work.stop.layout.display) == ([], True, "")
    assert plain(work.progress.value).startswith("Comparing groups …")
    steps.leave.release(10)
    work.wait()
    assert (shown, work._start.disabled, work.stop.layout.display) == (["the result"], False, "none")
    assert work.progress.value == ""


def test_pressed_twice_at_once_it_is_begun_once(work, steps):
    """The page hears only later that the button cannot be pressed."""
    shown, again = [], []
    work.run(WHAT, steps, lambda result: shown.append(result()))
    work.run(WHAT, lambda: again.append(1), lambda result: result())
    steps.leave.release(10)
    work.wait()
    assert (shown, again) == (["the result"], [])


def test_it_tells_how_far_it_is(work, steps, monkeypatch):
    monkeypatch.setattr(progress, "BETWEEN_TWO_TIMES", 0)
    told = []
    work.progress.observe(lambda change: told.append(change["new"]), "value")
    steps.leave.release(10)
    work.run(WHAT, steps, lambda result: result())
    work.wait()
    assert 'max="10" value="4"' in told[5]
    assert plain(told[5]).split() == ["Comparing", "groups", "…", "people:", "4", "of", "10"]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Stopped; nothing was changed."), ("zh", "已停止，未作任何改动。")]
)
def test_stopped_it_shows_nothing_and_says_so(work, steps, panel, language, said):
    """What was there before stays; and it can be started again."""
    panel.state.language = language
    shown = []
    work._panel.guarded(lambda: work.run(WHAT, steps, lambda result: shown.append(result())))()
    assert steps.began.wait(PATIENCE)
    work.stop.click()
    steps.leave.release(1)
    work.wait()
    assert (shown, work._start.disabled, work.stop.layout.display) == ([], False, "none")
    assert said in work.progress.value
    steps.leave.release(10)
    work.run(WHAT, steps, lambda result: shown.append(result()))
    work.wait()
    assert shown == ["the result"]


def test_a_user_s_mistake_is_shown_as_any_other(work, panel):
    def fail():
        raise CmpolicyError(Message("No file was given."))

    work.run(WHAT, fail, lambda result: result())
    work.wait()
    assert str(panel.state.fault) == "No file was given."
    assert not work._start.disabled


def test_meanwhile_the_lab_answers(panel, work, steps):
    """Another action of the user's neither waits for it nor disturbs it."""
    work.run(WHAT, steps, lambda result: result())
    assert steps.began.wait(PATIENCE)
    panel.state.change({"grades.A.from": 111})
    assert panel.state.headline.quarter_grades["A"] <= panel.state.baseline_headline.quarter_grades["A"]
    assert panel.state.outcome.policy.get("grades.A.from") == 111
    steps.leave.release(10)
    work.wait()
