"""The panel of downloads: each file can be opened, and holds what the panels show."""

import io
import xml.etree.ElementTree as ET
import zipfile

import openpyxl
import pandas as pd
import pytest
from PIL import Image
from shown import file_in, plain, rows_of

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError
from cmpolicy.lab import Downloads
from cmpolicy.lab import downloads as lab_downloads
from cmpolicy.lab.downloads import download_link


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=20, months=6, seed=3)


@pytest.fixture
def panel(data):
    panel = Downloads(data)
    panel.state.change({"grades.A.from": 112, "grades.B.quarterly_bonus": 1800})
    return panel


def click(panel, name):
    """Press the button of a file as a person does, and open its link."""
    place = list(panel.links).index(name)
    _said, *rows = panel.body.children
    rows[place].children[0].click()
    shown, content = file_in(panel.links[name].value)
    assert shown == name
    return content


@pytest.fixture(scope="module")
def expected(data):
    draft = cm.load_policy("2007-06").with_changes({"grades.A.from": 112, "grades.B.quarterly_bonus": 1800})
    change = cm.compare(data, cm.load_policy("2007-06"), draft)
    comparison = {"comparison_cost": change.cost.reset_index(), "comparison_people": change.people}
    return change.reform.tables | comparison


def test_the_workbook_holds_every_table(panel, expected):
    """All rows and columns, with the money of the draft."""
    workbook = openpyxl.load_workbook(io.BytesIO(click(panel, "results.xlsx")), read_only=True)
    assert set(expected) <= set(workbook.sheetnames)
    for name, frame in expected.items():
        heading, *rows = workbook[name].iter_rows(values_only=True)
        assert list(heading) == list(frame.columns), name
        assert len(rows) == len(frame), name
    payout = [row[5] for row in workbook["quarters"].iter_rows(min_row=2, values_only=True)]
    place = list(expected["quarters"].columns).index("payout")
    paid = [row[place] for row in workbook["quarters"].iter_rows(min_row=2, values_only=True)]
    assert paid == pytest.approx(expected["quarters"]["payout"].tolist())
    assert payout


def test_the_zip_holds_every_table_as_csv(panel, expected):
    """In UTF-8 that a Chinese Excel opens."""
    with zipfile.ZipFile(io.BytesIO(click(panel, "results.zip"))) as archive:
        assert archive.testzip() is None
        assert {f"{name}.csv" for name in expected} <= set(archive.namelist())
        for name, frame in expected.items():
            content = archive.read(f"{name}.csv")
            assert content.startswith(b"\xef\xbb\xbf")
            read = pd.read_csv(io.BytesIO(content))
            assert list(read.columns) == list(frame.columns)
            assert len(read) == len(frame)
        people = pd.read_csv(io.BytesIO(archive.read("comparison_people.csv")))
        assert people["difference"].tolist() == pytest.approx(expected["comparison_people"]["difference"].tolist())


def test_the_policy_is_the_draft(panel, tmp_path):
    """Read back, it is the same to the last value."""
    path = tmp_path / "policy.yaml"
    path.write_bytes(click(panel, "policy.yaml"))
    assert cm.load_policy(path) == panel.state.policy


def test_the_pictures_can_be_opened(panel):
    """PNG large enough for print, and SVG with the draft's numbers as text."""
    image = Image.open(io.BytesIO(click(panel, "grades.png")))
    image.load()
    assert image.size[0] >= 1200
    tree = ET.fromstring(click(panel, "grades.svg"))  # noqa: S314 - our own picture
    texts = {element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")}
    counts = panel.state.outcome.grade_counts("quarters")
    assert {f"{number:,}" for number in counts.values()} <= texts


def test_links_go_when_the_draft_moves(panel):
    """They would hand over what is no longer shown."""
    click(panel, "policy.yaml")
    panel.state.change({"grades.A.from": 113})
    assert all(link.value == "" for link in panel.links.values())


def test_a_link_carries_name_and_kind_escaped():
    """A Chinese name stays; what could end the link does not."""
    link = download_link('方案"<b>.yaml', b"x")
    assert 'download="方案&quot;&lt;b&gt;.yaml" href="data:application/yaml;base64,eA=="' in link
    assert plain(link) == 'Save 方案"<b>.yaml'


def test_a_file_that_a_page_cannot_hand_over_is_refused_in_words(panel, monkeypatch):
    """With its size, and the command that writes it; in the panel it becomes the fault."""
    monkeypatch.setattr(lab_downloads, "MOST_BYTES", 100)
    with pytest.raises(CmpolicyError, match="cmpolicy appraise --out"):
        download_link("results.xlsx", bytes(101))
    panel.body.children[1].children[0].click()
    assert "cmpolicy appraise --out" in str(panel.state.fault)
    assert panel.links["results.xlsx"].value == ""


def test_it_says_what_is_being_made(panel):
    """A workbook takes a while."""
    told = []
    panel.state.observe(lambda change: told.append(change["new"] and str(change["new"])), "working")
    click(panel, "results.xlsx")
    assert told == ["The file results.xlsx is being made …", None]


def test_without_a_kernel_it_says_what_can_be_saved(panel):
    """A link without a kernel would be an old one."""
    assert "Result tables as a workbook" in plain(panel.static())
    assert rows_of(panel.static()) == []
