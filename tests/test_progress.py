"""How far a piece of work is: told to a watcher, who may end it."""

import io

import pytest

import cmpolicy as cm
from cmpolicy import progress
from cmpolicy.messages import Message
from cmpolicy.progress import Progress, bar, watched_by, with_bar

POLICY = cm.load_policy("2007-06")
ITEMS = Message("items")


class EnoughError(Exception):
    """What a watcher ends the work with."""


def test_a_watcher_is_told_of_every_step_in_place_of_a_bar(monkeypatch):
    """The lab shows it in the panel, where the bar would be lost."""
    monkeypatch.setattr("sys.stderr", written := io.StringIO())
    told = []
    with watched_by(told.append), bar(ITEMS, total=5, done=1) as advance:
        advance(1)
        advance(3)
    assert told == [Progress(ITEMS, 1, 5), Progress(ITEMS, 2, 5), Progress(ITEMS, 5, 5)]
    assert not written.getvalue()


def test_who_is_told_seldom_hears_nothing_of_what_is_done_at_once(monkeypatch):
    """Each time would cost something; as time goes by it is told."""
    monkeypatch.setattr(progress, "BETWEEN_TWO_TIMES", 3600)
    told = []
    with watched_by(progress.seldom(told.append)):
        list(with_bar(range(1000), ITEMS))
        assert told == []
        monkeypatch.setattr(progress, "BETWEEN_TWO_TIMES", 0)
        list(with_bar("ab", ITEMS))
    assert [one.done for one in told] == [0, 1, 2]


def test_the_watcher_is_told_of_the_block_only():
    told = []
    with watched_by(told.append):
        assert list(with_bar(iter("ab"), ITEMS)) == ["a", "b"]
    list(with_bar("abc", ITEMS))
    assert [(one.done, one.total) for one in told] == [(0, None), (1, None), (2, None)]


@pytest.mark.parametrize(
    "work",
    [
        lambda data: cm.sweep(data, POLICY, {"grades.A.from": range(105, 116)}),
        lambda data: cm.forecast(data, POLICY, replicates=50),
        lambda data: cm.solve(data, POLICY, vary=["grades.A.from"], budget=1_000_000),
        lambda data: cm.readings(data, POLICY),
        lambda data: cm.sensitivity(data, POLICY, ["grades.A.from"]),
    ],
    ids=["sweep", "forecast", "solve", "readings", "sensitivity"],
)
def test_long_work_tells_how_far_it_is_and_ends_when_the_watcher_raises(work):
    """So it can be stopped from outside, between two steps."""
    data, told = cm.synthesize(staff=30, months=6, seed=1), []

    def stop(how_far):
        told.append(how_far)
        if how_far.done:
            raise EnoughError

    with watched_by(stop), pytest.raises(EnoughError):
        work(data)
    assert told[-1].done > 0
    work(data)  # nothing is left behind
