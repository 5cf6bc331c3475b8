"""How long `import cmpolicy` takes, and what it loads, in fresh interpreters."""

import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.timing import Row, at_most

REPETITIONS = 7
HEAVY = ("pandas", "matplotlib", "ipywidgets", "numba")
LIGHT_PATHS = {
    "import cmpolicy": "import cmpolicy",
    "cm.load_policy": "import cmpolicy as cm; cm.load_policy('2007-06').with_changes({'grades.A.from': 112})",
    "cm.appraise and cm.read_staff, not called": "import cmpolicy as cm; cm.appraise, cm.read_staff",
}


def measure() -> Iterator[Row]:
    for name, code in LIGHT_PATHS.items():
        seconds = statistics.median(_seconds_of_imports(code) for _ in range(REPETITIONS))
        yield at_most(f"{name}: importing", seconds, 0.3, "s")
        loaded = _heavy_modules(code)
        yield Row(f"{name}: heavy libraries loaded", ", ".join(loaded) or "none", "none", not loaded)


def _seconds_of_imports(code: str) -> float:
    """Add up what -X importtime says of cmpolicy and of all that it loads."""
    report = _run("-X", "importtime", "-c", code).stderr
    before = _run("-X", "importtime", "-c", "").stderr.count("import time:")
    own = [
        line.removeprefix("import time:").split("|") for line in report.splitlines() if line.startswith("import time:")
    ]
    return sum(int(microseconds) for microseconds, *_ in own[before:]) / 1e6


def _heavy_modules(code: str) -> list[str]:
    loaded = _run("-c", f"{code}\nimport sys\nprint(*sys.modules)").stdout.split()
    return [name for name in HEAVY if name in loaded]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
