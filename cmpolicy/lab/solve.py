"""Panel: which policy nearest to the starting policy keeps within a budget, a grade mix, a number of dismissals."""

from __future__ import annotations

import html
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.lab.changes import changes_table
from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.headline import cards_of
from cmpolicy.lab.long_work import LongWork
from cmpolicy.lab.number_box import exact, whole_of
from cmpolicy.lab.panel import Panel, first_rows, table, told_card
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.lab.state import STANDING, Headline
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.figures import still_of, svg_of
from cmpolicy.report.frontier_figure import solution_frontier_figure
from cmpolicy.report.labels import AMOUNT_LABELS, constraint_value, figure_text, value_label, value_text
from cmpolicy.simulation.appraise import COST
from cmpolicy.simulation.solve import solve
from cmpolicy.simulation.solve_wish import EVERYONE, REACH_OF_BOUNDS, STEP, Target
from cmpolicy.typed import amount_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.solve import Solution
    from cmpolicy.staff.data import StaffData

_PERCENT = ("%", "％")
_COLUMNS: dict[str, tuple[Message, Callable[[str], Message]]] = {
    "from": (Message("Lower bounds"), lambda grade: Message("{grade}: lower bound", grade=grade)),
    "quarterly_bonus": (Message("Quarterly bonuses"), AMOUNT_LABELS["quarterly_bonus"]),
    "monthly_award": (Message("Monthly awards"), AMOUNT_LABELS["monthly_award"]),
    "keep": (Message("Nobody worse off"), lambda grade: Message("{grade}: nobody worse off", grade=grade)),
}
"""The table of choices: what may vary of each grade, and whose quarters must not be worse off."""
_CHOSEN = ("from", "quarterly_bonus")
_REACH = Message("Bounds move by up to, points")


class _Made(NamedTuple):
    """A solution, and what it was made of."""

    data: StaffData
    today: Policy
    solution: Solution


class Solve(Panel):
    """Choose what may vary and what to meet; see the nearest policy, what it does, and what else could be had."""

    title = Message("Solve")

    def build(self) -> widgets.Widget:
        """Make the wish above, what was found below it."""
        self._made: _Made | None = None
        self._frontier: pd.DataFrame | None = None
        self._picture: tuple[Figure, str] | None = None
        self.choices: dict[tuple[str, str], widgets.Checkbox] = {}
        self.columns = {name: self._column(name) for name in _COLUMNS}
        self._no_bound = widgets.HTML()
        self.grid = widgets.GridBox(
            layout={"grid_template_columns": "repeat(4, auto)", "grid_gap": "0 20px", "justify_content": "flex-start"}
        )
        self._build_wish()
        self.work, self.today = LongWork(self, self.start), widgets.HTML()
        heading = self.texts.bind(
            widgets.HTML(), value=lambda: f"<b>{html.escape(str(Message('What may vary, and who is kept')))}</b>"
        )
        left = widgets.VBox([self.start_from, heading, self.grid], layout={"flex": "0 0 auto"})
        wish = (self.today, self.budget, self.lowest, self.dismissed, self.reach, self.step, self.objective)
        work = [self.start, self.work.stop, self.work.progress]
        start = widgets.HBox(work, layout={"flex_flow": "row wrap", "align_items": "center"})
        right = widgets.VBox([*wish, start], layout={"flex": "0 0 auto", "width": "500px"})
        columns = widgets.HBox(
            [left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 32px"}
        )
        return widgets.VBox([columns, self._build_found()])

    def _build_wish(self) -> None:
        self.start_from = self.texts.bind(
            widgets.ToggleButtons(options=["enacted", "draft"], value="enacted"),
            options=lambda: [(str(Message("the enacted policy")), "enacted"), (str(Message("the draft")), "draft")],
            tooltips=lambda: [str(text) for text in _STARTS],
            description=Message("Nearest to"),
            tooltip=Message("Which policy is the starting policy"),
        )
        self.start_from.style.button_width = "170px"
        self.start_from.observe(self.guarded(lambda _change: self._turn_start()), "value")
        self.budget = self._labelled(
            widgets.Text(), Message("Budget, yuan"), Message("What all quarters may cost, or a share such as 97%")
        )
        self.lowest = self._labelled(
            widgets.Text(),
            Message("Quarters with the lowest grade, at most %"),
            Message("Their share of all quarters with a grade, such as 5"),
        )
        self.dismissed = self._labelled(
            widgets.Text(), Message("People dismissed, at most"), Message("How many people, or a share such as 2%")
        )
        for box in (self.budget, self.lowest, self.dismissed):
            self.texts.bind(box, placeholder=Message("none"))
        self.reach = self._labelled(
            widgets.BoundedFloatText(value=REACH_OF_BOUNDS, min=0, max=100, step=1),
            _REACH,
            Message("How far a lower bound may move, up or down"),
        )
        self.step = self._labelled(
            widgets.FloatText(value=STEP, step=10), Message("Step of amounts, yuan"), Message("Amounts are multiples")
        )
        self.objective = self._labelled(
            widgets.Dropdown(options=["worse_off", "money"]), Message("Nearest is"), Message("What is to be least")
        )
        self.texts.bind(
            self.objective,
            options=lambda: [
                (str(Message("the fewest staff-quarters worse off")), "worse_off"),
                (str(Message("the least money moved")), "money"),
            ],
        )
        self.start = self.texts.bind(
            widgets.Button(layout={"width": "auto"}, button_style="primary"),
            description=Message("Solve"),
            tooltip=Message("Find the nearest policy that grants this"),
        )
        self.start.on_click(self.guarded(lambda _button: self._solve()))

    def _build_found(self) -> widgets.Widget:
        bind = self.texts.bind
        self.found, self.frontier, self.losers, self.kept = (widgets.HTML() for _ in range(4))
        self.found.add_class("cm-headline")
        self.frontier.add_class("cm-figure")
        self.take = bind(
            widgets.Button(layout={"width": "auto"}),
            description=Message("Take as draft"),
            tooltip=Message("Make the policy that was found the draft; undo takes it back"),
        )
        self.name = self.texts.label(
            widgets.Text(layout={"width": "260px"}), Message("Name"), Message("The name under which it is kept")
        )
        bind(self.name, placeholder=Message("a name for the scenario"))
        self.keep = bind(
            widgets.Button(layout={"width": "auto"}),
            description=Message("Keep as scenario"),
            tooltip=Message("Keep the policy that was found under this name"),
        )
        self.take.on_click(self.guarded(lambda _button: self._take()))
        self.keep.on_click(self.guarded(lambda _button: self._keep()))
        self.use = widgets.HBox(
            [self.take, self.name, self.keep, self.kept],
            layout={"flex_flow": "row wrap", "align_items": "center", "display": "none"},
        )
        self.sections = Sections(
            self,
            [
                Section(
                    Message("What else could be had"),
                    Message(
                        "Policies that no other betters in cost, lowest grade and staff-quarters worse off at once"
                    ),
                    self.frontier,
                    self._show_frontier,
                ),
                Section(
                    Message("Who loses"),
                    Message("Everyone who is paid less in all, the most first, yuan"),
                    self.losers,
                    self._show_losers,
                ),
            ],
        )
        self.sections.box.layout.display = "none"
        return widgets.VBox([self.found, self.use, self.sections.box])

    def _labelled(self, box: Any, text: Message, tip: Message) -> Any:
        return self.labelled(box, text, tip, label_width=190, width=480)

    def refresh(self) -> None:
        """Follow data, policies and language; what was found stays as long as it is of these data."""
        self._follow_wish()
        if self._made is not None and self._made.data is not self.state.data:
            self._clear()
        self._show()

    def static(self) -> str:
        """Give what was found, and the frontier if it was drawn, as HTML; before that what the starting policy has."""
        picture = still_of(*self._picture) if self._picture else ""
        if self._made is None:
            return f"<h4>{self.title}</h4>{self.today.value}<p>{Message('Nothing has been solved yet.')}</p>"
        return f"<h4>{self.title}</h4>{self.found.value}{picture}"

    # -- the wish --------------------------------------------------------------

    def _column(self, name: str) -> widgets.Button:
        heading = self.texts.bind(
            widgets.Button(layout={"width": "auto"}),
            description=_COLUMNS[name][0],
            tooltip=Message("Choose all of this column, or none"),
        )
        heading.on_click(self.guarded(lambda _button: self._choose_column(name)))
        return heading

    def _choice(self, grade: str, column: str) -> widgets.Checkbox:
        """Give a choice's box; one that was made is kept, since drafts come and go."""
        if (grade, column) not in self.choices:
            box = widgets.Checkbox(value=column in _CHOSEN, indent=False, layout={"width": "auto"})
            text = _COLUMNS[column][1](grade)
            self.choices[grade, column] = self.texts.label(box, text, text)
        return self.choices[grade, column]

    def _in_column(self, name: str) -> list[tuple[str, widgets.Checkbox]]:
        """Give the boxes of a column by grade; the lowest grade has no bound."""
        grades = self._today().grade_names
        return [(grade, self._choice(grade, name)) for grade in (grades[:-1] if name == "from" else grades)]

    def _choose_column(self, name: str) -> None:
        boxes = [box for _grade, box in self._in_column(name)]
        wanted = not all(box.value for box in boxes)
        for box in boxes:
            box.value = wanted

    def _turn_start(self) -> None:
        if not self.texts.relabelling:
            self.refresh()

    def _today(self) -> Policy:
        state = self.state
        return state.enacted if self.start_from.value == "enacted" else state.policy

    def _headline(self) -> Headline:
        state = self.state
        return state.baseline_headline if self.start_from.value == "enacted" else state.headline

    def _follow_wish(self) -> None:
        boxes = {name: dict(self._in_column(name)) for name in _COLUMNS}
        shown: list[widgets.Widget] = list(self.columns.values())
        for grade in self._today().grade_names:
            shown += [boxes[name].get(grade, self._no_bound) for name in _COLUMNS]
        if self.grid.children != tuple(shown):
            self.grid.children = shown
        self.today.value = _today_told(self._headline())

    def _wish(self) -> dict[str, Any]:
        """Give what is asked as `solve` takes it; what was typed and is no number is refused there."""
        today = self._today()
        chosen = {name: [grade for grade, box in self._in_column(name) if box.value] for name in _COLUMNS}
        kept = chosen.pop("keep")
        everyone = len(kept) == len(today.grade_names)
        bounds = {grade: today.bounds[today.grade_names.index(grade)] for grade in chosen["from"]}
        targets = {}
        reach = whole_of(self.reach.value, _REACH)
        share, people = self.lowest.value.strip(), self.dismissed.value.strip()
        if share:
            targets[f"quarter_grade_{today.grade_names[-1]}"] = f"<={share.rstrip(''.join(_PERCENT))}%"
        if people:
            targets["dismissed"] = f"<={people}"
        return {
            "vary": [f"grades.{grade}.{name}" for name, grades in chosen.items() for grade in grades],
            "budget": amount_of(self.budget.value, Decimal(self._headline().cost["cost"]) / FEN_PER_YUAN),
            "targets": targets,
            "keep": [EVERYONE] if everyone else [f"grade:{grade}" for grade in kept],
            "limits": {f"grades.{grade}.from": (bound - reach, bound + reach) for grade, bound in bounds.items()},
            "step": exact(self.step.value),
            "objective": self.objective.value,
        }

    # -- what was found --------------------------------------------------------

    def _solve(self) -> None:
        data, today = self.state.data, self._today()
        apart = data.apart()
        with self._cleared_where_it_fails():
            wish = self._wish()

        def show(found: Callable[[], Solution]) -> None:
            if data is not self.state.data:
                return
            with self._cleared_where_it_fails():
                self._made = _Made(data, today, found())
            self.state.fault = None
            self._frontier = self._picture = None
            self.kept.value = ""
            self._show()

        self.work.run(Message("The nearest policy is looked for …"), lambda: solve(apart, today, **wish), show)

    @contextmanager
    def _cleared_where_it_fails(self) -> Iterator[None]:
        """Take away what was found before, and call figures what the panel calls them."""
        try:
            yield
        except CmpolicyError as error:
            self._clear()
            raise _in_words(error) from None

    def _clear(self) -> None:
        self._made = self._frontier = self._picture = None
        self.kept.value = ""
        self._show()

    def _show(self) -> None:
        made = self._made
        self.found.value = "" if made is None else _found(made.solution, changed=made.today != self._today())
        for part in (self.use, self.sections.box):
            part.layout.display = "none" if made is None else ""
        self.sections.fill()

    def _show_frontier(self) -> None:
        if self._made is None:
            self.frontier.value = ""
            return
        solution = self._made.solution
        if self._frontier is None:
            with self.state.working_on(Message("The frontier is being computed …")):
                self._frontier = solution.frontier()
        self._picture = solution_frontier_figure(solution, self._frontier), _frontier_told(self._frontier)
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self._frontier.attrs["notes"])
        shown = _frontier_table(self._frontier, solution.wish.vary)
        self.frontier.value = f"{svg_of(*self._picture)}{notes}{shown}"

    def _show_losers(self) -> None:
        if self._made is None:
            self.losers.value = ""
            return
        losers = self._made.solution.comparison.losers
        columns = ["staff_id", "name", "area", "baseline", "reform", "difference", "quarters_worse"]
        self.losers.value = first_rows(losers[[name for name in columns if name in losers]], _LOSER_HEADINGS)

    def _take(self) -> None:
        if self._made is not None:
            self.state.replace(self._made.solution.policy)

    def _keep(self) -> None:
        if self._made is not None:
            self.state.save_scenario(self.name.value, self._made.solution.policy)
            text = Message("Kept as {name}.", name=self.name.value.strip())
            self.kept.value = f'<span role="status">{html.escape(str(text))}</span>'


_STARTS = (
    Message("The policy nearest to the enacted one"),
    Message("The policy nearest to the draft, with its points and readings"),
)


def _today_told(headline: Headline) -> str:
    """Say what the starting policy has, beside the boxes for what is wanted."""
    grades, lowest = headline.quarter_grades, [*headline.quarter_grades][-1]
    share = grades[lowest] / (sum(grades.values()) or 1)
    text = Message(
        "The starting policy: cost ¥{cost}; quarters with grade {grade}: {quarters} ({share}); people dismissed: "
        "{dismissed}.",
        cost=in_yuan(headline.cost["cost"]),
        quarters=f"{grades[lowest]:,}",
        grade=lowest,
        share=f"{share:.1%}",
        dismissed=f"{headline.standing['dismissed']:,}",
    )
    return f"<p>{html.escape(str(text))}</p>"


def _in_words(error: CmpolicyError) -> CmpolicyError:
    """Call the figures in an error what the panel calls them."""
    problems = []
    for problem in error.problems:
        named = dict(problem.message.values)
        target = named.get("target")
        if isinstance(target, Target):
            named["target"] = _target_text(target)
        if "name" in named:
            named["name"] = figure_text(str(named["name"]))
        found = replace(problem, message=Message(problem.message.template, **named))
        if problem.value is not None and problem.value.startswith("<="):  # put before what was typed
            expected = Message("a number, or a share such as 5%")
            found = replace(found, value=problem.value.removeprefix("<="), expected=expected)
        problems.append(found)
    return type(error)(error.message, problems)


def _target_text(target: Target) -> Message:
    text = str(target).removeprefix(target.name).strip()
    return Message("{figure} {limit}", figure=figure_text(target.name), limit=text)


def _found(solution: Solution, *, changed: bool) -> str:
    """Say what was found, and write it as cards, what changes, what was asked and the notes."""
    change, effects = solution.comparison, solution.effects
    before, after = (_headline_of(side) for side in (change.baseline, change.reform))
    cards = cards_of(before, after)
    people = Message("people worse off: {count}", count=f"{effects.people_worse_off:,}")
    moved = Message("¥{amount} moved", amount=in_yuan(effects.moved))
    cards.append(told_card(Message("staff-quarters worse off"), f"{effects.worse_off:,}", str(people), str(moved)))
    proved = Message("proved to be the nearest") if not solution.unproved else Message("the search was stopped")
    gap = f"{solution.gap:,}" if solution.wish.objective == "worse_off" else f"¥{solution.gap:,.2f}"
    cards.append(told_card(Message("gap to what may be possible"), gap, str(proved)))
    parts = [f'<div class="cm-said" role="status">{html.escape(_said(solution))}</div>']
    if changed:
        text = Message("It is nearest to a policy that is no longer the starting policy; solve again.")
        parts.append(f'<div class="cm-warning">⚠ {html.escape(str(text))}</div>')
    parts.append(f'<div class="cm-cards">{"".join(cards)}</div>')
    tables = []
    if solution.changes:
        tables.append((Message("What changes in the policy"), changes_table(solution.changes)))
    tables.append((Message("What was asked"), _asked_table(solution)))
    shown = "".join(f"<div><b>{html.escape(str(title))}</b>{one}</div>" for title, one in tables)
    notes = "".join(f"<li>{html.escape(str(note))}</li>" for note in solution.notes)
    return f'{"".join(parts)}<div class="cm-beside">{shown}</div><ul>{notes}</ul>'


def _said(solution: Solution) -> str:
    change = solution.comparison
    before, after = (side.cost["cost"] for side in (change.baseline, change.reform))
    amounts = {"before": in_yuan(before), "after": in_yuan(after), "difference": in_yuan(after - before, signed=True)}
    values = [f"{value_label(one.path)} {value_text(one.before)} → {value_text(one.after)}" for one in solution.changes]
    sentences = [
        Message("Nearest: {values}.", values=list_of(values)) if values else Message("The starting policy does it."),
        Message("The cost goes from ¥{before} to ¥{after} ({difference}).", **amounts),
        Message(
            "Staff-quarters worse off: {quarters}; people worse off: {people}.",
            quarters=f"{solution.effects.worse_off:,}",
            people=f"{solution.effects.people_worse_off:,}",
        ),
    ]
    return " ".join(map(str, sentences))


def _headline_of(outcome: Outcome) -> Headline:
    return Headline(
        quarter_grades=outcome.grade_counts("quarters"),
        month_grades=outcome.grade_counts("months"),
        cost={name: outcome.cost[name] for name in COST},
        standing={name: outcome.standing_counts[name] for name in STANDING},
    )


def _asked_table(solution: Solution) -> str:
    """Write each constraint with its limit, what is reached, and the room that is left."""
    import pandas as pd

    rows = [
        (
            str(figure_text(one.name)),
            f"{'≤' if one.relation == '<=' else '≥'} {constraint_value(one, one.limit)}",
            constraint_value(one, one.achieved),
            constraint_value(one, abs(one.limit - one.achieved)),
        )
        for one in solution.constraints
    ]
    return table(pd.DataFrame(rows, columns=["figure", "limit", "reached", "room"]), _ASKED_HEADINGS)


def _frontier_table(frame: pd.DataFrame, varied: Sequence[str]) -> str:
    shown = frame.copy()
    headings: dict[str, Message | str] = {**_FRONTIER_HEADINGS, "cost": COST_LABELS["cost"]}
    headings |= {path: value_label(path) for path in varied}
    for name in shown.columns:
        if name.endswith("_share"):
            grade = name.removesuffix("_share").rpartition("_")[2]
            shown[name] = 100 * shown[name]
            headings[name] = Message("quarters with grade {grade}, %", grade=grade)
        elif name.startswith("quarter_grade_"):
            headings[name] = Message("quarters with grade {grade}", grade=name.rpartition("_")[2])
    return table(shown, headings)


def _frontier_told(frame: pd.DataFrame) -> str:
    """Say what the figure shows, for those who cannot see it."""
    costs = {"low": f"{frame['cost'].min():,.0f}", "high": f"{frame['cost'].max():,.0f}"}
    return str(Message("Policies: {count}; cost from ¥{low} to ¥{high}", count=len(frame), **costs))


_ASKED_HEADINGS = GRADE_HEADINGS | {
    "limit": Message("limit"),
    "reached": Message("reached"),
    "room": Message("room left"),
}
_LOSER_HEADINGS = GRADE_HEADINGS | {"quarters_worse": Message("quarters with a worse grade")}
_FRONTIER_HEADINGS = {
    "money_moved": Message("money moved"),
    "worse_off": Message("staff-quarters worse off"),
    "people_worse_off": Message("people worse off"),
}
