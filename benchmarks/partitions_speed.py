"""Totals of staff in partitions on two processes, against what reading the same columns takes them; and the memory.

By itself: python -m benchmarks.partitions_speed [--staff 10000000]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psutil
import pyarrow.parquet as pq

import cmpolicy as cm
from benchmarks.engines import MONTHS
from benchmarks.timing import Row, at_most, medians
from cmpolicy.staff.partitions import partitions_of, write_partitions
from cmpolicy.staff.schema import NOT_APPRAISED
from cmpolicy.staff.synthetic import synthesize_parts

STAFF = 1_000_000
PEOPLE_A_PARTITION = 40_000
WORKERS = 2
MOST_TIMES, MOST_GIB = 2.5, 1.5


def measure(staff: int = STAFF) -> Iterator[Row]:
    """Measure in a process of its own, whose memory nothing else has touched."""
    with tempfile.TemporaryDirectory() as folder:
        parts = -(-staff // PEOPLE_A_PARTITION)
        write_partitions(synthesize_parts(parts, staff, MONTHS, seed=1), Path(folder) / "parts", parts)
        command = [sys.executable, "-m", "benchmarks.partitions_speed", "--inside", f"{folder}/parts"]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    what = f"{staff:,} people, {MONTHS} months, {parts} partitions, {WORKERS} processes"
    reading, totals = found["reading"], found["totals"]
    yield Row(f"{what}: start-up", f"{found['start']:.1f} s")
    note = f" ({totals:.1f} s to {reading:.1f} s)"
    yield at_most(f"{what}: totals, against reading the same columns", totals / reading, MOST_TIMES, "times", note)
    yield at_most(f"{what}: peak memory of all processes", found["peak"] / 2**30, MOST_GIB, "GiB")


def inside(folder: Path) -> None:
    parts = partitions_of(folder)
    start = time.perf_counter()
    with cm.Cluster(workers=WORKERS) as cluster, Peak() as peak:
        started = time.perf_counter() - start
        jobs = {
            "reading": lambda: list(cluster.map(read_columns, parts)),
            "totals": lambda: cm.appraise_partitions(folder, map=cluster.map),
        }
        seconds = medians(jobs, repetitions=1 if len(parts) * PEOPLE_A_PARTITION > STAFF else 5)
    print(json.dumps({"start": started, "peak": peak.bytes} | seconds))


def read_columns(partition: Path) -> int:
    rows = 0
    for file in partition.iterdir():
        columns = [name for name in pq.read_schema(file).names if name not in NOT_APPRAISED]
        rows += pq.read_table(file, columns=columns).num_rows
    return rows


class Peak:
    """The most memory that this process and those below it hold together while a block runs."""

    def __enter__(self) -> Self:
        self.bytes, self._done = 0, threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._watch.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._done.wait(0.02):
            held = 0
            for one in (me, *me.children(recursive=True)):
                try:
                    held += one.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.bytes = max(self.bytes, held)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--staff", type=int, default=STAFF)
    options.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.inside:
        inside(chosen.inside)
    else:
        for row in measure(chosen.staff):
            print(row.what, row.measured, row.wanted, {None: "", True: "ok", False: "NOT MET"}[row.met], sep="  ")
