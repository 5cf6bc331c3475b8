"""Figures of a sweep: a heat map over two values that vary, and the frontier of cost against another figure."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message, language, list_of
from cmpolicy.report.figures import BASELINE_COLOUR, BUDGET_COLOUR, REFORM_COLOUR, WORSE_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings
from cmpolicy.report.labels import value_label, value_lines, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy

NUMBERED_CELLS = 150
"""A heat map of so many cells has room for the number in each."""
NAMED_POINTS = 8
_MANY_POINTS = 2_000
_LETTERS = {"zh": 66, "en": 125}
"""How many letters fit into a line above a frontier."""
_THOUSANDS, _MILLIONS = 1_000, 1_000_000
_MARKS: tuple[dict[str, Any], ...] = (
    {"linewidth": 3, "linestyle": "-"},
    {"linewidth": 2, "linestyle": (0, (2, 1.5))},
)
"""How the cells of policies are framed, the first above the second."""
_PALETTE = "cividis"  # light to dark for any colour vision


def varied_paths(frame: pd.DataFrame) -> list[str]:
    """List the paths of a sweep under which there is more than one value."""
    paths = [name for name in frame.columns if "." in name]
    return [path for path in paths if len(frame[path].unique()) > 1]


def unit_of(values: Iterable[float]) -> tuple[int, Message | None]:
    """Give the unit in which numbers fit into cells, and what to say of it; nothing where they fit as they are.

    Examples
    --------
    >>> [unit_of([value])[0] for value in (999_999, -1_000_000, 2e9)]
    [1, 1000, 1000000]
    """
    largest = max(map(abs, values), default=0)
    if largest < _MILLIONS:
        return 1, None
    if largest < _THOUSANDS * _MILLIONS:
        return _THOUSANDS, Message("in the cells: thousands")
    return _MILLIONS, Message("in the cells: millions")


def cell_texts(numbers: Mapping[tuple[int, int], float], *, sign: str = "") -> tuple[list[str], Message | None]:
    """Write the numbers of cells so that neighbours which differ can be told apart, and say in which unit.

    Parameters
    ----------
    numbers
        Under the row and column of each cell.
    sign
        "+" for differences.

    Examples
    --------
    >>> [cell_texts({(0, 0): 1_200_000, (0, 1): number})[0] for number in (1_201_000, 1_200_100)]
    [['1,200', '1,201'], ['1,200.0', '1,200.1']]
    """
    unit, text = unit_of(numbers.values())
    whole = {place: f"{number / unit:{sign},.0f}" for place, number in numbers.items()}
    neighbours = ((place, other) for place in numbers for other in _beside(place) if other in numbers)
    if unit > 1 and any(whole[one] == whole[other] and numbers[one] != numbers[other] for one, other in neighbours):
        return [f"{number / unit:{sign},.1f}" for number in numbers.values()], text
    return list(whole.values()), text


def _beside(place: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Give the cells below a cell and right of it."""
    row, column = place
    return (row + 1, column), (row, column + 1)


def heat_map_figure(
    frame: pd.DataFrame, title: Message, *, figure: str = "cost", marked: Sequence[tuple[Message, Policy]] = ()
) -> Figure:
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
    marked
        Up to two policies to be found in it, such as the draft and today's, each with its name: their cells are framed
        where they are among the scenarios, along a line their values are marked. Without any it is the policy from
        which the sweep was made.

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
                names=list_of(paths) if paths else "–",
            )
        )
    places = _places_of(marked, paths) if marked else _own_place(frame, paths)
    with mpl.rc_context(figure_settings()):
        if len(paths) == 1:
            drawn, axes = new_figure(6.4, 3.6)
            _draw_line(axes, frame, paths[0], figure)
            _mark_line(axes, frame[paths[0]], places)
            drawn.subplots_adjust(left=0.17, right=0.97, bottom=0.16, top=0.87)
        else:
            down, across = (sorted(frame[path].unique().tolist()) for path in paths)
            left = 0.6 + 0.07 * max(5, *(len(value_text(value)) for value in down))
            width = left + max(5.45, 1.85 + 0.62 * min(len(across), 14))
            height = max(3.0, 1.5 + 0.32 * min(len(down), 20))
            drawn, axes = new_figure(width, height)
            _draw_cells(drawn, axes, frame, paths, figure)
            _frame_cells(axes, [down, across], places)
            right, bottom, top = 1 - 0.75 / width, 0.55 / height, 1 - 0.45 / height
            drawn.subplots_adjust(left=left / width, right=right, bottom=bottom, top=top)
        drawn.text(0.01, 0.99, str(title), ha="left", va="top", fontsize=11)
    return drawn


def _mark_line(axes: Axes, values: pd.Series[Any], places: Sequence[_Place]) -> None:
    """Draw a line across where a policy's value is."""
    for name, (value,), style in places:
        if isinstance(value, str):
            place: float | None = sorted(values).index(value) if value in values.tolist() else None
        else:
            place = float(value) if values.min() <= value <= values.max() else None
        if place is not None:
            axes.axvline(
                place,
                color=BUDGET_COLOUR,
                label=str(name),
                zorder=0,
                **style | {"linewidth": 1.5},
            )
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8)


def _frame_cells(axes: Axes, values: list[list[Any]], places: Sequence[_Place]) -> None:
    """Frame the cells that have a policy's values, and name them above the figure."""
    import matplotlib as mpl

    handles = []
    for name, wanted, style in places:
        if all(value in among for value, among in zip(wanted, values, strict=True)):
            row, column = (among.index(value) for value, among in zip(wanted, values, strict=True))
            frame = mpl.patches.Rectangle(
                (column, row), 1, 1, fill=False, edgecolor=WORSE_COLOUR, clip_on=False, label=str(name), **style
            )
            handles.append(axes.add_patch(frame))
    if handles:
        axes.legend(
            handles=handles[::-1], loc="lower left", bbox_to_anchor=(0, 0.99), frameon=False, fontsize=8, ncols=2
        )


class _Place(NamedTuple):
    """A policy to be found: its name, its values under the paths that vary, and the looks of its mark."""

    name: Message
    values: list[Any]
    style: dict[str, Any]


def _places_of(marked: Sequence[tuple[Message, Policy]], paths: Sequence[str]) -> list[_Place]:
    """Give each policy that has the paths; the first comes last and so lies above."""
    return [
        _Place(name, [policy.get(path) for path in paths], style)
        for (name, policy), style in reversed(list(zip(marked, _MARKS, strict=False)))
        if set(paths) <= set(policy.paths())
    ]


def _own_place(frame: pd.DataFrame, paths: Sequence[str]) -> list[_Place]:
    """Give the policy from which a sweep was made."""
    own = frame.attrs.get("policy", {})
    return [_Place(Message("today's policy"), [own[path] for path in paths], _MARKS[0])] if own else []


def _draw_line(axes: Axes, frame: pd.DataFrame, path: str, figure: str) -> None:
    ordered = frame.sort_values(path)
    axes.plot(ordered[path].to_numpy(), ordered[figure].to_numpy(), "-o", color=REFORM_COLOUR)
    axes.set_xlabel(value_label(path), fontsize=9)
    if not isinstance(ordered[path].iloc[0], str):
        axes.xaxis.set_major_formatter(lambda value, _place: value_text(round(value, 6)))
    _whole_ticks(axes.yaxis)
    axes.tick_params(labelsize=8)


def _draw_cells(drawn: Figure, axes: Axes, frame: pd.DataFrame, paths: Sequence[str], figure: str) -> None:
    table = frame.pivot_table(index=paths[0], columns=paths[1], values=figure)  # each cell is one scenario
    values = table.to_numpy(dtype=np.float64)
    mesh = axes.pcolormesh(values, cmap=_PALETTE, edgecolors="white", linewidth=0.5 if values.size <= 2500 else 0)
    for axis, path, entries in (("x", paths[1], table.columns), ("y", paths[0], table.index)):
        getattr(axes, f"set_{axis}label")(value_lines(path), fontsize=8)
        _ticks(axes, axis, [value_text(value) for value in entries], 0.5)
    axes.tick_params(labelsize=8, length=0)
    axes.spines[:].set_visible(False)
    axes.invert_yaxis()
    colours = drawn.colorbar(mesh, ax=axes, pad=0.02, fraction=0.06)
    _whole_ticks(colours.ax.yaxis)
    colours.ax.tick_params(labelsize=8)
    if values.size > NUMBERED_CELLS:
        return
    lowest, highest = np.nanmin(values), np.nanmax(values)
    numbers = {(row, column): value for (row, column), value in np.ndenumerate(values) if not np.isnan(value)}
    shown, unit_text = cell_texts(numbers)
    for ((row, column), value), text in zip(numbers.items(), shown, strict=True):
        dark = value < (lowest + highest) / 2
        colour = "white" if dark and highest > lowest else "black"
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=7, color=colour)
    if unit_text is not None:
        axes.set_title(str(unit_text), fontsize=8, loc="right")


def _ticks(axes: Axes, axis: str, texts: list[str], shift: float = 0.0) -> None:
    """Name places along an axis, so many that they do not run into each other."""
    step = -(-len(texts) // (14 if axis == "x" else 20))
    places = np.arange(0, len(texts), step)
    getattr(axes, f"set_{axis}ticks")(places + shift, [texts[place] for place in places])


def _whole_ticks(axis: Axis, most: int = 8) -> None:
    """Put whole numbers at an axis, each once."""
    import matplotlib as mpl

    axis.set_major_locator(mpl.ticker.MaxNLocator(most, integer=True, min_n_ticks=1))
    axis.set_major_formatter(lambda value, _place: f"{value:,.0f}")


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
            text = str(list_of([value_text(frame[path].iloc[row]) for path in paths])) if paths else ""
            axes.annotate(text, (cost[row], other[row]), (5, 5), textcoords="offset points", fontsize=7)
        axes.set_xlabel(str(Message("cost: payout + cash effect")), fontsize=9)
        axes.set_ylabel(str(label), fontsize=9)
        _whole_ticks(axes.xaxis, 5)
        _whole_ticks(axes.yaxis)
        axes.tick_params(labelsize=8)
        axes.margins(x=0.12)
        drawn.text(0.01, 0.99, str(title), ha="left", va="top", fontsize=11)
        beside = [Message("beside the points: {names}", names=" · ".join(map(value_label, paths)))]
        if other.min() == other.max():
            beside.append(Message("{figure}: {count} in every scenario", figure=label, count=f"{other[0]:,}"))
        lines = [line for text in beside for line in textwrap.wrap(str(text), _LETTERS[language()])]
        drawn.text(0.01, 0.93, "\n".join(lines), ha="left", va="top", fontsize=8)
        names = [str(Message("scenarios")), str(Message("frontier"))]
        drawn.legend([dots, line], names, loc="upper right", frameon=False, fontsize=9, ncols=2)
        drawn.subplots_adjust(left=0.13, right=0.97, bottom=0.13, top=0.9 - 0.04 * len(lines))
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
