"""The panel of the data: files from a browser are read or refused as a whole, with every problem at its place."""

import io
import tempfile
from pathlib import Path

import openpyxl
import pytest
from made_files import CHINESE, EXAMPLE, month, write_csv
from made_files import rows_of as sheet_rows
from shown import html_of, plain, rows_of, upload

import cmpolicy as cm
from cmpolicy.lab import Data, LabState
from cmpolicy.lab import data as lab_data
from cmpolicy.staff.synthetic import SyntheticKnobs


@pytest.fixture
def panel():
    return Data(cm.synthesize(staff=5, months=3, seed=1))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Let temporary folders be made where they can be looked at."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place
    assert list(place.iterdir()) == []  # nothing that was uploaded is kept
    assert {path.name for path in tmp_path.iterdir()} <= {"temporary", "made"}


def csv_of(tmp_path, records, encoding="utf-8", headings=None):
    folder = write_csv(tmp_path / "made" / "months.csv", sheet_rows(records, headings), encoding)
    return (folder / "months.csv").read_bytes()


def test_a_workbook_is_read_and_shown(panel):
    """Its name, its months and the rows of each table; the draft stays."""
    panel.state.change({"grades.A.from": 112})
    upload(panel, (EXAMPLE.name, EXAMPLE.read_bytes()))
    read = cm.read_staff(EXAMPLE)
    text = plain(panel.found.value)
    assert panel.state.data.source == EXAMPLE.name
    assert EXAMPLE.name in text
    assert panel.state.data.staff_ids.tolist() == read.staff_ids.tolist()
    shown = dict(rows_of(panel.found.value)[1:])
    assert shown == {"people": str(len(read.staff_ids))} | {name: f"{t.length:,}" for name, t in read.tables.items()}
    assert [str(note) in text for note in read.notes] == [True] * len(read.notes)
    assert panel.state.policy.get("grades.A.from") == 112
    assert panel.problems.value == ""
    assert panel.upload.value == ()


def test_csv_files_with_chinese_names_and_headings_are_read(panel, tmp_path):
    """In the encoding of a Chinese Excel; several files are one set of data."""
    months = csv_of(tmp_path, [month("张一", p) for p in ("2025-01", "2025-02")], "gb18030", CHINESE["months"])
    staff = "工号,姓名\n张一,张一明\n".encode()
    upload(panel, ("月度.csv", months), ("员工.csv", staff))
    assert panel.state.data.staff_ids.tolist() == ["张一"]
    assert panel.state.data.source == "月度.csv, 员工.csv"
    assert "Months 2025-01 to 2025-02" in plain(panel.found.value)


@pytest.mark.parametrize("name", ["../../months.csv", "C:\\Users\\x\\months.csv", "/etc/months.csv", "a/../months.csv"])
def test_a_name_never_is_a_path(panel, tmp_path, name):
    """Whatever a page sends, the file lies inside the folder of the moment; the check is in the fixture."""
    upload(panel, (name, csv_of(tmp_path, [month()])))
    assert panel.state.data.source == "months.csv"


@pytest.mark.parametrize("name", ["", "..", "/", "x\0.csv", "名" * 200 + ".csv"])
def test_a_name_that_no_file_can_have_is_refused(panel, name):
    """In words."""
    before = panel.state.data
    upload(panel, (name, b"x"))
    assert "cannot be used" in str(panel.state.fault)
    assert panel.state.data is before


def bad_workbook():
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "月度"
    for row in sheet_rows([month("CM01"), month("CM02", "2025-13"), month("<b>", complaints="三")], CHINESE["months"]):
        sheet.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def test_a_bad_workbook_is_refused_with_every_problem_at_its_place(panel):
    """Table, row, staff id, column with its heading in the file, value and what was expected; the data stay."""
    before, headline = panel.state.data, panel.state.headline
    upload(panel, ("坏.xlsx", bad_workbook()))
    assert panel.state.data is before
    assert panel.state.headline == headline
    assert panel.state.fault is None
    heading, *rows = rows_of(panel.problems.value)
    assert heading[:5] == ["table", "row", "staff id", "column", "value"]
    assert [row[:5] for row in rows] == [
        ["months", "3", "CM02", "month (月份)", "2025-13"],
        ["months", "4", "<b>", "complaints (投诉)", "三"],
    ]
    assert all(row[5] for row in rows)
    text = plain(panel.problems.value)
    assert "坏.xlsx" in text
    assert "Problems: 2." in text
    assert "temporary" not in text


def test_problems_follow_the_language_and_go_with_good_data(panel):
    """They are of the last upload only."""
    upload(panel, ("坏.xlsx", bad_workbook()))
    panel.state.language = "zh"
    assert rows_of(panel.problems.value)[0][0] == "表"
    panel.state.language = "en"
    upload(panel, (EXAMPLE.name, EXAMPLE.read_bytes()))
    assert panel.problems.value == ""
    upload(panel, ("坏.xlsx", bad_workbook()))
    panel.make.click()
    assert panel.problems.value == ""


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.xlsx", b"%PDF-1.4"), ("x.xlsx", b""), ("x.csv", b"a,b\n1,2\n"), ("months.csv", b""), ("x.txt", b"hello")],
)
def test_what_is_no_table_is_refused_in_words(panel, name, content):
    """With the file's own name, never with where it lay for a moment."""
    before = panel.state.data
    upload(panel, (name, content))
    told = plain(panel.problems.value) + str(panel.state.fault or "")
    assert name in told
    assert tempfile.gettempdir() not in told
    assert panel.state.data is before


def test_an_upload_that_is_too_large_is_refused_in_words(panel, monkeypatch):
    """With its size, the limit and what reads it."""
    monkeypatch.setattr(lab_data, "MOST_UPLOAD", 2_000_000)
    before = panel.state.data
    upload(panel, ("months.csv", bytes(3_000_000)))
    assert "3 MB" in str(panel.state.fault)
    assert "2 MB" in str(panel.state.fault)
    assert panel.state.data is before
    assert panel.upload.value == ()


def test_data_that_cannot_serve_the_draft_are_refused(tmp_path):
    """2.9: the draft asks for the reviewers' own figures; draft and data stay."""
    state = LabState(cm.synthesize(staff=5, months=3, seed=1))
    panel = Data(state=state)
    state.change({"readings.review_adjust": "each"})
    before = state.data
    upload(panel, ("months.csv", csv_of(tmp_path, [month()])))
    assert "review_supervisor" in str(state.fault)
    assert state.data is before


def test_synthetic_staff_are_made_with_the_knobs(panel):
    """The same people as `synthesize` makes; knobs that cannot be are told and leave the data."""
    panel.people.value, panel.months.value, panel.seed.value = 7, 6, 11
    panel.knobs["fraud"].value = 0.2
    panel.make.click()
    made = panel.state.data
    expected = cm.synthesize(7, 6, 11, knobs=SyntheticKnobs(fraud=0.2))
    assert made.frame("months").equals(expected.frame("months"))
    assert "11" in plain(panel.found.value)
    panel.knobs["fraud"].value = 7
    panel.make.click()
    assert "fraud" in str(panel.state.fault)
    assert panel.state.data is made


def test_it_says_that_it_is_working(panel):
    """While files are read and while staff are made, in words, and no longer."""
    told = []
    panel.state.observe(lambda change: told.append(change["new"] and str(change["new"])), "working")
    panel.make.click()
    upload(panel, ("x.xlsx", b"no workbook"))
    assert told == ["Synthetic staff are being made …", None, "The files are being read …", None]


def test_texts_from_the_data_are_shown_as_they_are(panel, tmp_path):
    """Names, headings, areas and file names never become HTML."""
    evil = "<script>alert(1)</script>"
    record = month(evil) | {evil: 1, "area": evil}
    upload(panel, ("months.csv", csv_of(tmp_path, [record])), (f"{evil}.csv".replace("/", "_"), b"x"))
    upload(panel, ("months.csv", csv_of(tmp_path, [record | {"month": evil}])))
    assert evil in plain(panel.problems.value)
    assert not any("<script" in text for text in [*html_of(panel.box), panel.static()])


def test_the_limit_is_told_beside_the_button(panel):
    """A browser says nothing of its own about an upload that never arrives."""
    assert any("Up to 50 MB" in plain(text) for text in html_of(panel.body))
    assert Path(EXAMPLE).stat().st_size < lab_data.MOST_UPLOAD
