"""Panel: what an event is worth under the draft, where the cliffs are, and what games would bring."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.insight.cliffs import EXCHANGED, FLOOR_TEXTS, INSTRUMENTS
from cmpolicy.insight.event_values import EVENTS
from cmpolicy.insight.games import GAMES
from cmpolicy.insight.incentives import Incentives as Found
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, card, first_rows, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message
from cmpolicy.report.figures import still_of, svg_of
from cmpolicy.report.incentives_figure import incentives_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cmpolicy.simulation.appraise import Outcome

_HEADINGS = (
    GRADE_HEADINGS
    | {
        "event": Message("event"),
        "staff_quarters": Message("staff-quarters"),
        "moving": Message("moves money in"),
        "mean_baseline": Message("mean before, yuan"),
        "mean_reform": Message("mean after, yuan"),
        "largest": Message("largest, yuan"),
        "dismissals": Message("dismissals"),
        "quarterly_step": Message("step, yuan"),
        "on_bound": Message("on the bound"),
        "third_below": Message("a third below"),
        "user_lifts": Message("a user lifts"),
        "complaint_drops": Message("a complaint drops"),
        "moved_over": Message("moved over it"),
        "low": Message("at least"),
        "high": Message("at most"),
        "gather": Message("people gather"),
        "instrument": Message("instrument"),
        "month_points": Message("points of a month"),
        "game": Message("game"),
        "staff_quarters_baseline": Message("staff-quarters before"),
        "staff_quarters_reform": Message("staff-quarters after"),
        "most_baseline": Message("at most before, yuan"),
        "most_reform": Message("at most after, yuan"),
        "against": Message("tried against it"),
        "staff_quarters_against": Message("then still"),
        "worth_baseline": Message("worth before, yuan"),
        "worth_reform": Message("worth after, yuan"),
    }
    | {name: EVENTS[name].text for name in EXCHANGED}
)


class Incentives(Panel):
    """What one event more or fewer is worth to people at their place, before and after."""

    title = Message("Incentives")

    _picture: tuple[Figure, str] | None = None

    def build(self) -> widgets.Widget:
        """Make the answer and the cards above, the picture below them, then the details."""
        self._kept: dict[str, tuple[Outcome, Found]] = {}
        self.headline, self.picture = widgets.HTML(), widgets.HTML()
        self.headline.add_class("cm-headline")
        self.picture.add_class("cm-figure")
        self.event = self.texts.label(
            widgets.Dropdown(options=list(EVENTS), layout={"width": "360px"}),
            Message("Event"),
            Message("The event whose worth to each person is listed"),
        )
        self.texts.bind(self.event, options=lambda: [(str(event.text), name) for name, event in EVENTS.items()])
        self.search = self.texts.label(
            widgets.Text(layout={"width": "320px"}),
            Message("Search"),
            Message("Show only rows that hold this text"),
        )
        self.texts.bind(self.search, placeholder=Message("staff id, name, area, grade"))
        for control in (self.event, self.search):
            control.observe(self.guarded(lambda _change: self._show_people()), "value")
        self.events, self.bounds, self.floor, self.exchange, self.games, self.people = (
            widgets.HTML() for _ in range(6)
        )
        controls = widgets.HBox([self.event, self.search], layout={"flex_flow": "row wrap", "align_items": "center"})
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Each event"),
                    Message("What each event is worth where it can be, before and after"),
                    self.events,
                    self._show_events,
                ),
                Section(
                    Message("Bounds"),
                    Message("Who stands one event from each bound of the draft, and whether people gather above it"),
                    self.bounds,
                    self._show_bounds,
                ),
                Section(
                    Message("Limit of the penalty"),
                    Message("Where a penalty no longer bites (3.3), before and after"),
                    self.floor,
                    self._show_floor,
                ),
                Section(
                    Message("Reviews and surveys"),
                    Message("What a review and a survey of the draft weigh in events (2.9, 2.10)"),
                    self.exchange,
                    self._show_exchange,
                ),
                Section(
                    Message("Games"),
                    Message("What known games would bring, one person at a time, before and after"),
                    self.games,
                    self._show_games,
                ),
                Section(
                    Message("Each person"),
                    Message("What an event is worth to each person in each quarter, before and after"),
                    widgets.VBox([controls, self.people]),
                    self._show_people,
                ),
            ],
        )
        return widgets.VBox([self.headline, self.picture, self.sections.box])

    @property
    def before(self) -> Found:
        """The incentives that the enacted policy sets."""
        return self._found("baseline", self.state.baseline)

    @property
    def after(self) -> Found:
        """The incentives that the draft sets."""
        return self._found("reform", self.state.outcome)

    def _found(self, side: str, outcome: Outcome) -> Found:
        """Keep what was found on one side for as long as its outcome stays."""
        kept = self._kept.get(side)
        if kept is None or kept[0] is not outcome:
            self._kept[side] = kept = (outcome, Found(outcome))
        return kept[1]

    def refresh(self) -> None:
        """Follow the draft: the answer, the cards, the picture, and the details that are open."""
        with self.state.working_on(Message("Working out what each event is worth …")):
            said = " ".join(str(sentence) for sentence in self.after.answer)
            cards = "".join(_cards(self.before, self.after))
        self.headline.value = (
            f'<div class="cm-said" role="status">{html.escape(said)}</div><div class="cm-cards">{cards}</div>'
        )
        self._picture = (incentives_figure(self.after), said)
        self.picture.value = svg_of(*self._picture)
        self.sections.fill()

    def static(self) -> str:
        """Give the answer, the cards and the picture as HTML."""
        picture = still_of(*self._picture) if self._picture else ""
        return f"<h4>{self.title}</h4>{self.headline.value}{picture}"

    # -- the details -----------------------------------------------------------

    def _show_events(self) -> None:
        before, after = (found.events.to_dict("index") for found in (self.before, self.after))
        rows = [
            {
                "clause": row["clause"],
                "event": str(EVENTS[str(name)].text),
                "staff_quarters": int(row["staff_quarters"]),
                "moving": f"{row['share_moving']:.0%}" if row["staff_quarters"] else "",
                "mean_baseline": before[name]["mean"],
                "mean_reform": row["mean"],
                "difference": row["mean"] - before[name]["mean"],
                "largest": row["largest"],
                "dismissals": int(row["dismissals"]),
            }
            for name, row in after.items()
        ]
        note = html.escape(str(self.after.dismissals_note))
        self.events.value = f"{_of_rows(rows)}<p><small>{note}</small></p>"

    def _show_bounds(self) -> None:
        counts = ("quarterly_step", "on_bound", "third_below", "user_lifts", "complaint_drops")
        rows = []
        both = zip(self.after.cliffs.to_dict("records"), self.after.bunching.to_dict("records"), strict=True)
        for row, test in both:
            known = test["low"] == test["low"]  # else NaN: too few people
            gather = (Message("yes") if test["found"] else Message("no")) if known else Message("too few to say")
            of_test = {name: test[name] for name in ("moved_over", "low", "high")} | {"gather": str(gather)}
            rows.append({name: row[name] for name in ("grade", "bound", *counts)} | of_test)
        self.bounds.value = _of_rows(rows)

    def _show_floor(self) -> None:
        rows = []
        for name, text in FLOOR_TEXTS.items():
            was, now = getattr(self.before.floor, name), getattr(self.after.floor, name)
            rows.append({"figure": str(text), "baseline": was, "reform": now, "difference": now - was})
        self.floor.value = _of_rows(rows)

    def _show_exchange(self) -> None:
        rows = [
            {"instrument": str(INSTRUMENTS[str(name)])}
            | {column: row[column] for column in ("month_points", *EXCHANGED)}
            for name, row in self.after.exchange.iterrows()
        ]
        self.exchange.value = _of_rows(rows)

    def _show_games(self) -> None:
        before, after = (found.games.to_dict("index") for found in (self.before, self.after))
        rows = [
            {
                "clause": row["clause"],
                "game": str(GAMES[str(name)].text),
                "staff_quarters_baseline": int(before[name]["staff_quarters"]),
                "staff_quarters_reform": int(row["staff_quarters"]),
                "most_baseline": before[name]["most"],
                "most_reform": row["most"],
                "against": str(GAMES[str(name)].against),
                "staff_quarters_against": int(row["staff_quarters_against"]),
            }
            for name, row in after.items()
        ]
        self.games.value = _of_rows(rows)

    def _show_people(self) -> None:
        """List whom the event is worth most, after or before, the dearest first."""
        name = self.event.value
        keys = ["staff_id", "quarter"]
        people, before = self.after.people, self.before.people
        shown = people[[*keys, "score", "grade"]].merge(
            before[[*keys, name]].rename(columns={name: "worth_baseline"}), on=keys, how="left"
        )
        shown["worth_reform"] = people[name].to_numpy()
        shown["difference"] = shown["worth_reform"] - shown["worth_baseline"]
        for column in ("name", "area"):
            if column in people:
                shown[column] = people[column].to_numpy()
        shown = shown.dropna(subset="worth_reform")
        wanted = self.search.value.strip().lower()
        if wanted:
            text = shown[[column for column in shown.columns if shown[column].dtype.kind not in "if"]]
            shown = shown[text.apply(lambda column: column.str.lower().str.contains(wanted, regex=False)).any(axis=1)]
        largest = shown["worth_reform"].abs().sort_values(ascending=False, kind="stable").index
        self.people.value = first_rows(shown.loc[largest], _HEADINGS)


def _cards(before: Found, after: Found) -> list[str]:
    """Write the headline's figures, each with what it was before."""
    cards = []
    for label, figure, unit in (
        (Message("one more user is worth"), lambda found: _mean(found, "broadband_user_gained"), "¥"),
        (Message("one more complaint costs"), lambda found: 0 - _mean(found, "complaint"), "¥"),
        (Message("a game brings at most"), lambda found: float(found.games["most"].max()), "¥"),
        (Message("staff-quarters in which one event decides"), lambda found: found.within_one_event, ""),
        (FLOOR_TEXTS["complaint_costs_nothing"], lambda found: found.floor.complaint_costs_nothing, ""),
    ):
        was, now = figure(before), figure(after)
        shape = ",.2f" if unit else ","
        difference = f"{now - was:+{shape}}" if now != was else ""
        cards.append(card(label, f"{unit}{now:{shape}}", f"{unit}{was:{shape}}", difference))
    return cards


def _mean(found: Found, event: str) -> float:
    mean = found.events["mean"].fillna(0.0)  # where nobody was assessed
    return float(mean[event])


def _of_rows(rows: list[dict[str, Any]]) -> str:
    import pandas as pd

    frame: pd.DataFrame = pd.DataFrame(rows)
    return table(frame, _HEADINGS)
