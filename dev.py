"""Set up the project and run its tasks, with nothing but Python 3.11 or newer (Linux, macOS, Windows).

python3 dev.py TASK [ARGUMENTS…]    (on Windows: py dev.py TASK)

It makes `.venv` from the hash-locked `requirements.lock`, once, and then runs the task inside it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMP = ENVIRONMENT / ".set-up"
LOCK = ROOT / "requirements.lock"

CMPOLICY = ("-m", "cmpolicy")
DEPARTMENT = "datasets/department"
REFORM = "datasets/proposed-reform.yaml"
TASKS = {
    "setup": [],
    "lint": [
        ("-m", "ruff", "check", "."),
        ("-m", "ruff", "format", "--check", "."),
        ("-m", "mypy"),
        ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
    ],
    "demo": [
        (*CMPOLICY, "check", DEPARTMENT),
        (*CMPOLICY, "appraise", DEPARTMENT, "--out", "demo-output/appraisal.xlsx"),
        (*CMPOLICY, "compare", DEPARTMENT, "--reform", REFORM, "--out", "demo-output/comparison"),
    ],
    "bench": [("-m", "benchmarks")],
}
# Linters first: the last line of the output is then the test runner's own summary.
TASKS["test"] = [*TASKS["lint"], ("-m", "pytest", "-n", "2", "--dist", "loadfile")]


def run(*command: object) -> None:
    print("+", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def set_up() -> None:
    """Make the environment unless the stamp says that this very lock file is installed."""
    wanted = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + sys.version.encode())
    if STAMP.exists() and STAMP.read_text() == wanted.hexdigest():
        return
    project = ("--no-deps", "--no-build-isolation", "--editable", ROOT)
    uv = shutil.which("uv")
    if uv:
        run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, ENVIRONMENT)
        run(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCK)
        run(uv, "pip", "install", "--quiet", "--python", PYTHON, *project)
    else:
        pip = make_environment_with_pip()
        run(*pip, "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", LOCK)
        run(*pip, "install", "--quiet", "--disable-pip-version-check", *project)
    STAMP.write_text(wanted.hexdigest())  # last, so that a set-up that was cut short is begun anew


def make_environment_with_pip() -> list[object]:
    try:
        venv.EnvBuilder(with_pip=True, clear=True).create(ENVIRONMENT)
    except subprocess.CalledProcessError:  # Debian without python3-venv: borrow the system's pip
        venv.EnvBuilder(with_pip=False, clear=True).create(ENVIRONMENT)
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    return [PYTHON, "-m", "pip"]


def main() -> int:
    if sys.version_info < (3, 11):
        print("cmpolicy needs Python 3.11 or newer; this is", sys.version.split()[0], file=sys.stderr)
        return 1
    task, arguments = (sys.argv[1:2] or ["help"])[0], sys.argv[2:]
    if task not in TASKS:
        print(__doc__)
        print("Tasks:", ", ".join(sorted(TASKS)))
        return 0 if task == "help" else 2
    try:
        set_up()
        *before, last = TASKS[task] or [()]
        for command in before:
            run(PYTHON, *command)
        if last:
            run(PYTHON, *last, *arguments)
    except subprocess.CalledProcessError as error:
        print(f"dev.py: the command above failed (status {error.returncode}).", file=sys.stderr)
        return error.returncode
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
