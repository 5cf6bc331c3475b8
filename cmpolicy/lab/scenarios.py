"""Panel: drafts kept under names, compared side by side, and handed over as policy files."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.lab.downloads import download_link
from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.state import MOST_COMPARED, Headline, headline_of
from cmpolicy.messages import Message
from cmpolicy.regulation.clauses import clause_text
from cmpolicy.regulation.policy import FEN_PER_YUAN, Policy, read_reform
from cmpolicy.regulation.yaml_files import parse_yaml

if TYPE_CHECKING:
    import pandas as pd

    from cmpolicy.regulation.policy import Change

ENACTED_NAME = "*enacted"
DRAFT_NAME = "*draft"


class Scenarios(Panel):
    """Save, load, duplicate and delete drafts; what each changes; up to five side by side; file in and out."""

    title = Message("Scenarios")

    def build(self) -> widgets.Widget:
        """Make the list with its buttons at the left, what differs at the right, the comparison below."""
        bind = self.texts.bind
        self.name = bind(
            widgets.Text(layout={"width": "300px"}),
            description=Message("Name"),
            placeholder=Message("a name for the draft"),
            tooltip=Message("The name under which the draft is kept"),
        )
        self.kept = bind(
            widgets.Select(rows=6, layout={"width": "300px"}),
            description=Message("Kept"),
            tooltip=Message("The scenarios that are kept"),
        )
        self.buttons: dict[str, widgets.Button] = {}
        for key, text, action in (
            ("save", Message("Save the draft"), self._save),
            ("load", Message("Load"), self._load),
            ("duplicate", Message("Duplicate"), self._duplicate),
            ("delete", Message("Delete"), self._delete),
            ("file", Message("As a file"), self._hand_over),
        ):
            button = bind(widgets.Button(layout={"width": "auto"}), description=text, tooltip=text)
            button.on_click(self.guarded(lambda _button, action=action: action()))
            self.buttons[key] = button
        self.upload = bind(
            widgets.FileUpload(accept=".yaml,.yml", multiple=True, layout={"width": "auto"}),
            description=Message("From files (YAML)"),
            tooltip=Message("Policy files, or files of changes; each becomes a scenario of its name"),
        )
        self.upload.observe(self.guarded(lambda change: self._take_files(change["new"])), "value")
        self.link, self.difference, self.comparison = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.compared = bind(
            widgets.SelectMultiple(rows=6, layout={"width": "300px"}),
            description=Message("Compare"),
            tooltip=Message("Up to five, side by side; hold Ctrl or Shift to choose several"),
        )
        self.compared.observe(self.guarded(lambda _change: self._compare()), "value")
        rows = (
            widgets.HBox([self.name, self.buttons["save"]]),
            self.kept,
            widgets.HBox(
                [self.buttons[key] for key in ("load", "duplicate", "delete", "file")],
                layout={"flex_flow": "row wrap"},
            ),
            self.upload,
            self.link,
            self.compared,
        )
        left = widgets.VBox(rows, layout={"flex": "0 0 auto", "width": "440px"})
        right = widgets.VBox([self.difference, self.comparison], layout={"flex": "1 1 420px", "min_width": "320px"})
        return widgets.HBox([left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start"})

    def refresh(self) -> None:
        """Follow the kept scenarios and the draft."""
        names = tuple(self.state.scenarios)
        chosen = self.kept.value
        self.kept.options = names
        self.kept.value = chosen if chosen in names else (names[-1] if names else None)
        for key in ("load", "duplicate", "delete"):
            self.buttons[key].disabled = not names
        compared = self.compared.value
        options = [(str(Message("the enacted policy")), ENACTED_NAME), (str(Message("the draft")), DRAFT_NAME)]
        self.compared.options = [*options, *((name, name) for name in names)]
        known = {value for _label, value in self.compared.options}
        self.compared.value = tuple(name for name in compared if name in known) or (ENACTED_NAME, DRAFT_NAME)
        self.link.value = ""
        self.difference.value = _difference(self.state.enacted.diff(self.state.policy))
        self._compare()

    def static(self) -> str:
        """Give what the draft changes and the comparison as HTML."""
        return f"<h4>{self.title}</h4>{self.difference.value}{self.comparison.value}"

    def _save(self) -> None:
        self.state.save_scenario(self.name.value)
        self.kept.value = self.name.value.strip()

    def _load(self) -> None:
        self.state.load_scenario(self._chosen())

    def _duplicate(self) -> None:
        self.kept.value = self.state.duplicate_scenario(self._chosen())

    def _delete(self) -> None:
        self.state.delete_scenario(self._chosen())

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
        for file in files:
            try:
                text = bytes(file["content"]).decode("utf-8-sig")
            except UnicodeDecodeError:
                raise CmpolicyError(Message("The file {name} is not text in UTF-8.", name=file["name"])) from None
            found[PurePath(file["name"]).stem] = read_reform(parse_yaml(text), self.state.enacted, source=file["name"])
        if found:
            self.state.fault = None
            self.state.scenarios = {**self.state.scenarios, **found}
            self.kept.value = next(iter(found))

    def _compare(self) -> None:
        chosen = self.compared.value
        if len(chosen) > MOST_COMPARED:
            self.comparison.value = f"<p>{Message('Choose up to {most} to compare.', most=MOST_COMPARED)}</p>"
            return
        labels = {value: label for label, value in self.compared.options}
        sides = {labels[name]: self._headline(name) for name in chosen}
        self.comparison.value = f"<b>{Message('Side by side')}</b>{table(_side_by_side(sides), GRADE_HEADINGS)}"

    def _headline(self, name: str) -> Headline:
        if name == ENACTED_NAME:
            return self.state.baseline_headline
        if name == DRAFT_NAME:
            return self.state.headline
        return headline_of(self.state.data, self.state.scenarios[name])


def _difference(changes: list[Change]) -> str:
    import pandas as pd

    title = f"<b>{Message('What the draft changes in the enacted policy')}</b>"
    if not changes:
        return f"{title}<p>{Message('Nothing.')}</p>"
    rows = [
        (change.path, change.clause, clause_text(change.clause.split(", ")[0]).title, *map(_shown, change[2:]))
        for change in changes
    ]
    return title + table(
        pd.DataFrame(rows, columns=["path", "clause", "meaning", "baseline", "reform"]), GRADE_HEADINGS
    )


def _shown(value: object) -> str:
    return "–" if value is None else f"{value:f}" if not isinstance(value, str | int) else str(value)


_COMPARED_COST = ("cost", "payout", "service_bonus", "revenue_bonus", "cash_effect")
_COMPARED_STANDING = ("observed", "dismissed")


def _side_by_side(sides: dict[str, Headline]) -> pd.DataFrame:
    """One row a figure, one column a policy; as text, since some rows are yuan and some are counts."""
    import pandas as pd

    grades = tuple(dict.fromkeys(name for headline in sides.values() for name in headline.quarter_grades))
    labels = [
        *(COST_LABELS[name] for name in _COMPARED_COST),
        *(Message("quarters with grade {grade}", grade=name) for name in grades),
        *(COST_LABELS[name] for name in _COMPARED_STANDING),
    ]
    columns = {"figure": [str(label) for label in labels]}
    for name, headline in sides.items():
        columns[name] = [
            *(f"{headline.cost[component] / FEN_PER_YUAN:,.2f}" for component in _COMPARED_COST),
            *(f"{headline.quarter_grades.get(grade, 0):,}" for grade in grades),
            *(f"{headline.standing[standing]:,}" for standing in _COMPARED_STANDING),
        ]
    return pd.DataFrame(columns)
