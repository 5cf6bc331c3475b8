"""The command `cmpolicy`: what it prints and writes, its exit status, and how it says what is wrong."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from made_files import EXAMPLE, month, rows_of, write_csv, write_sheets
from rich.cells import cell_len
from rich.console import Console

import cmpolicy as cm
from cmpolicy import cli
from cmpolicy.messages import CATALOGUE
from cmpolicy.report.terminal.appraisal import show_data, show_outcome
from cmpolicy.report.terminal.comparison import show_comparison
from cmpolicy.report.terminal.policies import show_policy

SET = ("--set", "grades.A.from=112")
COMMAND = (sys.executable, "-m", "cmpolicy")


class Run:
    """Runs the command in this process, and keeps what came of it."""

    def __init__(self, monkeypatch, capsys):
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(self, *arguments):
        self.monkeypatch.setattr(sys, "argv", ["cmpolicy", *map(str, arguments)])
        self.status = 0
        try:
            cli.main()
        except SystemExit as stop:
            self.status = stop.code or 0
        self.out, self.err = self.capsys.readouterr()
        return self.status


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Run(monkeypatch, capsys)


@pytest.fixture
def department(tmp_path):
    """A small folder of CSV with a title, a total and a person of a rare name."""
    months = [["2025年"], *rows_of([month("CM01", praises=4), month("CM02", complaints=4)]), ["合计"]]
    write_csv(tmp_path / "data" / "months.csv", months)
    staff = [{"staff_id": "CM01", "name": "𠮷野", "area": "东"}, {"staff_id": "CM02", "name": "王", "area": "片区二"}]
    return write_csv(tmp_path / "data" / "staff.csv", rows_of(staff))


def files_below(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


# -- what is right -----------------------------------------------------------------------------------------------------


def test_check_says_what_was_read(run, department):
    assert run("check", department) == 0
    assert re.search(r"people +2\n *staff +2\n *months +2\n", run.out)
    assert "months: title, total and note rows were skipped: 1, 5." in run.out
    assert run.err == ""


def test_appraise_shows_grades_standing_and_cost(run, department):
    assert run("appraise", department) == 0
    assert "Policy 2007-06" in run.out
    assert re.search(r"^A +1 +50% +1 +50%$", run.out, re.MULTILINE)
    assert re.search(r"^service bonus +833\.33 +3\.2 *$", run.out, re.MULTILINE)
    assert "Staff-quarters without a revenue figure: 2." in run.out
    assert run.err == ""


def test_older_results_in_another_format_stay_and_are_named(run):
    """Nobody asked for them to be removed; but they are not of this run, and a reader should know."""
    also = "Also there, older and in another format: "
    assert run("appraise", EXAMPLE, "--out", "results", "--format", "parquet") == 0
    assert also not in run.out
    before = {file.name: file.read_bytes() for file in Path("results").iterdir()}
    assert run("appraise", EXAMPLE, *SET, "--out", "results") == 0
    names = [f"{name}.parquet" for name in ("months", "probation", "quarters", "recognition", "years")]
    assert f"Written to results.\n{also}{', '.join(names)}.\n" in run.out
    assert {name: Path("results", name).read_bytes() for name in names} == before
    assert run("appraise", EXAMPLE, "--out", "elsewhere") == 0
    assert also not in run.out


def test_appraise_writes_what_it_says(run):
    """The folder holds the outcome's tables; so do Parquet and a workbook, which adds the parameters."""
    outcome = cm.appraise(cm.read_staff(EXAMPLE), cm.load_policy("2007-06").with_changes({"grades.A.from": 112}))
    names = ["months", "probation", "quarters", "recognition", "years"]
    for options, files in (
        (("--out", "csv/results"), [f"csv/results/{name}.csv" for name in names]),
        (("--out", "parquet", "--format", "parquet"), [f"parquet/{name}.parquet" for name in names]),
        (("--out", "result.xlsx"), ["result.xlsx"]),
        (("--out", "book", "--format", "xlsx"), ["book/appraisal.xlsx"]),
    ):
        before = files_below(Path())
        assert run("appraise", EXAMPLE, *SET, *options) == 0
        assert f"Written to {Path(options[1])}." in run.out
        assert sorted(set(files_below(Path())) - set(before)) == files
    for name, frame in outcome.tables.items():
        text = pd.read_csv(f"csv/results/{name}.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
        assert text.columns.tolist() == frame.columns.tolist()
        assert text["staff_id"].tolist() == frame["staff_id"].tolist()
        assert pq.read_table(f"parquet/{name}.parquet").num_rows == len(frame)
    for path in ("result.xlsx", "book/appraisal.xlsx"):
        workbook = openpyxl.load_workbook(path)
        assert workbook.sheetnames[1:] == [*outcome.tables, "parameters"]
        parameters = list(workbook["parameters"].iter_rows(min_row=2, values_only=True))
        assert ("2007-06", "grades.A.from", "3.1", "112") in parameters


def test_dated_policies_apply_from_their_day(run, department, tmp_path):
    reform = cm.load_policy("2007-06").with_changes({"id": "2025", "effective_from": "2024-12-31", "points.praises": 2})
    (tmp_path / "reform.yaml").write_text(reform.to_yaml(), encoding="utf-8")
    assert run("appraise", department, "--policy", "2007-06", "--policy", "reform.yaml") == 0
    assert "Policy 2007-06; 2025" in run.out
    assert re.search(r"^B +1 +50% +1 +50%$", run.out, re.MULTILINE)


def test_a_warning_of_the_policy_is_shown_where_it_is_applied(run, department):
    changes = ("--set", "grades.B.quarterly_bonus=3000")
    for command in ("appraise", "compare"):
        assert run(command, department, *changes) == 0
        assert "Grade B is paid more than grade A" in run.out


def test_compare_shows_what_a_reform_changes(run, department, tmp_path):
    (tmp_path / "reform.yaml").write_text("points.praises: 4\n", encoding="utf-8")
    assert run("compare", department, "--reform", "reform.yaml", "--set", "points.complaints=-2") == 0
    assert re.search(r"points\.complaints +-3 +-2 +2\.7 +confirmed complaint", run.out)
    assert re.search(r"points\.praises +3 +4 +2\.7 +confirmed praise", run.out)
    assert re.search(
        r"People who win: 1, the most first:\nstaff id.*\n─+\nCM02 +王 +片区二 +0\.00 +[0-9.]+ +\+", run.out
    )
    assert "Nobody loses." in run.out


def test_a_whole_policy_is_a_reform_too(run, department, tmp_path):
    reform = cm.load_policy("2007-06").with_changes({"id": "x", "review.limit": 2})
    (tmp_path / "reform.yaml").write_text(reform.to_yaml(), encoding="utf-8")
    assert run("compare", department, "--reform", "reform.yaml") == 0
    assert re.search(r"review\.limit +3 +2 +2\.9", run.out)


def test_a_reform_that_changes_nothing_says_so(run, department):
    assert run("compare", department, "--set", "grades.A.from=110") == 0
    assert "The policies do not differ." in run.out


def test_compare_holds_two_versions_of_the_data_against_each_other(run, department, tmp_path):
    corrected = write_csv(tmp_path / "new" / "months.csv", rows_of([month("CM01", praises=2), month("CM02")]))
    assert run("compare", department, "--against", corrected, "--out", "difference") == 0
    assert "The policies do not differ." not in run.out
    rows = pd.read_csv("difference/corrections.csv", encoding="utf-8-sig")
    assert rows["staff_id"].tolist() == ["CM01", "CM02"]
    assert rows["grade_baseline"].tolist() == ["A", "E"]
    assert rows["grade_reform"].tolist() == ["B", "B"]


def test_compare_writes_its_tables(run, department):
    of_changes = ["attribution", "by_grade", "changes"]
    always = ["by_area", "corrections", "cost", "legal_findings", "month_migration", "people", "quarter_migration"]
    always.append("standing")
    tables = sorted(of_changes + always)
    assert run("compare", department, *SET, "--out", "csv") == 0
    assert files_below(Path("csv")) == [f"{name}.csv" for name in tables]
    assert run("compare", department, "--set", "grades.A.from=110", "--out", "csv") == 0
    assert files_below(Path("csv")) == [f"{name}.csv" for name in always]  # no changes, so no old changes either
    assert run("compare", department, *SET, "--out", "comparison.xlsx") == 0
    assert sorted(openpyxl.load_workbook("comparison.xlsx").sheetnames[1:]) == tables


@pytest.mark.parametrize(("out", "options"), [("made", ()), ("made", ("--format", "parquet")), ("made.xlsx", ())])
def test_synth_makes_data_that_can_be_read(run, out, options):
    assert run("synth", "--staff", 5, "--months", 4, "--seed", 3, "--out", out, *options) == 0
    made = cm.read_staff(out)
    assert made.tables["months"].length == cm.synthesize(staff=5, months=4, seed=3).tables["months"].length
    assert run("check", out) == 0


def test_policy_show_gives_every_value_with_its_clause(run):
    assert run("policy", "show", "2007-06", "--set", "readings.user_count=net") == 0
    policy = cm.load_policy("2007-06")
    for path in policy.paths():
        assert path.startswith("grades.") or path in run.out
    assert re.search(r"revenue\.rate +0\.25 +R1", run.out)
    assert re.search(r"^  gross .*\n\* net ", run.out, re.MULTILINE)


def test_policy_diff_shows_what_differs(run, tmp_path):
    other = cm.load_policy("2007-06").with_changes({"grades.A.from": 111})
    (tmp_path / "other.yaml").write_text(other.to_yaml(), encoding="utf-8")
    assert run("policy", "diff", "2007-06", "other.yaml", "--set", "readings.band_rule=round_half_up") == 0
    assert re.search(r"grades\.A\.from +110 +111 +3\.1", run.out)
    assert re.search(r"readings\.band_rule +lower_bound +round_half_up +3\.1", run.out)
    assert run("policy", "diff", "2007-06") == 0
    assert "The policies do not differ." in run.out


@pytest.mark.skipif(not CATALOGUE.exists(), reason="needs the Chinese catalogue")
def test_output_and_errors_are_in_the_language_asked_for(run, department):
    """Names of tables and columns stay as they are; CMPOLICY_LANG is for all, --language for one run."""
    assert run("--language", "zh", "appraise", department) == 0
    assert "服务奖金" in run.out
    assert "service bonus" not in run.out
    cm.set_language(None)
    run.monkeypatch.setenv("CMPOLICY_LANG", "zh")
    assert run("check", "nowhere") == 1
    assert re.search(r"[\u4e00-\u9fff]", run.err)
    assert run("--language", "en", "check", "nowhere") == 1
    cm.set_language(None)
    assert "There is no file or folder nowhere." in run.err


# -- what is wrong -----------------------------------------------------------------------------------------------------

WRONG = [
    (("check", "nowhere"), "There is no file or folder nowhere."),
    (("appraise", "DATA", "--set", "grades.A.form=112"), "such as grades.A.from."),
    (("appraise", "DATA", "--set", "grades.A.from=100"), 'grades.B.from has a value that is not valid. Found: "100".'),
    (("appraise", "DATA", "--set", "grades.A.from=abc"), 'grades.A.from has a value that is not valid. Found: "abc".'),
    (("appraise", "DATA", "--set", "grades.A.from=112.5"), "Expected: a whole number"),
    (("appraise", "DATA", "--set", "grades.A.from="), 'Found: "grades.A.from=". Expected: PATH=VALUE'),
    (("appraise", "DATA", "--set", "grades.A.from"), "PATH=VALUE"),
    (("appraise", "DATA", "--set", "grades.A.from=[1"), 'Found: "grades.A.from=[1"'),
    (("appraise", "DATA", "--set", "readings.user_count=nett"), "Expected: one of gross, net."),
    (("appraise", "DATA", "--policy", "2007-6"), "Did you mean 2007-06?"),
    (("appraise", "DATA", "--policy", "bad.yaml"), "This is not YAML: see line 2"),
    (("appraise", "DATA", "--policy", "nothing.yaml"), "The policy nothing.yaml is not valid."),
    (("appraise", "DATA", "--policy", "2007-06", "--policy", "2007-06"), "begin on the same day"),
    (
        ("appraise", "DATA", "--policy", "2007-06", "--policy", "2007-06", "--set", "points.base=1"),
        "begin on the same day",
    ),
    (("appraise", "DATA", "--format", "pdf"), "--format is one of csv, parquet and xlsx"),
    (("appraise", "DATA", "--out", "x.xlsx", "--format", "csv"), "--format is one of csv, parquet and xlsx"),
    (("appraise", "DATA", "--out", "bad.yaml"), "The result cannot be written to bad.yaml."),
    (("appraise", "DATA", "--out", "bad.yaml/below"), "The result cannot be written to bad.yaml/below."),
    (("appraise", "DATA", "--out", "data"), "The data are there; they would be overwritten."),
    (
        ("appraise", "DATA", "--out", "new.csv"),
        "The name ends in .csv. Expected: a folder, which takes one file a table",
    ),
    (
        ("sweep", "DATA", "--vary", "points.base=99,100", "--out", "new.xls"),
        "The name ends in .xls. Expected: a folder, or a file that ends in .csv, .parquet or .xlsx.",
    ),
    (
        ("sweep", "DATA", "--vary", "points.base=99,100", "--out", "data/months.csv"),
        "The data are there; they would be overwritten.",
    ),
    (("sensitivity", "DATA", "--out", "new.csv", "--format", "parquet"), "of a file it is the end of its name"),
    (("readings", "DATA", "--out", "new.html"), "The result cannot be written to new.html."),
    (
        ("sweep", "DATA", "--vary", "points.base=99,100", "--figure", "a.png", "--frontier", "./a.png"),
        "Two figures would be written there.",
    ),
    (("compare", "DATA"), "There is nothing to compare with."),
    (("compare", "DATA", "--reform", "nowhere.yaml"), "There is no file nowhere.yaml."),
    (("compare", "DATA", "--reform", "bad.yaml"), "The file bad.yaml cannot be used."),
    (("compare", "DATA", "--reform", "list.yaml"), "This is not a list of changes."),
    (("compare", "DATA", "--reform", "numbers.yaml"), "There is no value 1 in the policy."),
    (("compare", "DATA", "--reform", "twice.yaml"), "stands twice in one mapping, in line 2."),
    (("compare", "DATA", "--reform", "bytes.yaml"), "The file is not text in UTF-8."),
    (("compare", "DATA", "--set", "points.base=2025-02-30"), 'Found: "2025-02-30". Expected: a whole number'),
    (
        ("incentives", "DATA", "--seed", "-1"),
        'seed is out of range. Found: "-1". Expected: a whole number of at least 0.',
    ),
    (
        ("totals", "DATA", "--workers", "0"),
        '--workers is out of range. Found: "0". Expected: a whole number of at least 1',
    ),
    (("compare", "DATA", "--reform", "list.yaml", "--against", "DATA"), "Give either --reform or --against, not both."),
    (("compare", "DATA", "--against", "nowhere"), "There is no file or folder nowhere."),
    (("compare", "DATA", "--against", "new", "--out", "new"), "The data are there; they would be overwritten."),
    (("policy", "show", "nowhere"), "There is no policy nowhere"),
    (("policy", "diff", "2007-06", "bad.yaml"), "This is not YAML"),
    (("synth", "--staff", "0", "--out", "made"), "staff"),
    (("--language", "fr", "check", "DATA"), "There is no language fr"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
@pytest.mark.usefixtures("department")
def test_a_fault_is_status_1_a_message_and_no_output(arguments, said, run, tmp_path):
    for name, content in {
        "bad.yaml": b"grades: [1\n",
        "list.yaml": b"- grades.A.from\n",
        "numbers.yaml": b"1: 2\n",
        "twice.yaml": b"points.base: 1\npoints.base: 2\n",
        "bytes.yaml": b"\xff\xfe\x00",
        "nothing.yaml": b"id: x\n",
    }.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "new").mkdir()
    before = files_below(tmp_path)
    out = () if "--out" in arguments or arguments[0] in ("check", "policy", "--language") else ("--out", "out/deep")
    assert run(*("data" if one == "DATA" else one for one in arguments), *out) == 1
    assert said in run.err
    assert "Traceback" not in run.err
    assert run.out == ""
    assert files_below(tmp_path) == before
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["check", "appraise", "compare"])
def test_every_fault_of_the_data_comes_at_once(command, run, tmp_path):
    rows = [["2025年"], *rows_of([month("CM01", praises="x", month="2025-13"), month("CM02", complaints="")])]
    source = write_csv(tmp_path / "data" / "months.csv", rows)
    options = {"check": (), "appraise": ("--out", "out"), "compare": (*SET, "--out", "out.xlsx")}[command]
    assert run(command, source, *options) == 1
    assert run.out == ""
    count = "Expected: a whole number from 0 to 1,000,000."
    for place, said in (
        ("row 3, staff CM01, column month", 'Found: "2025-13". Expected: a month such as 2025-03 or 2025年3月.'),
        ("row 3, staff CM01, column praises", f'The value is not valid. Found: "x". {count}'),
        ("row 4, staff CM02, column complaints", f"The cell is empty; a missing value is not a zero. {count}"),
    ):
        assert re.search(f"^  - table months, {place}: .*{re.escape(said)}$", run.err, re.MULTILINE)
    assert len(run.err.splitlines()) == 4
    assert files_below(tmp_path) == ["data/months.csv"]


USAGE = [
    (),
    ("nothing",),
    ("check",),
    ("check", "data", "--nothing"),
    ("check", "data", "more"),
    ("appraise", "data", "--set"),
    ("appraise", "data", "--engine", "numba"),
    ("policy",),
    ("policy", "nothing"),
    ("synth",),
    ("synth", "--staff", "many", "--out", "x"),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_an_unknown_command_or_option_is_status_2(arguments, run):
    assert run(*arguments) == 2
    assert "Usage: cmpolicy" in run.err + run.out
    assert files_below(Path()) == []


def test_the_data_are_never_overwritten_by_their_results(run, department, tmp_path):
    """Results have a table months too: written to the folder of the data it would take the records' place."""
    write_sheets(tmp_path / "data.xlsx", {"months": rows_of([month()])})
    for data, out in ((department, tmp_path / "data" / ".." / "data"), ("data.xlsx", "./data.xlsx")):
        assert run("appraise", data, "--out", out) == 1
        assert "they would be overwritten" in run.err
    assert files_below(tmp_path) == ["data.xlsx", "data/months.csv", "data/staff.csv"]


# -- terminals ---------------------------------------------------------------------------------------------------------


def printed(show, *arguments, width, colours=False):
    console = Console(width=width, force_terminal=colours, no_color=not colours, highlight=False, legacy_windows=False)
    with console.capture() as capture:
        show(console, *arguments)
    return capture.get()


@pytest.fixture(scope="module")
def change():
    policy = cm.load_policy("2007-06")
    return cm.compare(cm.read_staff(EXAMPLE), policy, {"grades.C.from": 99, "grades.D.from": 97, "points.praises": 9})


@pytest.mark.parametrize("width", [80, 100, 200])
def test_nothing_is_cut_off(width, change):
    """Every figure, name and heading is whole at each width, and no line is wider than the terminal."""
    policy = change.reform.policy
    views = [(show_comparison, change), (show_outcome, change.baseline), (show_policy, policy)]
    for show, shown in views:
        text = printed(show, shown, width=width)
        assert "…" not in text.replace(" ….", "")  # of a note that lists the first ones
        assert max(cell_len(line) for line in text.splitlines()) <= width
    text = printed(show_comparison, change, width=width)
    for person in change.losers.head(10)["staff_id"]:
        assert person in text
    for row in change.cost.itertuples():
        assert all(f"{amount:,.2f}" in text for amount in (row.baseline, row.reform))
    assert "regular → dismissed" in text


def test_a_table_that_does_not_fit_runs_over_and_is_whole(change):
    text = printed(show_comparison, change, width=30)
    assert all(f"{row.baseline:,.2f}" in text for row in change.cost.itertuples())


def test_columns_are_aligned_beside_chinese_names(department):
    """A Chinese character is two cells wide; so is one beyond the basic plane."""
    changes = {"grades.A.quarterly_bonus": 3000, "grades.E.quarterly_bonus": 300}
    change = cm.compare(cm.read_staff(department), cm.load_policy("2007-06"), changes)
    lines = printed(show_comparison, change, width=200).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("staff id"))
    ends = {cell_len(line[: re.search(r"\.\d\d", line).end()]) for line in lines[start + 2 : start + 4]}
    assert len(ends) == 1


def test_colours_are_for_terminals_only(change):
    assert "\x1b[1m" in printed(show_outcome, change.baseline, width=80, colours=True)
    assert "\x1b" not in printed(show_outcome, change.baseline, width=80)


def test_text_from_the_data_is_neither_markup_nor_steering(tmp_path, run):
    staff = [{"staff_id": "[red]CM01[/red]", "name": "[/bold]", "area": "\x1b[31mred"}]
    data = tmp_path / "[/x]" / "[bold]"
    write_csv(data / "months.csv", rows_of([month("[red]CM01[/red]", praises="1")]))
    write_csv(data / "staff.csv", rows_of(staff))
    assert run("compare", data, "--set", "grades.A.from=101", "--set", "grades.B.from=100") == 0
    assert re.search(r"\[red\]CM01\[/red\] +\[/bold\] +�\[31mred", run.out)
    assert run("check", data) == 0
    assert "Read from " in run.out
    assert "[bold]" in run.out
    write_csv(data / "months.csv", rows_of([month("CM01", praises="\x1b[2J")]))
    assert run("check", data) == 1
    assert "\x1b" not in run.err


def test_counts_have_marks_between_thousands():
    assert re.search(r"months +1[0-9],\d{3}\n", printed(show_data, cm.synthesize(staff=500, months=24), width=80))


# -- processes ---------------------------------------------------------------------------------------------------------


def start(*arguments, **options):
    environment = dict(os.environ, CMPOLICY_LANG="en") | options.pop("environment", {})
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def test_the_process_has_the_status_and_the_streams(tmp_path):
    """A fault is status 1 with the message on standard error; a wrong option is status 2."""
    for arguments, status in ((("check", tmp_path), 1), (("check", EXAMPLE, "--no"), 2)):
        process = start(*arguments, cwd=tmp_path)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (status, b"")
        assert err
        assert b"Traceback" not in err


@pytest.mark.skipif(os.name == "nt", reason="pipes close in another way")
def test_a_closed_pipe_ends_in_peace():
    process = start("policy", "show")
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_a_full_disk_is_a_message():
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device, not a file
        process = subprocess.run([*COMMAND, "policy", "show"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert process.returncode == 1
    assert process.stderr.decode().startswith("The output cannot be written: ")


@pytest.mark.skipif(os.name == "nt", reason="needs limits of resources")
@pytest.mark.parametrize("out", ["out", "out.xlsx"])
def test_a_result_that_cannot_be_written_to_the_end_leaves_nothing(out, tmp_path):
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    process = start("appraise", EXAMPLE, "--out", out, cwd=tmp_path, preexec_fn=limit)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.decode().startswith(f"The result cannot be written to {out}.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals work in another way")
def test_an_interruption_stops_without_a_trace(tmp_path):
    """Ctrl-C while results are being written: status 130, one line, no traceback, nothing left."""
    process = start("synth", "--staff", 20_000, "--months", 60, "--out", "made/deep", cwd=tmp_path)
    while process.poll() is None and not list(tmp_path.glob("made/deep/.writing-*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"Stopped. No file is half-written.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_stream_without_chinese_shows_marks():
    process = start("check", EXAMPLE, environment={"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert b"??00 2025-Q1" in out
    assert b"\x1b" not in out


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_a_terminal_has_its_own_width_and_colours():
    import pty

    master, slave = pty.openpty()
    environment = dict(os.environ, COLUMNS="80", TERM="xterm-256color", CMPOLICY_LANG="en")
    for name in ("NO_COLOR", "CI"):
        environment.pop(name, None)
    process = subprocess.Popen([*COMMAND, "appraise", EXAMPLE], stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    output = b""
    while True:
        try:
            part = os.read(master, 65_536)
        except OSError:  # what Linux says at the end
            break
        if not part:
            break
        output += part
    os.close(master)
    assert process.wait(timeout=60) == 0
    assert b"\x1b[1mPolicy 2007-06\x1b[0m" in output
    text = re.sub(r"\x1b\[[0-9;]*m", "", output.decode())
    *lines, command = text.splitlines()
    assert command.startswith("More about the data: cmpolicy check ")  # in one piece, to be copied
    assert max(map(cell_len, lines)) <= 80
