"""Panel: what the law says about the draft, what is new against the enacted policy, and what could not be checked."""

from __future__ import annotations

import html
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError, PolicyError
from cmpolicy.insight.compliance.comply import (
    NOT_ADVICE,
    check_text,
    comply,
    findings_frame,
    legal_news,
    what_is_new,
)
from cmpolicy.insight.compliance.comply import Compliance as Checked
from cmpolicy.insight.compliance.findings import SEVERITIES, where
from cmpolicy.insight.compliance.records import Records, records_of
from cmpolicy.insight.compliance.regions import read_regions
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.yaml_files import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from cmpolicy.insight.compliance.comply import News
    from cmpolicy.insight.compliance.findings import Finding
    from cmpolicy.lab.state import LabState

MOST_CHECKED_AT_ONCE = 5_000
"""With more people a line beside other controls tells only what follows from the settings."""
HEADINGS = GRADE_HEADINGS | {
    "check": Message("check"),
    "severity": Message("severity"),
    "finding": Message("finding"),
    "where": Message("where"),
    "title": Message("what it is about"),
    "article": Message("article"),
    "cure": Message("what would cure it"),
    "source": Message("source"),
    "missing": Message("what is missing"),
    "from": Message("in use from"),
    "origin": Message("origin"),
}


class Compliance(Panel):
    """Findings of the draft and their cures; what is new; a region and a compliance file to check more."""

    title = Message("Compliance")

    def build(self) -> widgets.Widget:
        """Make region and upload above, what is new and the findings below."""
        bind = self.texts.bind
        self._records = Records()
        self.found: Checked | None = None
        self.region = self.texts.label(
            widgets.Dropdown(options=[("", "")], value="", layout={"width": "300px"}),
            Message("Region"),
            Message("Whose minimum wage and limits of payment count"),
        )
        bind(self.region, options=_regions)
        self.region.observe(self.guarded(lambda _change: self._choose()), "value")
        self.upload = bind(
            widgets.FileUpload(accept=".yaml,.yml", multiple=False, layout={"width": "auto"}),
            description=Message("Compliance file (YAML)"),
            tooltip=Message("Consent, notice, insurance and whatever else the tables do not hold"),
        )
        self.upload.observe(self.guarded(lambda change: self._read(change["new"])), "value")
        self.forget = bind(
            widgets.Button(disabled=True, layout={"width": "auto"}),
            description=Message("Without the file"),
            tooltip=Message("Check again without the compliance file"),
        )
        self.forget.on_click(self.guarded(lambda _button: self._use(Records())))
        self.said, self.news = widgets.HTML(), widgets.HTML()
        self.findings, self.cures, self.lacking, self.regional = (widgets.HTML() for _ in range(4))
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Findings"),
                    Message("What is wrong under the draft, and for whom"),
                    self.findings,
                    self._show_findings,
                ),
                Section(
                    Message("What would cure them"),
                    Message("Article, cure and source of each finding"),
                    self.cures,
                    self._show_cures,
                ),
                Section(
                    Message("Not checked"),
                    Message("What is missing to check it"),
                    self.lacking,
                    self._show_lacking,
                ),
                Section(
                    Message("Regional figures"),
                    Message("What the region's figures are, since when, and from where"),
                    self.regional,
                    self._show_regional,
                ),
            ],
        )
        self.sections.buttons[0].value = True
        controls = widgets.HBox(
            [self.region, self.upload, self.forget], layout={"flex_flow": "row wrap", "align_items": "center"}
        )
        return widgets.VBox([controls, self.said, self.news, self.sections.box])

    def refresh(self) -> None:
        """Check the enacted policy and the draft, and show what differs."""
        self.forget.disabled = self._records == Records()
        given: dict[str, Any] = {"region": self.region.value or None, "records": self._records}
        state = self.state
        self.found = None
        try:
            before = comply(outcome=state.baseline, **given)
            changed = None if state.policy == state.enacted else state.baseline
            self.found = comply(outcome=state.outcome, baseline=changed, **given)
        except PolicyError:
            raise
        except CmpolicyError as error:  # the file is of other data: it stays until it is taken away
            self.said.value = f'<div class="cm-fault" role="alert">{html.escape(str(error))}</div>'
            self.news.value = self.findings.value = self.cures.value = self.lacking.value = self.regional.value = ""
            return
        self.said.value = f"{_counted(self.found)}<p><small>{html.escape(str(NOT_ADVICE))}</small></p>"
        self.news.value = "" if changed is None else _news(what_is_new(before, self.found))
        self.sections.fill()

    def static(self) -> str:
        """Give what is new and the findings as HTML."""
        shown = (self.findings, self.cures, self.lacking, self.regional)
        parts = zip(self.sections.buttons, shown, strict=True)
        opened = "".join(part.value for button, part in parts if button.value)
        return f"<h4>{self.title}</h4>{self.said.value}{self.news.value}{opened}"

    def _show_findings(self) -> None:
        if self.found is not None:
            self.findings.value = _table(self.found.findings)

    def _show_cures(self) -> None:
        if self.found is not None:
            self.cures.value = table(self.found.cures, HEADINGS)

    def _show_lacking(self) -> None:
        if self.found is not None:
            frame = self.found.checks[["check", "title", "missing"]]
            self.lacking.value = table(frame[frame["missing"] != ""], HEADINGS)

    def _show_regional(self) -> None:
        if self.found is not None:
            frame = self.found.regional
            frame = frame.assign(**{"from": frame["from"].astype(str)})
            none = f"<p>{html.escape(str(Message('No region is chosen.')))}</p>"
            self.regional.value = none if frame.empty else table(frame, HEADINGS)

    def _choose(self) -> None:
        if not self.texts.relabelling:
            self._invalidate()

    def _read(self, files: Sequence[dict[str, Any]]) -> None:
        """Take a compliance file; where anything in it is wrong what was there before stays."""
        if not files:
            return
        name = PurePath(files[0]["name"].replace("\\", "/")).name
        try:
            self._use(
                records_of(parse_yaml(bytes(files[0]["content"]).decode("utf-8-sig")), name, self.state.data.places)
            )
        except UnicodeDecodeError:
            raise CmpolicyError(Message("The file {name} is not text in UTF-8.", name=name)) from None
        finally:
            self.upload.value = ()  # the same file can be chosen again after it was mended

    def _use(self, records: Records) -> None:
        given: dict[str, Any] = {"region": self.region.value or None, "records": records}
        found = comply(outcome=self.state.baseline, **given)  # refuses what does not fit the data
        self._records = records
        self.state.fault = None
        if found.region is not None:
            self.region.value = found.region.id
        self._invalidate()


def news_line(state: LabState) -> str:
    """Say in one line which legal findings the draft brings and cures, for beside a comparison; empty for none."""
    if len(state.data.staff_ids) <= MOST_CHECKED_AT_ONCE:
        news = legal_news(state.comparison)
    else:
        news = what_is_new(comply(state.enacted), comply(state.policy, baseline=state.enacted))
    return "" if state.policy == state.enacted else _in_words(news)


def _regions() -> list[tuple[str, str]]:
    return [(str(Message("none chosen")), ""), *((one.name, one.id) for one in read_regions().values())]


def _counted(found: Checked) -> str:
    counts = [
        Message(
            "{severity} {count}",
            severity=text,
            count=sum(one.severity == severity for one in found.findings),
        )
        for severity, text in SEVERITIES.items()
    ]
    unchecked = sum(result.status == "not checked" for result in found.results)
    passed = sum(result.status == "passed" for result in found.results)
    said = Message(
        "Findings of the draft: {findings}. Checks passed: {passed}; not checked: {unchecked}.",
        findings=list_of(counts),
        passed=passed,
        unchecked=unchecked,
    )
    return f'<div class="cm-said" role="status">{html.escape(str(said))}</div>'


def _in_words(news: News) -> str:
    sentences = [
        Message(text.template, checks=list_of(dict.fromkeys(map(_with_title, findings))))
        for text, findings in (
            (Message("New legal findings: {checks}."), news.brought),
            (Message("Legal findings cured: {checks}."), news.cured),
        )
        if findings
    ]
    said = " ".join(map(str, sentences)) or str(Message("The legal findings are the same."))
    style = "cm-warning" if news.brought else "cm-news"
    return f'<div class="{style}">{html.escape(said)}</div>'


def _with_title(finding: Finding) -> str:
    return str(Message("{check} ({title})", check=finding.check, title=check_text(finding.check).title))


def _news(news: News) -> str:
    parts = [_in_words(news)]
    for title, findings in (
        (Message("New against the enacted policy"), news.brought),
        (Message("Cured against the enacted policy"), news.cured),
    ):
        if findings:
            parts.append(f"<b>{html.escape(str(title))}</b>{_table(findings)}")
    return "".join(parts)


def _table(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return f"<p>{html.escape(str(Message('There are no findings.')))}</p>"
    frame: pd.DataFrame = findings_frame(findings)[["check", "severity", "title", "finding"]]
    frame = frame.assign(
        severity=[str(SEVERITIES[one.severity]) for one in findings], where=[where(one) for one in findings]
    )
    return table(frame, HEADINGS)
