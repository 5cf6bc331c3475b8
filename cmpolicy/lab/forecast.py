"""Panel: what the coming quarters cost, how sure that is, and what the draft changes in them."""

from __future__ import annotations

import html
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError, with_names
from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.long_work import LongWork
from cmpolicy.lab.number_box import exact
from cmpolicy.lab.panel import Panel, card, table, told_card, with_yuan_sign
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message, list_of
from cmpolicy.report.figures import still_of, svg_of
from cmpolicy.report.forecast_figure import fan_chart
from cmpolicy.report.terminal.what_ifs import QUANTILES, costs_with_reserve, past_span
from cmpolicy.simulation.forecast import forecast
from cmpolicy.simulation.forecast_request import asked_for
from cmpolicy.simulation.forecast_result import COMPONENTS, SIDES, TOTAL
from cmpolicy.typed import headcount_of, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import pandas as pd
    from matplotlib.figure import Figure

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.simulation.forecast_result import Forecast as Found
    from cmpolicy.staff.data import StaffData

MOST_AT_ONCE = 20_000_000
"""Staff-quarters that are paid in about half a second; a forecast of more waits until it is asked for."""
LEAST_POSTS = 1_000
"""A future of fewer posts takes as long."""
BASELINE, REFORM = SIDES


class _Asked(NamedTuple):
    """What a forecast was made of."""

    data: StaffData
    enacted: Policy
    draft: Policy
    settings: dict[str, Any]

    def same(self, other: _Asked) -> bool:
        return self.data is other.data and self[1:] == other[1:]

    @property
    def policies(self) -> dict[str, Policy]:
        """The enacted policy, and the draft where it differs."""
        return {BASELINE: self.enacted} | ({} if self.draft == self.enacted else {REFORM: self.draft})

    @property
    def told(self) -> Message:
        """What the forecast does, while it does it."""
        return Message("{count} futures are drawn …", count=f"{self.settings['replicates']:,}")

    @property
    def size(self) -> int:
        """How many staff-quarters have to be paid."""
        posts = [len(self.data.staff_ids)]
        headcount = self.settings["headcount"]
        posts += [one for one in (headcount if isinstance(headcount, list) else [headcount]) if isinstance(one, int)]
        futures = self.settings["replicates"] * self.settings["quarters"] * len(self.policies)
        return int(max(*posts, LEAST_POSTS) * futures)


class Forecast(Panel):
    """Boxes for what is assumed; fan chart, cards, tables and notes of the enacted policy and of the draft."""

    title = Message("Forecast")

    _drawn: tuple[Figure, str] | None = None

    def build(self) -> widgets.Widget:
        """Make the assumptions at the left, what comes of them at the right, tables below."""
        self._made: tuple[_Asked, Found] | None = None
        self.boxes = {
            "quarters": self._box(widgets.FloatText(value=4, step=1), "quarters"),
            "replicates": self._box(widgets.FloatText(value=1000, step=100), "replicates"),
            "headcount": self._box(widgets.Text(continuous_update=False), "headcount"),
            "leavers_a_year": self._box(widgets.Text(continuous_update=False), "leavers_a_year"),
            "revenue_growth": self._box(widgets.Text(continuous_update=False), "revenue_growth"),
            "elasticity": self._box(widgets.FloatText(value=0, step=0.1), "elasticity"),
            "seed": self._box(widgets.FloatText(value=0, step=1), "seed"),
            "confidence": self._box(widgets.FloatText(value=0.9, step=0.05), "confidence"),
        }
        for name in ("headcount", "leavers_a_year", "revenue_growth"):
            self.texts.bind(self.boxes[name], placeholder=Message("as in the data"))
        self._typed = self._values()
        for box in self.boxes.values():
            box.observe(self.guarded(lambda _change: self._set()), "value")
        self.start = self.texts.bind(
            widgets.Button(layout={"width": "auto", "display": "none"}),
            description=Message("Forecast"),
            tooltip=Message("Draw the futures; with so many people it takes a while"),
        )
        self.start.on_click(self.guarded(lambda _button: self._start()))
        self.work = LongWork(self, self.start)
        self.headline, self.picture, self.notes = (widgets.HTML() for _ in range(3))
        self.headline.add_class("cm-headline")
        self.picture.add_class("cm-figure")
        work = [self.start, self.work.stop, self.work.progress]
        left = widgets.VBox([*self.boxes.values(), *work], layout={"flex": "0 0 auto", "width": "330px"})
        right = widgets.VBox(
            [self.headline, self.picture, self.notes], layout={"flex": "1 1 560px", "min_width": "360px"}
        )
        columns = widgets.HBox(
            [left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 24px"}
        )
        return widgets.VBox([columns, self._build_tables()])

    def _box(self, box: Any, name: str) -> Any:
        return self.labelled(box, _LABELS[name], _TIPS[name], label_width=180, width=310)

    def _build_tables(self) -> widgets.Widget:
        self.tables: dict[str, widgets.HTML] = {name: widgets.HTML() for name in _SECTIONS}
        self.sections = Sections(
            self,
            [
                Section(title, about, self.tables[name], lambda name=name, show=show: self._fill(name, show))  # type: ignore[misc]  # the defaults bind the loop's values
                for name, (title, about, show) in _SECTIONS.items()
            ],
        )
        return self.sections.box

    def refresh(self) -> None:
        """Follow the draft at once where that is quick; else take away what is of an earlier one."""
        try:
            self._follow()
        except CmpolicyError as error:  # these data allow none
            self._clear(f'<div class="cm-fault" role="alert">{html.escape(str(error))}</div>')

    def static(self) -> str:
        """Give the headline, the picture and the notes as HTML."""
        picture = still_of(*self._drawn) if self._drawn else ""
        return f"<h4>{self.title}</h4>{self.headline.value}{picture}{self.notes.value}"

    # -- what is assumed -------------------------------------------------------

    def _values(self) -> dict[str, Any]:
        return {name: box.value for name, box in self.boxes.items()}

    def _asked(self) -> _Asked:
        typed = self._typed
        settings = {name: exact(typed[name]) for name in ("quarters", "replicates", "seed")}
        settings["elasticity"] = typed["elasticity"]
        settings["headcount"] = headcount_of(typed["headcount"])
        for name in ("leavers_a_year", "revenue_growth"):
            number = number_of(typed[name])
            settings[name] = float(number) if isinstance(number, int | Decimal) else number
        return _Asked(self.state.data, self.state.enacted, self.state.policy, settings)

    def _set(self) -> None:
        """Take what was typed; where it cannot be used the last good values stay."""
        before, self._typed = self._typed, self._values()
        if self._typed == before:
            return
        try:
            self._follow()
        except CmpolicyError:
            self._typed = before
            for name, box in self.boxes.items():
                box.value = before[name]
            raise
        self.state.fault = None

    def _follow(self) -> None:
        asked = self._asked()
        with _in_words(self._typed["headcount"]):
            asked_for(asked.policies, **asked.settings)  # what takes long is refused at once, too
            takes_long = asked.size > MOST_AT_ONCE
            self.start.layout.display = "" if takes_long else "none"
            if self._made is not None and self._made[0].same(asked):
                self._show()
            elif takes_long:
                self._clear(_info(Message("So large a forecast takes a while; the button makes it.")))
            else:
                with self.state.working_on(asked.told):
                    self._made = asked, forecast(asked.data, asked.policies, **asked.settings)
                self._show()

    def _start(self) -> None:
        asked = self._asked()
        data = asked.data.apart()

        def show(found: Callable[[], Found]) -> None:
            with _in_words(self._typed["headcount"]):
                self._made = asked, found()
            self.state.fault = None
            self._follow()  # the draft may be another by now

        self.work.run(asked.told, lambda: forecast(data, asked.policies, **asked.settings), show)

    # -- what comes of it ------------------------------------------------------

    def _clear(self, told: str) -> None:
        self._made = self._drawn = None
        self.headline.value, self.picture.value, self.notes.value = told, "", ""
        self.sections.fill()

    def _show(self) -> None:
        if self._made is None:
            return
        found, confidence = self._made[1], self._typed["confidence"]
        # The numbers first: a picture takes longer to draw than to compute.
        self.headline.value = _headline(found, confidence)
        notes = "".join(f"<li>{html.escape(str(note))}</li>" for note in found.notes)
        self.notes.value = f"<p><b>{Message('What the forecast rests on')}</b></p><ul>{notes}</ul>"
        title = Message("Cost of a quarter, yuan")
        self._drawn = fan_chart(found, title), _told(found, title)
        self.picture.value = svg_of(*self._drawn)
        self.sections.fill()

    def _fill(self, name: str, show: Callable[[Found, float], str]) -> None:
        self.tables[name].value = "" if self._made is None else show(self._made[1], self._typed["confidence"])


_LABELS = {
    "quarters": Message("Number of quarters"),
    "replicates": Message("Replicates"),
    "headcount": Message("Headcount"),
    "leavers_a_year": Message("Leavers a year"),
    "revenue_growth": Message("Revenue growth a year"),
    "elasticity": Message("Elasticity of effort"),
    "seed": Message("Seed"),
    "confidence": Message("Confidence of the reserve"),
}
_TIPS = {
    "quarters": Message("How many coming quarters, from the first that the data do not cover"),
    "replicates": Message("How many possible futures are drawn"),
    "headcount": Message("Posts in every coming quarter, or one number a quarter: 51, 52, 53, 54"),
    "leavers_a_year": Message("The share of people who leave in a year by themselves, such as 8%"),
    "revenue_growth": Message("By how much revenue grows in a year, such as 4%"),
    "elasticity": Message("By how many percent users gained change when a point is worth one percent more; 0: not"),
    "seed": Message("The same seed gives the same forecast"),
    "confidence": Message("With which confidence the reserve is enough, above 0 and below 1"),
}


@contextmanager
def _in_words(headcount: str) -> Iterator[None]:
    """Call the settings in an error what the boxes call them, and quote a list of posts as it was typed."""
    try:
        yield
    except CmpolicyError as error:
        read, problems = str(headcount_of(headcount)), []
        for problem in error.problems:
            name = dict(problem.message.values).get("name")
            as_typed = name == "headcount" and problem.value == read
            problems.append(replace(problem, value=headcount.strip()) if as_typed else problem)
        raise with_names(type(error)(error.message, problems), _LABELS) from None


def _info(text: Message) -> str:
    return f'<p role="status">{html.escape(str(text))}</p>'


# -- the headline --------------------------------------------------------------


class _Total(NamedTuple):
    """What all coming quarters cost together under one policy, yuan."""

    p10: float
    p50: float
    p90: float
    reserve: float
    above_median: float


def _totals(found: Found, confidence: float) -> list[_Total]:
    costs = costs_with_reserve(found, confidence)
    return [_Total(*row) for row in costs.loc[costs["quarter"] == TOTAL, list(_Total._fields)].to_numpy().tolist()]


def _headline(found: Found, confidence: float) -> str:
    """Say what the quarters cost and what the draft changes, and write it as cards."""
    totals = _totals(found, confidence)
    first, last = totals[0], totals[-1]
    amounts = {"low": _yuan(last.p10), "middle": _yuan(last.p50), "high": _yuan(last.p90)}
    span = {"first": found.quarter_names[0], "last": found.quarter_names[-1]}
    policy = Message("the draft") if len(totals) > 1 else Message("the enacted policy")
    sentences = [
        Message(
            "From {first} to {last} {policy} costs {middle}; in 80% of the futures from {low} to {high}.",
            policy=policy,
            **span,
            **amounts,
        ),
    ]
    labels = {
        "p10": Message("cost, P10"),
        "p50": Message("cost, P50"),
        "p90": Message("cost, P90"),
        "reserve": Message("enough with {confidence}", confidence=f"{100 * confidence:.6g}%"),
    }
    cards = []
    for name, label in labels.items():
        before, after = getattr(first, name), getattr(last, name)
        change = f"{after - before:+,.0f}" if len(totals) > 1 and round(after) != round(before) else ""
        cards.append(
            card(label, _yuan(after), _yuan(before), change)
            if len(totals) > 1
            else told_card(label, _yuan(after), *_above(last) if name == "reserve" else ())
        )
    if len(totals) > 1:
        low, middle, high = _difference(found)
        sentences.append(
            Message(
                "Against the enacted policy it moves the cost by {middle}; in 80% of the futures by {low} to {high}.",
                low=_signed(low),
                middle=_signed(middle),
                high=_signed(high),
            )
        )
        span_told = Message("80%: {low} to {high}", low=f"{low:+,.0f}", high=f"{high:+,.0f}")
        width = Message("{width} wide, not {own}", width=_yuan(high - low), own=_yuan(last.p90 - last.p10))
        cards.append(told_card(Message("draft − enacted"), _signed(middle), str(span_told), str(width)))
    compared = {"policy": policy, "span": past_span(found), "amount": _yuan(_cost_before(found))}
    sentences.append(Message("For comparison: under {policy}, {span} cost {amount}.", **compared))
    said = html.escape(" ".join(map(str, sentences)))
    return f'<div class="cm-said" role="status">{said}</div><div class="cm-cards">{"".join(cards)}</div>'


def _cost_before(found: Found) -> float:
    """Give what the last as many past quarters cost under the last policy."""
    return float(found.before.loc[found.before["component"] == "cost", "amount"].iloc[-1])


def _above(total: _Total) -> tuple[str]:
    return (str(Message("{amount} above the median", amount=_yuan(total.above_median))),)


def _difference(found: Found) -> tuple[float, float, float]:
    """Give P10, P50 and P90 of what the draft costs more in all quarters."""
    frame = found.difference
    row = frame[(frame["quarter"] == TOTAL) & (frame["component"] == "cost")].iloc[-1]
    return row["p10"], row["p50"], row["p90"]


def _yuan(amount: float) -> str:
    return with_yuan_sign(f"{amount:,.0f}")


def _signed(amount: float) -> str:
    return f"{'−' if amount < 0 else '+'}¥{abs(amount):,.0f}"


def _told(found: Found, title: Message) -> str:
    """Say what the fan chart shows, for those who cannot see it."""
    frame = found.quarters
    rows = frame[(frame["component"] == "cost") & ((frame["policy"] == found.names[-1]) if "policy" in frame else True)]
    each = list_of([f"{row.quarter} {row.p50:,.0f} ({row.p10:,.0f} – {row.p90:,.0f})" for row in rows.itertuples()])
    return f"{title}: {each}"


# -- the tables ----------------------------------------------------------------


def _by_quarter(found: Found, confidence: float) -> str:
    return _table(costs_with_reserve(found, confidence))


def _by_component(found: Found, _confidence: float) -> str:
    return _table(found.total)


def _by_area(found: Found, _confidence: float) -> str:
    areas = found.areas
    return _table(areas[areas["component"] == "cost"].drop(columns="component"))


def _by_difference(found: Found, _confidence: float) -> str:
    frame = found.difference
    if frame.empty:
        return _info(Message("The draft is the enacted policy."))
    text = Message("On the same draws for both, so that what is common to them falls out.")
    both = frame[frame["quarter"] == TOTAL].drop(columns=["quarter", "policy"])
    cost = frame[(frame["component"] == "cost") & (frame["quarter"] != TOTAL)].drop(columns=["component", "policy"])
    tables = (_table(both, signed=QUANTILES), _table(cost, signed=QUANTILES))
    return f'{_info(text)}<div class="cm-beside">{"".join(f"<div>{one}</div>" for one in tables)}</div>'


def _by_people(found: Found, _confidence: float) -> str:
    frame = found.people
    whole = ["p10", "p50", "p90"]
    return _table(frame.assign(figure=frame["figure"].map(_PEOPLE_LABELS)).astype(dict.fromkeys(whole, int)), money=())


_SECTIONS: dict[str, tuple[Message, Message, Callable[[Found, float], str]]] = {
    "quarters": (
        Message("By quarter"),
        Message("Cost of each coming quarter, yuan, and what is enough with the confidence set"),
        _by_quarter,
    ),
    "components": (Message("By component"), Message("All coming quarters together, yuan"), _by_component),
    "areas": (
        Message("By area"),
        Message("Cost of all coming quarters, yuan: the twenty largest areas, the others together"),
        _by_area,
    ),
    "difference": (
        Message("Draft − enacted"),
        Message("What the draft costs more, yuan: all coming quarters by component, and the cost by quarter"),
        _by_difference,
    ),
    "people": (
        Message("Leavers and dismissals"),
        Message("People who leave by themselves, and whose dismissal is due at the quarter's end"),
        _by_people,
    ),
}
_PEOPLE_LABELS = {"left": Message("people who leave"), "dismissed": Message("people dismissed")}
_MONEY = (*QUANTILES, "reserve", "above_median")
_HEADINGS = (
    GRADE_HEADINGS
    | QUANTILES
    | {
        "policy": Message("policy"),
        "posts": Message("posts"),
        "headcount": Message("headcount"),
        "reserve": Message("enough"),
        "above_median": Message("above the median"),
    }
)


def _table(frame: pd.DataFrame, *, signed: Collection[str] = (), money: Collection[str] = _MONEY) -> str:
    """Write estimates, those of money in whole yuan: more is not known."""
    shown = frame.copy()
    for name in shown.columns:
        if name in money:
            shown[name] = shown[name].round().astype(int)
        elif name in ("policy", "quarter", "component", "figure"):
            shown[name] = [str(_TEXTS.get(value, value)) for value in shown[name]]
    return table(shown, _HEADINGS, signed=signed)


_TEXTS = {name: COST_LABELS[name] for name in COMPONENTS} | SIDES | {TOTAL: Message("total")}
