"""Texts of widgets that follow the language while the lab runs."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, TypeVar

from cmpolicy.messages import Message, using_language
from cmpolicy.regulation.clauses import clause_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget

    from cmpolicy.lab.state import LabState

AnyWidget = TypeVar("AnyWidget", bound="Widget")


class Texts:
    """Keeps texts of widgets in the language of the state.

    Attributes
    ----------
    relabelling : bool
        True while texts are set: what a list reports then is no choice of the user's.
    """

    def __init__(self, state: LabState) -> None:
        self.relabelling = False
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

    def label(
        self, widget: AnyWidget, text: Message | Callable[[], str], tip: Message | Callable[[], str]
    ) -> AnyWidget:
        """Give a text box, list or check box its label, and a tooltip that shows where there is a label."""
        widget.description_allow_html = True
        return self.bind(widget, description=label_with_tip(text, tip), tooltip=tip)

    def relabel(self) -> None:
        """Set every bound text anew."""
        for widget, trait, text in self._bound:
            self._set(widget, trait, text)

    def _set(self, widget: Widget, trait: str, text: Message | Callable[[], Any]) -> None:
        with using_language(self._state.language):
            value: Any = str(text) if isinstance(text, Message) else text()
        self.relabelling = True
        try:
            if trait == "options":
                # A list that is made anew chooses its first entry.
                chosen = widget.value
                widget.options = value
                if chosen in [entry for _label, entry in value]:
                    widget.value = chosen
            else:
                setattr(widget, trait, value)
        finally:
            self.relabelling = False


def clause_tip(*numbers: str) -> Callable[[], str]:
    """Give the tooltip of a control: the numbers and paraphrases of its clauses."""

    def tip() -> str:
        texts = [clause_text(number) for number in numbers]
        return "\n".join(f"{text.number} {text.title}: {text.text}" for text in texts)

    return tip


def label_with_tip(text: Message | Callable[[], str], tip: Message | Callable[[], str]) -> Callable[[], str]:
    """Give the label of a text box or list, with its tooltip; for a widget whose description may hold HTML.

    These widgets show their own tooltip only where they have no label, so the label carries it.
    """

    def label() -> str:
        shown, title = (str(part) if isinstance(part, Message) else part() for part in (text, tip))
        return f'<span title="{html.escape(title, quote=True)}">{html.escape(shown)}</span>'

    return label
