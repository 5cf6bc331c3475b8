"""How groups compare with the rest, and how many grades hang on one event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cmpolicy.insight.fairness import CONFIDENCE, DIMENSIONS
from cmpolicy.messages import Message
from cmpolicy.report.figures import BASELINE_COLOUR, REFORM_COLOUR, WORSE_COLOUR, new_figure
from cmpolicy.report.fonts import figure_settings
from cmpolicy.report.labels import count_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cmpolicy.insight.fairness import Fairness

SHOWN_GROUPS = 40
_INK = "#000000"
_ROW = 0.27
"""Height of a group, inches."""


def groups_figure(found: Fairness, most: int = SHOWN_GROUPS) -> Figure:
    """Draw each group's mean score as its difference from the rest, with the interval; hidden groups are left out.

    Parameters
    ----------
    found
    most
        How many groups are shown: of more, those with the largest differences.
    """
    import matplotlib as mpl

    groups = found.groups
    compared = groups[groups["score_difference"].notna()]
    largest = compared["score_difference"].abs().sort_values(ascending=False, kind="stable").index[:most]
    compared = compared.loc[sorted(largest)]
    height = 1.05 + _ROW * max(len(compared), 1)
    figure, axes = new_figure(7.6, height)
    with mpl.rc_context(figure_settings()):
        labels = []
        for place, row in enumerate(compared.to_dict("records")):
            beyond_chance = row["score_p_value"] < 1 - CONFIDENCE
            colour = WORSE_COLOUR if beyond_chance else REFORM_COLOUR
            axes.plot([row["score_low"], row["score_high"]], [place, place], color=colour, linewidth=1.5)
            axes.plot(
                row["score_difference"],
                place,
                "D" if beyond_chance else "o",
                color=colour,
                markersize=6 if beyond_chance else 5,
            )
            text = Message(
                "{dimension}: {group} ({people} people)",
                dimension=DIMENSIONS[row["dimension"]],
                group=row["group"],
                people=row["people"],
            )
            labels.append(str(text))
        axes.axvline(0, color=_INK, linewidth=0.8)
        axes.set_ylim(len(compared) - 0.4, -0.6)
        axes.set_yticks(range(len(compared)), labels, fontsize=8, parse_math=False)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{value:+g}" if value else "0")
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(str(Message("points more or less than the rest")), fontsize=9)
        title = Message("Mean score of groups against the rest, with 95 % intervals (unadjusted)")
        figure.text(0.01, 1 - 0.06 / height, str(title), ha="left", va="top", fontsize=11)
        if found.why_not_compared:
            axes.set_visible(False)
            figure.text(0.5, 0.4, str(found.why_not_compared), ha="center", va="center", fontsize=9, wrap=True)
        figure.subplots_adjust(left=0.34, right=0.98, top=1 - 0.42 / height, bottom=0.52 / height)
    return figure


def flips_figure(found: Fairness) -> Figure:
    """Draw, for each count, the share of quarter grades that one more or one fewer would change."""
    import matplotlib as mpl

    by_count = found.flips.by_count.dropna(subset="share")
    names = list(dict.fromkeys(by_count["count"]))
    height = 1.05 + 0.34 * max(len(names), 1)
    figure, axes = new_figure(7.6, height)
    with mpl.rc_context(figure_settings()):
        shown: dict[str, Any] = {}
        for step, shift, style, name in (
            (1, -0.2, {"facecolor": REFORM_COLOUR}, Message("one more")),
            (
                -1,
                0.2,
                {"facecolor": f"{BASELINE_COLOUR}40", "edgecolor": BASELINE_COLOUR, "linewidth": 1.2},
                Message("one fewer"),
            ),
        ):
            rows = by_count[by_count["change"] == step]
            places = [names.index(count) + shift for count in rows["count"]]
            shown[str(name)] = axes.barh(places, 100 * rows["share"], 0.36, **style)
            for place, share in zip(places, rows["share"], strict=True):
                axes.annotate(
                    f"{share:.0%}",
                    (100 * share, place),
                    (3, 0),
                    textcoords="offset points",
                    va="center_baseline",
                    fontsize=7,
                )
        labels = [count_label(name) for name in names]
        axes.set_yticks(range(len(names)), labels, fontsize=8)
        axes.set_ylim(len(names) - 0.45, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
        axes.xaxis.set_major_formatter(lambda value, _place: f"{value:g} %")
        title = Message("Quarter grades that one count off by one would change")
        figure.text(0.01, 1 - 0.06 / height, str(title), ha="left", va="top", fontsize=11)
        figure.legend(shown.values(), shown.keys(), loc="upper right", frameon=False, ncols=2, fontsize=9)
        figure.subplots_adjust(left=0.38, right=0.97, top=1 - 0.42 / height, bottom=0.32 / height)
    return figure
