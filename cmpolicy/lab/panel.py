"""What every panel has: a head with language, undo and faults, and a picture of itself where no kernel runs."""

from __future__ import annotations

import functools
import html
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.lab.state import LabState
from cmpolicy.lab.texts import Texts
from cmpolicy.messages import LANGUAGES, Message, using_language
from cmpolicy.regulation.policy import FEN_PER_YUAN

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

# The page's own colours, so that a dark theme stays dark; the second value serves pages that have none.
STYLE = """<style>
.cm-lab {--cm-line: var(--jp-border-color2, #ccc); --cm-soft: var(--jp-layout-color2, rgba(128,128,128,.12));}
.cm-lab, .cm-lab table {color: var(--jp-ui-font-color1, inherit);}
.cm-lab :is(button, input, select, textarea, .noUi-handle):focus-visible {
  outline: 2px solid #E69F00; outline-offset: 1px;
}
.cm-cards {display: flex; flex-wrap: wrap; gap: 8px;}
.cm-card {background: var(--cm-soft); border-radius: 6px; padding: 6px 12px; line-height: 1.35; min-width: 108px;}
.cm-card small {opacity: .8; display: block;}
.cm-card b {font-size: 1.15em; font-variant-numeric: tabular-nums;}
.cm-up {color: #D55E00;} .cm-down {color: #009E73;}
.cm-table {border-collapse: collapse; font-variant-numeric: tabular-nums;}
.cm-table :is(th, td) {padding: 2px 10px; text-align: right; border: 0; border-bottom: 1px solid var(--cm-line);}
.cm-table :is(th, td).cm-text {text-align: left;}
.cm-scroll {max-height: 340px; overflow: auto;}
.cm-fault {border-left: 4px solid #D55E00; background: var(--cm-soft); padding: 6px 12px; white-space: pre-wrap;}
.cm-working {opacity: .85; font-style: italic;}
.cm-figure svg {max-width: 100%; height: auto;}
</style>"""


class Head:
    """The line above the panels: language, undo, redo, reset; what takes a while; what could not be done."""

    def __init__(self, state: LabState) -> None:
        self.state = state
        texts = Texts(state)
        self.language = widgets.ToggleButtons(
            options=[("中文", "zh"), ("English", "en")], value=state.language, tooltips=["中文", "English"]
        )
        self.language.style.button_width = "72px"
        self.undo, self.redo, self.reset = (
            texts.bind(widgets.Button(icon=icon, layout={"width": "auto"}), description=text, tooltip=tip)
            for icon, text, tip in (
                ("undo", Message("Undo"), Message("Take the last change back")),
                ("repeat", Message("Redo"), Message("Make the change again that was taken back last")),
                ("refresh", Message("Reset"), Message("Go back to the enacted policy")),
            )
        )
        self.fault, self.working = widgets.HTML(), widgets.HTML()
        self.undo.on_click(lambda _button: state.undo())
        self.redo.on_click(lambda _button: state.redo())
        self.reset.on_click(lambda _button: state.reset())
        self.language.observe(lambda change: setattr(state, "language", change["new"]), "value")
        followed = ["language", "fault", "working", "can_undo", "can_redo", "policy"]
        state.observe(lambda _change: self._follow(), followed)
        buttons = widgets.HBox([self.language, self.undo, self.redo, self.reset], layout={"flex_flow": "row wrap"})
        self.box = widgets.VBox([widgets.HTML(STYLE), buttons, self.working, self.fault])
        self._follow()

    def _follow(self) -> None:
        state = self.state
        self.language.value = state.language
        self.undo.disabled, self.redo.disabled = not state.can_undo, not state.can_redo
        self.reset.disabled = state.policy == state.enacted
        with using_language(state.language):
            self.working.value = "" if state.working is None else _line("cm-working", "status", f"⏳ {state.working}")
            self.fault.value = "" if state.fault is None else _line("cm-fault", "alert", str(state.fault))


class Panel:
    """A panel of the lab; in a notebook it shows itself.

    Parameters
    ----------
    data
        The staff data; what the panel shows is computed from them.
    policy
        What to start from and to compare with; the enacted regulation where it is left out.
    state
        The state to share with other panels, instead of data and policy.
    shown
        Whether the panel is in view from the start.
    """

    title: ClassVar[Message]

    def __init__(
        self,
        data: StaffData | None = None,
        policy: Policy | None = None,
        *,
        state: LabState | None = None,
        shown: bool = True,
    ) -> None:
        if state is None:
            if data is None:
                needed = "a panel needs data or a state"
                raise TypeError(needed)
            state = LabState(data, policy)
        self.state = state
        self.texts = Texts(state)
        self._shown, self._stale = shown, True
        self.body = self.build()
        state.observe(lambda _change: self._invalidate(), ["policy", "data", "enacted", "scenarios", "language"])
        self._invalidate()

    def build(self) -> widgets.Widget:
        """Make the panel's widgets."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show the state as it is now."""
        raise NotImplementedError

    def static(self) -> str:
        """Give a still picture of the panel as HTML, for where no kernel runs."""
        raise NotImplementedError

    @property
    def shown(self) -> bool:
        """Whether the panel is in view; one that is not waits with its work until it is."""
        return self._shown

    @shown.setter
    def shown(self, shown: bool) -> None:
        self._shown = shown
        if shown and self._stale:
            self._invalidate()

    def _invalidate(self) -> None:
        self._stale = True
        if self._shown:
            self.guarded(self.refresh)()
            self._stale = False

    def guarded(self, action: Callable[..., object]) -> Callable[..., None]:
        """Run an action of the user's in the language in use; what goes wrong is shown in place.

        A mistake of the user's becomes the state's fault. A mistake of ours is shown too, since an app swallows what a
        callback raises, and then raised, so that a notebook under test fails.
        """

        @functools.wraps(action)
        def run(*event: Any) -> None:
            with using_language(self.state.language):
                try:
                    action(*event)
                except CmpolicyError as error:
                    self.state.fault = error
                except Exception as error:
                    text = Message("This should not have happened; what was there before stays. ({error})", error=error)
                    self.state.fault = CmpolicyError(text)
                    raise

        return run

    @functools.cached_property
    def box(self) -> widgets.Widget:
        """The panel by itself, with its head."""
        box = widgets.VBox([Head(self.state).box, self.body])
        box.add_class("cm-lab")
        return box

    def __repr__(self) -> str:
        changes = {change.path: change.after for change in self.state.enacted.diff(self.state.policy)}
        return f"<{type(self).__name__}: {len(self.state.data.staff_ids)} people, changes {changes}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        view: Any = self.box._repr_mimebundle_(include=include, exclude=exclude) or {}
        bundle: dict[str, Any] = dict(view[0] if isinstance(view, tuple) else view)
        with using_language(self.state.language):
            bundle["text/html"] = f'{STYLE}<div class="cm-lab">{self.static()}</div>'
        bundle["text/plain"] = repr(self)
        return bundle


# -- pieces of HTML ------------------------------------------------------------


def _line(style: str, role: str, text: str) -> str:
    return f'<div class="{style}" role="{role}">{html.escape(text)}</div>'


def yuan(fen: int, *, signed: bool = False) -> str:
    """Write fen as yuan, to the fen."""
    return f"{fen / FEN_PER_YUAN:+,.2f}" if signed else f"{fen / FEN_PER_YUAN:,.2f}"


def card(label: Message, value: str, before: str | None = None, difference: float = 0) -> str:
    """Make a figure for the headline: its name, its value, and what it was before.

    `difference` gives the direction: an arrow beside the colour, so that colour alone says nothing.
    """
    mark = ""
    if before is not None and difference:
        style, arrow = ("cm-up", "▲") if difference > 0 else ("cm-down", "▼")
        mark = f'<small class="{style}">{arrow} {html.escape(str(Message("before: {before}", before=before)))}</small>'
    elif before is not None:
        mark = f"<small>{html.escape(str(Message('unchanged')))}</small>"
    return f'<div class="cm-card"><small>{html.escape(str(label))}</small><b>{html.escape(value)}</b>{mark}</div>'


def table(frame: pd.DataFrame, headings: dict[str, Message] | None = None) -> str:
    """Write a table as HTML: every cell escaped, numbers at the right, money with two decimals."""
    texts = {name for name in frame.columns if frame[name].dtype.kind not in "iufb"}
    cells = []
    for name in frame.columns:
        heading = html.escape(str((headings or {}).get(str(name), name)))
        cells.append(f'<th scope="col"{_text_class(name in texts)}>{heading}</th>')
    rows = ["<tr>" + "".join(cells) + "</tr>"]
    for row in frame.itertuples(index=False, name=None):
        shown = (
            f"<td{_text_class(name in texts)}>{html.escape(_cell(value))}</td>"
            for name, value in zip(frame.columns, row, strict=True)
        )
        rows.append("<tr>" + "".join(shown) + "</tr>")
    return f'<div class="cm-scroll"><table class="cm-table">{"".join(rows)}</table></div>'


def _text_class(text: bool) -> str:  # noqa: FBT001 - a yes or no of the cell
    return ' class="cm-text"' if text else ""


def _cell(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN is what does not equal itself
        return ""
    if isinstance(value, bool):
        return str(Message("yes")) if value else ""
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


__all__ = ["LANGUAGES", "STYLE", "Head", "Panel", "card", "table", "yuan"]
