"""The commands `cmpolicy cost` and `cmpolicy compare --figure`: what they print and write, and what they refuse."""

import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import cmpolicy as cm

DATASETS = Path(__file__).parents[1] / "datasets"
DEPARTMENT = DATASETS / "department"
REFORM = ("--reform", DATASETS / "proposed-reform.yaml")
EXAMPLE = ("--assumptions", DATASETS / "people-cost-example.yaml")


@pytest.fixture
def run(run):
    return lambda name, *arguments: run(name, DEPARTMENT, *arguments)


def test_it_shows_and_writes_what_comes_around_the_bonus(run):
    """The same as `cm.people_cost` finds, each amount with who bears it; a file of its own for the people."""
    status, out, err = run("cost", *EXAMPLE, "--assume", "dismissal=2N", "--out", "made")
    assert (status, err) == (0, "")
    assumed = cm.Assumptions.from_file(EXAMPLE[1], dismissal="2N")
    found = cm.people_cost(cm.appraise(cm.read_staff(DEPARTMENT)), assumed)
    for row in found.table.to_dict("records"):
        assert f"{row['yuan']:,.2f}" in out
    assert re.search(r"payment at dismissal +[\d,.]+ +the employer", out)
    assert "None of this is part of the cost of the bonuses." in out
    written = pd.read_csv("made/people_cost.csv", encoding="utf-8-sig")
    assert written["component"].tolist() == list(found.components)
    people = pd.read_csv("made/people_cost_people.csv", encoding="utf-8-sig")
    assert round(people["yuan"].sum(), 2) == round(sum(found.fen.values()) / 100, 2)


def test_with_a_reform_it_shows_the_difference(run):
    """Baseline, reform and difference of each component; the amounts shown are the reform's."""
    status, out, err = run("cost", *EXAMPLE, *REFORM, "--out", "made.xlsx")
    assert (status, err) == (0, "")
    assert "What the reform changes around the bonus" in out
    names = openpyxl.load_workbook("made.xlsx").sheetnames
    assert {"people_cost", "people_cost_people", "people_cost_difference"} <= set(names)


def test_nothing_is_on_by_itself(run):
    """Without assumptions there is no amount, but the names that there are, and how they are given."""
    status, out, err = run("cost")
    assert (status, err) == (0, "")
    assert "Nothing is switched on. Each of these switches something on: observation, dismissal" in out
    assert "Give them as --assume dismissal=N+1, or in a file with --assumptions FILE.yaml." in out
    assert "Around the bonus" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--assume", "dismisal=N"), "a name such as dismissal"),
        (("--assume", "dismissal"), "NAME=VALUE, as dismissal=N+1"),
        (("--assume", "dismissal=[N"), "This is not YAML"),
        (("--assume", "dismissal=N", "--assume", "dismissal=2N"), "--assume gives dismissal twice: N and 2N."),
        (("--assume", "regions=a.yaml", "--regions", "b.yaml"), "given twice, by --regions and by --assume"),
        (("--assumptions", "nowhere.yaml"), "There is no file nowhere.yaml"),
        (("--assume", "region=nowhere"), "one of shanghai"),
        (("--assume", "region=shenzhen", "--regions", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_what_is_wrong_is_told_in_words(run, arguments, words):
    """On standard error, with status 1, and without a traceback."""
    status, _, err = run("cost", *arguments)
    assert status == 1
    assert words in err
    assert "Traceback" not in err


def test_compare_takes_the_change_apart(run):
    """On the screen, in files, and as a figure; the parts add up to the difference of the cost."""
    status, out, err = run("compare", *REFORM, "--out", "made", "--figure", "steps.svg")
    assert (status, err) == (0, "")
    parts = pd.read_csv("made/attribution.csv", encoding="utf-8-sig")
    cost = pd.read_csv("made/cost.csv", encoding="utf-8-sig").set_index("component")
    whole = cost.loc["cost", "difference"]
    assert round(parts["yuan"].sum(), 2) == whole
    for name in ("by_grade", "by_area"):
        frame = pd.read_csv(f"made/{name}.csv", encoding="utf-8-sig")
        assert round(frame["yuan" if name == "by_grade" else "difference"].sum(), 2) == whole
    for row in parts.to_dict("records"):
        yuan = re.escape(f"{row['yuan']:+,.2f}")
        assert re.search(rf"{row['path']} +{row['before']} +{row['after']} +{yuan}", out)
    assert re.search(rf"together +{whole:,.2f}", out)
    assert Path("steps.svg").read_text(encoding="utf-8").count("A ≥") == 1


def test_two_versions_of_the_data_have_no_parts_and_no_figure(run):
    """A note says why; the figure is refused."""
    status, out, err = run("compare", "--against", DEPARTMENT, "--out", "made")
    assert (status, err) == (0, "")
    assert "Two versions of the data have no changed setting" in out
    assert not Path("made/attribution.csv").exists()
    assert Path("made/by_area.csv").exists()
    status, _, err = run("compare", "--against", DEPARTMENT, "--figure", "steps.png")
    assert status == 1
    assert "Two versions of the data have no changed setting" in err
    assert not Path("steps.png").exists()


def test_a_figure_of_another_kind_is_refused_before_anything_is_computed(run):
    """As for the other figures."""
    status, _, err = run("compare", *REFORM, "--figure", "steps.pdf")
    assert status == 1
    assert "The figure steps.pdf cannot be drawn." in err
