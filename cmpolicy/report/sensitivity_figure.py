"""The tornado: what each value of a policy moves when it alone is changed a little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cmpolicy.messages import Message, language
from cmpolicy.report.figures import BETTER_COLOUR, REFORM_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings
from cmpolicy.report.labels import value_in_words, value_lines

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHOWN_PATHS = 15
_INK = "#000000"
_STYLES: dict[str, dict[str, Any]] = {
    "down": {"facecolor": f"{REFORM_COLOUR}30", "edgecolor": REFORM_COLOUR, "linewidth": 1.2},
    "up": {"facecolor": REFORM_COLOUR},
    "option": {"facecolor": BETTER_COLOUR},
}
_ROW = 0.36
"""Height of a path, inches: room for two lines."""
_WIDTH, _LEFT, _RIGHT = 8.6, 0.29, 0.99
"""Width of the figure, inches, and where the axis begins and ends in it."""
_BEYOND = 1.55
"""How far the axis goes, as a multiple of the longest bar: the rest is for the texts."""
_LETTER = {"zh": 7.2, "en": 3.9}
"""Width of a letter at the end of a bar, points."""
_MOST_LETTERS = {"zh": 20, "en": 40}


def tornado_figure(frame: pd.DataFrame, title: Message, *, figure: str = "cost", most: int = SHOWN_PATHS) -> Figure:
    """Draw what moves a figure, the largest first; each bar ends with the value that was tried and the difference.

    Parameters
    ----------
    frame
        From `sensitivity`.
    title
        With the unit, which the axis does not name.
    figure
        A column of differences: cost, people, dismissed, …
    most
        How many paths are shown.
    """
    import matplotlib as mpl

    moved = frame[frame[figure].notna() & (frame[figure] != 0)]
    swing = moved[figure].abs().groupby(moved["path"]).max().sort_values(ascending=False, kind="stable")
    paths = swing.index[:most].tolist()
    height = 1.0 + _ROW * max(len(paths), 1)
    drawn, axes = new_figure(_WIDTH, height)
    with mpl.rc_context(figure_settings()):
        reach = float(swing.iloc[0]) if paths else 1.0
        bars: dict[str, Any] = {}
        for place, path in enumerate(paths):
            rows = moved[moved["path"] == path]
            thickness = 0.84 / len(rows)
            for number, row in enumerate(rows.to_dict("records")):
                middle = place - 0.42 + thickness * (number + 0.5)
                style = _STYLES[row["direction"]]
                bars[row["direction"]] = axes.barh(middle, float(row[figure]), 0.88 * thickness, **style)
                difference = float(row[figure])
                axes.annotate(
                    _told(path, row["after"], difference, reach),
                    (difference, middle),
                    (4 if difference > 0 else -4, 0),
                    textcoords="offset points",
                    ha="left" if difference > 0 else "right",
                    va="center_baseline",
                    fontsize=7,
                )
        axes.axvline(0, color=_INK, linewidth=0.8)
        axes.set_xlim(-_BEYOND * reach, _BEYOND * reach)
        axes.set_ylim(len(paths) - 0.4, -0.6)
        axes.set_yticks(range(len(paths)), [value_lines(path) for path in paths], fontsize=8)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
        axes.spines["left"].set_visible(False)
        drawn.text(0.01, 1 - 0.06 / height, str(title), ha="left", va="top", fontsize=11)
        directions = {"down": Message("lower"), "up": Message("higher"), "option": Message("other option")}
        shown = {str(directions[direction]): bars[direction] for direction in directions if direction in bars}
        drawn.legend(shown.values(), shown.keys(), loc="upper right", frameon=False, ncols=3, fontsize=9)
        drawn.subplots_adjust(left=_LEFT, right=_RIGHT, top=1 - 0.42 / height, bottom=0.32 / height)
    return drawn


def _told(path: str, after: object, difference: float, reach: float) -> str:
    """Write the value that was tried and the difference; of a reading's option as many words as fit beside the bar."""
    text, number = value_in_words(path, after), f" ({difference:+,.0f})"
    if not path.startswith("readings."):
        return text + number
    beside = 72 * _WIDTH * (_RIGHT - _LEFT) * (_BEYOND - abs(difference) / reach) / (2 * _BEYOND)
    room = int((beside - len(number) * _LETTER["en"]) / _LETTER[language()])
    letters = max(min(room, _MOST_LETTERS[language()]), 1)
    return (text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…") + number
