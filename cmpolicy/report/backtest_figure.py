"""What would explain the differences between pay and rules: how many vanish, how many appear."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from cmpolicy.messages import Message, language
from cmpolicy.report.figures import BETTER_COLOUR, WORSE_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cmpolicy.insight.backtest import Backtest, Candidate

SHOWN_CANDIDATES = 8
_INK = "#000000"
_ROW = 0.6
"""Height of a candidate, inches."""
_ROOM = 0.1
"""For the numbers beside the longest bars: a share of both bars together, since a short one has as long a number."""
_LETTERS = {"zh": 26, "en": 58}
"""How many letters of an explanation stand in a line."""
_LINES = 3
"""How many lines stand beside a bar."""


def backtest_figure(found: Backtest, most: int = SHOWN_CANDIDATES) -> Figure:
    """Draw the candidate explanations, the best first: differences that vanish to the right, new ones to the left.

    Parameters
    ----------
    found
    most
        How many candidates are shown.
    """
    import matplotlib as mpl

    shown = [one for one in found.candidates if one.reason is None][:most]
    height = 0.95 + _ROW * max(len(shown), 1)
    figure, axes = new_figure(8.6, height)
    with mpl.rc_context(figure_settings()):
        places = range(len(shown))
        vanished, created = [int(one.vanished.sum()) for one in shown], [one.created for one in shown]
        bars = (
            axes.barh(places, vanished, 0.6, facecolor=BETTER_COLOUR),
            axes.barh(
                places,
                [-number for number in created],
                0.6,
                facecolor=f"{WORSE_COLOUR}30",
                edgecolor=WORSE_COLOUR,
                linewidth=1.2,
            ),
        )
        for place, good, bad in zip(places, vanished, created, strict=True):
            for number, side, align in ((good, 1, "left"), (bad, -1, "right")):
                axes.annotate(
                    f"{number:,}",
                    (side * number, place),
                    (4 * side, 0),
                    textcoords="offset points",
                    ha=align,
                    va="center_baseline",
                    fontsize=8,
                )
        axes.axvline(0, color=_INK, linewidth=0.8)
        worst, best = max([1, *created]), max([1, *vanished, found.counts["differing"]])
        room = _ROOM * (worst + best)
        axes.set_xlim(-worst - room, best + room)
        all_of_them = axes.axvline(found.counts["differing"], color=_INK, linewidth=0.8, linestyle=(0, (3, 2)))
        axes.set_ylim(len(shown) - 0.4, -0.6)
        labels = [_lines(one) for one in shown]
        axes.set_yticks(places, labels, fontsize=7.5, parse_math=False)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{abs(value):,.0f}")
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5, integer=True))
        axes.spines["left"].set_visible(False)
        title = Message("Differences by what payroll may do otherwise")
        figure.text(0.01, 1 - 0.06 / height, str(title), ha="left", va="top", fontsize=11)
        names = [str(name) for name in (Message("vanish"), Message("new"), Message("all there are"))]
        drawn: list[Any] = [*bars, all_of_them]
        figure.legend(drawn, names, loc="upper right", frameon=False, ncols=3, fontsize=9)
        figure.subplots_adjust(left=0.43, right=0.98, top=1 - 0.42 / height, bottom=0.32 / height)
    return figure


def _lines(one: Candidate) -> str:
    """Write an explanation in short lines, the option of a reading below its question."""
    first, *rest = one.parts
    width = _LETTERS[language()]
    wrapped = [line for part in (f"{one.clause} {first}", *rest) for line in textwrap.wrap(part, width)]
    return "\n".join(wrapped[:_LINES]) + ("…" if len(wrapped) > _LINES else "")
