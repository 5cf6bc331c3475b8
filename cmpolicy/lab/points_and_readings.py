"""Panel: set the points of 2.1-2.10, R1 and 3.5, read each unclear place one way or another, and see what it costs."""

from __future__ import annotations

import html
from functools import partial
from typing import TYPE_CHECKING

import ipywidgets as widgets

from cmpolicy.lab.headline import grade_mix, headline_cards
from cmpolicy.lab.number_box import NumberBox
from cmpolicy.lab.panel import Panel
from cmpolicy.lab.texts import clause_tip
from cmpolicy.messages import Message
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.parameters import PARAMETERS
from cmpolicy.regulation.readings import READINGS
from cmpolicy.report.figures import GradeMixFigure
from cmpolicy.report.labels import value_in_words, value_label

if TYPE_CHECKING:
    from collections.abc import Callable

_UNSEEN = ("probation.festival_allowance_ratio", "probation.personal_leave_days")
"""What moves no grade, bonus or award, and so no figure of this panel."""
SHOWN_PARAMETERS = tuple(path for path in PARAMETERS if path not in _UNSEEN)


class PointsAndReadings(Panel):
    """Number boxes for points and shares, a list for each unclear place."""

    title = Message("Points and readings")

    def build(self) -> widgets.Widget:
        """Make the controls at the left, headline and figure at the right."""
        self._figure = GradeMixFigure()
        self.boxes = {
            path: NumberBox(self, path, partial(value_label, path), label_width=190, width=270)
            for path in SHOWN_PARAMETERS
        }
        self.choices = {reading: self._choice(reading) for reading in READINGS}
        self.explained = {reading: widgets.HTML() for reading in READINGS}
        # In two columns, each read downward, so that the unclear places below are soon reached.
        half = (len(self.boxes) + 1) // 2
        points = widgets.GridBox(
            [box.widget for box in self.boxes.values()],
            layout={
                "grid_template_rows": f"repeat({half}, auto)",
                "grid_auto_flow": "column",
                "grid_gap": "0 12px",
                "justify_content": "flex-start",
            },
        )
        parts: list[widgets.Widget] = [self._heading(Message("Points and shares")), points]
        parts.append(self._heading(Message("Unclear places, each with its readings")))
        for reading, choice in self.choices.items():
            parts += [choice, self.explained[reading]]
        # A column that scrolls by itself, so that figures and headline stay in sight while one goes through it.
        left = widgets.VBox(
            parts, layout={"flex": "1 1 570px", "min_width": "570px", "max_height": "640px", "overflow": "auto"}
        )
        # The boxes would shrink to fit into the height.
        left.add_class("cm-column")
        self.headline, self.picture = widgets.HTML(), widgets.HTML()
        self.headline.add_class("cm-headline")
        self.picture.add_class("cm-figure")
        right = widgets.VBox([self.headline, self.picture], layout={"flex": "1 1 460px", "min_width": "360px"})
        return widgets.HBox(
            [left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 24px"}
        )

    def _heading(self, text: Message) -> widgets.Widget:
        return self.texts.bind(widgets.HTML(), value=lambda: f"<b>{html.escape(str(text))}</b>")

    def _choice(self, reading: str) -> widgets.Widget:
        choice = widgets.Dropdown(options=list(READINGS[reading].__members__), layout={"width": "auto"})
        choice.add_class("cm-reading")
        self.texts.label(choice, lambda: value_label(f"readings.{reading}"), _reading_tip(reading))
        self.texts.bind(
            choice, options=lambda: [(text, option) for option, text in reading_text(reading).options.items()]
        )
        choice.observe(self.guarded(lambda change: self._choose(reading, change["new"])), "value")
        return choice

    def refresh(self) -> None:
        """Follow the draft: boxes, lists, headline and picture."""
        policy = self.state.policy
        for box in self.boxes.values():
            box.follow()
        for reading, choice in self.choices.items():
            choice.value = policy.get(f"readings.{reading}")
            self.explained[reading].value = explained(reading, choice.value)
        before, after = self.state.baseline_headline, self.state.headline
        # The numbers first: a picture takes longer to draw than to compute.
        self.headline.value = headline_cards(before, after)
        self.picture.value = grade_mix(self._figure, before, after, "quarters")

    def static(self) -> str:
        """Give the values that differ from the enacted ones, the headline and the picture as HTML."""
        changes = "".join(
            f"<li><b>{html.escape(value_label(change.path))}</b> "
            f"{html.escape(value_in_words(change.path, change.before))} → "
            f"{html.escape(value_in_words(change.path, change.after))}</li>"
            for change in self.state.enacted.diff(self.state.policy)
            if change.path in self.boxes or change.path.startswith("readings.")
        )
        listed = (
            f"<ul>{changes}</ul>" if changes else f"<p>{Message('All points and readings are the enacted ones.')}</p>"
        )
        return f"<h4>{self.title}</h4>{listed}{self.headline.value}{self._figure.still()}"

    def _choose(self, reading: str, option: str) -> None:
        path = f"readings.{reading}"
        if self.texts.relabelling or option == self.state.policy.get(path):
            return
        if not self.state.change({path: option}):
            self.choices[reading].value = self.state.policy.get(path)


def _reading_tip(reading: str) -> Callable[[], str]:
    def tip() -> str:
        text = reading_text(reading)
        ground = Message("Ground of the default: {ground}", ground=text.ground)
        return f"{text.id} {text.question}\n{ground}\n{clause_tip(*text.clauses)()}"

    return tip


_WIDEST = 72
"""Columns of a list that are sure to be seen, a Chinese character counting two."""


def explained(reading: str, option: str) -> str:
    """Repeat a choice that is too long for its list, which cuts it off."""
    text = reading_text(reading).options[option]
    width = sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
    return f'<div class="cm-explained">{html.escape(text)}</div>' if width > _WIDEST else ""
