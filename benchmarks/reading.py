"""Reading Parquet into a checked panel, against what pyarrow alone takes to read the same files."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

import cmpolicy as cm
from benchmarks.timing import Row, medians

STAFF, MONTHS = 110_000, 12
REPETITIONS = 9
MOST = 3


def measure() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        files = cm.write_staff(cm.synthesize(staff=STAFF, months=MONTHS, seed=1), folder, format="parquet")
        columns = {file: [entry.name for entry in pq.read_schema(file)] for file in files}
        rows = pq.read_metadata(Path(folder) / "months.parquet").num_rows
        seconds = medians(
            {
                "pyarrow": lambda: [pq.read_table(file, columns=columns[file]) for file in files],
                "cmpolicy": lambda: cm.read_staff(folder).panel,
            },
            REPETITIONS,
        )
    ratio = seconds["cmpolicy"] / seconds["pyarrow"]
    what = f"{rows:,} staff-months from Parquet, checked and laid out, against pyarrow alone"
    note = f" ({seconds['cmpolicy'] * 1e3:.0f} ms to {seconds['pyarrow'] * 1e3:.0f} ms)"
    yield Row(what, f"{ratio:.2f} times{note}", f"at most {MOST} times", ratio <= MOST)
