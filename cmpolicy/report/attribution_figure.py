"""The waterfall: what each changed setting brings of a cost difference, one after another, to the whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cmpolicy.messages import Message, list_of
from cmpolicy.report.figures import BETTER_COLOUR, REFORM_COLOUR, WORSE_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings
from cmpolicy.report.labels import value_label, value_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#000000"
_ROW = 0.42
"""Height of a setting, inches."""
_LONGEST = 40
"""How many letters of a setting's values stand on a line."""
_MARGIN, _LABEL, _LETTER = 0.04, 0.2, 0.015
"""Shares of the bars' extent: an empty margin, one with room for an amount, and the width of a letter of it."""


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
        reached = [0.0, *(end + error for end, error in zip(ends, errors, strict=True))]
        reached += [end - error for end, error in zip(ends, errors, strict=True)]
        low, high = min(reached), max(reached)
        room = max(high - low, 1.0)
        for place, (step, end, error) in enumerate(zip(steps, ends, errors, strict=True)):
            colour = WORSE_COLOUR if step > 0 else BETTER_COLOUR
            axes.barh(place, step, 0.62, left=end - step, color=colour, xerr=error or None, ecolor=_INK, capsize=3)
            axes.plot([end, end], [place - 0.31, place + 1.31], color=_INK, linewidth=0.6)
            _write(axes, place, step, (end - step, end + (error if step >= 0 else -error)), room)
        axes.barh(len(steps), whole, 0.62, color=REFORM_COLOUR)
        _write(axes, len(steps), whole, (0.0, whole), room)
        axes.axvline(0, color=_INK, linewidth=0.8)
        amounts = [*steps, whole]
        left = _LABEL if min(amounts) < 0 else _MARGIN
        right = _LABEL if max(amounts) >= 0 else _MARGIN
        axes.set_xlim(low - left * room, high + right * room)
        axes.set_ylim(len(steps) + 0.6, -0.6)
        names = [
            f"{_lines(row['path'])}\n{_cut(row['before'])} → {_cut(row['after'])}"
            for row in attribution.to_dict("records")
        ]
        axes.set_yticks(range(len(steps) + 1), [*names, str(Message("together"))], fontsize=7)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
        axes.spines["left"].set_visible(False)
        figure.text(0.01, 1 - 0.06 / height, str(title), ha="left", va="top", fontsize=11)
        samples = [
            mpl.patches.Patch(color=colour, label=str(text))
            for colour, text, is_drawn in (
                (WORSE_COLOUR, Message("costs more"), max(amounts) > 0),
                (BETTER_COLOUR, Message("costs less"), min(amounts) < 0),
            )
            if is_drawn
        ]
        if samples:
            figure.legend(handles=samples, loc="upper right", frameon=False, ncols=2, fontsize=9)
        figure.subplots_adjust(left=0.32, right=0.99, top=1 - 0.42 / height, bottom=0.32 / height)
    return figure


def setting_label(path: str) -> str:
    """Name a setting of an attribution for people, in the language in use.

    Examples
    --------
    >>> setting_label("points.praises"), setting_label("grades.B.from, grades.C.from"), setting_label("grades")
    ('2.7 confirmed praise', 'B ≥, C ≥', 'Grades (3.1, 3.2)')
    """
    if path == "grades":
        return str(Message("Grades (3.1, 3.2)"))
    return str(list_of([value_label(one) for one in _paths(path)]))


def _paths(path: str) -> list[str]:
    """List the paths of a setting: only bounds of grades are ever changed together."""
    return re.split(r", (?=grades\.)", path)


def _lines(path: str) -> str:
    return value_lines(path) if path != "grades" and len(_paths(path)) == 1 else _cut(setting_label(path))


def _write(axes: Axes, place: int, amount: float, ends: tuple[float, float], room: float) -> None:
    """Write an amount beyond the second end of its step; beyond the first where it would run over the line of zero."""
    text, side = f"{amount:+,.0f}", -1 if amount < 0 else 1
    start, end = ends
    if 0 < -side * end < _LETTER * len(text) * room:
        side, end = -side, start
    alignment = "left" if side > 0 else "right"
    axes.text(end + side * 0.01 * room, place, text, ha=alignment, va="center_baseline", fontsize=8)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
