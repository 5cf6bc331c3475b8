"""What every command tells beside its result: the policy that it applied, and what the data behind it lack."""

import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from made_files import EXAMPLE

import cmpolicy as cm

DEPARTMENT = Path(__file__).parents[1] / "datasets" / "department"
SOMEONE = "CM000025"
CHANGE = ("--set", "grades.A.from=112")
APPLYING = {
    "appraise": (),
    "sweep": ("--vary", "grades.B.from=99..101"),
    "solve": ("--vary", "grades.B.from", "--budget", "90000000"),
    "readings": (),
    "sensitivity": (),
    "incentives": (),
    "fairness": ("--least-group", "3"),
    "backtest": (),
    "explain": (SOMEONE,),
    "statements": ("--out", "pages"),
}
"""Commands of which `--set` changes the policy that is applied, with what else they need."""
COMPARING = {"compare": (), "forecast": ("--replicates", "20", "--quarters", "1"), "comply": (), "cost": ()}
"""Commands of which `--set` is a reform."""


@pytest.fixture(scope="module")
def marred(tmp_path_factory):
    """The bundled department with a title row and a strange file, which harm nothing; and with marred figures."""
    folder = tmp_path_factory.mktemp("made") / "our records"
    shutil.copytree(DEPARTMENT, folder)
    months, quarters = folder / "months.csv", folder / "quarters.csv"
    months.write_text("2025\n" + months.read_text(encoding="utf-8-sig"), encoding="utf-8")
    frame = pd.read_csv(quarters, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame.loc[0, "revenue"] = f"{float(frame.loc[0, 'revenue']):.2f}7"  # is rounded
    frame.loc[1, ["revenue", "revenue_base"]] = ""  # are missing, in months too
    frame.to_csv(quarters, index=False)
    (folder / "readme.csv").write_text("nothing\n", encoding="utf-8")
    return folder


def more_about(path):
    """Give the line that names the command to check with, as it can be copied."""
    mark = '"' if os.name == "nt" else "'"
    return "More about the data: cmpolicy check " + (f"{mark}{path}{mark}" if " " in str(path) else str(path))


TELLING = {command: options for command, options in (APPLYING | COMPARING).items() if command != "explain"}


@pytest.mark.parametrize(("command", "options"), TELLING.items(), ids=TELLING)
def test_what_changes_figures_or_is_missing_is_told_once_and_what_harms_nothing_by_check(command, options, marred, run):
    """By every command that reads data; a line says where the rest is told."""
    change = CHANGE if command in COMPARING else ()
    status, out, err = run(command, marred, *options, *change)
    assert (status, err) == (0, "")
    shown = " ".join(out.split())
    data = cm.read_staff(marred)
    telling = [str(note) for note in cm.appraise(data).notes]
    harmless = [str(remark) for remark in data.remarks]
    assert len(harmless) == 2
    assert {word for word in ("rounded", "without a revenue figure") for note in telling if word in note} == {
        "rounded",
        "without a revenue figure",
    }
    assert {note: shown.count(note) for note in telling} == dict.fromkeys(telling, 1)
    assert {note: shown.count(note) for note in harmless} == dict.fromkeys(harmless, 0)
    assert re.findall("^More about the data: .*$", out, re.MULTILINE) == [more_about(marred)]


def test_a_statement_leaves_what_is_told_of_the_data_to_check(marred, run):
    """It holds one person's data, and notes may name others."""
    _, out, _ = run("explain", marred, SOMEONE)
    assert "About the data" not in out
    assert re.findall("^More about the data: .*$", out, re.MULTILINE) == [more_about(marred)]


def test_check_tells_everything(marred, run):
    _, out, _ = run("check", marred)
    shown = " ".join(out.split())
    assert all(str(note) in shown for note in cm.read_staff(marred).notes)
    assert "More about the data" not in out


def test_of_two_versions_of_the_data_both_are_told(marred, run):
    _, out, _ = run("compare", marred, "--against", EXAMPLE)
    shown = " ".join(out.split())
    assert re.findall("^More about the data: .*$", out, re.MULTILINE) == [more_about(marred), more_about(EXAMPLE)]
    assert "fen" in shown
    assert "managers" in shown


@pytest.mark.parametrize(("command", "options"), APPLYING.items(), ids=APPLYING)
def test_where_nothing_is_to_be_told_of_the_data_nothing_is(command, options, run):
    _, out, _ = run(command, DEPARTMENT, *options)
    assert "bout the data" not in out


@pytest.mark.parametrize(("command", "options"), APPLYING.items(), ids=APPLYING)
def test_a_policy_that_was_changed_is_not_shown_under_its_bare_id(command, options, marred, run):
    """The header names what `--set` changed in the policy that is applied."""
    _, out, _ = run(command, marred, *options, *CHANGE)
    assert re.search("olicy 2007-06, changed: A from 112$", "\n".join(out.splitlines()[:2]), re.MULTILINE)
    _, out, _ = run("--language", "zh", command, marred, *options, *CHANGE)
    assert re.search("制度 2007-06，已改：A 级自 112 分起$", "\n".join(out.splitlines()[:2]), re.MULTILINE)


@pytest.mark.parametrize(("command", "options"), COMPARING.items(), ids=COMPARING)
def test_a_comparison_names_the_policy_and_the_reform(command, options, marred, run):
    _, out, _ = run(command, marred, *options, *CHANGE)
    assert out.startswith("Policy 2007-06\nReform 2007-06, changed: A from 112\n")
    if command != "compare":  # which has no other side then
        _, out, _ = run(command, marred, *options)
        assert out.startswith("Policy 2007-06\n")
        assert "Reform" not in out


def test_totals_of_partitions_name_the_changed_policy_too(run):
    run("synth", "--staff", 8, "--months", 3, "--partitions", 2, "--out", "parts")
    for command, options in (("totals", ()), ("sweep", ("--vary", "points.base=99,100"))):
        assert run(command, "parts", *options, *CHANGE)[1].startswith("Policy 2007-06, changed: A from 112\n")


def test_nested_changes_of_a_reform_are_refused_in_words(run, tmp_path):
    """With how the first of each would be written; no text of the programming language."""
    (tmp_path / "reform.yaml").write_text(
        "grades: {A: {from: 112}}\nreadings: {user_count: net}\nreview: {much: 1}\n", encoding="utf-8"
    )
    status, out, err = run("compare", DEPARTMENT, "--reform", "reform.yaml")
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        "The file reform.yaml cannot be used.",
        *(
            f"  - Values are nested below {name}; each needs a line of its own. "
            f"Expected: the whole path and the value, as {example}."
            for name, example in (
                ("grades", "grades.A.from: 112"),
                ("readings", "readings.user_count: net"),
                ("review", "grades.A.from: 112"),
            )
        ),
    ]


def test_a_reform_is_costed_with_the_legal_findings_that_it_brings(run):
    """The same as `compare` tells, on the terminal and in a file; without a reform there is nothing of the kind."""
    out = run("cost", DEPARTMENT, "--set", "readings.payout_floor=none", "--out", "result")[1]
    told = run("compare", DEPARTMENT, "--set", "readings.payout_floor=none", "--out", "compared")[1]
    table = re.search(r"New legal findings: 1\n(.*\n)+?\n", told)[0]
    assert "CC07" in table
    assert table in out
    assert Path("result/legal_findings.csv").read_bytes() == Path("compared/legal_findings.csv").read_bytes()
    assert "legal finding" not in run("cost", DEPARTMENT)[1]
