"""Figures of results: matplotlib, colour-blind safe, with Chinese glyphs; as SVG for screens, PNG for documents."""

from __future__ import annotations

import html
import io
from typing import TYPE_CHECKING, Any, Literal

from cmpolicy.messages import Message
from cmpolicy.report.fonts import figure_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, which people with any colour vision can tell apart. Bars differ by a hatch too.
BASELINE_COLOUR = "#999999"
REFORM_COLOUR = "#0072B2"
BETTER_COLOUR = "#009E73"
WORSE_COLOUR = "#D55E00"
BUDGET_COLOUR = "#CC79A7"
SIDE_STYLES: tuple[dict[str, Any], ...] = (
    {"facecolor": BASELINE_COLOUR, "hatch": "//", "edgecolor": "#666666", "linewidth": 0},
    {"facecolor": REFORM_COLOUR},
)
"""How bars of the baseline and of the reform look."""
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
    picture = text[text.index("<svg") :].replace(_INK, "currentColor").replace("#ffffff", "none")
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


class GradeMixFigure:
    """How many have which grade, before and after; one figure that is kept, whose bars only move."""

    def __init__(self) -> None:
        self.figure, self._axes = new_figure()
        self._names: tuple[str, ...] = ()
        self._bars: list[Any] = []
        self._numbers: list[list[Any]] = []
        self._texts: tuple[str, ...] = ()
        self._top = 0.0

    def draw(self, before: Mapping[str, int], after: Mapping[str, int], title: Message, counted: Message) -> None:
        """Show these numbers.

        Parameters
        ----------
        before, after
            Numbers by grade, best grade first.
        title
        counted
            What is counted, for the axis.
        """
        import matplotlib as mpl

        names = tuple(dict.fromkeys([*before, *after]))
        with mpl.rc_context(figure_settings()):
            if names != self._names:
                self._lay_out(names)
            values = [[counts.get(name, 0) for name in names] for counts in (before, after)]
            top = max(1, *values[0], *values[1]) * _HEADROOM
            # The axis moves only when it must, so that the eye can follow the bars.
            if not 0.6 * self._top <= top <= self._top:
                self._top = top * _HEADROOM
                self._axes.set_ylim(0, self._top)
            for bars, numbers, heights in zip(self._bars, self._numbers, values, strict=True):
                for bar, number, height in zip(bars, numbers, heights, strict=True):
                    bar.set_height(height)
                    number.set_y(height + self._top / 80)
                    number.set_text(f"{height:,}")
            self._write((str(title), str(counted), str(Message("baseline")), str(Message("reform"))))

    def _write(self, texts: tuple[str, ...]) -> None:
        """Set title, axis and legend, which change with the language only."""
        if texts == self._texts:
            return
        title, counted, *sides = self._texts = texts
        self._axes.set_title(title, loc="left", fontsize=11, y=1.05)  # a fixed place: finding one is slow
        self._axes.set_ylabel(counted)
        self._axes.legend(self._bars, sides, loc="upper right", frameon=False, ncols=2, fontsize=9)

    def svg(self, description: str) -> str:
        """Give the picture as it stands."""
        return svg_of(self.figure, description)

    def _lay_out(self, names: tuple[str, ...]) -> None:
        axes = self._axes
        axes.clear()
        axes.spines[["top", "right"]].set_visible(False)
        places = range(len(names))
        self._bars, self._numbers = [], []
        for shift, style in zip((-0.2, 0.2), SIDE_STYLES, strict=True):
            self._bars.append(axes.bar([place + shift for place in places], [0] * len(names), 0.38, **style))
            self._numbers.append(
                [axes.text(place + shift, 0, "", ha="center", va="bottom", fontsize=8) for place in places]
            )
        axes.set_xticks(list(places), names)
        axes.yaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        self._names, self._texts, self._top = names, (), 0.0


def cost_figure(cost: pd.DataFrame, labels: Mapping[str, str], title: Message, budget: float | None = None) -> Figure:
    """Draw amounts before and after as pairs of bars.

    Parameters
    ----------
    cost
        Index: what is paid for (a component, a quarter, an area); columns baseline and reform, yuan.
    labels
        Text of each entry of the index.
    title
    budget
        Yuan; a line across, where given.
    """
    import matplotlib as mpl

    figure, axes = new_figure(7.2, 0.9 + 0.46 * max(len(cost), 2))
    with mpl.rc_context(figure_settings()):
        figure.subplots_adjust(left=0.26, right=0.86, top=1 - 0.42 / figure.get_figheight(), bottom=0.1)
        places = range(len(cost))
        for name, shift, style in zip(("baseline", "reform"), (-0.2, 0.2), SIDE_STYLES, strict=True):
            bars = axes.barh([place + shift for place in places], cost[name], 0.38, label=str(Message(name)), **style)
            axes.bar_label(bars, [f"{amount:,.0f}" for amount in cost[name]], padding=3, fontsize=8)
        axes.set_yticks(list(places), [labels.get(str(name), str(name)) for name in cost.index])
        axes.invert_yaxis()
        axes.axvline(0, color=_INK, linewidth=0.8)
        if budget is not None:
            axes.axvline(budget, color=BUDGET_COLOUR, linewidth=1.6, linestyle="--")
            axes.text(budget, -0.6, str(Message("budget")), color=BUDGET_COLOUR, ha="center", va="bottom", fontsize=9)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(6))
        axes.set_xlabel(str(Message("yuan")))
        axes.set_title(str(title), loc="left", fontsize=11)
        figure.legend(loc="upper right", frameon=False, ncols=2, fontsize=9)
    return figure


def timeline_figure(quarters: pd.DataFrame, grades: Sequence[str], title: Message) -> Figure:
    """Draw one person's quarters: grade by grade, and where the standing is not regular.

    Parameters
    ----------
    quarters
        Rows of `Outcome.quarters` of one person.
    grades
        All grades, best first.
    """
    import matplotlib as mpl

    figure, axes = new_figure(7.2, 2.6)
    colours = {"observation": WORSE_COLOUR, "left": BASELINE_COLOUR}
    with mpl.rc_context(figure_settings()):
        for standing, colour in colours.items():
            for place in [number for number, name in enumerate(quarters["standing"]) if name == standing]:
                axes.axvspan(place - 0.5, place + 0.5, color=colour, alpha=0.25, linewidth=0)
        graded = [(place, grades.index(grade)) for place, grade in enumerate(quarters["grade"]) if grade in grades]
        axes.plot([place for place, _ in graded], [rank for _, rank in graded], "-o", color=REFORM_COLOUR)
        for place, rank in graded:
            axes.annotate(
                f"{quarters['score'].iloc[place]:.2f}",
                (place, rank),
                textcoords="offset points",
                xytext=(0, 7),
                ha="center",
                fontsize=8,
            )
        due = [place for place, is_due in enumerate(quarters["dismissal_due"]) if is_due]
        axes.plot(due, [len(grades) - 1] * len(due), "x", color=WORSE_COLOUR, markersize=12, markeredgewidth=3)
        axes.set_xticks(range(len(quarters)), quarters["quarter"], rotation=30 if len(quarters) > 6 else 0, fontsize=8)
        axes.set_yticks(range(len(grades)), grades)
        axes.set_ylim(len(grades) - 0.5, -0.7)
        axes.set_xlim(-0.5, max(len(quarters) - 0.5, 0.5))
        axes.set_title(str(title), loc="left", fontsize=11)
        patches = [mpl.patches.Patch(color=colour, alpha=0.25) for colour in colours.values()]
        names = [str(Message("under observation")), str(Message("left"))]
        figure.legend(patches, names, loc="upper right", frameon=False, ncols=2, fontsize=9)
        figure.subplots_adjust(bottom=0.22, top=0.85)
    return figure
