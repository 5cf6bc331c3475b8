"""The figure of a solution's frontier: what less cost takes in the lowest grade and in people worse off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.figures import BASELINE_COLOUR, WORSE_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.solve import Solution

_PALETTE = "cividis"  # light to dark for any colour vision
_MILLION = 1_000_000
_MARKS: tuple[dict[str, Any], ...] = (
    {"marker": "D", "color": BASELINE_COLOUR, "markersize": 8, "markeredgecolor": "black"},
    {"marker": "*", "color": WORSE_COLOUR, "markersize": 15, "markeredgecolor": "black"},
)
"""How today's policy and the solution are marked."""


def solution_frontier_figure(solution: Solution, frame: pd.DataFrame) -> Figure:
    """Draw a frontier: cost against the share of the lowest grade, and against staff-quarters worse off.

    Parameters
    ----------
    solution
        It and today's policy are marked.
    frame
        From `solution.frontier()`.
    """
    import matplotlib as mpl

    grade = solution.policy.grade_names[-1]
    share = f"quarter_grade_{grade}_share"
    drawn, _ = new_figure(9.6, 4.2)
    with mpl.rc_context(figure_settings()):
        drawn.clear()
        left, right = drawn.subplots(1, 2)
        texts = (
            str(Message("quarters with grade {grade}, %", grade=grade)),
            str(Message("staff-quarters worse off")),
        )
        cost = frame["cost"] / _MILLION
        columns = 100 * frame[share], frame["worse_off"]
        for number, axes in enumerate((left, right)):
            own, other = columns[number], columns[1 - number]
            for level in frame[share].unique():
                rows = (frame[share] == level).to_numpy()
                axes.plot(cost[rows], own[rows], "-", color=BASELINE_COLOUR, linewidth=0.8)
            dots = axes.scatter(cost, own, c=other, cmap=_PALETTE, s=26, zorder=3, edgecolors="black", linewidths=0.4)
            _finish(axes, texts[number])
            if other.min() < other.max():
                _explain_shades(drawn, axes, dots, texts[1 - number])
        legend = _mark(solution, left, right, grade)
        title = Message("A lower cost takes more of grade {grade} or more people worse off", grade=grade)
        drawn.text(0.01, 0.99, str(title), ha="left", va="top", fontsize=11)
        drawn.legend(*legend, loc="upper right", bbox_to_anchor=(0.99, 0.95), frameon=False, fontsize=9, ncols=2)
        drawn.subplots_adjust(left=0.07, right=0.95, bottom=0.13, top=0.85, wspace=0.32)
    return drawn


def _finish(axes: Axes, text: str) -> None:
    import matplotlib as mpl

    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(str(Message("cost, million yuan")), fontsize=9)
    axes.set_ylabel(text, fontsize=9)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _place: f"{value:,g}")
    axes.tick_params(labelsize=8)


def _explain_shades(drawn: Figure, axes: Axes, dots: Any, text: str) -> None:
    bar = drawn.colorbar(dots, ax=axes, pad=0.02, fraction=0.05)
    bar.set_label(text, fontsize=8)
    bar.ax.yaxis.set_major_formatter(lambda value, _place: f"{value:,g}")
    bar.ax.tick_params(labelsize=8)


def _mark(solution: Solution, left: Axes, right: Axes, grade: str) -> tuple[list[Any], list[str]]:
    """Mark today's policy and the solution; give what a legend takes."""
    change = solution.comparison
    sides = ((change.baseline, 0), (change.reform, solution.effects.worse_off))
    handles = []
    for (outcome, worse_off), style in zip(sides, _MARKS, strict=True):
        cost = outcome.cost["cost"] / FEN_PER_YUAN / _MILLION
        for axes, value in ((left, _percent(outcome, grade)), (right, worse_off)):
            (mark,) = axes.plot([cost], [value], linestyle="none", zorder=4, clip_on=False, **style)
        handles.append(mark)
    return handles, [str(Message("today's policy")), str(Message("solution"))]


def _percent(outcome: Outcome, grade: str) -> float:
    counts = outcome.grade_counts("quarters")
    return 100 * counts[grade] / (sum(counts.values()) or 1)
