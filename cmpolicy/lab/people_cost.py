"""Panel: what comes around the bonus under the draft, beside the enacted policy; all of it is off at first."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.insight.compliance.regions import read_regions
from cmpolicy.insight.people_cost import BORNE_BY, COMPONENTS, Assumptions, difference_of, people_cost
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.number_box import whole_of
from cmpolicy.lab.panel import Panel, card, table, with_yuan_sign
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.policy import FEN_PER_YUAN

if TYPE_CHECKING:
    import pandas as pd

    from cmpolicy.insight.people_cost import PeopleCost as Found
    from cmpolicy.simulation.appraise import Outcome

SHOWN_PEOPLE = 200
"""How many amounts of people the panel lists; the command `cmpolicy cost` writes all."""

_REPLACEMENT = Message("Replacement, monthly wages")
_HEADINGS = GRADE_HEADINGS | {
    "borne_by": Message("borne by"),
    "people": Message("people"),
    "not_computed": Message("not computed"),
    "article": Message("article"),
    "source": Message("source"),
    "assumption": Message("assumption"),
    "yuan": Message("yuan"),
    "how": Message("how it came about"),
    "lacking": Message("what is missing"),
}


class PeopleCost(Panel):
    """Switches for what is costed beside the bonus, the difference to the enacted policy, and where it comes from."""

    title = Message("People cost")

    def build(self) -> widgets.Widget:
        """Make the switches at the left, the answer at the right, tables below."""
        self._found: Found | None = None
        self._before: tuple[Outcome, Found] | None = None
        bound = widgets.BoundedFloatText
        self.boxes: dict[str, Any] = {
            "observation": self.texts.label(
                widgets.Checkbox(indent=False, layout={"width": "330px"}),
                Message("Observation at the probation wage"),
                Message("Three months at the probation wage; only with the person's written consent (3.5; LCL 19, 35)"),
            ),
            "dismissal": self._box(
                widgets.Dropdown(),
                Message("Payment at dismissal"),
                Message("N; N + 1 with a month's wage in place of notice; 2N where the dismissal is unlawful"),
            ),
            "replacement_wages": self._box(
                bound(min=0, max=1_200, step=1),
                _REPLACEMENT,
                Message("What it takes to replace someone dismissed, in contract wages; 0: not costed"),
            ),
            "award_tax": self._box(
                widgets.Dropdown(),
                Message("Tax on the year-end award"),
                Message("Borne by the person, not by the employer"),
            ),
            "employer_contributions": self._box(
                bound(min=0, max=100, step=1),
                Message("Employer's contributions, % of bonuses"),
                Message("Social insurance and housing fund as one ratio; 0: not costed"),
            ),
            "region": self._box(
                widgets.Dropdown(),
                Message("Region"),
                Message("Whose average and minimum wage cap and floor the wage that counts for severance"),
            ),
            "local_average_wage": self._box(
                bound(min=0, max=1_000_000, step=100),
                Message("Local average wage, yuan"),
                Message("Three of it are the most that counts for severance; 0: the region's, else no cap"),
            ),
        }
        for name, options in (("dismissal", _dismissals), ("award_tax", _taxes), ("region", _regions)):
            self.texts.bind(self.boxes[name], options=options).index = 0  # a list that was empty chooses nothing
        for box in self.boxes.values():
            box.observe(self.guarded(self._set), "value")
        self.answer, self.difference, self.assumed, self.people, self.missing = (widgets.HTML() for _ in range(5))
        self.answer.add_class("cm-headline")
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Assumptions and articles"),
                    Message("What each amount under the draft rests on"),
                    self.assumed,
                    self._show_assumed,
                ),
                Section(
                    Message("Person by person"),
                    Message("Each amount under the draft, and how it came about"),
                    self.people,
                    self._show_people,
                ),
                Section(
                    Message("Not computed"),
                    Message("For whom an amount cannot be computed, and what is missing; they do not count as 0"),
                    self.missing,
                    self._show_missing,
                ),
            ],
        )
        left = widgets.VBox([*self.boxes.values()], layout={"flex": "0 0 auto", "width": "460px"})
        right = widgets.VBox([self.answer, self.difference], layout={"flex": "1 1 480px", "min_width": "320px"})
        columns = widgets.HBox(
            [left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 24px"}
        )
        return widgets.VBox([columns, self.sections.box])

    def _box(self, box: Any, text: Message, tip: Message) -> Any:
        return self.labelled(box, text, tip, label_width=190, width=440)

    def _set(self, change: Any) -> None:
        if self.texts.relabelling:
            return
        try:
            self.assumptions()
        except CmpolicyError:
            change["owner"].value = change["old"]
            raise
        self.state.fault = None
        self.refresh()

    def assumptions(self) -> Assumptions:
        """Give what is switched on; 0 stands for what is left out."""
        values = {name: box.value for name, box in self.boxes.items()}
        values["replacement_wages"] = whole_of(values["replacement_wages"], _REPLACEMENT)
        values["employer_contributions"] = round(values["employer_contributions"] / 100, 6)
        return Assumptions.of(**{name: value for name, value in values.items() if value})

    def refresh(self) -> None:
        """Cost draft and enacted policy as far as it is switched on."""
        assumed, change = self.assumptions(), self.state.comparison
        if self._before is None or self._before[0] is not change.baseline or self._before[1].assumptions != assumed:
            self._before = change.baseline, people_cost(change.baseline, assumed)
        self._found = people_cost(change.reform, assumed)
        told = self._found.notes
        if not self._found.components:  # the names that a file would have say nothing beside the boxes
            told = [told[0], Message("Nothing is switched on: choose beside this what is to be costed.")]
        notes = "".join(f"<p><small>{html.escape(str(note))}</small></p>" for note in told)
        frame = difference_of(self._before[1], self._found)
        bonus = (change.baseline.cost["cost"], change.reform.cost["cost"])
        self.answer.value = f"{_cards(frame, bonus)}{notes}"
        if not frame["not_computed"].any():
            frame = frame.drop(columns="not_computed")
        self.difference.value = table(_named(frame), _HEADINGS) if len(frame) else ""
        self.sections.fill()

    def static(self) -> str:
        """Give the answer, the difference and the assumptions as HTML."""
        return f"<h4>{self.title}</h4>{self.answer.value}{self.difference.value}{self.assumed.value}"

    def _show_assumed(self) -> None:
        if self._found is not None:
            frame = self._found.table.drop(columns=["borne_by", "not_computed"])
            self.assumed.value = table(_named(frame), _HEADINGS)

    def _show_people(self) -> None:
        if self._found is not None:
            first = replace(self._found, items=self._found.items[:SHOWN_PEOPLE])
            more = len(self._found.items) - SHOWN_PEOPLE
            told = Message("Further amounts: {count}; {command} writes all.", count=more, command="cmpolicy cost --out")
            shown = table(_named(first.people), _HEADINGS)
            self.people.value = shown + (f"<p>{html.escape(str(told))}</p>" if more > 0 else "")

    def _show_missing(self) -> None:
        if self._found is not None:
            frame = self._found.missing
            nobody = f"<p>{html.escape(str(Message('Nobody is missing.')))}</p>"
            self.missing.value = table(_named(frame), _HEADINGS) if len(frame) else nobody


def _cards(frame: pd.DataFrame, bonus: tuple[int, int]) -> str:
    """Write the bonuses and, apart from them, what the employer and the person bear around them as cards."""
    cards = [_card(Message("bonuses"), *bonus)]
    for bearer, text in BORNE_BY.items():
        of_bearer = frame[frame["borne_by"] == bearer]
        if len(of_bearer):
            sides = [round(of_bearer[side].sum() * FEN_PER_YUAN) for side in ("baseline", "reform")]
            cards.append(_card(Message("around them, borne by {bearer}", bearer=text), *sides))
    return f'<div class="cm-cards">{"".join(cards)}</div>'


def _card(label: Message, before: int, after: int) -> str:
    difference = in_yuan(after - before, signed=True) if after != before else ""
    return card(label, with_yuan_sign(in_yuan(after)), with_yuan_sign(in_yuan(before)), difference)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Call components and bearers by their names for people."""
    shown = frame.assign(component=[str(COMPONENTS[name].title) for name in frame["component"]])
    if "borne_by" in shown:
        shown["borne_by"] = [str(BORNE_BY[name]) for name in shown["borne_by"]]
    return shown


def _dismissals() -> list[tuple[str, str]]:
    return [(str(Message("not costed")), "none"), ("N", "N"), ("N + 1", "N+1"), ("2N", "2N")]


def _taxes() -> list[tuple[str, str]]:
    return [
        (str(Message("not costed")), "none"),
        (str(Message("taxed separately")), "separate"),
        (str(Message("merged with the year's income")), "merged"),
        (str(Message("the lower of the two")), "lower"),
    ]


def _regions() -> list[tuple[str, str]]:
    return [(str(Message("none")), ""), *((region.name, region.id) for region in read_regions().values())]
