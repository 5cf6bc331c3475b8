"""Which folders are partitions, and what of a partition need not be read."""

import pandas as pd
import pytest
from made_files import CHINESE, month, rows_of, write_csv, write_parquet

import cmpolicy as cm
from cmpolicy.staff.partitions import is_partitioned, partitions_of
from cmpolicy.staff.schema import NOT_APPRAISED


def test_folders_with_tables_are_partitions_by_name(tmp_path):
    """Whatever else stands beside them: hidden folders and files are none, nor is a folder with tables itself split."""
    for name in ("b", "a", ".hidden"):
        write_csv(tmp_path / name / "months.csv", rows_of([month(f"CM{name}")]))
    (tmp_path / "read me.txt").write_text("x")
    assert partitions_of(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert is_partitioned(tmp_path)
    assert not is_partitioned(tmp_path / "a")
    write_csv(tmp_path / "月度.csv", rows_of([month()]))
    assert not is_partitioned(tmp_path)
    assert partitions_of(tmp_path) == [tmp_path]


def test_a_workbook_is_its_own_partition(tmp_path):
    file = tmp_path / "staff.xlsx"
    cm.write_staff(cm.synthesize(staff=3, months=2), file, format="xlsx")
    assert partitions_of(file) == [file]


@pytest.mark.parametrize("headings", [{}, CHINESE["staff"]], ids=["canonical", "Chinese"])
def test_columns_that_are_not_wanted_are_not_read_from_parquet(tmp_path, headings):
    """Nor checked: a wage that is no number stands in nobody's way. All else is as it was."""
    cm.write_staff(cm.synthesize(staff=5, months=6, seed=1), tmp_path, format="parquet")
    whole = cm.read_staff(tmp_path)
    staff = whole.frame("staff").assign(contract_wage="secret", hire_date=lambda frame: frame["hire_date"].dt.date)
    write_parquet(tmp_path / "staff.parquet", dict(staff.rename(columns=headings).items()))
    with pytest.raises(cm.DataError, match="secret"):
        cm.read_staff(tmp_path)
    found = cm.read_staff(tmp_path, without=NOT_APPRAISED)
    assert not set(NOT_APPRAISED) & {column for table in found.tables.values() for column in table.columns}
    assert {"hire_date", "leave_date", "confirmed_on"} <= set(found.tables["staff"].columns)
    pd.testing.assert_frame_equal(found.frame("months"), whole.frame("months"))
    assert cm.appraise(found).figures == cm.appraise(whole).figures
    assert found.notes == ()


def test_no_total_depends_on_what_is_not_read():
    """Under every option of every reading: a column that is left out of partitions moves no figure."""
    data = cm.synthesize(staff=40, months=9, seed=3)
    frames = {name: data.frame(name) for name in data.tables}
    bare = {name: frame.drop(columns=[c for c in NOT_APPRAISED if c in frame]) for name, frame in frames.items()}
    assert any(len(bare[name].columns) < len(frame.columns) for name, frame in frames.items())
    without = cm.StaffData.from_frames(bare)
    ledger = cm.readings(data, cm.load_policy("2007-06"))
    for reading, option in ledger[["reading", "option"]].itertuples(index=False):
        policy = cm.load_policy("2007-06").with_changes({f"readings.{reading}": option})
        assert cm.appraise(data, policy).figures == cm.appraise(without, policy).figures


def test_partitions_are_not_read_as_one_piece(tmp_path):
    """The message names a partition and the commands that take them all, rather than a missing table."""
    write_csv(tmp_path / "a" / "months.csv", rows_of([month()]))
    with pytest.raises(cm.DataError, match="is in partitions; cmpolicy totals gives their totals") as caught:
        cm.read_staff(tmp_path)
    assert f"one of the partitions, as {tmp_path / 'a'}; or cmpolicy totals" in str(caught.value)
