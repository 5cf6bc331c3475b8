"""Bytes a staff-month: of the panel, and of all that an appraisal adds; counted, and as the process grows."""

import gc
import json
import mmap
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import cmpolicy as cm
from benchmarks.engines import MONTHS, appraise_all
from benchmarks.timing import Row, at_most
from cmpolicy.staff.panel import Panel

STAFF = 1_000_000
PAGES = Path("/proc/self/statm")
"""Where Linux tells how many pages of memory a process holds; elsewhere the growth is not shown."""


def measure() -> Iterator[Row]:
    """Measure in a process of its own, whose memory nothing else has touched."""
    command = [sys.executable, "-m", "benchmarks.memory"]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    what, unit = f"{STAFF:,} people, {MONTHS} months", "bytes a staff-month"
    yield at_most(f"{what}: panel, with the staff ids", found.pop("panel"), 34, unit)
    for when, (counted, grown) in found.items():
        # What the process holds is also what the allocator keeps of memory that was given back.
        process = f" (the process grew by {grown:.3g})" if PAGES.exists() else ""
        yield at_most(f"{what}: results and kept stages after {when}", counted, 40, unit, process)


def main() -> None:
    appraise_all(cm.synthesize(staff=100, months=MONTHS, seed=1), "numpy")  # loads the code, whose memory is not meant
    data = cm.synthesize(staff=STAFF, months=MONTHS, seed=1)
    panel = data.panel
    staff_ids = panel.staff_ids.nbytes + sum(map(sys.getsizeof, panel.staff_ids))

    before = _resident()
    outcome = appraise_all(data, "numpy")
    more = {"a first run": (_bytes_of(vars(outcome), data.cached), _resident() - before)}
    for path, value in (("grades.A.from", 112), ("grades.A.quarterly_bonus", 2600)):
        outcome = cm.appraise(data, outcome.policy.with_changes({path: value}))
    more["moving a bound and an amount"] = (_bytes_of(vars(outcome), data.cached), _resident() - before)
    found = {"panel": (_bytes_of(panel) + staff_ids) / STAFF / MONTHS}
    found |= {when: [size / STAFF / MONTHS for size in sizes] for when, sizes in more.items()}
    print(json.dumps(found))


def _resident() -> int:
    gc.collect()
    return int(PAGES.read_text().split()[1]) * mmap.PAGESIZE if PAGES.exists() else 0


def _bytes_of(*things: object) -> int:
    """Add up the memory behind all arrays that can be reached, each once; data and panel only where they are given."""
    pieces, waiting, seen = {}, list(things), set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            while isinstance(thing.base, np.ndarray):
                thing = thing.base
            if thing.dtype != object:
                pieces[id(thing)] = thing.nbytes
        elif isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, list | tuple):
            waiting += thing
        elif type(thing).__module__.startswith("cmpolicy") and (
            thing in things or not isinstance(thing, (Panel, cm.StaffData))
        ):
            waiting += vars(thing).values()
    return sum(pieces.values())


if __name__ == "__main__":
    main()
