"""Figures of results: matplotlib, colour-blind safe, with Chinese glyphs; as SVG for screens, PNG for documents."""

from __future__ import annotations

import base64
import html
import io
import math
from typing import TYPE_CHECKING, Any, Literal

from cmpolicy.messages import Message
from cmpolicy.report.fonts import figure_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, which people with any colour vision can tell apart. Bars differ by being hollow too.
BASELINE_COLOUR = "#999999"
REFORM_COLOUR = "#0072B2"
BETTER_COLOUR = "#009E73"
WORSE_COLOUR = "#D55E00"
BUDGET_COLOUR = "#CC79A7"
SIDE_STYLES: tuple[dict[str, Any], ...] = (
    {"facecolor": f"{BASELINE_COLOUR}40", "edgecolor": BASELINE_COLOUR, "linewidth": 1.5, "clip_on": False},
    {"facecolor": REFORM_COLOUR, "clip_on": False},
)
"""How bars of the baseline and of the reform look. No hatches and no clipping: a page with several figures would look
up their patterns by name in the first, and draw nothing where that one is hidden."""
_INK = "#000000"
_HEADROOM = 1.14
"""How far an axis reaches above its highest bar, so that the number on the bar has room."""


def new_figure(width: float = 6.4, height: float = 3.2) -> tuple[Figure, Axes]:
    """Make a figure with one plain pair of axes, in inches. It never belongs to pyplot, so nothing has to be closed."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(figure_settings()):
        figure = Figure(figsize=(width, height))
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        # No layout engine: it costs more than the drawing itself, and makes the axes jump while a control moves.
        figure.subplots_adjust(left=0.13, right=0.98, bottom=0.11, top=0.86)
    return figure, axes


def svg_of(figure: Figure, description: str) -> str:
    """Give a figure as SVG that takes the page's own text colour, light or dark.

    Parameters
    ----------
    figure
    description
        What the picture shows, for those who cannot see it.
    """
    import matplotlib as mpl

    file = io.StringIO()
    with mpl.rc_context(figure_settings()):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    picture = text[text.index("<svg") :].replace(f": {_INK}", ": currentColor").replace(": #ffffff", ": none")
    label = html.escape(description, quote=True)
    style = "fill:currentColor;max-width:100%;height:auto"
    return picture.replace("<svg ", f'<svg role="img" aria-label="{label}" style="{style}" ', 1)


def image_of(figure: Figure, kind: Literal["png", "svg"]) -> bytes:
    """Give a figure as a file's content, on white."""
    import matplotlib as mpl

    file = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context(figure_settings()):
        figure.savefig(file, format=kind, dpi=200, facecolor="white", metadata=metadata)
    return file.getvalue()


def still_of(figure: Figure, description: str) -> str:
    """Give a figure as an image inside HTML, for pages without a kernel: many of them take SVG out."""
    picture = base64.b64encode(image_of(figure, "png")).decode()
    label, width = html.escape(description, quote=True), round(figure.get_figwidth() * 100)
    return f'<img alt="{label}" width="{width}" src="data:image/png;base64,{picture}">'


class GradeMixFigure:
    """How many have which grade, before and after; one figure that is kept, whose bars only move.

    It has no axes to read: every bar has its number, and axes would take most of the time of drawing.
    """

    def __init__(self) -> None:
        import matplotlib as mpl

        self.figure, self._axes = new_figure()
        self._description = ""
        self.figure.subplots_adjust(left=0.02, right=0.98, bottom=0.09, top=0.84)
        self._names: tuple[str, ...] = ()
        self._bars: list[Any] = []
        self._numbers: list[list[Any]] = []
        self._top = 0.0
        with mpl.rc_context(figure_settings()):
            self._texts = [self.figure.text(0.02, 0.99, "", ha="left", va="top", fontsize=11)]
            for left, style in zip((0.62, 0.81), SIDE_STYLES, strict=True):
                sample = mpl.patches.Rectangle((left, 0.88), 0.035, 0.035, transform=self.figure.transFigure, **style)
                self.figure.add_artist(sample)
                self._texts.append(self.figure.text(left + 0.045, 0.895, "", va="center_baseline", fontsize=9))

    def draw(self, before: Mapping[str, int], after: Mapping[str, int], title: Message, counted: Message) -> None:
        """Show these numbers.

        Parameters
        ----------
        before, after
            Numbers by grade, best grade first.
        title
        counted
            What is counted.
        """
        import matplotlib as mpl

        names = tuple(dict.fromkeys([*before, *after]))
        with mpl.rc_context(figure_settings()):
            if names != self._names:
                self._lay_out(names)
            values = [[counts.get(name, 0) for name in names] for counts in (before, after)]
            top = max(1, *values[0], *values[1]) * _HEADROOM
            # The scale changes only when it must, so that the eye can follow the bars.
            if not 0.6 * self._top <= top <= self._top:
                self._top = top * _HEADROOM
                self._axes.set_ylim(0, self._top)
            for bars, numbers, heights in zip(self._bars, self._numbers, values, strict=True):
                for bar, number, height in zip(bars, numbers, heights, strict=True):
                    bar.set_height(height)
                    number.set_y(height + self._top / 80)
                    number.set_text(f"{height:,}")
            shown = (
                Message("{title} ({counted})", title=title, counted=counted),
                Message("baseline"),
                Message("reform"),
            )
            for text, message in zip(self._texts, shown, strict=True):
                text.set_text(str(message))

    def svg(self, description: str) -> str:
        """Give the picture as it stands."""
        self._description = description
        return svg_of(self.figure, description)

    def still(self) -> str:
        """Give the last picture again, for a page that takes SVG out."""
        return still_of(self.figure, self._description)

    def _lay_out(self, names: tuple[str, ...]) -> None:
        axes = self._axes
        axes.clear()
        axes.set_axis_off()
        places = range(len(names))
        axes.set_xlim(-0.5, len(names) - 0.5)
        axes.plot([-0.5, len(names) - 0.5], [0, 0], color=_INK, linewidth=0.8, clip_on=False)
        for place, name in zip(places, names, strict=True):
            axes.text(place, -0.02, name, ha="center", va="top", transform=axes.get_xaxis_transform())
        self._bars, self._numbers = [], []
        for shift, style in zip((-0.2, 0.2), SIDE_STYLES, strict=True):
            self._bars.append(axes.bar([place + shift for place in places], [0] * len(names), 0.38, **style))
            self._numbers.append(
                [axes.text(place + shift, 0, "", ha="center", va="bottom", fontsize=8) for place in places]
            )
        self._names, self._top = names, 0.0


class AmountsFigure:
    """Amounts before and after as pairs of lying bars; one figure that is kept, whose bars only move."""

    def __init__(self) -> None:
        self.figure, self._axes = new_figure(7.2)
        self._description = ""
        self._names: tuple[str, ...] = ()
        self._bars: list[Any] = []
        self._numbers: list[list[Any]] = []
        self._texts: tuple[str, ...] = ()
        self._span = (0.0, 0.0)
        self._budget: list[Any] = []

    def draw(
        self, amounts: pd.DataFrame, labels: Mapping[str, str], title: Message, budget: tuple[str, float] | None = None
    ) -> None:
        """Show these amounts.

        Parameters
        ----------
        amounts
            Index: what is paid for (a component, a quarter, an area); columns baseline and reform, yuan.
        labels
            Text of each entry of the index; an entry without one is its own text.
        title
            With the unit, which the axis does not name.
        budget
            The entry of the index that has a budget, and the budget in yuan: a line across that entry's bars.
        """
        import matplotlib as mpl

        names = tuple(str(name) for name in amounts.index)
        values = [amounts[side].tolist() for side in ("baseline", "reform")]
        with mpl.rc_context(figure_settings()):
            if len(names) != len(self._names):
                self._lay_out(len(names))
            self._names = names
            self._reach([0.0, *values[0], *values[1], *([budget[1]] if budget else [])])
            room = (self._span[1] - self._span[0]) / 120
            for bars, numbers, widths in zip(self._bars, self._numbers, values, strict=True):
                for bar, number, width in zip(bars, numbers, widths, strict=True):
                    bar.set_width(width)
                    number.set_x(width + (room if width >= 0 else -room))
                    number.set_ha("left" if width >= 0 else "right")
                    number.set_text(f"{width:,.0f}")
            self._draw_budget(budget)
            sides = (str(Message("baseline")), str(Message("reform")))
            self._write((str(title), *sides, *(labels.get(name, name) for name in names)))

    def svg(self, description: str) -> str:
        """Give the picture as it stands."""
        self._description = description
        return svg_of(self.figure, description)

    def still(self) -> str:
        """Give the last picture again, for a page that takes SVG out."""
        return still_of(self.figure, self._description)

    def _reach(self, values: Sequence[float]) -> None:
        """Set the axis so that bars and their numbers have room; it moves only when it must."""
        low, high = min(values), max(values)
        room = max(high - low, 1.0) * _NUMBER_ROOM
        low, high = low - (room if low < 0 else 0.0), high + (room if high > 0 else 0.0)
        shown = self._span[1] - self._span[0]
        if self._span[0] <= low and high <= self._span[1] and high - low >= 0.7 * shown:
            return
        self._span = (low, high)
        self._axes.set_xlim(low, high)

    def _draw_budget(self, budget: tuple[str, float] | None) -> None:
        for part in self._budget:
            part.set_visible(budget is not None)
        if budget is None:
            return
        line, text = self._budget
        place, amount = self._names.index(budget[0]), budget[1]
        line.set_data([amount, amount], [place - 0.46, place + 0.46])
        text.set_position((amount, place - 0.48))
        text.set_text(str(Message("budget")))
        span = self._span[1] - self._span[0]
        for number in (numbers[place] for numbers in self._numbers):
            if -span / 60 < amount - number.get_position()[0] < span * _NUMBER_ROOM:
                number.set_x(amount + span / 120)  # beside the line, not under it

    def _write(self, texts: tuple[str, ...]) -> None:
        """Set title, labels and legend, which seldom change."""
        if texts == self._texts:
            return
        self._texts = texts
        title, *sides = texts[:3]
        self._axes.set_yticks(range(len(self._names)), texts[3:])
        self.figure.texts[0].set_text(title)
        for legend in self.figure.legends:
            legend.remove()
        self.figure.legend(
            self._bars,
            sides,
            loc="upper right",
            bbox_to_anchor=(0.99, 1),
            borderaxespad=0.3,
            frameon=False,
            ncols=2,
            fontsize=9,
        )

    def _lay_out(self, count: int) -> None:
        import matplotlib as mpl

        figure, axes = self.figure, self._axes
        axes.clear()
        # Many rows are set closer, so that the figure stays on a screen.
        height = 0.7 + count * (0.46 if count <= _WIDE_ROWS else 0.3)
        figure.set_size_inches(7.2, height)
        figure.subplots_adjust(left=0.27, right=0.99, top=1 - 0.38 / height, bottom=0.32 / height)
        if not figure.texts:
            figure.text(0.01, 1, "", ha="left", va="top", fontsize=11)
        figure.texts[0].set_y(1 - 0.06 / height)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.axvline(0, color=_INK, linewidth=0.8, clip_on=False)
        places = range(count)
        self._bars, self._numbers = [], []
        for shift, style in zip((-0.2, 0.2), SIDE_STYLES, strict=True):
            self._bars.append(axes.barh([place + shift for place in places], [0] * count, 0.38, **style))
            self._numbers.append(
                [axes.text(0, place + shift, "", va="center_baseline", fontsize=8) for place in places]
            )
        (line,) = axes.plot([], [], color=BUDGET_COLOUR, linewidth=2, linestyle=(0, (3, 1)), clip_on=False)
        text = axes.text(0, 0, "", color=BUDGET_COLOUR, ha="center", va="bottom", fontsize=8)
        self._budget = [line, text]
        axes.set_ylim(count - 0.45, -0.6)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        axes.tick_params(axis="x", labelsize=8)
        self._texts, self._span = (), (0.0, 0.0)


_WIDE_ROWS = 10
_NUMBER_ROOM = 0.19
"""The share of the axis that the number beside the longest bar takes."""


def cost_figure(
    amounts: pd.DataFrame, labels: Mapping[str, str], title: Message, budget: tuple[str, float] | None = None
) -> Figure:
    """Draw amounts before and after as pairs of bars; for the parameters see `AmountsFigure.draw`."""
    kept = AmountsFigure()
    kept.draw(amounts, labels, title, budget)
    return kept.figure


def timeline_figure(before: pd.DataFrame, after: pd.DataFrame, grades: Sequence[str], title: Message) -> Figure:
    """Draw one person's quarters: grade by grade, before and after, and where the standing is not regular.

    Parameters
    ----------
    before, after
        Rows of `Outcome.quarters` of one person under the baseline and under the reform, on the same data.
    grades
        All grades of the reform, best first.
    title
    """
    import matplotlib as mpl

    quarters = after["quarter"].tolist()
    # A quarter without a row is a gap on the line of time.
    first = _number_of(quarters[0]) if quarters else 0
    places = [_number_of(quarter) - first for quarter in quarters]
    width = max(places, default=0) + 1
    figure, axes = new_figure(7.2, 2.8)
    with mpl.rc_context(figure_settings()):
        shown = _draw_standing(axes, after, places)
        was = [(place, grades.index(grade)) for place, grade in _graded(before, places, grades)]
        now = [(place, grades.index(grade)) for place, grade in _graded(after, places, grades)]
        different = [point for point in was if point not in now]
        if different:
            (dots,) = axes.plot(*zip(*different, strict=True), "o", color=BASELINE_COLOUR, markerfacecolor="none")
            shown[str(Message("baseline"))] = dots
        ranks = dict(now)
        line = [ranks.get(place, math.nan) for place in range(width)]
        (dots,) = axes.plot(range(width), line, "-o", color=REFORM_COLOUR, linewidth=1)
        shown[str(Message("reform"))] = dots
        if width <= _SCORES_SHOWN:
            scores = dict(zip(places, after["score"], strict=True))
            for place, rank in now:
                # Below where the line only rises from the point, else above it.
                beside = [ranks[near] for near in (place - 1, place + 1) if near in ranks]
                shift = -14 if min(beside, default=rank) < rank and max(beside, default=rank) <= rank else 6
                axes.annotate(
                    f"{scores[place]:.2f}",
                    (place, rank),
                    (0, shift),
                    textcoords="offset points",
                    ha="center",
                    fontsize=8,
                )
        step = -(-width // _SCORES_SHOWN)
        ticks = range(0, width, step)
        axes.set_xticks(ticks, [_name_of(first + place) for place in ticks], rotation=30, fontsize=8)
        axes.set_yticks(range(len(grades)), grades)
        axes.set_ylim(len(grades) - 0.3, -0.7)
        axes.set_xlim(-0.5, width - 0.5)
        figure.text(0.01, 0.99, str(title), ha="left", va="top", fontsize=11)
        figure.legend(shown.values(), shown.keys(), loc="upper right", frameon=False, ncols=len(shown), fontsize=9)
        figure.subplots_adjust(left=0.06, right=0.99, bottom=0.2, top=0.87)
    return figure


_SCORES_SHOWN = 16
"""How many quarters have room for their scores and names."""


def _draw_standing(axes: Axes, quarters: pd.DataFrame, places: Sequence[int]) -> dict[str, Any]:
    """Shade where the standing is not regular and mark a dismissal; give what was drawn, for the legend."""
    drawn: dict[str, Any] = {}
    for standing, colour, name in (
        ("observation", WORSE_COLOUR, Message("under observation")),
        ("left", BASELINE_COLOUR, Message("dismissed")),
    ):
        for place, stood in zip(places, quarters["standing"], strict=True):
            if stood == standing:
                drawn[str(name)] = axes.axvspan(place - 0.5, place + 0.5, color=colour, alpha=0.25, linewidth=0)
    due = [place + 0.5 for place, is_due in zip(places, quarters["dismissal_due"], strict=True) if is_due]
    if due:
        (line,) = axes.plot(
            [due[0], due[0]], [0, 1], color=WORSE_COLOUR, linewidth=3, transform=axes.get_xaxis_transform()
        )
        drawn[str(Message("dismissal"))] = line
    return drawn


def _graded(quarters: pd.DataFrame, places: Sequence[int], grades: Sequence[str]) -> list[tuple[int, str]]:
    return [(place, grade) for place, grade in zip(places, quarters["grade"], strict=True) if grade in grades]


def _number_of(quarter: str) -> int:
    return 4 * int(quarter[:4]) + int(quarter[-1]) - 1


def _name_of(number: int) -> str:
    return f"{number // 4}-Q{number % 4 + 1}"
