"""Ctrl-C ends a command with one line; what a journal keeps is not computed again."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import cmpolicy as cm
from cmpolicy.staff.partitions import write_partitions
from cmpolicy.staff.synthetic import synthesize_parts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to a group of processes alone there")

# Appraised one by one, since a penalty is carried from quarter to quarter.
SLOW = [
    "--set", "readings.revenue_below_base=carried",
    "--vary", "grades.A.from=105..114", "--vary", "grades.A.quarterly_bonus=2000..2900:100",
]  # fmt: skip
QUICK = ["--vary", "grades.A.from=105..112"]
FORECAST = ["--quarters", "8", "--replicates", "600", "--elasticity", "0.3", "--set", "grades.A.quarterly_bonus=3000"]
SECONDS = 60


@pytest.fixture(scope="module")
def staff(tmp_path_factory):
    folder = tmp_path_factory.mktemp("staff") / "whole"
    cm.write_staff(cm.synthesize(staff=4000, months=12, seed=1), folder, format="parquet")
    return folder


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("staff") / "parts"
    write_partitions(synthesize_parts(8, 6_000, 12, seed=1), folder, 8)
    return folder


def started(folder, *arguments, language="en"):
    """Start a command as the first of a group of processes of its own, as a terminal does."""
    command = [sys.executable, "-m", "cmpolicy", "--language", language, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, text=True, encoding="utf-8", start_new_session=True, **pipes)


def stopped(process, ready):
    """Wait until something is there, then send what Ctrl-C sends: to each process of the group."""
    end = time.monotonic() + SECONDS
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive
    return process.returncode, out, err


def entries(journal):
    return {file.name: file.stat().st_mtime_ns for file in journal.glob("*.npz")} if journal.exists() else {}


CASES = {
    "sweep": ("staff", ["sweep", *SLOW], "sweep.csv"),
    "forecast": ("staff", ["forecast", *FORECAST], "quarters.csv"),
    "sweep of partitions": ("parts", ["sweep", *QUICK], "sweep.csv"),
    "sweep of partitions on processes": ("parts", ["sweep", *QUICK, "--workers", "2"], "sweep.csv"),
    "forecast of partitions": ("parts", ["forecast", *FORECAST], "quarters.csv"),
    "totals": ("parts", ["totals"], "totals.csv"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_command_that_was_stopped_goes_on_where_it_was(case, tmp_path, request):
    """One line and status 130, no half-written file, no process left; then the same result, and nothing twice."""
    name, (command, *options), table = CASES[case]
    data, journal = request.getfixturevalue(name), tmp_path / "journal"
    run = (command, data, *options, "--journal", "journal", "--out")
    status, out, err = stopped(started(tmp_path, *run, "first"), lambda: len(entries(journal)) >= 2)
    assert (status, out, err) == (130, "", "Stopped. What was finished is kept in journal.\n")
    assert [file.name for file in tmp_path.iterdir()] == ["journal"]
    kept = entries(journal)
    assert {file.suffix for file in journal.iterdir()} == {".npz"}

    again = started(tmp_path, *run, "second")
    assert again.communicate(timeout=SECONDS)[1] == ""
    assert again.returncode == 0
    now = entries(journal)
    assert len(now) > len(kept)
    assert {name: now[name] for name in kept} == kept

    alone = started(tmp_path, command, data, *options, "--out", "alone")
    assert alone.communicate(timeout=SECONDS)[1] == ""
    assert (tmp_path / "second" / table).read_bytes() == (tmp_path / "alone" / table).read_bytes()


@pytest.mark.parametrize(("language", "line"), [("en", "Stopped. No file is half-written.\n"), ("zh", "已停止")])
def test_a_command_without_a_journal_is_stopped_with_a_line(staff, language, line, tmp_path):
    """In either language."""
    more = ["--vary", "points.praises=1..10", "--vary", "points.base=91..110"]
    process = started(tmp_path, "sweep", staff, *SLOW, *more, "--out", "result", language=language)
    worked = psutil.Process(process.pid)
    status, out, err = stopped(process, lambda: worked.cpu_times().user > 2)
    assert (status, out) == (130, "")
    assert err.startswith(line)
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("children", [2, 4])
def test_a_command_is_stopped_while_its_processes_begin(parts, children, tmp_path):
    """They are sent the same, and say nothing of it."""
    process = started(tmp_path, "totals", parts, "--workers", "3", "--out", "result")
    begun = psutil.Process(process.pid)
    status, out, err = stopped(process, lambda: len(begun.children(recursive=True)) >= children)
    assert (status, out, err) == (130, "", "Stopped. No file is half-written.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_shows_how_far_a_long_run_is_and_a_pipe_does_not(staff, tmp_path):
    """After the first second, on standard error; it is gone when the run ends."""
    import pty
    import termios

    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 100))
    command = [sys.executable, "-m", "cmpolicy", "--language", "en", "sweep", str(staff), *SLOW]
    command += ["--vary", "points.praises=1..20"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            shown += os.read(master, 4096)
        except OSError:  # the other end is closed
            break
    os.close(master)
    assert b"Scenarios: 2,000" in process.communicate(timeout=SECONDS)[0]
    assert re.search(rb"scenarios: +\d+%.*/2000 ", shown)
    assert shown.rstrip(b" ").endswith(b"\r")


def test_what_is_kept_of_a_sweep_serves_only_the_same_data_policy_and_values(tmp_path):
    """Named by content: one month that differs is enough."""
    synthetic = cm.synthesize(staff=20, months=6, seed=1)
    frames = {name: synthetic.frame(name) for name in synthetic.tables}
    data = cm.StaffData.from_frames(frames)
    policy = cm.load_policy("2007-06").with_changes({"readings.revenue_below_base": "carried"})
    grid = {"grades.A.from": [108, 110]}
    cm.sweep(data, policy, grid, journal=tmp_path)
    count = len(list(tmp_path.iterdir()))

    def added(*changed):
        nonlocal count
        cm.sweep(*changed, journal=tmp_path)
        before, count = count, len(list(tmp_path.iterdir()))
        return count - before

    assert added(data, policy, grid) == 0
    assert added(cm.StaffData.from_frames(frames), policy, grid) == 0
    frames["months"].loc[3, "praises"] += 1
    assert added(cm.StaffData.from_frames(frames), policy, grid) == 1
    assert added(data, policy.with_changes({"points.praises": 2}), grid) == 1
    assert added(data, policy, {"grades.A.from": [108, 111]}) == 1


def test_what_is_kept_of_a_partition_serves_only_the_same_content(tmp_path):
    """Even where an edit keeps the size and the time of a file."""
    write_partitions(synthesize_parts(2, 20, 6, seed=1), tmp_path / "parts", 2)
    cm.appraise_partitions(tmp_path / "parts", journal=tmp_path / "journal")
    file = tmp_path / "parts" / "part-00001" / "months.parquet"
    state = file.stat()
    other = cm.read_staff(tmp_path / "parts" / "part-00001")
    frames = {name: other.frame(name) for name in other.tables}
    frames["months"]["praises"] += 1
    frames["months"]["complaints"] += 1
    cm.write_staff(cm.StaffData.from_frames(frames), tmp_path / "parts" / "part-00001", format="parquet")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    found = cm.appraise_partitions(tmp_path / "parts", journal=tmp_path / "journal")
    assert found == cm.appraise_partitions(tmp_path / "parts")
    assert re.fullmatch(r"[0-9a-f]{64}", Path(next(iter(entries(tmp_path / "journal")))).stem)
