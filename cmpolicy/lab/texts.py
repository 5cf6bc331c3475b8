"""Texts of widgets that follow the language while the lab runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from cmpolicy.messages import Message, using_language
from cmpolicy.regulation.clauses import clause_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget

    from cmpolicy.lab.state import LabState

AnyWidget = TypeVar("AnyWidget", bound="Widget")


class Texts:
    """Keeps texts of widgets in the language of the state."""

    def __init__(self, state: LabState) -> None:
        self._state = state
        self._bound: list[tuple[Widget, str, Message | Callable[[], Any]]] = []
        state.observe(lambda _change: self.relabel(), "language")

    def bind(self, widget: AnyWidget, **texts: Message | Callable[[], Any]) -> AnyWidget:
        """Set traits of a widget to texts, now and whenever the language changes.

        Parameters
        ----------
        widget
        **texts
            A message, or a function that gives the trait's value, by the trait's name.
        """
        for trait, text in texts.items():
            self._bound.append((widget, trait, text))
            self._set(widget, trait, text)
        return widget

    def relabel(self) -> None:
        """Set every bound text anew."""
        for widget, trait, text in self._bound:
            self._set(widget, trait, text)

    def _set(self, widget: Widget, trait: str, text: Message | Callable[[], Any]) -> None:
        with using_language(self._state.language):
            setattr(widget, trait, str(text) if isinstance(text, Message) else text())


def clause_tip(*numbers: str) -> Callable[[], str]:
    """Give the tooltip of a control: the numbers and paraphrases of its clauses."""

    def tip() -> str:
        texts = [clause_text(number) for number in numbers]
        return "\n".join(f"{text.number} {text.title}: {text.text}" for text in texts)

    return tip
