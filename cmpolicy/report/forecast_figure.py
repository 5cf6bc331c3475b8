"""The figure of a forecast: a fan that opens from the past quarters into the coming ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message, list_of
from cmpolicy.report.figures import BASELINE_COLOUR, REFORM_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings
from cmpolicy.simulation.forecast_result import COMPONENTS, SIDES, TOTAL

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from cmpolicy.simulation.forecast_result import Forecast

BANDS = (0.9, 0.8, 0.5)
"""How sure each band is, the widest first."""
OUTLINE = 0.8
"""From P10 to P90."""
SHOWN_PAST = 12
_SHADES = (0.18, 0.30, 0.45)
_NAMED_QUARTERS = 12


def fan_chart(forecast: Forecast, title: Message, *, component: str = "cost") -> Figure:
    """Draw a component's past quarters and its coming ones, with bands; of several policies the first and the last.

    Parameters
    ----------
    forecast
    title
        With the unit.
    component
        One of `COMPONENTS`.

    Raises
    ------
    CmpolicyError
        For an unknown component.
    """
    import matplotlib as mpl

    if component not in COMPONENTS:
        raise CmpolicyError(
            Message("There is no component {name}; there are {names}.", name=component, names=list_of(COMPONENTS))
        )
    past = min(SHOWN_PAST, len(forecast.past_quarter_names))
    names = [*forecast.past_quarter_names[-past:], *forecast.quarter_names]
    figure, axes = new_figure(7.2, 3.6)
    with mpl.rc_context(figure_settings()):
        # Where there are two, only one has bands: two fans over each other cannot be read.
        first, last = forecast.names[0], forecast.names[-1]
        lines = [] if first == last else [_draw_outline(axes, forecast, first, component, past)]
        lines.append(_draw_fan(axes, forecast, last, component, past))
        axes.axvline(past - 0.5, color="black", linewidth=0.8, linestyle=(0, (2, 2)))
        step = -(-len(names) // _NAMED_QUARTERS)
        axes.set_xticks(range(0, len(names), step), names[::step])
        axes.set_xlim(-0.5, len(names) - 0.5)
        axes.yaxis.set_major_formatter(lambda value, _place: f"{value:,.0f}")
        axes.tick_params(labelsize=8)
        figure.text(0.01, 0.99, str(title), ha="left", va="top", fontsize=11)
        wide, middle, narrow = (f"{band:.0%}" for band in BANDS)
        bands = {"narrow": narrow, "middle": middle, "wide": wide}
        beside = Message("Line: median. Bands: {narrow}, {middle}, {wide} of the futures.", **bands)
        if len(lines) > 1:
            beside = Message(
                "{bands} Dashed: {band} for {name}.", bands=beside, band=f"{OUTLINE:.0%}", name=_label(first)
            )
            figure.legend(lines, [_label(first), _label(last)], loc="upper right", frameon=False, fontsize=9, ncols=2)
        figure.text(0.01, 0.92, str(beside), ha="left", va="top", fontsize=8)
        figure.subplots_adjust(left=0.13, right=0.98, bottom=0.1, top=0.84)
    return figure


def _draw_fan(axes: Axes, forecast: Forecast, name: str, component: str, past: int) -> Line2D:
    """Draw a policy with its bands, which open from the last past quarter; give its line, for the legend."""
    line = _draw_line(axes, forecast, name, component, past, REFORM_COLOUR)
    for band, shade in zip(BANDS, _SHADES, strict=True):
        low, high = _band(forecast, band, name, component)
        places = range(past - 1, past + len(forecast.quarter_names))
        axes.fill_between(places, low, high, color=REFORM_COLOUR, alpha=shade, linewidth=0)
    return line


def _draw_outline(axes: Axes, forecast: Forecast, name: str, component: str, past: int) -> Line2D:
    """Draw a policy with the bounds of one band only."""
    from matplotlib.patheffects import withStroke

    edge = [withStroke(linewidth=3, foreground="white")]  # grey alone is lost on the other policy's bands
    for bound in _band(forecast, OUTLINE, name, component):
        places = range(past - 1, past + len(forecast.quarter_names))
        axes.plot(
            places, bound, color=BASELINE_COLOUR, linewidth=1.4, linestyle=(0, (4, 2)), path_effects=edge, zorder=3
        )
    return _draw_line(axes, forecast, name, component, past, BASELINE_COLOUR)


def _draw_line(axes: Axes, forecast: Forecast, name: str, component: str, past: int, colour: str) -> Line2D:
    happened = _rows(forecast.history, name, component)["amount"].tolist()[-past:]
    median = _rows(forecast.quarters, name, component)["p50"].tolist()
    places = range(past + len(median))
    (line,) = axes.plot(places, [*happened, *median], "-o", color=colour, markersize=3, linewidth=1.6)
    return line


def _band(forecast: Forecast, confidence: float, name: str, component: str) -> tuple[list[float], list[float]]:
    """Give the bounds of a band, from the last past quarter on, in which they are what it was."""
    last = float(_rows(forecast.history, name, component)["amount"].iloc[-1])
    rows = _rows(forecast.interval(confidence), name, component)
    rows = rows[rows["quarter"] != TOTAL]
    return [last, *rows["low"]], [last, *rows["high"]]


def _rows(frame: pd.DataFrame, name: str, component: str) -> pd.DataFrame:
    """Give the rows of one policy and component."""
    of_policy = frame[frame["policy"] == name] if "policy" in frame else frame
    return of_policy[of_policy["component"] == component]


def _label(name: str) -> str:
    """Give a policy's name; the two of a comparison have one in each language."""
    return str(SIDES.get(name, name))
