"""The commands sweep, readings, sensitivity and totals: what they print and write, and how they say what is wrong."""

import io
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from rich.console import Console

import cmpolicy as cm
from cmpolicy.report.terminal.what_ifs import show_readings
from cmpolicy.staff.partitions import partitions_of, write_partitions
from cmpolicy.staff.synthetic import synthesize_parts

DEPARTMENT = Path(__file__).parents[1] / "datasets" / "department"
ENACTED = cm.load_policy("2007-06")
VARY = ("--vary", "grades.A.from=108..112", "--vary", "grades.A.quarterly_bonus=2000..3000:500")
GRID = {"grades.A.from": range(108, 113), "grades.A.quarterly_bonus": [2000, 2500, 3000]}


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("staff") / "parts"
    write_partitions(synthesize_parts(3, 30, 7, seed=2), folder, 3)
    return folder


def read(path):
    return pd.read_csv(path, encoding="utf-8-sig")


# -- sweep -------------------------------------------------------------------------------------------------------------


def test_sweep_shows_and_writes_every_scenario(run, tmp_path):
    """Ranges, ranges with a step, and a changed policy below them; the table is that of `cm.sweep`."""
    status, out, err = run("sweep", DEPARTMENT, *VARY, "--set", "points.praises=2", "--out", "results")
    assert (status, err) == (0, "")
    wanted = cm.sweep(cm.read_staff(DEPARTMENT), ENACTED.with_changes({"points.praises": 2}), GRID)
    assert "Scenarios: 15" in out
    row = wanted.iloc[7]
    assert re.search(rf"^ +110 +2500 +{row['cost']:,.2f} +{row['quarter_grade_A']:.0f} ", out, re.MULTILINE)
    assert "Written to results." in out
    pd.testing.assert_frame_equal(read(tmp_path / "results" / "sweep.csv"), wanted, check_dtype=False)


@pytest.mark.parametrize(
    "arguments",
    [("sweep", DEPARTMENT, *VARY), ("sensitivity", DEPARTMENT.parent / "small"), ("totals", "PARTS")],
    ids=lambda arguments: arguments[0],
)
def test_a_result_of_one_table_may_be_one_file(arguments, run, parts, tmp_path):
    """As many rows as in a folder, in the format that the name says."""
    command, data, *options = arguments
    data = parts if data == "PARTS" else data
    for target in ("folder", "one.csv", "one.parquet"):
        assert run(command, data, *options, "--out", target)[0] == 0
    (wanted,) = (tmp_path / "folder").iterdir()
    assert (tmp_path / "one.csv").read_bytes() == wanted.read_bytes()
    assert len(pd.read_parquet(tmp_path / "one.parquet")) == len(read(wanted))


def test_sweep_takes_lists_of_numbers_and_of_options(run, tmp_path):
    vary = ("--vary", "revenue.rate=0.2, 0.25", "--vary", "readings.user_count=net,gross")
    assert run("sweep", DEPARTMENT, *vary, "--out", "results")[0] == 0
    found = read(tmp_path / "results" / "sweep.csv")
    assert found["revenue.rate"].tolist() == [0.2, 0.2, 0.25, 0.25]
    assert found["readings.user_count"].tolist() == ["net", "gross"] * 2


def test_sweep_draws_at_random_and_says_what_it_left_out(run):
    """Bounds that cross are counted; more scenarios than a screen holds are told."""
    status, out, _ = run("sweep", DEPARTMENT, "--vary", "grades.A.from=95..110", "--draws", 200, "--seed", 3)
    assert status == 0
    wanted = cm.sweep(cm.read_staff(DEPARTMENT), ENACTED, {"grades.A.from": range(95, 111)}, draws=200, seed=3)
    assert wanted.attrs["notes"][0] in out
    assert f"more scenarios: {len(wanted) - 30};" in out


def test_sweep_marks_today_s_policy_and_shows_it_wherever_it_is(run):
    """Beyond the first scenarios it stands below them; where it is none of them, its values are told."""
    vary = ("--vary", "grades.A.from=105..115", "--vary", "grades.B.from=96..104")
    _, out, _ = run("sweep", DEPARTMENT, *vary)
    (today,) = re.findall(r"^(.*) today's policy *$", out, re.MULTILINE)
    assert today.split()[:2] == ["110", "100"]
    assert re.search(r"^ +… +\n +110 +100 ", out, re.MULTILINE)
    assert "more scenarios: 68;" in out
    _, out, _ = run("sweep", DEPARTMENT, "--vary", "grades.A.from=108..115", "--vary", "grades.B.from=100..104")
    (today,) = re.findall(r"^(.*) today's policy *$", out, re.MULTILINE)
    assert today.split()[:2] == ["110", "100"]
    assert "more scenarios: 10;" in out
    _, out, _ = run("sweep", DEPARTMENT, "--vary", "grades.A.from=111,112", "--vary", "readings.user_count=net,gross")
    assert "today's policy" not in out
    assert "Today's policy is not among the scenarios: grades.A.from 110, readings.user_count gross." in out


def test_sweep_shows_values_as_they_were_typed(run):
    _, out, _ = run("sweep", DEPARTMENT, "--vary", "grades.A.quarterly_bonus=12345.67,1234567")
    assert re.search(r"^ +12345\.67 +[\d,]+\.\d\d ", out, re.MULTILINE)
    assert re.search(r"^ +1234567 +[\d,]+\.\d\d ", out, re.MULTILINE)


def test_sweep_draws_a_heat_map_and_a_frontier(run, tmp_path):
    status, out, err = run("sweep", DEPARTMENT, *VARY, "--figure", "f/heat.png", "--frontier", "f/frontier.svg")
    assert (status, err) == (0, "")
    with Image.open(tmp_path / "f" / "heat.png") as picture:
        assert picture.size[0] > 500
    text = (tmp_path / "f" / "frontier.svg").read_text(encoding="utf-8")
    assert "staff-quarters of grade E" in text
    assert "Written to f/heat.png." in out
    assert sorted(file.name for file in (tmp_path / "f").iterdir()) == ["frontier.svg", "heat.png"]


def test_sweep_of_partitions_is_that_of_the_whole(run, parts, tmp_path):
    assert run("sweep", parts, *VARY, "--out", "results", "--journal", "journal")[0] == 0
    wanted = cm.sweep_partitions(parts, ENACTED, GRID)
    pd.testing.assert_frame_equal(read(tmp_path / "results" / "sweep.csv"), wanted, check_dtype=False)
    assert len(list((tmp_path / "journal").iterdir())) == 3


def test_forecast_of_partitions_is_that_of_the_whole(run, parts, tmp_path):
    """With a journal, and again from it."""
    settings = ("--quarters", 2, "--replicates", 40, "--seed", 3, "--journal", "journal", "--out", "results")
    status, out, err = run("forecast", parts, *settings)
    assert (status, err) == (0, "")
    wanted = cm.forecast_partitions(parts, quarters=2, replicates=40, seed=3)
    for name in ("quarters", "total", "areas", "people", "history"):
        found = read(tmp_path / "results" / f"{name}.csv")
        pd.testing.assert_frame_equal(found, getattr(wanted, name), check_dtype=False)
    assert len(list((tmp_path / "journal").iterdir())) == 3 + 1
    assert run("forecast", parts, *settings) == (0, out, "")
    assert len(list((tmp_path / "journal").iterdir())) == 3 + 1


@pytest.mark.parametrize(
    ("command", "shown", "options"),
    [("sweep", "Scenarios: 15", VARY), ("forecast", "Cost of the coming quarters, yuan", ("--replicates", 20))],
)
def test_what_a_damaged_partition_leaves_is_shown_as_incomplete_and_not_written(
    command, shown, options, run, parts, tmp_path
):
    """The same as of the others alone; status 1, and the message names the partition."""
    copy, others = (shutil.copytree(parts, tmp_path / name) for name in ("parts", "others"))
    file = partitions_of(copy)[2] / "months.parquet"
    file.write_bytes(file.read_bytes()[:400])
    shutil.rmtree(partitions_of(others)[2])
    status, out, err = run(command, copy, *options, "--out", "results", "--figure", "figure.svg")
    assert status == 1
    assert shown in out
    first, rest = out.split("\n", maxsplit=1)
    assert first == "INCOMPLETE: only of the partitions that can be used"
    assert rest == run(command, others, *options)[1]
    assert err.startswith("1 of 3 partitions cannot be used.\n  - part-00002: ")
    assert not (tmp_path / "results").exists()
    assert not (tmp_path / "figure.svg").exists()


# -- readings and sensitivity ------------------------------------------------------------------------------------------


def test_readings_shows_the_dearest_option_first_and_writes_all(run, tmp_path):
    status, out, err = run("readings", DEPARTMENT, "--set", "readings.user_count=net", "--out", "results")
    assert (status, err) == (0, "")
    wanted = cm.readings(cm.read_staff(DEPARTMENT), ENACTED.with_changes({"readings.user_count": "net"}))
    changing, _, without = out.partition("Options that change nothing on these data")
    costs = [abs(float(cost.replace(",", ""))) for cost in re.findall(r" ([+-][\d,]+\.\d\d) +\d+ +\d+ ", changing)]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == (wanted["staff_ids"].str.len() > 0).sum()
    shown = re.findall(r"readings\.([a-z_]+)=([A-Za-z0-9_]+)", changing + without)
    assert sorted(shown) == sorted(
        wanted.loc[~wanted["chosen"], ["reading", "option"]].itertuples(index=False, name=None)
    )
    found = read(tmp_path / "results" / "readings.csv")
    assert found["option"].tolist() == wanted["option"].tolist()
    assert found["cost"].tolist() == wanted["cost"].tolist()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_readings_tells_question_option_and_the_first_people_in_words(language, run):
    """As they are in the ledger, with how many more there are; what an option asks for and is not there as well."""
    _, out, _ = run("--language", language, "readings", DEPARTMENT)
    ledger = cm.readings(cm.read_staff(DEPARTMENT), ENACTED).set_index(["reading", "option"])
    row, text = ledger.loc[("payout_floor", "none")], cm.reading_text("payout_floor", language)
    first, more = row["staff_ids"][:5], len(row["staff_ids"]) - 5
    assert f"3.3 {text.question}" in out
    assert text.options["none"] in out
    people = ", ".join(first) + f" and {more} more" if language == "en" else "、".join(first) + f" 及另外 {more} 人"
    assert people in out


def test_readings_fits_a_terminal_of_eighty_columns():
    """Sentences are folded, nothing is cut off."""
    console = Console(width=80, file=io.StringIO())
    show_readings(console, cm.readings(cm.read_staff(DEPARTMENT), ENACTED))
    out = console.file.getvalue()
    assert max(map(len, out.splitlines())) <= 80
    assert "readings.payout_floor=none" in out


def test_readings_says_why_an_option_cannot_be_computed(run, tmp_path):
    """Beside the option that it is about."""
    data = cm.read_staff(DEPARTMENT)
    frames = {name: data.frame(name) for name in data.tables}
    frames["quarters"] = frames["quarters"].drop(columns=["review_supervisor", "review_manager"])
    cm.write_staff(cm.StaffData.from_frames(frames), tmp_path / "data")
    _, out, _ = run("readings", tmp_path / "data")
    _, _, after = out.partition("readings.review_adjust=each")
    assert "review_supervisor" in after.split("\n\n")[0]


def test_sensitivity_shows_writes_and_draws_what_moves_most(run, tmp_path):
    status, out, err = run("sensitivity", DEPARTMENT, "--figure", "tornado.svg", "--out", "results")
    assert (status, err) == (0, "")
    wanted = cm.sensitivity(cm.read_staff(DEPARTMENT), ENACTED)
    first = wanted.iloc[0]
    assert re.search(rf"{first.path} +{first.before} +{first.after} +{re.escape(f'{first.cost:+,.2f}')} ", out)
    assert f"more moves: {len(wanted) - 30};" in out
    assert "grades.E.quarterly_bonus cannot be moved to -250: it has to be an amount in yuan from 0 to" in out
    assert "The policy 2007-06 is not valid" not in out
    assert read(tmp_path / "results" / "sensitivity.csv")["path"].tolist() == wanted["path"].tolist()
    assert f"({first.cost:+,.0f})" in (tmp_path / "tornado.svg").read_text(encoding="utf-8")


# -- totals ------------------------------------------------------------------------------------------------------------


def test_totals_shows_and_writes_what_an_appraisal_would(run, parts, tmp_path):
    status, out, err = run("totals", parts, "--set", "grades.A.from=112", "--out", "results", "--journal", "journal")
    assert (status, err) == (0, "")
    wanted = cm.appraise_partitions(parts, ENACTED.with_changes({"grades.A.from": 112}))
    assert "30 people in 3 partitions" in out
    assert re.search(rf"^A +{wanted.figures['quarter_grade_A']} ", out, re.MULTILINE)
    assert f"{wanted.cost['cost'] / 100:,.2f}" in out
    row = read(tmp_path / "results" / "totals.csv").iloc[0]
    assert {name: round(row[name] * (100 if name in wanted.cost else 1)) for name in row.index} == wanted.figures
    assert run("totals", parts, "--set", "grades.A.from=112", "--journal", "journal")[1] in out


def test_totals_on_processes_are_the_same(run, parts):
    assert run("totals", parts, "--workers", 2) == run("totals", parts)


def test_totals_without_a_damaged_partition_are_marked_and_nothing_is_written(run, parts, tmp_path):
    """Status 1; the rest is shown as what it is, and the message names the partition."""
    copy = shutil.copytree(parts, tmp_path / "parts")
    file = partitions_of(copy)[1] / "months.parquet"
    file.write_bytes(file.read_bytes()[:400])
    status, out, err = run("totals", copy, "--out", "results")
    assert status == 1
    assert "INCOMPLETE: 20 people in the 2 partitions that can be used" in out
    assert err.startswith("1 of 3 partitions cannot be used.\n  - part-00001: ")
    assert not (tmp_path / "results").exists()


def test_synth_writes_partitions(run, tmp_path):
    """The same people as in Python; not into a folder with something in it."""
    assert run("synth", "--staff", 11, "--months", 4, "--seed", 5, "--partitions", 2, "--out", "made")[0] == 0
    for part, data in zip(partitions_of(tmp_path / "made"), synthesize_parts(2, 11, 4, 5), strict=True):
        assert cm.read_staff(part).staff_ids.tolist() == data.staff_ids.tolist()
    status, _, err = run("synth", "--partitions", 2, "--out", "made")
    assert status == 1
    assert "a new or an empty folder" in err


# -- what is wrong -----------------------------------------------------------------------------------------------------

WRONG = [
    (("sweep", "DATA", "--vary", "grades.A.form=1,2"), "such as grades.A.from."),
    (("sweep", "DATA", "--vary", "grades.A.from"), 'Found: "grades.A.from". Expected: PATH=VALUES'),
    (("sweep", "DATA", "--vary", "grades.A.from="), "--vary is not understood."),
    (
        ("sweep", "DATA", "--vary", "grades.A.from=115..105:5"),
        'The range ends below its start. Found: "grades.A.from=115..105:5". Expected: 105..115:5.',
    ),
    (
        ("sweep", "DATA", "--vary", "grades.A.from=1..2:0"),
        'The step of a range is a whole number above 0. Found: "grades.A.from=1..2:0". Expected: 1..2:1.',
    ),
    (("sweep", "DATA", "--vary", "grades.A.from=1..2:-1"), "The step of a range is a whole number above 0."),
    (
        ("sweep", "DATA", "--vary", "grades.A.from=0..9999999999999"),
        "The range has too many values: 10,000,000,000,000.",
    ),
    (("sweep", "DATA", *VARY, "--draws", "0"), '- --draws cannot be set so. Found: "0".'),
    (
        ("sweep", "DATA", *VARY, "--set", "grades.A.from = 112"),
        "--set grades.A.from = 112 and --vary grades.A.from=108..112 are of one path.",
    ),
    (("sweep", "DATA", *VARY, "--vary", "grades.A.from=108"), "--vary gives grades.A.from twice: 108..112 and 108."),
    (("sweep", "DATA", *VARY, "--set", "points.base=99", "--set", "points.base = 98"), "points.base twice: 99 and 98."),
    (("readings", "DATA", "--set", "points.base"), '--set is not understood. Found: "points.base".'),
    (("sweep", "DATA", "--vary", "grades.A.from=[1,2"), 'Found: "grades.A.from=[1,2"'),
    (("sweep", "DATA", "--vary", "grades.A.from=90..95"), "No scenario is left"),
    (("sweep", "DATA", *VARY, "--figure", "x.pdf"), "The figure x.pdf cannot be drawn."),
    (("sweep", "DATA", *VARY, "--vary", "points.base=99,100", "--figure", "x.png"), "A heat map shows one or two"),
    (("sweep", "DATA", *VARY, "--out", "DATA"), "they would be overwritten"),
    (("sweep", "DATA", *VARY, "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"), "Give either --workers or"),
    (("sweep", "DATA", *VARY, "--policy", "2007-06", "--policy", "later.yaml"), "give --policy once"),
    (("readings", "DATA", "--policy", "2007-06", "--policy", "later.yaml"), "give --policy once"),
    (("sensitivity", "DATA", "--policy", "2007-06", "--policy", "later.yaml"), "give --policy once"),
    (
        ("compare", "DATA", "--policy", "2007-06", "--policy", "later.yaml", "--reform", "reform.yaml"),
        "Changes apply to one policy; for a book of versions give another book.",
    ),
    (("sensitivity", "nowhere"), "There is no file or folder nowhere."),
    (("totals", "nowhere"), "There are no partitions in nowhere."),
    (("appraise", "PARTS"), "is in partitions; cmpolicy totals gives their totals."),
    (("totals", "PARTS", "--scheduler", "nonsense"), "The scheduler nonsense does not answer as one."),
    (("totals", "PARTS", "--set", "readings.elimination_rule=lowest_scorer"), "ranks people across the whole staff"),
    (("totals", "PARTS", "--journal", "PARTS/journal"), "It would be taken for a partition."),
    (("forecast", "PARTS", "--journal", "PARTS/journal"), "It would be taken for a partition."),
    (("forecast", "PARTS", "--out", "PARTS/out"), "It would be taken for a partition."),
    (("forecast", "PARTS", "--scheduler", "nonsense"), "The scheduler nonsense does not answer as one."),
    (("forecast", "PARTS", "--replicates", "0"), "replicates cannot be set so."),
    (("forecast", "PARTS", "--set", "readings.elimination_rule=lowest_scorer"), "ranks people across the whole staff"),
    (("forecast", "nowhere"), "There is no file or folder nowhere."),
    (("forecast", "nowhere", "--workers", "2"), "There are no partitions in nowhere."),
    (("totals", "PARTS", "--out", "PARTS/out"), "It would be taken for a partition."),
    (("synth", "--partitions", "0", "--out", "made"), "- --partitions cannot be set so."),
    (("synth", "--months", "0", "--out", "made"), "- --months cannot be set so."),
    (("synth", "--partitions", "2", "--format", "csv", "--out", "made"), "Partitions are a folder of folders"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_a_fault_is_status_1_a_message_and_nothing_written(arguments, said, run, parts, tmp_path):
    later = ENACTED.with_changes({"id": "later", "effective_from": "2024-01-01"})
    (tmp_path / "later.yaml").write_text(later.to_yaml(), encoding="utf-8")
    (tmp_path / "reform.yaml").write_text("grades.A.from: 112\n", encoding="utf-8")
    places = {"DATA": DEPARTMENT, "PARTS": parts}
    before = {file.name for file in tmp_path.iterdir()}, {file.name for file in parts.iterdir()}
    status, out, err = run(*(re.sub("DATA|PARTS", lambda one: str(places[one[0]]), one) for one in arguments))
    assert (status, out) == (1, "")
    assert said in err
    assert "Traceback" not in err
    assert ({file.name for file in tmp_path.iterdir()}, {file.name for file in parts.iterdir()}) == before
