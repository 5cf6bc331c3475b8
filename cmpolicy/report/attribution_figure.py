"""The waterfall: what each changed setting brings of a cost difference, one after another, to the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.messages import Message
from cmpolicy.report.figures import BETTER_COLOUR, REFORM_COLOUR, WORSE_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#000000"
_ROW = 0.42
"""Height of a setting, inches."""
_LONGEST = 40
"""How many letters of a path or of its values stand on a line."""


def waterfall_figure(attribution: pd.DataFrame, title: Message) -> Figure:
    """Draw what each setting brings as a step from the baseline to the reform; a whisker is a standard error.

    Parameters
    ----------
    attribution
        From `Comparison.attribution`.
    title
        With the unit, which the axis does not name.
    """
    import matplotlib as mpl

    steps, errors = attribution["yuan"].tolist(), attribution["standard_error"].tolist()
    ends = attribution["yuan"].cumsum().tolist()
    whole = ends[-1] if ends else 0.0
    height = 0.95 + _ROW * (len(steps) + 1)
    figure, axes = new_figure(8.6, height)
    with mpl.rc_context(figure_settings()):
        low, high = min(0.0, *ends, 0.0), max(0.0, *ends, 0.0)
        room = max(high - low, 1.0)
        for place, (step, end, error) in enumerate(zip(steps, ends, errors, strict=True)):
            colour = WORSE_COLOUR if step > 0 else BETTER_COLOUR
            axes.barh(place, step, 0.62, left=end - step, color=colour, xerr=error or None, ecolor=_INK, capsize=3)
            axes.plot([end, end], [place - 0.31, place + 1.31], color=_INK, linewidth=0.6)
            _write(axes, place, step, max(end, end - step) + error, room)
        axes.barh(len(steps), whole, 0.62, color=REFORM_COLOUR)
        _write(axes, len(steps), whole, max(whole, 0.0), room)
        axes.axvline(0, color=_INK, linewidth=0.8)
        axes.set_xlim(low - 0.04 * room, high + 0.2 * room)
        axes.set_ylim(len(steps) + 0.6, -0.6)
        names = [
            f"{_cut(row['path'])}\n{_cut(row['before'])} → {_cut(row['after'])}"
            for row in attribution.to_dict("records")
        ]
        axes.set_yticks(range(len(steps) + 1), [*names, str(Message("together"))], fontsize=7)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
        axes.spines["left"].set_visible(False)
        figure.text(0.01, 1 - 0.06 / height, str(title), ha="left", va="top", fontsize=11)
        samples = [mpl.patches.Patch(color=colour) for colour in (WORSE_COLOUR, BETTER_COLOUR)]
        labels = [str(Message("costs more")), str(Message("costs less"))]
        figure.legend(samples, labels, loc="upper right", frameon=False, ncols=2, fontsize=9)
        figure.subplots_adjust(left=0.32, right=0.99, top=1 - 0.42 / height, bottom=0.32 / height)
    return figure


def _write(axes: Axes, place: int, amount: float, right: float, room: float) -> None:
    """Write an amount at the right of its bar, and beside the line of zero rather than over it."""
    right = 0.0 if -0.1 * room < right < 0 else right
    axes.text(right + 0.01 * room, place, f"{amount:+,.0f}", ha="left", va="center_baseline", fontsize=8)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
