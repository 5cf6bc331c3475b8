"""The controls of one value of the policy that varies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.lab.number_box import NumberBox, exact
from cmpolicy.lab.points_and_readings import SHOWN_PARAMETERS
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import parameter_of
from cmpolicy.report.labels import value_label
from cmpolicy.simulation.sensitivity import step_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cmpolicy.lab.panel import Panel

MOST_VALUES = 15
"""How many values a range may have: more cells do not fit on a screen."""
_REACH = 5
"""How many steps a range that nobody has set reaches to each side of the draft."""
_TEXT, _NUMBER = {"width": "360px"}, {"width": "160px"}


class ValueRange:
    """Which value varies, from where to where, by which step; and a box with what it is in the draft.

    Parameters
    ----------
    panel
    text
        What the range is for.
    path
        The value that varies at first; empty for nothing.
    changed
        Is called when another value or another range is asked for.
    optional
        Whether nothing may be chosen too.
    """

    def __init__(
        self, panel: Panel, text: Message, path: str, changed: Callable[[], None], *, optional: bool = False
    ) -> None:
        self._panel, self._changed, self._optional, self._following = panel, changed, optional, False
        self._boxes: dict[str, NumberBox] = {}
        label = panel.texts.label
        self.choice = label(
            widgets.Dropdown(options=[(path, path)], layout=_TEXT, style={"description_width": "90px"}),
            text,
            Message("The value that varies"),
        )
        self.low, self.high, self.step = (
            label(widgets.FloatText(layout=_NUMBER, style={"description_width": "72px"}), name, tip)
            for name, tip in (
                (Message("first value"), Message("Where the range begins")),
                (Message("last value"), Message("Where the range ends")),
                (Message("step"), Message("From one value to the next")),
            )
        )
        self.box = widgets.HBox(layout={"flex_flow": "row wrap", "align_items": "center"})
        self._set_default()
        self.choice.observe(panel.guarded(lambda _change: self._choose()), "value")
        for box in (self.low, self.high, self.step):
            box.observe(panel.guarded(lambda _change: self._set()), "value")

    @property
    def path(self) -> str | None:
        """The path of the value that varies; None where none is chosen."""
        path: str = self.choice.value
        return path or None

    def values(self) -> list[Any]:
        """List the values of the range, exactly.

        Raises
        ------
        CmpolicyError
            If the range leads nowhere, or has more values than fit.
        """
        name = value_label(self.path or "")
        low, high, step = (exact(box.value) for box in (self.low, self.high, self.step))
        if step <= 0 or high < low:
            raise CmpolicyError(
                Message("{name}: the step has to be above 0, and the last value not below the first.", name=name)
            )
        count = int((high - low) // step) + 1
        if count > MOST_VALUES:
            raise CmpolicyError(
                Message(
                    "{name}: {count} values are too many for the heat map, {most} fit. Take a larger step.",
                    name=name,
                    count=f"{count:,}",
                    most=MOST_VALUES,
                )
            )
        return [low + number * step for number in range(count)]

    def follow(self) -> None:
        """Offer the values of the draft in the language in use, and show what the chosen one is in it."""
        policy, before = self._panel.state.policy, self.path
        paths = [path for path in policy.paths() if path.startswith("grades.") or path in SHOWN_PARAMETERS]
        nothing = [(str(Message("nothing else")), "")] if self._optional else []
        self._following = True  # what the controls then report is no choice of the user's
        try:
            offer(self.choice, [*nothing, *((value_label(path), path) for path in paths)])
            if self.path != before:
                self._set_default()
        finally:
            self._following = False
        self._show_draft()

    def _choose(self) -> None:
        if self._following:
            return
        self._following = True  # three boxes are set, which is one change
        try:
            self._set_default()
        finally:
            self._following = False
        self._show_draft()
        self._changed()

    def _set(self) -> None:
        if not self._following:
            self._show_draft()
            self._changed()

    def _set_default(self) -> None:
        """Reach to both sides of what the draft has."""
        path, policy = self.path, self._panel.state.policy
        if path is None:
            return
        parameter, step = parameter_of(path), step_of(policy, path)
        value: Any = policy.get(path)
        self.low.value = float(max(value - _REACH * step, parameter.lowest))
        self.high.value = float(min(value + _REACH * step, parameter.highest))
        self.step.value = float(step)

    def _show_draft(self) -> None:
        """Show what the draft has in a box, in which the arrow keys go from one cell to the next."""
        path = self.path
        shown: list[widgets.Widget] = [self.choice]
        if path is not None:
            if path not in self._boxes:  # one that was made is kept, since one comes back to a value
                self._boxes[path] = NumberBox(self._panel, path, Message("the draft"), label_width=72, width=172)
            box = self._boxes[path]
            box.follow()
            step = exact(self.step.value)
            if step > 0 and (parameter_of(path).kind != "whole" or isinstance(step, int)):
                box.widget.step = step if isinstance(step, int) else float(step)
            shown += [self.low, self.high, self.step, box.widget]
        if list(self.box.children) != shown:
            self.box.children = shown


def offer(choice: widgets.Dropdown, options: Sequence[tuple[str, str]]) -> None:
    """Set what a list offers; what is chosen stays where it is still offered, else the first is."""
    if choice.options == tuple(options):
        return
    chosen, values = choice.value, [value for _label, value in options]
    choice.options = tuple(options)
    choice.value = chosen if chosen in values else next(iter(values), None)
