"""Start the lab's servers and drive them with the Chromium, Chrome or Edge of this machine."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import psutil
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dev import find_browser

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT = 60
"""Seconds that a step may take before it counts as broken; a busy machine is slow."""
expect.set_options(timeout=WAIT * 1000)
FLAGS = (
    "--no-sandbox",  # root has none, and the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
COMMAND = "from cmpolicy import cli; cli.main()"


@dataclass(frozen=True)
class Server:
    """A server that runs: where it is, what it asks for, and its process."""

    port: int
    token: str
    process: subprocess.Popen[bytes]
    log: Path

    def url(self, path: str = "/", **query: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}?{urlencode({'token': self.token, **query})}"

    def status(self, path: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> int:
        """Ask without a browser, without following where it leads, and give the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        connection.request(method, path, headers=headers or {})
        status = connection.getresponse().status
        connection.close()
        return status

    def kernels(self) -> set[str]:
        """Give the ids of the kernels that run, from the names of their connection files."""
        commands = " ".join(_command(child) for child in psutil.Process(self.process.pid).children(recursive=True))
        return set(re.findall(r"kernel-([0-9a-f-]{36})\.json", commands))


@contextmanager
def app_server(*options: str, command: str = COMMAND):
    """Run `cmpolicy app`, or the same by a changed Python command."""
    with _served("app", *options, command=command) as server:
        yield server


@contextmanager
def lab_server(folder: Path):
    """Run `cmpolicy lab` on a folder."""
    with _served("lab", str(folder), "--allow-root", command=COMMAND) as server:
        yield server


@contextmanager
def _served(*arguments: str, command: str):
    port, token = free_port(), secrets.token_hex(8)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as private:
        folder = Path(private)
        settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        # Else JupyterLab covers the page with the question whether to fetch news.
        settings.joinpath("notification.jupyterlab-settings").write_text(
            '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}'
        )
        config = folder / "config"
        config.mkdir()
        config.joinpath("jupyter_lab_config.json").write_text('{"LabApp": {"expose_app_in_browser": true}}')
        environment = {
            **os.environ,
            "CMPOLICY_LANG": "en",
            "CMPOLICY_APP_TOKEN": token,
            "JUPYTER_TOKEN": token,
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", command, *arguments, "--port", str(port), "--no-browser"],
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        server = Server(port, token, process, log)
        try:
            wait_for(lambda: _answers(server))
            yield server
        finally:
            _stop(process)


def _answers(server: Server) -> bool:
    assert server.process.poll() is None, server.log.read_text()
    try:
        return server.status("/login") == 200
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server, and whatever kernels it did not end itself: they lead sessions of their own."""
    kernels = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for kernel in kernels:
        with suppress(psutil.Error):
            kernel.kill()


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@contextmanager
def a_browser():
    """Start the browser, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), headless=True, args=list(FLAGS))
        yield browser
        browser.close()


def wait_for(condition: Callable[[], object], seconds: float = WAIT) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def new_page(browser: Browser, **options: object) -> Page:
    """Open a page as a new visitor; what its console says is wrong is gathered in `page.faults`."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, **options).new_page()
    page.set_default_timeout(WAIT * 1000)
    page.faults = []
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    return page


def open_app(page: Page, server: Server, **query: str) -> Page:
    """Open the app's page and wait until the workbench is there."""
    page.goto(server.url(**query))
    page.wait_for_selector(".cm-figure svg")
    return page


def kernel_of(page: Page) -> str:
    """Give the id of the kernel behind an app's page."""
    return re.search(r'"kernelId": ?"([0-9a-f-]+)"', page.content()).group(1)


def open_notebook(page: Page, server: Server, name: str) -> Page:
    """Open a notebook in JupyterLab and run all its cells, until all have run."""
    page.goto(server.url(f"/lab/tree/{name}", reset=""), wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    # Not the toolbar's own sign: that one says idle before the kernel is there, and running the cells is then lost.
    page.get_by_text("| Idle").first.wait_for()
    assert page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')"), "a cell failed"
    return page


OUTLINE = ("solid", "2px", "rgb(230, 159, 0)")
"""How what the keyboard is at is outlined."""


def turn_to(page: Page, tab: str) -> None:
    """Turn the workbench to a tab."""
    page.get_by_role("tab", name=tab).click()
    expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")


def focused(page: Page) -> tuple[tuple[str, str], tuple[str, ...]]:
    """Tell what the keyboard is at, and how its outline looks."""
    role, text, *outline = page.evaluate("""() => {
        const element = document.activeElement, style = getComputedStyle(element)
        const role = element.getAttribute("role") || element.tagName.toLowerCase()
        return [role, element.innerText.trim(), style.outlineStyle, style.outlineWidth, style.outlineColor]
    }""")
    return (role, text), tuple(outline)
