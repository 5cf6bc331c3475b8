"""Panel: the data behind everything: a workbook or CSV files from the browser, or synthetic staff with knobs."""

from __future__ import annotations

import html
import tempfile
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError, DataError
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.messages import Message
from cmpolicy.staff.read import read_staff
from cmpolicy.staff.synthetic import SyntheticKnobs, synthesize

if TYPE_CHECKING:
    from cmpolicy.errors import Problem
    from cmpolicy.staff.data import StaffData

MOST_UPLOAD = 50_000_000
"""The largest upload that is read, bytes; the app lets as much through."""
SHOWN_PROBLEMS = 200
_KNOBS = {
    "service_shift": Message("Service level, points"),
    "ability_spread": Message("Spread between people, points"),
    "month_spread": Message("Spread between months, points"),
    "season_strength": Message("Strength of seasons"),
    "joiners_a_year": Message("Joiners a year, share"),
    "leavers_a_year": Message("Leavers a year, share"),
    "missing_months": Message("Months not assessed, share"),
    "fraud": Message("Months with fraud, share"),
    "revenue_level": Message("Revenue base of an area, yuan"),
    "revenue_growth": Message("Growth of revenue a year, share"),
}


class Data(Panel):
    """Upload a workbook or CSV files, or make synthetic staff; problems are listed with row and column."""

    title = Message("Data")

    def build(self) -> widgets.Widget:
        """Make upload and knobs at the left, what was read or what is wrong at the right."""
        bind = self.texts.bind
        self.upload = bind(
            widgets.FileUpload(accept=".xlsx,.csv,.parquet", multiple=True, layout={"width": "auto"}),
            description=Message("Upload a workbook or CSV files"),
            tooltip=Message("One .xlsx with a sheet a table, or one CSV a table named months.csv or 月度.csv …"),
        )
        self.upload.observe(self.guarded(lambda change: self._read(change["new"])), "value")
        limit = bind(widgets.HTML(), value=self._limit)
        self.people = self._number(widgets.BoundedIntText(value=60, min=1, max=200_000), Message("People"))
        self.months = self._number(widgets.BoundedIntText(value=36, min=1, max=120), Message("Months"))
        self.seed = self._number(widgets.BoundedIntText(value=1, min=0, max=1_000_000), Message("Seed"))
        usual = asdict(SyntheticKnobs())
        self.knobs = {
            name: self._number(widgets.FloatText(value=usual[name], step=0.05), text) for name, text in _KNOBS.items()
        }
        self.make = bind(
            widgets.Button(layout={"width": "auto"}),
            description=Message("Make synthetic staff"),
            tooltip=Message("Invent people with these knobs; the same seed gives the same people"),
        )
        self.make.on_click(self.guarded(lambda _button: self._synthesize()))
        self.found, self.problems = widgets.HTML(), widgets.HTML()
        knobs = widgets.Accordion([widgets.VBox(list(self.knobs.values()))])
        bind(knobs, titles=lambda: (str(Message("More knobs")),))
        left = widgets.VBox(
            [self.upload, limit, self.people, self.months, self.seed, knobs, self.make],
            layout={"width": "420px", "flex": "0 0 auto"},
        )
        right = widgets.VBox([self.problems, self.found], layout={"flex": "1 1 420px", "min_width": "320px"})
        return widgets.HBox([left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start"})

    def _number(self, box: Any, text: Message) -> Any:
        box.style.description_width = "210px"
        box.layout.width = "330px"
        return self.texts.bind(box, description=text, tooltip=text)

    def refresh(self) -> None:
        """Show what the data hold, with their notes."""
        import pandas as pd

        data = self.state.data
        rows = [(str(Message("people")), len(data.staff_ids)), *((n, one.length) for n, one in data.tables.items())]
        notes = "".join(f"<li>{html.escape(str(note))}</li>" for note in data.notes)
        self.found.value = (
            f"<b>{html.escape(str(Message('Read from {source}', source=data.source)))}</b>"
            f"{table(pd.DataFrame(rows, columns=['table', 'rows']), GRADE_HEADINGS)}<ul>{notes}</ul>"
        )

    def static(self) -> str:
        """Give what the data hold as HTML."""
        return f"<h4>{self.title}</h4>{self.problems.value}{self.found.value}"

    def _limit(self) -> str:
        most = MOST_UPLOAD // 1_000_000
        return f"<small>{Message('Up to {most} MB. Files stay in this page and are not kept.', most=most)}</small>"

    def _read(self, files: tuple[dict[str, Any], ...]) -> None:
        """Read uploaded files and use them; where anything is wrong the data from before stay."""
        if not files:
            return
        size = sum(len(file["content"]) for file in files)
        self.problems.value = ""
        try:
            if size > MOST_UPLOAD:
                text = "The upload has {size} MB; up to {most} MB are read here. The command cmpolicy reads any size."
                raise CmpolicyError(Message(text, size=size // 1_000_000, most=MOST_UPLOAD // 1_000_000))
            with self.state.working_on(Message("The files are being read …")):
                self.state.use_data(_read_files(files))
        except DataError as error:
            self.state.fault = None
            self.problems.value = _problem_list(error)
        finally:
            self.upload.value = ()  # the same file can be chosen again after it was mended

    def _synthesize(self) -> None:
        knobs = SyntheticKnobs(**{name: box.value for name, box in self.knobs.items()})
        self.problems.value = ""
        with self.state.working_on(Message("Synthetic staff are being made …")):
            data = synthesize(self.people.value, self.months.value, self.seed.value, knobs=knobs)
            self.state.use_data(data)


def _read_files(files: tuple[dict[str, Any], ...]) -> StaffData:
    """Read files from a browser: their names are only names, never paths."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for file in files:
            path = Path(folder) / PurePath(file["name"].replace("\\", "/")).name
            path.write_bytes(file["content"])
            paths.append(path)
        alone = len(paths) == 1 and paths[0].suffix.lower() not in (".csv", ".parquet")
        names = ", ".join(path.name for path in paths)
        source = paths[0] if alone else Path(folder)
        try:
            return replace(read_staff(source), source=names)
        except DataError as error:
            # Where the files lay for a moment means nothing to the person who chose them.
            told = str(error.message).replace(str(source), names)
            raise DataError(Message("{text}", text=told), error.problems) from None


def _problem_list(error: DataError) -> str:
    import pandas as pd

    columns = ["table", "row", "staff_id", "column", "value", "problem", "expected"]
    frame = pd.DataFrame([_problem_row(problem) for problem in error.problems], columns=columns, dtype=object)
    shown = frame.head(SHOWN_PROBLEMS).dropna(axis="columns", how="all")
    count = Message("{count} problems; nothing was changed.", count=len(frame))
    title = html.escape(str(error.message))
    return f'<div class="cm-fault" role="alert"><b>{title}</b> {count}</div>{table(shown, GRADE_HEADINGS)}'


def _problem_row(problem: Problem) -> tuple[object, ...]:
    column = problem.column
    if column is not None and problem.heading not in (None, column):
        column = f"{column} ({problem.heading})"
    expected = None if problem.expected is None else str(problem.expected)
    where = (problem.table, problem.row, problem.staff_id, column, problem.value)
    return (*where, str(problem.message), expected)
