"""Figures of a sweep: a heat map over two values that vary, and the frontier of cost against another figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message
from cmpolicy.report.figures import BASELINE_COLOUR, REFORM_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

NUMBERED_CELLS = 150
"""A heat map of so many cells has room for the number in each."""
NAMED_POINTS = 8
_MANY_POINTS = 2_000
_THOUSANDS = 1_000
_PALETTE = "cividis"  # light to dark for any colour vision


def varied_paths(frame: pd.DataFrame) -> list[str]:
    """List the paths of a sweep under which there is more than one value."""
    paths = [name for name in frame.columns if "." in name]
    return [path for path in paths if len(frame[path].unique()) > 1]


def heat_map_figure(frame: pd.DataFrame, title: Message, *, figure: str = "cost") -> Figure:
    """Draw a figure of a sweep over the one or two values that vary: as a line, or by colour.

    Parameters
    ----------
    frame
        From `sweep`. The value that varies first goes down, the second across; a scenario that was left out stays
        empty.
    title
        With the unit.
    figure
        A column of the frame.

    Raises
    ------
    CmpolicyError
        If not one or two values vary.
    """
    import matplotlib as mpl

    paths = varied_paths(frame)
    if len(paths) not in (1, 2) or len(frame) != len(frame.drop_duplicates(paths)):
        raise CmpolicyError(
            Message(
                "A heat map shows one or two values that vary, each scenario once; here vary: {names}. A frontier "
                "shows any number.",
                names=", ".join(paths) or "–",
            )
        )
    with mpl.rc_context(figure_settings()):
        if len(paths) == 1:
            drawn, axes = new_figure(6.4, 3.6)
            _draw_line(axes, frame, paths[0], figure)
            drawn.subplots_adjust(left=0.17, right=0.97, bottom=0.16, top=0.87)
        else:
            down, across = (len(frame[path].unique()) for path in paths)
            width, height = max(6.4, 2.8 + 0.62 * min(across, 14)), max(3.0, 1.5 + 0.32 * min(down, 20))
            drawn, axes = new_figure(width, height)
            _draw_cells(drawn, axes, frame, paths, figure)
            left, right = 0.95 / width, 1 - 0.75 / width
            drawn.subplots_adjust(left=left, right=right, bottom=0.55 / height, top=1 - 0.45 / height)
        drawn.text(0.01, 0.99, str(title), ha="left", va="top", fontsize=11)
    return drawn


def _draw_line(axes: Axes, frame: pd.DataFrame, path: str, figure: str) -> None:
    ordered = frame.sort_values(path)
    axes.plot(ordered[path].to_numpy(), ordered[figure].to_numpy(), "-o", color=REFORM_COLOUR)
    axes.set_xlabel(path, fontsize=9)
    axes.yaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
    axes.tick_params(labelsize=8)


def _draw_cells(drawn: Figure, axes: Axes, frame: pd.DataFrame, paths: Sequence[str], figure: str) -> None:
    table = frame.pivot_table(index=paths[0], columns=paths[1], values=figure)  # each cell is one scenario
    values = table.to_numpy(dtype=np.float64)
    mesh = axes.pcolormesh(values, cmap=_PALETTE, edgecolors="white", linewidth=0.5 if values.size <= 2500 else 0)
    for axis, path, entries in (("x", paths[1], table.columns), ("y", paths[0], table.index)):
        getattr(axes, f"set_{axis}label")(path, fontsize=9)
        _ticks(axes, axis, [_shown(value) for value in entries], 0.5)
    axes.tick_params(labelsize=8, length=0)
    axes.spines[:].set_visible(False)
    axes.invert_yaxis()
    colours = drawn.colorbar(mesh, ax=axes, pad=0.02, fraction=0.06)
    colours.ax.yaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
    colours.ax.tick_params(labelsize=8)
    if values.size > NUMBERED_CELLS:
        return
    lowest, highest = np.nanmin(values), np.nanmax(values)
    unit = _THOUSANDS if highest >= 100 * _THOUSANDS else 1
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        dark = value < (lowest + highest) / 2
        colour = "white" if dark and highest > lowest else "black"
        text = f"{value / unit:,.0f}"
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=7, color=colour)
    if unit > 1:
        axes.set_title(str(Message("in the cells: thousands")), fontsize=8, loc="right")


def _ticks(axes: Axes, axis: str, texts: list[str], shift: float = 0.0) -> None:
    """Name places along an axis, so many that they do not run into each other."""
    step = -(-len(texts) // (14 if axis == "x" else 20))
    places = np.arange(0, len(texts), step)
    getattr(axes, f"set_{axis}ticks")(places + shift, [texts[place] for place in places])


def frontier_figure(frame: pd.DataFrame, title: Message, *, figure: str, label: Message) -> Figure:
    """Draw every scenario by its cost and another figure, and the frontier: those that none beats in both.

    Parameters
    ----------
    frame
        From `sweep`.
    title
    figure
        A column of the frame of which less is better, such as quarter_grade_E.
    label
        What the figure is.
    """
    import matplotlib as mpl

    drawn, axes = new_figure(6.8, 4.2)
    with mpl.rc_context(figure_settings()):
        cost, other = frame["cost"].to_numpy(), frame[figure].to_numpy()
        best = frontier_of(cost, other)
        many = len(frame) > _MANY_POINTS
        (dots,) = axes.plot(cost, other, "o", color=BASELINE_COLOUR, alpha=0.5, markersize=2 if many else 4)
        dots.set_rasterized(many)
        (line,) = axes.step(cost[best], other[best], "-o", where="post", color=REFORM_COLOUR, markersize=5)
        paths = varied_paths(frame)
        named = best[np.unique(np.linspace(0, len(best) - 1, NAMED_POINTS).round().astype(np.intp))]
        for row in named.tolist():
            text = ", ".join(_shown(frame[path].iloc[row]) for path in paths)
            axes.annotate(text, (cost[row], other[row]), (5, 5), textcoords="offset points", fontsize=7)
        axes.set_xlabel(str(Message("cost: payout + cash effect")), fontsize=9)
        axes.set_ylabel(str(label), fontsize=9)
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        axes.tick_params(labelsize=8)
        axes.margins(x=0.12)
        drawn.text(0.01, 0.99, str(title), ha="left", va="top", fontsize=11)
        beside = str(Message("beside the points: {names}", names=", ".join(paths)))
        drawn.text(0.01, 0.93, beside, ha="left", va="top", fontsize=8)
        names = [str(Message("scenarios")), str(Message("frontier"))]
        drawn.legend([dots, line], names, loc="upper right", frameon=False, fontsize=9, ncols=2)
        drawn.subplots_adjust(left=0.13, right=0.97, bottom=0.13, top=0.86)
    return drawn


def frontier_of(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.intp]:
    """Give the rows that no other row beats in one figure without losing in the other, by the first figure.

    Examples
    --------
    >>> frontier_of(np.array([3, 1, 2, 2]), np.array([1, 5, 4, 2])).tolist()
    [1, 3, 0]
    """
    order = np.lexsort((second, first))
    lowest = np.minimum.accumulate(second[order])
    better = np.concatenate([[True], second[order][1:] < lowest[:-1]])[: len(order)]
    best: NDArray[np.intp] = order[better]
    return best


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float | np.number) else str(value)
