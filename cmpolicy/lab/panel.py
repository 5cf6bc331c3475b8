"""What every panel has: a head with language, undo and faults, and a picture of itself where no kernel runs."""

from __future__ import annotations

import functools
import html
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.lab.state import LabState
from cmpolicy.lab.texts import Texts
from cmpolicy.messages import LANGUAGES, Message, using_language

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import pandas as pd

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

# The page's own colours, so that a dark theme stays dark; the second value serves pages that have none.
STYLE = """<style>
.cm-lab {--cm-line: var(--jp-border-color2, #ccc); --cm-soft: var(--jp-layout-color2, rgba(128,128,128,.12));}
.cm-lab, .cm-lab table {color: var(--jp-ui-font-color1, inherit);}
/* The arrow of a list is black by default, which a dark page swallows. */
.cm-lab .widget-dropdown > select {
  background-image: url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'%3E\\
%3Cpath fill='none' stroke='%23808080' stroke-width='2' d='m5 7 4 4 4-4'/%3E%3C/svg%3E");
}
.cm-lab :is(button, input, select, textarea, a, .noUi-handle, .cm-scroll, .lm-TabBar-tab):focus-visible {
  outline: 2px solid #E69F00 !important; outline-offset: 1px;
}
.cm-lab .lm-TabBar-tab:focus-visible {outline-offset: -3px;}
.cm-lab .widget-toggle-buttons {margin: 0;}
.cm-lab .widget-tab > .lm-TabBar .lm-TabBar-tab {flex: 0 0 auto; width: auto; min-width: 0; max-width: none;}
.cm-lab .widget-tab > .lm-TabBar > .lm-TabBar-content {flex-wrap: wrap; row-gap: 2px;}
.cm-said {line-height: 1.4; min-height: 2.8em; margin-bottom: 6px;}
.cm-cards {display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 8px; line-height: 1.35;}
.cm-card {
  display: flex; flex-direction: column; flex: 1 1 128px; max-width: 240px;
  background: var(--cm-soft); border-radius: 6px; padding: 6px 10px;
}
.cm-card small {opacity: .85;}
.cm-card small:first-child {flex-grow: 1;}
.cm-card b {font-size: 1.15em; font-variant-numeric: tabular-nums; white-space: nowrap;}
/* Mixed with the page's own text colour, so that they stand out from light and from dark. */
.cm-up {color: #D55E00; color: color-mix(in srgb, #D55E00 60%, var(--jp-ui-font-color1, CanvasText));}
.cm-down {color: #009E73; color: color-mix(in srgb, #009E73 60%, var(--jp-ui-font-color1, CanvasText));}
.cm-table {border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.45;}
.cm-table :is(th, td) {
  padding: 2px 10px; text-align: right; white-space: nowrap; border: 0; border-bottom: 1px solid var(--cm-line);
}
.cm-table th {
  white-space: normal; word-break: keep-all; max-width: 9em; vertical-align: bottom;
  position: sticky; top: 0; background: var(--jp-layout-color1, Canvas);
}
.cm-table :is(th, td).cm-text {text-align: left;}
.cm-table td.cm-long {white-space: normal; min-width: 16em;}
.cm-scroll {max-height: 420px; max-width: 100%; width: fit-content; overflow: auto;}
.cm-download {text-decoration: underline; color: var(--jp-content-link-color, LinkText);}
.cm-beside {display: flex; flex-wrap: wrap; gap: 8px 32px;}
.cm-lab :is(p, .widget-html-content li) {line-height: 1.4; margin: 4px 0;}
.cm-lab .widget-html-content ul {margin: 4px 0;}
/* Else what is wide widens its part beyond a narrow page, instead of being scrolled or made smaller. */
.cm-lab .widget-html-content {min-width: 0;}
.cm-fault {
  border-left: 4px solid #D55E00; background: var(--cm-soft); padding: 6px 12px; white-space: pre-wrap;
  max-height: 300px; overflow: auto;
}
.cm-warning {
  border-left: 4px solid #E69F00; background: var(--cm-soft); padding: 6px 12px; white-space: pre-wrap;
  line-height: 1.35;
}
.cm-labelled .widget-label {white-space: normal; height: auto; line-height: 1.25; align-self: center; text-align: left;}
.cm-column {border-bottom: 1px solid var(--cm-line); padding-right: 8px;}
.cm-column > * {flex-shrink: 0;}
.cm-reading.widget-dropdown {flex-direction: column; align-items: stretch; height: auto;}
.cm-reading .widget-label {
  width: auto !important; max-width: none; height: auto; white-space: normal; text-align: left; line-height: 1.3;
}
.cm-reading select {flex: 0 0 auto; height: var(--jp-widgets-inline-height, 28px);}
.cm-budget {line-height: 1.35;}
.cm-explained {font-size: .92em; opacity: .85; line-height: 1.3;}
.cm-ledger th {word-break: normal; min-width: 2.5em; max-width: 6em;}
.cm-working {font-style: italic; margin-left: 12px;}
.cm-working::before {
  content: ""; display: inline-block; width: .8em; height: .8em; margin-right: .5em; vertical-align: -.1em;
  border: 2px solid #E69F00; border-right-color: transparent; border-radius: 50%;
  animation: cm-turn 1s linear infinite;
}
@keyframes cm-turn {to {transform: rotate(360deg);}}
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
        texts.bind(self.language, tooltip=Message("The language of everything shown"))
        self.undo, self.redo, self.reset = (
            texts.bind(widgets.Button(icon=icon, layout={"width": "auto"}), description=text, tooltip=tip)
            for icon, text, tip in (
                ("undo", Message("Undo"), Message("Take the last change back")),
                ("repeat", Message("Redo"), Message("Make the change again that was taken back last")),
                ("refresh", Message("Reset"), Message("Go back to the enacted policy")),
            )
        )
        self.fault, self.working = widgets.HTML(layout={"flex": "0 1 auto"}), widgets.HTML()
        self.close = texts.bind(
            widgets.Button(layout={"width": "auto", "flex": "0 0 auto"}),
            description=Message("Close"),
            tooltip=Message("Close this message"),
        )
        self.close.on_click(guarded(state, lambda _button: setattr(state, "fault", None)))
        self.told = widgets.HBox([self.fault, self.close])
        self.undo.on_click(guarded(state, lambda _button: state.undo()))
        self.redo.on_click(guarded(state, lambda _button: state.redo()))
        self.reset.on_click(guarded(state, lambda _button: state.reset()))
        self.language.observe(guarded(state, lambda change: setattr(state, "language", change["new"])), "value")
        followed = ["language", "fault", "working", "can_undo", "can_redo", "policy"]
        state.observe(lambda _change: self._follow(), followed)
        buttons = widgets.HBox(
            [self.language, self.undo, self.redo, self.reset, self.working],
            layout={"flex_flow": "row wrap", "align_items": "center", "margin": "0 0 6px"},
        )
        self.box = widgets.VBox([widgets.HTML(STYLE), buttons, self.told])
        self._follow()

    def _follow(self) -> None:
        state = self.state
        self.language.value = state.language
        self.undo.disabled, self.redo.disabled = not state.can_undo, not state.can_redo
        self.reset.disabled = state.policy == state.enacted
        with using_language(state.language):
            self.working.value = "" if state.working is None else _line("cm-working", "status", str(state.working))
            self.fault.value = "" if state.fault is None else _line("cm-fault", "alert", str(state.fault))
            self.close.layout.display = "none" if state.fault is None else None


_ONE_AT_A_TIME = threading.RLock()
"""JupyterLab hands events to the kernel on a thread beside that of the cells; figures and states are for one thread."""


def guarded(state: LabState, action: Callable[..., object]) -> Callable[..., None]:
    """Run an action of the user's in the language in use; what goes wrong is shown in place.

    A mistake of the user's becomes the state's fault. A mistake of ours is shown too, since an app swallows what a
    callback raises, and then raised, so that a notebook under test fails.
    """

    @functools.wraps(action)
    def run(*event: Any) -> None:
        with _ONE_AT_A_TIME, using_language(state.language):
            try:
                action(*event)
            except CmpolicyError as error:
                state.fault = error
            except Exception as error:
                text = Message("This should not have happened; what was there before stays. ({error})", error=error)
                state.fault = CmpolicyError(text)
                raise

    return run


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
        """Run an action of the user's in the language in use; what goes wrong is shown in place."""
        return guarded(self.state, action)

    def labelled(
        self, box: Any, text: Message, tip: Message | None = None, *, label_width: int = 230, width: int = 350
    ) -> Any:
        """Give a box a label that may need two lines, and a tooltip; widths in pixels, `width` of both together."""
        box.style.description_width = f"{label_width}px"
        box.layout.width = f"{width}px"
        box.add_class("cm-labelled")
        return self.texts.label(box, text, tip or text)

    @functools.cached_property
    def box(self) -> widgets.Widget:
        """The panel by itself, with its head."""
        box = widgets.VBox([Head(self.state).box, self.body])
        box.add_class("cm-lab")
        return box

    def __repr__(self) -> str:
        changes = [f"{change.path} = {change.after}" for change in self.state.enacted.diff(self.state.policy)]
        what = ", ".join(changes) or "no changes"
        return f"<{type(self).__name__}: {len(self.state.data.staff_ids)} people, {what}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        view: Any = self.box._repr_mimebundle_(include=include, exclude=exclude) or {}
        bundle: dict[str, Any] = dict(view[0] if isinstance(view, tuple) else view)
        with _ONE_AT_A_TIME, using_language(self.state.language):
            bundle["text/html"] = f'{STYLE}<div class="cm-lab">{self.static()}</div>'
        bundle["text/plain"] = repr(self)
        return bundle


# -- pieces of HTML ------------------------------------------------------------


def _line(style: str, role: str, text: str) -> str:
    return f'<div class="{style}" role="{role}">{html.escape(text)}</div>'


def card(label: Message, value: str, before: str, difference: str) -> str:
    """Make a figure for the headline: its name, its value, by how much it differs, and what it was before.

    `difference` begins with its sign, or is empty; an arrow stands beside it, so that colour alone says nothing.
    """
    if not difference:
        return told_card(label, value, str(Message("unchanged")))
    style, arrow = ("cm-up", "▲") if difference.startswith("+") else ("cm-down", "▼")
    was = html.escape(str(Message("before: {before}", before=before)))
    return _card(label, value, f'<small class="{style}">{arrow} {html.escape(difference)}</small><small>{was}</small>')


def with_yuan_sign(number: str) -> str:
    """Put the sign of yuan before a number, after its minus.

    Examples
    --------
    >>> with_yuan_sign("2,500.00"), with_yuan_sign("-146,250.00")
    ('¥2,500.00', '−¥146,250.00')
    """
    return f"−¥{number[1:]}" if number.startswith("-") else f"¥{number}"


def told_card(label: Message, value: str, *told: str) -> str:
    """Make a figure for the headline with what is to be told of it below, in up to two lines."""
    lines = (*told, *["\u00a0"] * (2 - len(told)))
    return _card(label, value, "".join(f"<small>{html.escape(line)}</small>" for line in lines))


def _card(label: Message, value: str, below: str) -> str:
    return f'<div class="cm-card"><small>{html.escape(str(label))}</small><b>{html.escape(value)}</b>{below}</div>'


def table(
    frame: pd.DataFrame,
    headings: Mapping[str, Message | str] | None = None,
    *,
    signed: Collection[str] = ("difference",),
) -> str:
    """Write a table as HTML: every cell escaped, texts at the left, numbers at the right, money with two decimals.

    Numbers of the columns in `signed` always have their sign.
    """
    signs = [name in signed for name in frame.columns]
    styles, cells = [], []
    for name, values in frame.items():
        heading = html.escape(str((headings or {}).get(str(name), name)))
        styles.append(_style_of(values))
        cells.append(f'<th scope="col"{styles[-1]}>{heading}</th>')
    rows = ["<tr>" + "".join(cells) + "</tr>"]
    for row in frame.itertuples(index=False, name=None):
        shown = (
            f"<td{style}>{html.escape(_cell(value, signed=sign))}</td>"
            for style, sign, value in zip(styles, signs, row, strict=True)
        )
        rows.append("<tr>" + "".join(shown) + "</tr>")
    # Reachable by the keyboard, since it may have to be scrolled.
    return f'<div class="cm-scroll" tabindex="0"><table class="cm-table">{"".join(rows)}</table></div>'


SHOWN_ROWS = 200


def first_rows(frame: pd.DataFrame, headings: Mapping[str, Message | str] | None = None) -> str:
    """Write the first rows of a long list as HTML, with how many there are."""
    count = Message("{count} rows", count=f"{len(frame):,}")
    if len(frame) > SHOWN_ROWS:
        count = Message("{count} rows; the first {shown} are shown", count=f"{len(frame):,}", shown=SHOWN_ROWS)
    return f"<p>{count}</p>{table(frame.head(SHOWN_ROWS), headings)}"


_SHORT = 30
"""How many letters of a text stay on one line."""


def _style_of(values: pd.Series[Any]) -> str:
    lengths = [len(value) for value in values if isinstance(value, str)] if values.dtype.kind not in "iufb" else []
    if not lengths:
        return ""
    return ' class="cm-text cm-long"' if max(lengths) > _SHORT else ' class="cm-text"'


def _cell(value: object, *, signed: bool) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN is what does not equal itself
        return ""
    if isinstance(value, bool):
        return str(Message("yes")) if value else ""
    if isinstance(value, float):
        return f"{value:+,.2f}" if signed else f"{value:,.2f}"
    if isinstance(value, int):
        return f"{value:+,}" if signed else f"{value:,}"
    return str(value)


__all__ = ["LANGUAGES", "STYLE", "Head", "Panel", "card", "first_rows", "table", "told_card", "with_yuan_sign"]
