"""The figure of a solution's frontier: what less cost takes in the lowest grade and in people worse off."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from cmpolicy.messages import Message, language
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.figures import BASELINE_COLOUR, WORSE_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings
from cmpolicy.simulation.solve import WORSE_OFF

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.solve import Solution

_PALETTE = "cividis"  # light to dark for any colour vision
_MILLION = 1_000_000
_LETTERS = {"zh": 80, "en": 155}
"""How many letters fit into a line of the whole width."""
_DOTS: dict[str, Any] = {"s": 26, "zorder": 3, "edgecolors": "black", "linewidths": 0.4, "clip_on": False}
_MARKS: tuple[dict[str, Any], ...] = (
    {"marker": "D", "color": BASELINE_COLOUR, "markersize": 8, "markeredgecolor": "black"},
    {"marker": "*", "color": WORSE_COLOUR, "markersize": 15, "markeredgecolor": "black"},
)
"""How today's policy and the solution are marked."""


def solution_frontier_figure(solution: Solution, frame: pd.DataFrame) -> Figure:
    """Draw a frontier: cost against the share of the lowest grade, and against people worse off.

    What is the same everywhere is told in words and not drawn.

    Parameters
    ----------
    solution
        It and today's policy are marked.
    frame
        From `solution.frontier()`.
    """
    import matplotlib as mpl

    grade = solution.policy.grade_names[-1]
    share = _Measure(
        Message("quarters with grade {grade}, %", grade=grade),
        100 * frame[f"quarter_grade_{grade}_share"],
        (_percent(solution.comparison.baseline, grade), _percent(solution.comparison.reform, grade)),
    )
    people = _Measure(Message("people worse off"), frame["people_worse_off"], (0, solution.effects.people_worse_off))
    drawn_measures = [one for one in (share, people) if one.varies] or [people]
    drawn, _ = new_figure(9.6, 4.8)
    with mpl.rc_context(figure_settings()):
        drawn.clear()
        cost = frame["cost"] / _MILLION
        for place, measure in enumerate(drawn_measures):
            axes = drawn.add_subplot(1, len(drawn_measures), place + 1)
            other = drawn_measures[1 - place] if len(drawn_measures) > 1 else None
            shades: dict[str, Any] = {"color": BASELINE_COLOUR}
            if other is not None:
                shades = {"c": other.numbers, "cmap": _PALETTE}
            dots = axes.scatter(cost, measure.numbers, **_DOTS, **shades)
            _finish(axes, measure)
            if other is not None:
                _explain_shades(drawn, axes, dots, other.text)
            handles = _mark(solution, axes, measure)
        names = [str(Message("the starting policy")), str(Message("solution"))]
        drawn.legend(handles, names, loc="upper right", bbox_to_anchor=(0.99, 1), frameon=False, fontsize=9, ncols=2)
        drawn.text(0.01, 0.99, str(_title(drawn_measures, share, grade)), ha="left", va="top", fontsize=11)
        told = [one.told for one in (share, people) if one not in drawn_measures]
        told += [_points_told(grade), WORSE_OFF]
        lines = [line for text in told for line in textwrap.wrap(str(text), _LETTERS[language()])]
        drawn.text(0.01, 0.925, "\n".join(lines), ha="left", va="top", fontsize=8)
        drawn.subplots_adjust(left=0.07, right=0.95, bottom=0.11, top=0.88 - 0.035 * len(lines), wspace=0.32)
    return drawn


class _Measure(NamedTuple):
    """What is held against the cost: its name, and its numbers on the frontier, today and of the solution."""

    text: Message
    numbers: pd.Series[Any]
    sides: tuple[float, float]

    @property
    def varies(self) -> bool:
        return len({*self.numbers, *self.sides}) > 1

    @property
    def told(self) -> Message:
        return Message("{figure}: {number} in every policy", figure=self.text, number=_written(round(self.sides[0], 2)))


def _title(drawn: list[_Measure], share: _Measure, grade: str) -> Message:
    if len(drawn) > 1:
        return Message("A lower cost takes more of grade {grade} or more people worse off", grade=grade)
    if drawn[0] is share:
        return Message("A lower cost takes more of grade {grade}", grade=grade)
    return Message("A lower cost takes more people worse off")


def _points_told(grade: str) -> Message:
    return Message(
        "No other policy betters a point in cost, share of grade {grade} and staff-quarters worse off at once. People "
        "worse off have such a quarter.",
        grade=grade,
    )


def _finish(axes: Axes, measure: _Measure) -> None:
    import matplotlib as mpl

    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(str(Message("cost, million yuan")), fontsize=9)
    axes.set_ylabel(str(measure.text), fontsize=9)
    axes.set_ylim(0, 1.05 * max(*measure.numbers, *measure.sides, 1))
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(8, integer=True, min_n_ticks=1))
    _number(axes.xaxis)
    _number(axes.yaxis)
    axes.tick_params(labelsize=8)


def _explain_shades(drawn: Figure, axes: Axes, dots: Any, text: Message) -> None:
    bar = drawn.colorbar(dots, ax=axes, pad=0.02, fraction=0.05)
    bar.set_label(str(text), fontsize=8)
    _number(bar.ax.yaxis)
    bar.ax.tick_params(labelsize=8)


def _number(axis: Axis) -> None:
    axis.set_major_formatter(lambda value, _place: _written(value))


def _written(value: float) -> str:
    """Write a number at an axis, without the noise of its last digits."""
    return f"{Decimal(str(round(value, 6))).normalize() + 0:,f}"


def _mark(solution: Solution, axes: Axes, measure: _Measure) -> list[Any]:
    """Mark today's policy and the solution; give what a legend takes."""
    change = solution.comparison
    handles = []
    for outcome, value, style in zip((change.baseline, change.reform), measure.sides, _MARKS, strict=True):
        cost = outcome.cost["cost"] / FEN_PER_YUAN / _MILLION
        handles += axes.plot([cost], [value], linestyle="none", zorder=4, clip_on=False, **style)
    return handles


def _percent(outcome: Outcome, grade: str) -> float:
    counts = outcome.grade_counts("quarters")
    return 100 * (counts[grade] / (sum(counts.values()) or 1))  # as the frontier has it, to the last bit
