"""Print what is measured against what is promised: python -m benchmarks [NAME…]

A limit that is not met is told, but is no failure: times depend on the machine. Results that differ are one.
"""

import importlib
import os
import sys
import time

from rich.console import Console
from rich.table import Table

from benchmarks.agreement import DisagreementError

SUBJECTS = (
    "startup",
    "memory",
    "moves",
    "reading",
    "engines",
    "sweep_speed",
    "forecast_coverage",
    "solve_speed",
    "readings_speed",
    "incentives_speed",
    "partitions_speed",
    "statements_speed",
    "lab_in_kernel",
    "lab_in_browser",
)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(SUBJECTS)}.", file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 180)
    start = time.perf_counter()
    table = Table("", "measured", "wanted", "", title=f"{os.cpu_count()} processors{_load()}")
    for name in names or SUBJECTS:
        console.print(f"{name} …", style="dim")
        try:
            for row in importlib.import_module(f"benchmarks.{name}").measure():
                verdict = {None: "", True: "ok", False: "NOT MET"}[row.met]
                table.add_row(row.what, row.measured, row.wanted, verdict, style="bold" if row.met is False else None)
        except DisagreementError as error:
            print(f"The results differ. {error}", file=sys.stderr)
            return 1
        table.add_section()
    console.print(table)
    console.print(f"All in {time.perf_counter() - start:.0f} s.")
    return 0


def _load() -> str:
    """Tell how busy the machine was before: times in which others compute are worth little."""
    return f", load before {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
