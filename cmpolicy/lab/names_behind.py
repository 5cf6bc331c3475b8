"""Whom a change of the policy touches, by name: money, grades and standing, recognition, pay on probation."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from cmpolicy.insight.explain import STANDING_TEXTS
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import first_rows
from cmpolicy.messages import Message
from cmpolicy.simulation.compare import Comparison

if TYPE_CHECKING:
    import pandas as pd

    from cmpolicy.simulation.appraise import Outcome


_OF_PROBATION = ("readings.day_divisor", "readings.money_rounding")
"""What moves the first month's pay on probation."""


def names_behind(before: Outcome, after: Outcome) -> str:
    """List as HTML everyone who is touched: tables under titles; one that would be empty is left out."""
    change = Comparison(before, after)
    found = [
        (Message("Money, grades and standing"), _people(change)),
        (Message("Names praised (3.4)"), _recognition(before, after)),
    ]
    if any(one.path in _OF_PROBATION for one in change.changes):
        found.append((Message("First month's pay on probation, P(1)1"), _first_month_pay(before, after)))
    parts = [
        f"<p><b>{html.escape(str(title))}</b></p>{first_rows(frame, _HEADINGS)}" for title, frame in found if len(frame)
    ]
    return "".join(parts) or f"<p>{Message('Nobody.')}</p>"


def _people(change: Comparison) -> pd.DataFrame:
    """Give everyone whose money, grades or standing differ, the largest loss first."""
    people = change.people
    regraded = (people["quarters_better"] > 0) | (people["quarters_worse"] > 0)
    restated = people["standing_baseline"] != people["standing_reform"]
    touched = people[(people["difference"] != 0) | regraded | restated]
    shown = touched[[name for name in _PEOPLE if name in touched]].copy()
    for name in ("standing_baseline", "standing_reform"):
        shown[name] = [str(STANDING_TEXTS[standing]) for standing in shown[name]]
    return shown


def _first_month_pay(before: Outcome, after: Outcome) -> pd.DataFrame:
    """Give everyone whose first month on probation is paid otherwise, the largest loss first."""
    first, second = before.probation, after.probation
    shown = first[[name for name in ("staff_id", "name", "area") if name in first]].copy()
    shown["baseline"], shown["reform"] = first["first_month_pay"], second["first_month_pay"]
    shown["difference"] = shown["reform"] - shown["baseline"]
    changed = shown[shown["difference"].notna() & (shown["difference"] != 0)]
    return changed.sort_values(["difference", "staff_id"])


def _recognition(before: Outcome, after: Outcome) -> pd.DataFrame:
    """Give the names of 3.4 that appear or disappear, in the order of time."""
    sides = before.recognition.merge(after.recognition, how="outer", indicator="change")
    changed = sides[sides["change"] != "both"].sort_values(["month", "measure", "staff_id"])
    return changed.assign(
        measure=[str(_MEASURES[measure]) for measure in changed["measure"]],
        change=[str(_CHANGES[change]) for change in changed["change"]],
    )


_PEOPLE = (
    *("staff_id", "name", "area", "baseline", "reform", "difference", "quarters_better", "quarters_worse"),
    *("standing_baseline", "standing_reform"),
)
_HEADINGS = GRADE_HEADINGS | {
    "baseline": Message("money before"),
    "reform": Message("money after"),
    "quarters_better": Message("quarters with a better grade"),
    "quarters_worse": Message("quarters with a worse grade"),
    "standing_baseline": Message("standing before"),
    "standing_reform": Message("standing after"),
    "measure": Message("measure"),
    "change": Message("change"),
}
_MEASURES = {
    "service": Message("best on service"),
    "revenue": Message("best on revenue"),
    "both": Message("best on service and on revenue"),
}
_CHANGES = {"left_only": Message("no longer praised"), "right_only": Message("newly praised")}
