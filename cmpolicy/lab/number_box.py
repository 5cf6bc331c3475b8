"""A number box for one value of the draft."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.lab.texts import clause_tip
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import parameter_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cmpolicy.lab.panel import Panel


class NumberBox:
    """A box that follows one value of the draft and changes it; a value that is not valid becomes the fault.

    Parameters
    ----------
    panel
    path
        The value's path in the policy.
    description
        The box's label, in the language in use.
    label_width, width
        In pixels, of the label and of label and box together.
    """

    def __init__(
        self, panel: Panel, path: str, description: Message | Callable[[], str], *, label_width: int, width: int
    ) -> None:
        parameter = parameter_of(path)
        self._state, self._path = panel.state, path
        # One more or one less is a sensible step for points and yuan, but not for a share.
        step = {"step": 0.01} if parameter.kind == "ratio" else {}
        # For whole numbers, too: a box for those alone would drop the point of 1.5 and take 15.
        self.widget = widgets.FloatText(
            style={"description_width": f"{label_width}px"}, layout={"width": f"{width}px", "height": "auto"}, **step
        )
        self.widget.add_class("cm-labelled")
        panel.texts.bind(self.widget, description=description, tooltip=clause_tip(parameter.clause))
        self.follow()
        self.widget.observe(panel.guarded(lambda change: self._change(change["new"])), "value")

    def follow(self) -> None:
        """Show the draft's value."""
        self.widget.value = self._state.policy.get(self._path)

    def _change(self, value: float) -> None:
        number = exact(value)
        # Following the draft is no change of it: it must not take a fault away that has just been shown.
        if number == self._state.policy.get(self._path):
            return
        if not self._state.change({self._path: number}):
            self.follow()


def exact(value: float) -> Any:
    """Give the number that was typed, as an integer or a `Decimal`: 2500.1 is the decimal 2500.1, not a float near it.

    Examples
    --------
    >>> exact(2500.1), exact(2500.0)
    (Decimal('2500.1'), 2500)
    """
    if isinstance(value, float) and not value.is_integer():
        return Decimal(repr(value))
    return int(value)


def whole_of(value: float, name: Message) -> int:
    """Give the whole number that was typed in a box.

    Raises
    ------
    CmpolicyError
        If it is not whole.

    Examples
    --------
    >>> whole_of(3.0, Message("Quarters"))
    3
    """
    number = exact(value)
    if not isinstance(number, int):
        raise CmpolicyError(
            Message("The value cannot be used."),
            [
                Problem(
                    Message("{name} cannot be set so.", name=name),
                    value=str(number),
                    expected=Message("a whole number"),
                )
            ],
        )
    return number
