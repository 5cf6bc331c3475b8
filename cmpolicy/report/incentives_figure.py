"""Incentives drawn: what an event is worth along the score, who stands at the cliffs, and what each event is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.insight.event_values import EVENTS
from cmpolicy.messages import Message
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.figures import BASELINE_COLOUR, BETTER_COLOUR, REFORM_COLOUR, WORSE_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from cmpolicy.insight.incentives import Incentives

_INK = "#000000"
_BOTH_COLOUR = "#CC79A7"
_NAMES = list(EVENTS)
_USER, _COMPLAINT = "broadband_user_gained", "complaint"
_TAIL = 0.5
"""Up to so many percent of the staff-quarters at each end of the scores are left out, where there are few."""
_HEADROOM = 1.4
"""How far an axis reaches above what is drawn, so that the bounds can be named there."""
_FEWEST = 5
"""A mean of fewer staff-quarters is not drawn, and the line breaks there."""


def incentives_figure(found: Incentives) -> Figure:
    """Draw incentives in three parts.

    Above: what one more user earns and one more complaint costs on average, along the quarter's score. In the middle:
    how many stand at each score, and who of them is one event from a bound. Below: the mean worth of each event.

    Parameters
    ----------
    found
        From `incentives`.
    """
    import matplotlib as mpl
    from matplotlib.ticker import MaxNLocator

    figure, _ = new_figure(7.8, 9.4)
    with mpl.rc_context(figure_settings()):
        figure.clear()
        worth, people, events = figure.subplots(3, 1, height_ratios=(1, 1, 1.45))
        for axes in (worth, people, events):
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(labelsize=8)
        scores, rows = _scores(found)
        _draw_worth(worth, found, scores, rows)
        _draw_people(people, found, scores, rows)
        for axes in (worth, people):
            _draw_bounds(axes, found)
            axes.set_xlim(scores.min(initial=89) - 1, scores.max(initial=110) + 2)
            axes.yaxis.set_major_locator(MaxNLocator("auto", steps=(1, 2, 5, 10), integer=True))
            axes.yaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        _name_scores(people, found, rows)
        _draw_events(events, found)
        figure.subplots_adjust(left=0.1, right=0.98, top=0.945, bottom=0.035, hspace=0.46)
        # The names of the events need more room at the left than the other parts do.
        box = events.get_position()
        events.set_position((0.36, box.y0, box.x1 - 0.36, box.height))
    return figure


def _scores(found: Incentives) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Give the whole points of the scores that are drawn, and the rows of `found.values` that have them."""
    arrays, values = found.outcome.arrays, found.values
    score = arrays.quarter_score[values.quarter, values.person].astype(np.int64) // SIXTHS
    rows = np.flatnonzero(arrays.quarter_grade[values.quarter, values.person] >= 0)
    if len(rows):
        low, high = np.percentile(score[rows], [_TAIL, 100 - _TAIL])
        rows = rows[(score[rows] >= low) & (score[rows] <= high)]
    return score[rows], rows


def _points(scores: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give every whole point from the lowest score to the highest, also those that nobody has."""
    return np.arange(scores.min(), scores.max() + 1) if len(scores) else scores


def _draw_worth(axes: Axes, found: Incentives, scores: NDArray[np.int64], rows: NDArray[np.intp]) -> None:
    points = _points(scores)
    place = np.searchsorted(points, scores)
    counts = np.bincount(place, minlength=len(points))
    for name, sign, colour, mark, text in (
        (_USER, 1, REFORM_COLOUR, "o", Message("one more broadband user earns")),
        (_COMPLAINT, -1, WORSE_COLOUR, "s", Message("one more complaint costs")),
    ):
        worth = sign * found.values.worth[_NAMES.index(name), rows] / FEN_PER_YUAN
        means = np.bincount(place, worth, minlength=len(points)) / np.maximum(counts, 1)
        drawn = np.where(counts >= _FEWEST, means, np.nan)
        axes.plot(points + 0.5, drawn, f"-{mark}", color=colour, markersize=4, label=str(text))
    if (counts < _FEWEST).any():
        left_out = Message("Scores of fewer than {least} staff-quarters are left out.", least=_FEWEST)
        axes.set_xlabel(str(left_out), fontsize=9)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]), top=_HEADROOM * max(axes.get_ylim()[1], 1))
    _head(axes, Message("What one event is worth on average, yuan"))


def _draw_people(axes: Axes, found: Incentives, scores: NDArray[np.int64], rows: NDArray[np.intp]) -> None:
    """Stack, in each point of the score: whom one user lifts, whom one complaint drops, who is both, who neither."""
    values = found.values
    now = found.outcome.arrays.quarter_grade[values.quarter, values.person][rows]
    lifted, dropped = (values.grade[_NAMES.index(name), rows] for name in (_USER, _COMPLAINT))
    up, down = lifted < now, dropped > now
    points = _points(scores)
    bottom = np.zeros(len(points))
    for chosen, colour, text in (
        (up & ~down, BETTER_COLOUR, Message("one more user lifts them over a bound")),
        (down & ~up, WORSE_COLOUR, Message("one more complaint takes them below one")),
        (up & down, _BOTH_COLOUR, Message("both")),
        (~up & ~down, f"{BASELINE_COLOUR}60", Message("neither")),
    ):
        counts = np.bincount(np.searchsorted(points, scores[chosen]), minlength=len(points))
        axes.bar(points + 0.5, counts, 0.86, bottom=bottom, color=colour, label=str(text))
        bottom = bottom + counts
    axes.set_ylim(0, _HEADROOM * max(bottom.max(initial=1), 1))
    _head(axes, Message("Staff-quarters by score, and who stands at a cliff"))


def _name_scores(axes: Axes, found: Incentives, rows: NDArray[np.intp]) -> None:
    """Name the scores, and say how many staff-quarters have scores beyond them."""
    values = found.values
    graded = (found.outcome.arrays.quarter_grade[values.quarter, values.person] >= 0).sum()
    name = Message("score of the quarter, points")
    if len(rows) < graded:
        name = Message("{name}; staff-quarters beyond: {count}", name=name, count=graded - len(rows))
    axes.set_xlabel(str(name), fontsize=9)


def _head(axes: Axes, title: Message) -> None:
    """Set the title above the legend, and both above the axes, where nothing is drawn."""
    axes.set_title(str(title), loc="left", fontsize=11, pad=20)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        frameon=False,
        fontsize=8,
        ncols=4,
        columnspacing=1.2,
        borderaxespad=0.2,
    )


def _draw_bounds(axes: Axes, found: Incentives) -> None:
    """Draw the latest version's bounds, each with the grade and what the quarter pays more from there on."""
    version = found.outcome.versions[-1]
    latest = found.cliffs[found.cliffs["policy"] == version.policy.id]
    for row in latest.to_dict("records"):
        axes.axvline(row["bound"], color=_INK, linewidth=0.8, linestyle=(0, (4, 2)))
        axes.annotate(
            f"{row['grade']} {row['quarterly_step']:+,.0f}",
            (row["bound"], 0.99),
            (3, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8,
            rotation=90,
            va="top",
            parse_math=False,
            annotation_clip=True,
        )


def _draw_events(axes: Axes, found: Incentives) -> None:
    frame = found.events
    means = frame["mean"].fillna(0).tolist()
    reach = max(1.0, *map(abs, means))
    for place, (mean, row) in enumerate(zip(means, frame.to_dict("records"), strict=True)):
        axes.barh(place, mean, 0.72, color=REFORM_COLOUR if mean >= 0 else WORSE_COLOUR)
        share = row["share_moving"]
        told = Message("{mean} (moves {share})", mean=f"{mean:+,.0f}", share=f"{share:.0%}") if share == share else "–"  # noqa: PLR0124 - NaN
        axes.annotate(
            str(told),
            (mean, place),
            (4 if mean >= 0 else -4, 0),
            textcoords="offset points",
            ha="left" if mean >= 0 else "right",
            va="center_baseline",
            fontsize=8,
        )
    names = [f"{event.clause} {event.text}" for event in EVENTS.values()]
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.4, -0.6)
    low = min(0.0, *means)
    axes.set_xlim(1.05 * low - (0.75 * reach if low < 0 else 0), max(means) + 0.75 * reach)
    axes.axvline(0, color=_INK, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
    title = Message("Mean worth of each event, yuan, and the share of cases in which it moves money")
    axes.set_title(str(title), loc="left", fontsize=11, x=-0.56)
