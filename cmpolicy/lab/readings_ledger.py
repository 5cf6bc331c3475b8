"""Panel: what each reading of the unclear clauses would cost, whom it touches, and what each value moves by itself."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

import ipywidgets as widgets

from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.headline import headline_cards
from cmpolicy.lab.long_work import LongWork
from cmpolicy.lab.names_behind import names_behind
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message, list_of
from cmpolicy.progress import with_bar
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.figures import still_of, svg_of
from cmpolicy.report.labels import value_in_words, value_label
from cmpolicy.report.sensitivity_figure import tornado_figure
from cmpolicy.simulation.appraise import appraise
from cmpolicy.simulation.readings_ledger import OPTIONS, OptionCost, option_costs
from cmpolicy.simulation.sensitivity import impossible_moves, sensitivity

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.figure import Figure

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

MOST_AT_ONCE = 4_000
"""Of so many people the ledger takes a second; of more it is made when it is asked for."""


class ReadingsLedger(Panel):
    """The ledger of unclear clauses, an option of it to be looked at and taken, and the tornado."""

    title = Message("Readings ledger")

    _tornado: tuple[Figure, str] | None = None

    def build(self) -> widgets.Widget:
        """Make the headline and the ledger above, the choice of an option below, then people and tornado."""
        self._made: _Made | None = None
        self._moved: tuple[StaffData, Policy, pd.DataFrame] | None = None
        self._listed: list[OptionCost] = []
        self._chosen: tuple[str, str] | None = None
        self._following = False
        bind, label = self.texts.bind, self.texts.label
        self.headline, self.ledger, self.people, self.tornado = (widgets.HTML() for _ in range(4))
        self.headline.add_class("cm-headline")
        self.tornado.add_class("cm-figure")
        self.sort = label(
            widgets.Dropdown(options=[("cost", "cost")], layout={"width": "360px"}),
            Message("Sort by"),
            Message("What stands first in the ledger"),
        )
        bind(self.sort, options=lambda: [(str(text), name) for name, (text, _key) in _ORDERS.items()])
        self.sort.observe(self.guarded(lambda _change: self._show()), "value")
        self.start = bind(
            widgets.Button(layout={"width": "auto"}),
            description=Message("Make the ledger"),
            tooltip=Message("Compute what every other reading would change, each alone from the draft"),
        )
        self.start.on_click(self.guarded(lambda _button: self._start()))
        self.work = LongWork(self, self.start)
        # A number, not a list: JupyterLab keeps the arrow keys of a list to itself.
        self.number = label(
            widgets.BoundedIntText(min=0, max=0, layout={"width": "170px"}),
            Message("Option no."),
            Message("The reading to look at, by its number in the ledger"),
        )
        self.number.observe(self.guarded(lambda _change: self._look()), "value")
        self.option = widgets.HTML()
        self.take = bind(
            widgets.Button(icon="check", layout={"width": "auto"}),
            description=Message("Take into the draft"),
            tooltip=Message("Let the draft read the clause so"),
        )
        self.take.on_click(self.guarded(lambda _button: self._take()))
        self.move = bind(
            widgets.Button(layout={"width": "auto"}),
            description=Message("Move every value"),
            tooltip=Message("Compute what every value and every reading moves; with so many people it takes a while"),
        )
        self.move.on_click(self.guarded(lambda _button: self._start_to_move()))
        self.moving = LongWork(self, self.move)
        row = {"flex_flow": "row wrap", "align_items": "center"}
        move = widgets.HBox([self.move, self.moving.stop, self.moving.progress], layout=row)
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Names behind it"),
                    Message("Whose money, grades, standing or recognition the chosen option changes"),
                    self.people,
                    self._show_people,
                ),
                Section(
                    Message("What each value moves"),
                    Message("Every value and every reading moved by itself, what moves the cost most first"),
                    widgets.VBox([move, self.tornado]),
                    self._show_tornado,
                ),
            ],
        )
        above = widgets.HBox([self.sort, self.start, self.work.stop, self.work.progress], layout=row)
        chosen = widgets.HBox(
            [self.number, self.take, self.option], layout=row | {"margin": "8px 0", "grid_gap": "0 8px"}
        )
        return widgets.VBox([self.headline, above, self.ledger, chosen, self.sections.box])

    def refresh(self) -> None:
        """Follow the draft: at once where that is quick; else an old ledger, which would mislead, is taken away."""
        self.headline.value = headline_cards(self.state.baseline_headline, self.state.headline)
        if self._moved is not None and (self._moved[0] is not self.state.data or self._moved[1] != self.state.policy):
            self._moved = self._tornado = None
        quick = self._is_quick()
        self.start.layout.display = "none" if quick else ""
        if quick and not self._is_current():
            with self.state.working_on(_WHAT):
                self._made = _made_of(self.state.data, self.state.policy, self.state.data)
        self._show()

    def static(self) -> str:
        """Give the headline, the ledger and the tornado, where it was made, as HTML."""
        picture = still_of(*self._tornado) if self._tornado else ""
        return f"<h4>{self.title}</h4>{self.headline.value}{self.ledger.value}{picture}"

    # -- the ledger ------------------------------------------------------------

    def _is_quick(self) -> bool:
        return len(self.state.data.staff_ids) <= MOST_AT_ONCE

    def _is_current(self) -> bool:
        made = self._made
        return made is not None and made.data is self.state.data and made.policy == self.state.policy

    def _start(self) -> None:
        data, policy = self.state.data, self.state.policy
        apart = data.apart()

        def show(made: Callable[[], _Made]) -> None:
            self._made = made()
            self.state.fault = None
            self._show()

        self.work.run(_WHAT, lambda: _made_of(data, policy, apart), show)

    def _show(self) -> None:
        if self.texts.relabelling:
            return
        if not self._is_current():
            self._listed, self.ledger.value = [], f"<p>{Message('The ledger is made when it is asked for.')}</p>"
        else:
            found = self._made.found if self._made else []
            _text, key = _ORDERS[self.sort.value]
            others = (one for one in found if not one.chosen and one.reason is None)
            self._listed = sorted(others, key=key, reverse=True)
            self.ledger.value = _ledger_table(self._listed, [one for one in found if one.reason is not None])
        self._offer()
        self.sections.fill()

    # -- one option ------------------------------------------------------------

    def _offer(self) -> None:
        """Let the numbers of the ledger be chosen; the option that was chosen stays, by whatever number."""
        places = [(one.reading, one.option) for one in self._listed]
        place = places.index(self._chosen) if self._chosen in places else 0
        self._following = True  # what the box then reports is no choice of the user's
        try:
            self.number.max = max(len(places), self.number.min)
            self.number.min = min(1, len(places))
            self.number.max = len(places)
            self.number.value = place + 1 if places else 0
        finally:
            self._following = False
        self.number.disabled = self.take.disabled = not places
        self._choose()

    def _choose(self) -> None:
        """Note the option of the number, and tell it."""
        if not self._listed:
            self._chosen, self.option.value = None, ""
            return
        one = self._listed[self.number.value - 1]
        self._chosen = (one.reading, one.option)
        self.option.value = html.escape(_option_text(one))

    def _look(self) -> None:
        if not self._following:
            self._choose()
            if self.sections.buttons[0].value:
                self._show_people()

    def _take(self) -> None:
        if self._chosen is not None:
            reading, option = self._chosen
            self.state.change({f"readings.{reading}": option})

    def _show_people(self) -> None:
        if self._chosen is None:
            self.people.value = ""
            return
        reading, option = self._chosen
        before = self.state.outcome
        with self.state.working_on(Message("The people behind it are being looked up …")):
            after = appraise(self.state.data, self.state.policy.with_changes({f"readings.{reading}": option}))
            self.people.value = f"<p>{self.option.value}</p>{names_behind(before, after)}"

    # -- the tornado -----------------------------------------------------------

    def _show_tornado(self) -> None:
        state, quick = self.state, self._is_quick()
        self.move.layout.display = "none" if quick else ""
        if self._moved is None and quick:
            with state.working_on(_MOVING):
                self._moved = (state.data, state.policy, sensitivity(state.data, state.policy))
        if self._moved is None:
            self.tornado.value = ""
            return
        _data, policy, frame = self._moved
        title = Message("What each value moves by itself: cost, yuan")
        most = frame.dropna(subset=["cost"]).head(10)
        told = "; ".join(
            f"{value_label(str(row.path))} {value_in_words(str(row.path), row.after)}: {row.cost:+,.2f}"
            for row in most.itertuples()
        )
        self._tornado = tornado_figure(frame, title), f"{title}: {told}"
        reasons = "".join(f"<li>{html.escape(str(reason))}</li>" for reason in impossible_moves(policy))
        self.tornado.value = svg_of(*self._tornado) + (f"<ul>{reasons}</ul>" if reasons else "")

    def _start_to_move(self) -> None:
        data, policy = self.state.data, self.state.policy
        apart = data.apart()

        def show(found: Callable[[], pd.DataFrame]) -> None:
            self._moved = data, policy, found()
            self.state.fault = None
            self.refresh()  # the draft may be another by now

        self.moving.run(_MOVING, lambda: sensitivity(apart, policy), show)


class _Made(NamedTuple):
    """A ledger and what it was made of."""

    data: StaffData
    policy: Policy
    found: list[OptionCost]


_MOVING = Message("Every value is being moved …")
_WHAT = Message("Computing what each reading costs …")


def _made_of(data: StaffData, policy: Policy, apart: StaffData) -> _Made:
    """Make the ledger of a policy for data, computed with these or with a copy `apart`."""
    return _Made(data, policy, list(with_bar(option_costs(apart, policy), Message("options"), OPTIONS)))


_ORDERS: dict[str, tuple[Message, Callable[[OptionCost], int]]] = {
    "cost": (Message("cost, the dearest first"), lambda one: one.effect.cost["cost"]),
    "saving": (Message("cost, the cheapest first"), lambda one: -one.effect.cost["cost"]),
    "size": (Message("cost, more or less"), lambda one: abs(one.effect.cost["cost"])),
    "people": (Message("people whose money changes"), lambda one: one.effect.people),
    "quarters_regraded": (Message("quarters with another grade"), lambda one: one.effect.quarters_regraded),
    "dismissed": (Message("people dismissed, more or fewer"), lambda one: abs(one.effect.dismissed)),
}


# -- the ledger as a table -----------------------------------------------------------

_SHOWN_COST = ("cost", "first_month_pay")
_SHOWN_COUNTS = ("people", "quarters_regraded", "dismissed", "recognised")


def _option_text(one: OptionCost) -> str:
    return f"{value_label(f'readings.{one.reading}')} → {reading_text(one.reading).options[one.option]}"


def _ledger_table(listed: list[OptionCost], stopped: list[OptionCost]) -> str:
    """Write the readings that are not chosen, numbered; then those that cannot be computed, and why."""
    import pandas as pd

    rows = []
    for number, one in enumerate(listed, start=1):
        text = reading_text(one.reading)
        money = (
            one.effect.cost[name] / FEN_PER_YUAN or None for name in _SHOWN_COST
        )  # a nought would hide what there is
        counts = (getattr(one.effect, name) or None for name in _SHOWN_COUNTS)
        rows.append((str(number), str(list_of(text.clauses)), text.question, text.options[one.option], *money, *counts))
    columns = ["number", "clause", "reading", "option", *_SHOWN_COST, *_SHOWN_COUNTS]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    title = Message("What each reading would change in the draft, chosen alone; yuan and numbers")
    signed = [*_SHOWN_COST, "dismissed"]
    parts = [f"<p><b>{html.escape(str(title))}</b></p>", table(frame, _LEDGER_HEADINGS, signed=signed)]
    if stopped:
        texts = [Message("{option}: {reason}", option=_option_text(one), reason=one.reason) for one in stopped]
        reasons = "".join(f"<li>{html.escape(str(text))}</li>" for text in texts)
        parts.append(f"<p><b>{html.escape(str(Message('Cannot be computed on these data')))}</b></p><ul>{reasons}</ul>")
    return f'<div class="cm-ledger">{"".join(parts)}</div>'


_LEDGER_HEADINGS = (
    COST_LABELS
    | GRADE_HEADINGS
    | {
        "number": Message("no."),
        "reading": Message("unclear place"),
        "option": Message("reading"),
        "cost": Message("cost"),
        "first_month_pay": Message("first month's pay"),
        "people": Message("people whose money changes"),
        "quarters_regraded": Message("quarters with another grade"),
        "dismissed": Message("people dismissed"),
        "recognised": Message("names praised that change"),
    }
)
