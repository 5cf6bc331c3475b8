"""Panel: drafts kept under names, compared side by side, and handed over as policy files."""

from __future__ import annotations

import html
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError, PolicyError
from cmpolicy.lab.changes import changes_table
from cmpolicy.lab.compliance import news_line
from cmpolicy.lab.downloads import download_link
from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.lab.state import MOST_COMPARED, Headline
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.policy import FEN_PER_YUAN, Policy, read_reform
from cmpolicy.regulation.yaml_files import parse_yaml
from cmpolicy.report.attribution_figure import setting_label, waterfall_figure
from cmpolicy.report.figures import still_of, svg_of
from cmpolicy.report.labels import DIFFERENCE_LABELS, PARTS_OF_DIFFERENCE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cmpolicy.regulation.policy import Change

ATTRIBUTION_HEADINGS = GRADE_HEADINGS | {
    "before": Message("baseline"),
    "after": Message("reform"),
    "yuan": Message("yuan"),
    "standard_error": Message("standard error"),
    "records": Message("records"),
}

ENACTED, DRAFT = object(), object()
"""Stand in the list of policies to compare beside the scenarios' names, and are none."""


class Scenarios(Panel):
    """Save, load, duplicate and delete drafts; what each changes; up to five side by side; file in and out."""

    title = Message("Scenarios")

    _waterfall: tuple[Figure, str] | None = None
    _parts = ""

    def build(self) -> widgets.Widget:
        """Make the list with its buttons at the left, what differs at the right, the comparison below."""
        bind, label = self.texts.bind, self.texts.label
        self.name = label(
            widgets.Text(layout={"width": "300px"}), Message("Name"), Message("The name under which the draft is kept")
        )
        bind(self.name, placeholder=Message("a name for the draft"))
        self.kept = label(
            widgets.Select(rows=6, layout={"width": "300px"}),
            Message("Kept"),
            Message("Policies kept under a name, for as long as this page is open"),
        )
        self.buttons: dict[str, widgets.Button] = {}
        for key, text, tip, action in (
            ("save", Message("Save the draft"), Message("Keep the draft under this name"), self._save),
            ("load", Message("Load"), Message("Make the chosen scenario the draft"), self._load),
            ("duplicate", Message("Duplicate"), Message("Keep the chosen scenario a second time"), self._duplicate),
            ("delete", Message("Delete"), Message("Take the chosen scenario away"), self._delete),
            ("restore", Message("Restore"), Message("Bring back what was deleted or replaced last"), self._restore),
            ("file", Message("As a file"), Message("The chosen scenario, else the draft, as YAML"), self._hand_over),
        ):
            button = bind(widgets.Button(layout={"width": "auto"}), description=text, tooltip=tip)
            button.on_click(self.guarded(lambda _button, action=action: action()))
            self.buttons[key] = button
        self.upload = bind(
            widgets.FileUpload(accept=".yaml,.yml", multiple=True, layout={"width": "auto"}),
            description=Message("From files (YAML)"),
            tooltip=Message("Policy files, or files of changes; each becomes a scenario of its name"),
        )
        self.upload.observe(self.guarded(lambda change: self._take_files(change["new"])), "value")
        self.link, self.difference, self.comparison = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.compared = label(
            widgets.SelectMultiple(rows=6, layout={"width": "300px"}),
            Message("Compare"),
            Message("Up to five, side by side; hold Ctrl or Shift to choose several"),
        )
        self.compared.observe(self.guarded(lambda _change: self._compare()), "value")
        hint = bind(
            widgets.HTML(),
            value=lambda: (
                f"<small>{Message('Hold Ctrl or Shift to choose several; up to {most}.', most=MOST_COMPARED)}</small>"
            ),
        )
        rows = (
            widgets.HBox([self.name, self.buttons["save"]]),
            self.kept,
            widgets.HBox(
                [self.buttons[key] for key in ("load", "duplicate", "delete", "restore", "file")],
                layout={"flex_flow": "row wrap"},
            ),
            self.upload,
            self.link,
            self.compared,
            hint,
        )
        left = widgets.VBox(rows, layout={"flex": "0 0 auto", "width": "420px", "align_items": "flex-start"})
        self.attribution, self.by_grade, self.by_area = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.attribution.add_class("cm-figure")
        self.sections = Sections(
            self,
            [
                Section(
                    Message("What each change brings"),
                    Message(
                        "The cost difference of draft and enacted policy, taken apart by setting (Shapley's value)"
                    ),
                    self.attribution,
                    self._show_attribution,
                ),
                Section(
                    Message("By grade"),
                    Message("People who move between grades, and changed amounts at a grade"),
                    self.by_grade,
                    self._show_by_grade,
                ),
                Section(
                    Message("By area"), Message("The cost difference in each area"), self.by_area, self._show_by_area
                ),
            ],
        )
        right = widgets.VBox([self.difference, self.comparison], layout={"flex": "1 1 420px", "min_width": "320px"})
        columns = widgets.HBox(
            [left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 24px"}
        )
        return widgets.VBox([columns, self.sections.box])

    def refresh(self) -> None:
        """Follow the kept scenarios and the draft."""
        names = tuple(self.state.scenarios)
        chosen = self.kept.value
        self.kept.options = names
        self.kept.value = chosen if chosen in names else (names[-1] if names else None)
        for key in ("load", "duplicate", "delete"):
            self.buttons[key].disabled = not names
        self.buttons["restore"].disabled = not self.state.deleted
        compared = self.compared.value
        options = [(str(Message("the enacted policy")), ENACTED), (str(Message("the draft")), DRAFT)]
        self.compared.options = [*options, *((name, name) for name in names)]
        known = (ENACTED, DRAFT, *names)
        self.compared.value = tuple(name for name in compared if name in known) or (ENACTED, DRAFT)
        self.link.value = ""
        self.difference.value = _difference(self.state.enacted.diff(self.state.policy)) + news_line(self.state)
        self._compare()
        self.sections.fill()

    def static(self) -> str:
        """Give what the draft changes, what of it is taken apart, and the comparison as HTML."""
        picture = still_of(*self._waterfall) if self._waterfall else ""
        parts = (f"{picture}{self._parts}", self.by_grade.value, self.by_area.value)
        opened = "".join(part for button, part in zip(self.sections.buttons, parts, strict=True) if button.value)
        return f"<h4>{self.title}</h4>{self.difference.value}{opened}{self.comparison.value}"

    def _save(self) -> None:
        self.state.save_scenario(self.name.value)
        self.kept.value = self.name.value.strip()

    def _load(self) -> None:
        self.state.load_scenario(self._chosen())

    def _duplicate(self) -> None:
        self.kept.value = self.state.duplicate_scenario(self._chosen())

    def _delete(self) -> None:
        self.state.delete_scenario(self._chosen())

    def _restore(self) -> None:
        self.kept.value = self.state.restore_scenario()

    def _chosen(self) -> str:
        if self.kept.value is None:
            raise CmpolicyError(Message("No scenario is chosen."))
        name: str = self.kept.value
        return name

    def _hand_over(self) -> None:
        """Offer the chosen scenario, or the draft where none is kept, as a policy file."""
        name = self.kept.value
        policy = self.state.policy if name is None else self.state.scenarios[name]
        safe = "".join(letter if letter.isalnum() or letter in "-_. ()" else "_" for letter in name or policy.id)
        self.state.fault = None
        self.link.value = download_link(f"{safe}.yaml", policy.to_yaml().encode())

    def _take_files(self, files: tuple[dict[str, Any], ...]) -> None:
        """Keep every file's policy as a scenario: all of them, or none where one is not valid."""
        found: dict[str, Policy] = {}
        try:
            for file in files:
                name = PurePath(file["name"].replace("\\", "/")).name
                found[PurePath(name).stem.strip() or name] = _read(name, bytes(file["content"]), self.state.enacted)
        finally:
            self.upload.value = ()  # the same file can be chosen again after it was mended
        for name, policy in found.items():
            self.state.save_scenario(name, policy)
            self.kept.value = name

    def _compare(self) -> None:
        chosen = self.compared.value
        if len(chosen) > MOST_COMPARED:
            self.comparison.value = f"<p>{Message('Choose up to {most} to compare.', most=MOST_COMPARED)}</p>"
            return
        labels = {value: label for label, value in self.compared.options}
        names, headlines, tables, stopped = [], [], [], []
        for value in chosen:
            try:
                headlines.append(self._headline(value))
                names.append(labels[value])
            except PolicyError as error:  # a scenario of other data may ask for what these do not have
                text = Message("{scenario}: {error}", scenario=labels[value], error=error)
                stopped.append(f'<div class="cm-fault">{html.escape(str(text))}</div>')
        rows = _figures(headlines)
        if names:
            tables.append(f"<div><b>{Message('Side by side')}</b>{_table_of(names, rows)}</div>")
        if len(names) > 1:
            title = html.escape(str(Message("Difference from {first}", first=names[0])))
            differences = [(label, [value - values[0] for value in values[1:]]) for label, values in rows]
            tables.append(f"<div><b>{title}</b>{_table_of(names[1:], differences, signed=True)}</div>")
        self.comparison.value = f'{"".join(stopped)}<div class="cm-beside">{"".join(tables)}</div>'

    def _show_attribution(self) -> None:
        change = self.state.comparison
        if change.attribution.empty:
            self._waterfall, self._parts = None, f"<p>{Message('Nothing.')}</p>"
            self.attribution.value = self._parts
            return
        title = Message("What each change brings of the difference, yuan")
        told = list_of(
            [f"{setting_label(str(row.path))} {row.yuan:+,.2f}" for row in change.attribution.itertuples(index=False)]
        )
        self._waterfall = waterfall_figure(change.attribution, title), f"{title}: {told}"
        shown = change.attribution
        if not shown["standard_error"].any():
            shown = shown.drop(columns="standard_error")
        notes = "".join(f"<p><small>{html.escape(str(note))}</small></p>" for note in change.attribution_notes)
        self._parts = f"{table(shown, ATTRIBUTION_HEADINGS, signed=['yuan'])}{notes}"
        self.attribution.value = f"{svg_of(*self._waterfall)}{self._parts}"

    def _show_by_grade(self) -> None:
        parts = list(PARTS_OF_DIFFERENCE)
        frame = self.state.comparison.by_grade
        frame = frame[(frame[parts] != 0).any(axis=1)]
        if frame.empty:
            self.by_grade.value = f"<p>{Message('Nothing.')}</p>"
            return
        shown = frame[["component", "baseline", "records"]].rename(columns={"baseline": "grade"})
        shown["component"] = [str(DIFFERENCE_LABELS[name]) for name in frame["component"]]
        shown["grade"] += [f" → {grade}" if grade else "" for grade in frame["reform"]]
        shown[parts] = frame[parts].where(frame[parts] != 0)
        self.by_grade.value = table(shown, ATTRIBUTION_HEADINGS | PARTS_OF_DIFFERENCE, signed=parts)

    def _show_by_area(self) -> None:
        shown = self.state.comparison.by_area[["baseline", "reform", "difference"]].reset_index()
        shown = shown[shown["difference"] != 0]
        self.by_area.value = table(shown, GRADE_HEADINGS) if len(shown) else f"<p>{Message('Nothing.')}</p>"

    def _headline(self, side: Any) -> Headline:
        if side is ENACTED:
            return self.state.baseline_headline
        if side is DRAFT:
            return self.state.headline
        return self.state.scenario_headline(side)


def _read(name: str, content: bytes, baseline: Policy) -> Policy:
    """Read a policy or changes to one from a file's content.

    Raises
    ------
    CmpolicyError
        If the file cannot be used; names it, since several may have been chosen.
    """
    try:
        return read_reform(parse_yaml(content.decode("utf-8-sig")), baseline, source=name)
    except UnicodeDecodeError:
        raise CmpolicyError(Message("The file {name} is not text in UTF-8.", name=name)) from None
    except PolicyError as error:
        raise PolicyError(Message("{place}: {message}", place=name, message=error.message), error.problems) from None


def _difference(changes: list[Change]) -> str:
    title = f"<b>{Message('What the draft changes in the enacted policy')}</b>"
    return title + (changes_table(changes) if changes else f"<p>{Message('Nothing.')}</p>")


_COMPARED_COST = ("cost", "payout", "service_bonus", "revenue_bonus", "cash_effect")
_COMPARED_STANDING = ("observed", "dismissed")


def _figures(headlines: list[Headline]) -> list[tuple[str, list[float]]]:
    """Give each figure of several policies under its name; yuan as floats, counts as integers."""
    grades = tuple(dict.fromkeys(name for headline in headlines for name in headline.quarter_grades))
    rows = [
        (str(COST_LABELS[name]), [headline.cost[name] / FEN_PER_YUAN for headline in headlines])
        for name in _COMPARED_COST
    ]
    rows += [
        (
            str(Message("quarters with grade {grade}", grade=name)),
            [headline.quarter_grades.get(name, 0) for headline in headlines],
        )
        for name in grades
    ]
    rows += [
        (str(COST_LABELS[name]), [headline.standing[name] for headline in headlines]) for name in _COMPARED_STANDING
    ]
    return rows


def _table_of(names: list[str], rows: list[tuple[str, list[float]]], *, signed: bool = False) -> str:
    """Write one row a figure, one column a policy."""
    import pandas as pd

    columns = [str(Message("figure")), *names]
    frame = pd.DataFrame([(label, *values) for label, values in rows], columns=columns, dtype=object)
    return table(frame, signed=names if signed else ())
