"""Panel: the data behind everything: a workbook or CSV files from the browser, or synthetic staff with knobs."""

from __future__ import annotations

import html
import tempfile
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from cmpolicy.errors import CmpolicyError, DataError
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message, language
from cmpolicy.staff.data import period_names
from cmpolicy.staff.read import read_staff
from cmpolicy.staff.schema import TABLES
from cmpolicy.staff.synthetic import SyntheticKnobs, synthesize

if TYPE_CHECKING:
    from cmpolicy.errors import Problem
    from cmpolicy.staff.data import StaffData

MOST_UPLOAD = 50_000_000
"""The largest upload that is read, bytes; the app lets as much through."""
SHOWN_PROBLEMS = 200
_LONGEST_NAME = 255
"""The longest file name that systems take, bytes."""
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
        self._wrong: DataError | None = None
        self.upload = bind(
            widgets.FileUpload(accept=".xlsx,.csv,.parquet", multiple=True, layout={"width": "auto"}),
            description=Message("Upload a workbook or CSV files"),
            tooltip=Message("One .xlsx with a sheet a table, or one CSV a table named months.csv or 月度.csv …"),
        )
        self.upload.observe(self.guarded(lambda change: self._read(change["new"])), "value")
        limit = bind(widgets.HTML(), value=self._limit)
        or_else = bind(widgets.HTML(), value=lambda: f"<b>{Message('Or invented people')}</b>")
        self.people = self.labelled(widgets.BoundedIntText(value=60, min=1, max=200_000), Message("People"))
        self.months = self.labelled(widgets.BoundedIntText(value=36, min=1, max=120), Message("Number of months"))
        self.seed = self.labelled(widgets.BoundedIntText(value=1, min=0, max=1_000_000), Message("Seed"))
        usual = asdict(SyntheticKnobs())
        self.knobs = {
            name: self.labelled(widgets.FloatText(value=usual[name], step=0.05), text) for name, text in _KNOBS.items()
        }
        self.make = bind(
            widgets.Button(layout={"width": "auto"}),
            description=Message("Make synthetic staff"),
            tooltip=Message("Invent people with these knobs; the same seed gives the same people"),
        )
        self.make.on_click(self.guarded(lambda _button: self._synthesize()))
        self.found, self.problems = widgets.HTML(), widgets.HTML()
        self.sections = Sections(
            self,
            [
                Section(
                    Message("More knobs"),
                    Message("How the invented people and their records come out"),
                    widgets.VBox(list(self.knobs.values())),
                    lambda: None,
                )
            ],
        )
        left = widgets.VBox(
            [self.upload, limit, or_else, self.people, self.months, self.seed, self.sections.box, self.make],
            layout={"flex": "0 0 auto", "width": "400px", "align_items": "flex-start"},
        )
        right = widgets.VBox([self.problems, self.found], layout={"flex": "1 1 420px", "min_width": "320px"})
        return widgets.HBox(
            [left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 24px"}
        )

    def refresh(self) -> None:
        """Show what the data hold, with their notes; and what was wrong with an upload that could not be used."""
        import pandas as pd

        data = self.state.data
        rows = [(str(Message("people")), len(data.staff_ids))]
        rows += [(_table_name(name), one.length) for name, one in data.tables.items()]
        panel = data.panel
        first, last = (str(name) for name in period_names(np.array([panel.first_month, panel.last_month]), "month"))
        source = Message("Read from {source}", source=data.source)
        span = Message("Months {first} to {last}", first=first, last=last)
        notes = "".join(f"<li>{html.escape(str(note))}</li>" for note in (*data.notes, *data.remarks))
        self.found.value = (
            f"<b>{html.escape(str(source))}</b><p>{span}</p>"
            f"{table(pd.DataFrame(rows, columns=['table', 'rows']), GRADE_HEADINGS)}<ul>{notes}</ul>"
        )
        self.problems.value = "" if self._wrong is None else _problem_list(self._wrong)

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
        self._wrong = None
        try:
            if size > MOST_UPLOAD:
                raise CmpolicyError(
                    Message(
                        "The upload has {size} MB; up to {most} MB are read here. The command cmpolicy reads any size.",
                        size=size // 1_000_000,
                        most=MOST_UPLOAD // 1_000_000,
                    )
                )
            with self.state.working_on(Message("The files are being read …")):
                self.state.use_data(_read_files(files))
        except DataError as error:
            self.state.fault = None
            self._wrong = error
        finally:
            self.upload.value = ()  # the same file can be chosen again after it was mended
            self.refresh()

    def _synthesize(self) -> None:
        knobs = SyntheticKnobs(**{name: box.value for name, box in self.knobs.items()})
        with self.state.working_on(Message("Synthetic staff are being made …")):
            data = synthesize(self.people.value, self.months.value, self.seed.value, knobs=knobs)
            self._wrong = None
            self.state.use_data(data)


def _read_files(files: tuple[dict[str, Any], ...]) -> StaffData:
    """Read files from a browser: their names are only names, never paths."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / _plain_name(file["name"]) for file in files]
        for path, file in zip(paths, files, strict=True):
            path.write_bytes(file["content"])
        alone = len(paths) == 1 and paths[0].suffix.lower() not in (".csv", ".parquet")
        names = ", ".join(path.name for path in paths)
        source = paths[0] if alone else Path(folder)
        try:
            return replace(read_staff(source), source=names)
        except DataError as error:
            # Where the files lay for a moment means nothing to the person who chose them.
            told = str(error.message).replace(str(source), names)
            raise DataError(Message("{text}", text=told), error.problems) from None


def _plain_name(name: str) -> str:
    """Give the name without any folder.

    Raises
    ------
    CmpolicyError
        If it is no name that a file can have.
    """
    plain = PurePath(name.replace("\\", "/")).name
    if plain in ("", "..") or "\0" in plain or len(plain.encode()) > _LONGEST_NAME:
        raise CmpolicyError(Message("The file name {name} cannot be used.", name=name))
    return plain


def _table_name(name: str) -> str:
    """Give a table's name, with its Chinese heading where the text is Chinese."""
    return f"{TABLES[name].heading} ({name})" if language() == "zh" else name


def _problem_list(error: DataError) -> str:
    import pandas as pd

    columns = ["table", "row", "staff_id", "column", "value", "problem", "expected"]
    frame = pd.DataFrame([_problem_row(problem) for problem in error.problems], columns=columns, dtype=object)
    shown = frame.head(SHOWN_PROBLEMS).dropna(axis="columns", how="all")
    count = Message("Problems: {count}. Nothing was changed.", count=len(frame))
    title = html.escape(str(error.message))
    return f'<div class="cm-fault" role="alert"><b>{title}</b> {count}</div>{table(shown, GRADE_HEADINGS)}'


def _problem_row(problem: Problem) -> tuple[object, ...]:
    column = problem.column
    if column is not None and problem.heading not in (None, column):
        column = f"{column} ({problem.heading})"
    expected = None if problem.expected is None else str(problem.expected)
    where = (problem.table, problem.row, problem.staff_id, column, problem.value)
    return (*where, str(problem.message), expected)
