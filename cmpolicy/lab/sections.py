"""Parts of a panel that open and close by a button each: unlike an accordion's bar, the keyboard reaches a button."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

import ipywidgets as widgets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cmpolicy.lab.panel import Panel
    from cmpolicy.messages import Message


class Section(NamedTuple):
    """A part: its title, a line that says what it holds, its widget, and what fills that in."""

    title: Message
    about: Message
    content: widgets.Widget
    fill: Callable[[], None]


class Sections:
    """A row of buttons, and below it the sections that are open.

    Attributes
    ----------
    buttons : list of ToggleButton
        Pressed where the section is open.
    box : VBox
    """

    def __init__(self, panel: Panel, sections: Sequence[Section]) -> None:
        self._sections = sections
        self.buttons, self._bodies = [], []
        for place, section in enumerate(sections):
            button = widgets.ToggleButton(value=False, icon="caret-right", layout={"width": "auto"})
            panel.texts.bind(button, description=section.title, tooltip=section.about)
            button.observe(panel.guarded(lambda change, place=place: self._turn(place, opened=change["new"])), "value")
            about = panel.texts.bind(widgets.HTML(), value=_bold(section.about))
            self.buttons.append(button)
            self._bodies.append(widgets.VBox([about, section.content], layout={"display": "none"}))
        row = widgets.HBox(self.buttons, layout={"flex_flow": "row wrap"})
        self.box = widgets.VBox([row, *self._bodies])

    def fill(self) -> None:
        """Fill in what is open; what is closed costs nothing."""
        for button, section in zip(self.buttons, self._sections, strict=True):
            if button.value:
                section.fill()

    def _turn(self, place: int, *, opened: bool) -> None:
        self.buttons[place].icon = "caret-down" if opened else "caret-right"
        self._bodies[place].layout.display = "" if opened else "none"
        if opened:
            self._sections[place].fill()


def _bold(text: Message) -> Callable[[], str]:
    return lambda: f"<b>{html.escape(str(text))}</b>"
