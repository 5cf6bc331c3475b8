"""A heat map of buttons: the mouse and the keyboard choose a cell."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, NamedTuple

import ipywidgets as widgets

from cmpolicy.messages import Message
from cmpolicy.report.figures import REFORM_COLOUR, WORSE_COLOUR
from cmpolicy.report.labels import value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cmpolicy.lab.panel import Panel

_WIDTH, _HEIGHT, _GAP = 64, 28, 2
"""Of a cell, and between two, pixels."""
_STRONGEST = 0.7
"""How much of its colour the farthest cell has; black text can be read on it."""
_DRAFT, _ENACTED = "3px solid #000", "2px dashed #000"
"""How the cells of the draft and of the enacted policy are framed."""


class Cell(NamedTuple):
    """A cell: where it is, what it shows, what it tells the pointer, and its colour."""

    row: int
    column: int
    text: str
    tip: str
    colour: str


class HeatMap:
    """Cells as buttons under headings, and a legend.

    One list of buttons is laid out as a grid by a style: a widget for each cell would take seconds to make.

    Parameters
    ----------
    panel
    choose
        Is given the place of the cell that is chosen.
    """

    def __init__(self, panel: Panel, choose: Callable[[int], None]) -> None:
        self._choose, self._following = choose, False
        self.cells = widgets.ToggleButtons(options=[], layout={"margin": "2px"})  # that of the headings
        self._name = f"cm-cells-{self.cells.model_id}"
        self.cells.add_class(self._name)
        self.cells.observe(panel.guarded(lambda change: self._take(change["new"])), "value")
        self._style, self.down, self.across, self._side, self._legend = (widgets.HTML() for _ in range(5))
        self.down.layout.align_self = "flex-end"
        grid = widgets.GridBox(
            [self.down, self.across, self._side, self.cells],
            layout={"grid_template_columns": "max-content max-content", "grid_gap": "2px 8px", "overflow": "auto"},
        )
        self.box = widgets.VBox([self._style, grid, self._legend])

    def show(
        self,
        cells: Sequence[Cell],
        headings: tuple[Sequence[Any], Sequence[Any]],
        names: tuple[str, str],
        *,
        draft: int | None,
        enacted: int | None,
        unit: Message | None = None,
        against_enacted: bool = False,
    ) -> None:
        """Show these cells.

        Parameters
        ----------
        cells
            A place without a cell stays empty.
        headings
            The values downward and across.
        names
            What they are values of.
        draft, enacted
            The places of the cells that are framed.
        unit
            What the numbers are counted in.
        against_enacted
            Whether the colours are against the enacted policy, not against the draft.
        """
        rows, columns = headings
        self._style.value = _style(self._name, cells, draft, enacted)
        self.down.value = f"{html.escape(names[0])} ↓" if rows else ""
        self.across.value = f"<div>{html.escape(names[1])} →</div>{_headings(columns)}" if columns else ""
        self._side.value = _side_headings(rows)
        self._legend.value = _legend(unit, against_enacted=against_enacted) if cells else ""
        self.cells.layout.display = "" if cells else "none"  # a list that becomes empty keeps its buttons on the page
        self._offer(cells, draft)

    def _offer(self, cells: Sequence[Cell], chosen: int | None) -> None:
        """Hand the cells to their buttons. What is not new is not sent, so that the keyboard stays at its cell."""
        tips, options = [cell.tip for cell in cells], tuple((cell.text, place) for place, cell in enumerate(cells))
        self._following = True  # what the buttons then report is no choice of the user's
        try:
            if self.cells.tooltips != tips:
                self.cells.tooltips = tips
            if self.cells.options != options:
                self.cells.options = options
            self.cells.index = chosen
        finally:
            self._following = False

    def _take(self, place: int | None) -> None:
        if not self._following and place is not None:
            self._choose(place)


def colours(figures: Sequence[float], reference: float) -> list[str]:
    """Give each cell its colour: white where it is as the reference, the bluer the less, the more orange the more.

    Examples
    --------
    >>> colours([90, 100, 110], reference=100)
    ['#4c9cc9', '#ffffff', '#e28e4c']
    """
    farthest = max((abs(figure - reference) for figure in figures), default=0) or 1
    return [
        _mixed(WORSE_COLOUR if figure > reference else REFORM_COLOUR, _STRONGEST * abs(figure - reference) / farthest)
        for figure in figures
    ]


def _mixed(colour: str, share: float) -> str:
    """Mix a colour with white."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 + share * (part - 255)):02x}" for part in parts)


def _style(name: str, cells: Sequence[Cell], draft: int | None, enacted: int | None) -> str:
    """Lay the buttons out, colour them and frame two of them."""
    button = f".cm-lab .{name} button"
    look = "width: auto; height: auto; min-width: 0; margin: 0; padding: 0; border: 0; box-shadow: none; color: #000;"
    rules = [
        f".{name} > div {{display: grid; grid-auto-columns: {_WIDTH}px; grid-auto-rows: {_HEIGHT}px; gap: {_GAP}px;}}",
        f"{button} {{{look} font-size: 12px; line-height: 1.2; font-variant-numeric: tabular-nums;}}",
    ]
    for number, cell in enumerate(cells, start=1):
        area = f"{cell.row + 1} / {cell.column + 1}"
        rules.append(f"{button}:nth-of-type({number}) {{grid-area: {area}; background: {cell.colour};}}")
    for place, frame in ((enacted, _ENACTED), (draft, _DRAFT)):
        if place is not None:
            rules.append(f"{button}:nth-of-type({place + 1}) {{border: {frame};}}")
    return f"<style>{''.join(rules)}</style>"


def _headings(values: Sequence[Any]) -> str:
    grid = f"display:grid;grid-template-columns:repeat({len(values)},{_WIDTH}px);gap:{_GAP}px;text-align:center"
    return f'<div style="{grid}">{"".join(f"<b>{value_text(value)}</b>" for value in values)}</div>'


def _side_headings(values: Sequence[Any]) -> str:
    grid = f"display:grid;grid-auto-rows:{_HEIGHT}px;gap:{_GAP}px;text-align:right;line-height:{_HEIGHT}px"
    return f'<div style="{grid}">{"".join(f"<b>{value_text(value)}</b>" for value in values)}</div>'


def _legend(unit: Message | None, *, against_enacted: bool) -> str:
    """Say what colours and frames mean."""
    less, more = Message("less than the draft"), Message("more than the draft")
    if against_enacted:
        less, more = Message("less than the enacted policy"), Message("more than the enacted policy")
    swatch = "display:inline-block;width:1em;height:1em;vertical-align:-.15em;box-sizing:border-box;margin:0 .4em 0 1em"
    marks = (
        (f"background:{_mixed(REFORM_COLOUR, _STRONGEST)}", less),
        (f"background:{_mixed(WORSE_COLOUR, _STRONGEST)}", more),
        (f"background:#fff;border:{_DRAFT}", Message("the draft")),
        (f"background:#fff;border:{_ENACTED}", Message("the enacted policy")),
    )
    told = "".join(f'<span style="{swatch};{look}"></span>{html.escape(str(text))}' for look, text in marks)
    return f"<small>{html.escape(str(unit)) if unit else ''}{told}</small>"
