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
PYTEST = ("-m", "pytest", "-n", "2", "--dist", "loadfile")
NBVAL = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "--nbval-sanitize-with", "tests/sanitize.cfg")
TASKS["test"] = [*TASKS["lint"], (*PYTEST, *NBVAL, "notebooks"), PYTEST]

# The browsers that the tests can drive: by name on the PATH, and where macOS and Windows keep them.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
MAC_BROWSERS = ("Chromium", "Google Chrome", "Microsoft Edge")
WINDOWS_BROWSERS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")


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


def find_browser() -> str | None:
    on_path = [shutil.which(name) for name in BROWSERS]
    places = [Path(f"/Applications/{name}.app/Contents/MacOS/{name}") for name in MAC_BROWSERS]
    places += [Path(os.environ.get(folder, ""), file) for folder in WINDOWS_FOLDERS for file in WINDOWS_BROWSERS]
    return next(filter(None, on_path), None) or next((str(place) for place in places if place.is_file()), None)


def set_up_browser() -> None:
    """Install Debian's Chromium where there is no browser yet and it may be done; else say so loudly."""
    if find_browser():
        return
    if shutil.which("apt-get"):
        as_root = () if os.geteuid() == 0 else ("sudo", "--non-interactive")
        apt_get = (*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--quiet")
        try:
            run(*apt_get, "update")
            run(*apt_get, "install", "--yes", "--no-install-recommends", "chromium", "fonts-wqy-microhei")
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            print("dev.py: Chromium could not be installed:", error, file=sys.stderr)
    if not find_browser():
        text = "NO BROWSER: the lab is NOT tested in one. Install Chromium, Chrome or Edge to have it tested."
        print("!" * len(text), text, "!" * len(text), sep="\n", file=sys.stderr, flush=True)


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
        if task == "test":
            set_up_browser()
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
