"""Panel: results, policy and figures as files, made when they are asked for and handed to the browser."""

from __future__ import annotations

import base64
import html
import io
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.insight.compliance.comply import legal_news, news_frame
from cmpolicy.lab.panel import Panel
from cmpolicy.messages import Message
from cmpolicy.report.figures import GradeMixFigure, image_of
from cmpolicy.report.files import write_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from cmpolicy.lab.state import LabState

MOST_BYTES = 60_000_000
"""The largest file that is handed over inside the page; browsers stop at more."""

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "yaml": "application/yaml",
    "png": "image/png",
    "svg": "image/svg+xml",
    "html": "text/html",
}


def download_link(name: str, content: bytes) -> str:
    """Make a link that holds a file's content, so that no file has to lie on a server.

    Raises
    ------
    CmpolicyError
        If the file is too large for that; names the command that writes it.
    """
    if len(content) > MOST_BYTES:
        size, most = len(content) // 1_000_000, MOST_BYTES // 1_000_000
        raise CmpolicyError(
            Message(
                "The file has {size} MB; a page hands over {most} MB. The command cmpolicy appraise --out writes it.",
                size=size,
                most=most,
            )
        )
    kind = _TYPES[name.rpartition(".")[2]]
    shown, data = html.escape(name, quote=True), base64.b64encode(content).decode()
    text = html.escape(str(Message("Save {name}", name=name)))
    return f'<a class="cm-download" download="{shown}" href="data:{kind};base64,{data}">{text}</a>'


class Downloads(Panel):
    """Buttons that make files of what the other panels show."""

    title = Message("Downloads")

    def build(self) -> widgets.Widget:
        """Make a button and a place for its link, for each file."""
        self.links: dict[str, widgets.HTML] = {}
        rows = []
        for name, (text, make) in _FILES.items():
            button = self.texts.bind(widgets.Button(layout={"width": "260px"}), description=text, tooltip=text)
            link = widgets.HTML()
            button.on_click(self.guarded(lambda _button, name=name, make=make: self._hand_over(name, make)))
            self.links[name] = link
            rows.append(widgets.HBox([button, link], layout={"align_items": "center"}))
        said = self.texts.bind(
            widgets.HTML(),
            value=lambda: (
                f"<p>{Message('A button makes its file of the draft as it stands; the link beside it saves it.')}</p>"
            ),
        )
        return widgets.VBox([said, *rows])

    def refresh(self) -> None:
        """Take links away: they hold results of an earlier draft."""
        for link in self.links.values():
            link.value = ""

    def static(self) -> str:
        """Say what can be saved."""
        items = "".join(f"<li>{html.escape(str(text))}</li>" for text, _make in _FILES.values())
        return f"<h4>{self.title}</h4><ul>{items}</ul>"

    def _hand_over(self, name: str, make: Callable[[LabState], bytes]) -> None:
        self.state.fault = None
        with self.state.working_on(Message("The file {name} is being made …", name=name)):
            self.links[name].value = download_link(name, make(self.state))


def _tables(state: LabState, file_format: Literal["csv", "xlsx"]) -> dict[str, bytes]:
    """Write the tables of the draft's outcome, and what it changes, as files; give their contents."""
    change = state.comparison
    tables: dict[str, pd.DataFrame] = {**state.outcome.tables, "comparison_cost": change.cost.reset_index()}
    tables["comparison_people"] = change.people
    tables["comparison_legal_findings"] = news_frame(legal_news(change))
    with tempfile.TemporaryDirectory() as folder:
        write_tables(tables, Path(folder), file_format, stem="results")
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}


def _zipped_csv(state: LabState) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _tables(state, "csv").items():
            archive.writestr(name, content)
    return file.getvalue()


def _figure(state: LabState, kind: Literal["png", "svg"]) -> bytes:
    picture = GradeMixFigure()
    sides = (state.baseline_headline.quarter_grades, state.headline.quarter_grades)
    picture.draw(*sides, Message("Grades of quarters, before and after"), Message("staff-quarters"))
    return image_of(picture.figure, kind)


_FILES: dict[str, tuple[Message, Callable[[LabState], bytes]]] = {
    "results.xlsx": (Message("Result tables as a workbook"), lambda state: _tables(state, "xlsx")["results.xlsx"]),
    "results.zip": (Message("Result tables as CSV"), _zipped_csv),
    "policy.yaml": (Message("The draft policy as YAML"), lambda state: state.policy.to_yaml().encode()),
    "grades.png": (Message("Figure of the grades as PNG"), lambda state: _figure(state, "png")),
    "grades.svg": (Message("Figure of the grades as SVG"), lambda state: _figure(state, "svg")),
}
