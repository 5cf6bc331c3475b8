"""Panel: how groups come off under the draft, how the reviewers give points, and how firm grades and ranks are."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.insight.fairness import DIMENSIONS, OUTCOMES, REVIEWS, TESTED, fairness
from cmpolicy.insight.robustness import LEAST_GROUP
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message
from cmpolicy.report.fairness_figure import flips_figure, groups_figure
from cmpolicy.report.figures import still_of, svg_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cmpolicy.insight.fairness import Fairness as Found


class Fairness(Panel):
    """Groups against the rest; figures of few people are nowhere in it, so that it can be shown to others."""

    title = Message("Fairness")

    def build(self) -> widgets.Widget:
        """Make the size of the smallest group and the answer above, picture and tables below."""
        self._found: Found | None = None
        self._drawn: tuple[Figure, str] | None = None
        self.least_group = self.texts.label(
            widgets.BoundedIntText(value=LEAST_GROUP, min=1, max=1_000, layout={"width": "260px"}),
            Message("Fewest people of a group"),
            Message("Figures of smaller groups are hidden, and what they could be worked out from"),
        )
        self.least_group.style.description_width = "170px"
        self.least_group.observe(self.guarded(lambda _change: self.refresh()), "value")
        self.answer, self.picture = widgets.HTML(), widgets.HTML()
        self.picture.add_class("cm-figure")
        self.groups, self.reviewers, self.flips, self.ranks = (widgets.HTML() for _ in range(4))
        self.flips.add_class("cm-figure")
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Groups"),
                    Message("Score, grades and payout of a quarter in yuan, and the differences from the rest"),
                    self.groups,
                    self._show_groups,
                ),
                Section(
                    Message("Reviewers"),
                    Message("The reviewers' points by area, the supervisor's place (2.9)"),
                    self.reviewers,
                    self._show_reviewers,
                ),
                Section(
                    Message("Off by one"),
                    Message("How many quarter grades would be others if one count of one month were off by one"),
                    self.flips,
                    self._show_flips,
                ),
                Section(
                    Message("From quarter to quarter"),
                    Message("How stable ranks and grades are"),
                    self.ranks,
                    self._show_ranks,
                ),
            ],
        )
        self.sections.buttons[0].value = True
        return widgets.VBox([self.least_group, self.answer, self.picture, self.sections.box])

    def refresh(self) -> None:
        """Compare the groups under the draft, or say why they cannot be."""
        self._found = self._drawn = None
        try:
            with self.state.working_on(Message("Comparing groups …")):
                found = fairness(self.state.outcome, least_group=self.least_group.value)
                said = (*found.answer, *found.notes)
        except CmpolicyError as error:
            self.answer.value, self.picture.value = f'<p class="cm-warning">{html.escape(str(error))}</p>', ""
            for part in (self.groups, self.reviewers, self.flips, self.ranks):
                part.value = ""
            return
        self._found = found
        self.answer.value = "".join(f"<p>{html.escape(str(one))}</p>" for one in said)
        self._drawn = (groups_figure(found), " ".join(map(str, found.answer)))
        self.picture.value = svg_of(*self._drawn)
        self.sections.fill()

    def static(self) -> str:
        """Give answer, picture and groups as HTML."""
        picture = still_of(*self._drawn) if self._drawn else ""
        return f"<h4>{self.title}</h4>{self.answer.value}{picture}{self.groups.value}"

    def _show_groups(self) -> None:
        if self._found is None:
            return
        frame = self._found.groups
        shown = frame[~frame["hidden"]].drop(columns=["hidden", *TESTED])
        shown["dimension"] = [str(DIMENSIONS[name]) for name in shown["dimension"]]
        shares = [name for name in shown.columns if name.startswith("share_")]
        shown[shares] *= 100
        headings = _HEADINGS | {name: _percent(name.removeprefix("share_")) for name in shares}
        title = Message("Groups: mean score of the people, grades and mean payout (yuan) of their quarters")
        parts = [_titled(title, table(_whole(shown), headings))]
        for outcome, label in OUTCOMES.items():
            names = ["dimension", "group", *(name for name in TESTED if name.startswith(f"{outcome}_"))]
            tested = frame.loc[frame[f"{outcome}_difference"].notna(), names].copy()
            if not len(tested):
                continue
            tested["dimension"] = [str(DIMENSIONS[name]) for name in tested["dimension"]]
            tested.columns = tested.columns.str.removeprefix(f"{outcome}_")
            if outcome == "lowest":
                tested[["difference", "low", "high"]] *= 100
            title = Message(
                "Against the rest, each person counting once: {label} ({unit})", label=label, unit=UNITS[outcome]
            )
            parts.append(_titled(title, table(tested, _HEADINGS | _TESTED, signed=("difference", "low", "high"))))
        self.groups.value = "".join(parts)

    def _show_reviewers(self) -> None:
        if self._found is None:
            return
        why_not = self._found.why_no_leniency
        if why_not:
            self.reviewers.value = f"<p>{html.escape(str(why_not))}</p>"
            return
        frame = self._found.leniency
        shown = frame[~frame["hidden"]].drop(columns="hidden")
        shown["reviewer"] = [str(REVIEWS[name]) for name in shown["reviewer"]]
        signed = ("points", "low", "high", "shrunk", "all_areas")
        self.reviewers.value = table(_whole(shown), _HEADINGS, signed=signed)

    def _show_flips(self) -> None:
        if self._found is not None:
            share = Message(
                "{share} of the quarter grades would be others if a single count of one month were off by one.",
                share=f"{self._found.flips.share:.0%}",
            )
            self.flips.value = svg_of(flips_figure(self._found), str(share))

    def _show_ranks(self) -> None:
        if self._found is None:
            return
        ranks = table(_whole(self._found.rank_stability), _HEADINGS)
        frame = _whole(self._found.transitions.dropna(subset="quarters").reset_index())
        grades = list(frame.columns[2:])
        frame[grades] *= 100
        headings = _HEADINGS | {"grade": Message("grade, and in the next quarter")} | {n: _percent(n) for n in grades}
        self.ranks.value = f'<div class="cm-beside"><div>{ranks}</div><div>{table(frame, headings)}</div></div>'


def _titled(title: Message, content: str) -> str:
    return f"<p><b>{html.escape(str(title))}</b></p>{content}"


def _percent(grade: str) -> Message:
    return Message("{grade}, %", grade=grade)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Give numbers of people and quarters as whole numbers, absent ones as None."""
    shown = frame.copy()
    for name in {"people", "quarters"} & set(shown.columns):
        shown[name] = shown[name].astype("object").where(shown[name].notna(), None)
    return shown


UNITS = {"score": Message("score points"), "payout": Message("yuan"), "lowest": Message("percentage points")}
_HEADINGS = GRADE_HEADINGS | {
    "dimension": Message("grouped by"),
    "group": Message("group"),
    "people": Message("people"),
    "quarters": Message("quarters"),
    "low": Message("lower end"),
    "high": Message("upper end"),
    "reviewer": Message("reviewer"),
    "points": Message("mean points"),
    "shrunk": Message("shrunk"),
    "all_areas": Message("all areas"),
    "spearman": Message("rank correlation"),
}
_TESTED = {
    "low": Message("lower end, unadjusted"),
    "high": Message("upper end, unadjusted"),
    "p_value": Message("p-value, adjusted"),
}
"""Of the groups against the rest: only their p-values allow for how many are compared."""
