"""Open the lab in a browser: JupyterLab on the notebooks, or the workbench alone as an app (Voilà)."""

from __future__ import annotations

import html
import importlib.util
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message, language
from cmpolicy.staff.read import read_staff

if TYPE_CHECKING:
    from ipywidgets import Widget

    from cmpolicy.lab.workbench import Workbench

HERE = Path(__file__).parent
LOOPBACK = "127.0.0.1"
PORT = 8866
DATA_VARIABLE = "CMPOLICY_APP_DATA"
"""The environment variable that tells a page's kernel which data to show."""


def bundled(name: str) -> Path:
    """Find a file or folder that comes with cmpolicy: inside an installed package, beside it in a checkout.

    Examples
    --------
    >>> bundled("datasets/department").name
    'department'
    """
    package = HERE.parent
    inside = package / name
    return inside if inside.exists() else package.parent / name


# -- JupyterLab ----------------------------------------------------------------


def open_lab(
    folder: Path | None = None, *, port: int | None = None, browser: bool = True, allow_root: bool = False
) -> None:
    """Open JupyterLab on the notebooks, and stay until it is stopped.

    Parameters
    ----------
    folder
        Where to work: notebooks and their data sets are copied there, and a file that is there already is left as it
        is. Where it is left out, a checkout's own notebooks are opened; an installed cmpolicy copies them to
        `cmpolicy-lab` in the current folder.
    port
        Where JupyterLab listens; its own choice where it is left out.
    browser
        Whether to open a browser.
    allow_root
        Whether to run for the administrator too.

    Raises
    ------
    CmpolicyError
        If JupyterLab is not installed.
    """
    _need("jupyterlab", "JupyterLab")
    from jupyterlab.labapp import LabApp

    from cmpolicy.lab.data import MOST_UPLOAD

    home = bundled("notebooks").parent
    installed = home == HERE.parent
    if folder is not None or installed:
        folder = folder or Path("cmpolicy-lab")
        for name in ("notebooks", "datasets"):  # side by side, as the notebooks expect
            copy_missing(home / name, folder / name)
    LabApp.launch_instance(
        [
            f"--ServerApp.root_dir={(folder or home).resolve()}",
            "--LabApp.default_url=/lab/tree/notebooks",
            # Else a larger upload is lost without a word, and other users of this machine can listen to the kernels.
            f"--ServerApp.tornado_settings={{'websocket_max_message_size': {4 * MOST_UPLOAD}}}",
            "--KernelManager.transport_encryption=auto",
            *([f"--ServerApp.port={port}"] if port is not None else []),
            *([] if browser else ["--no-browser"]),
            *(["--allow-root"] if allow_root else []),
        ]
    )


def copy_missing(source: Path, folder: Path) -> None:
    """Copy the files that a folder has not got yet; nothing there is overwritten.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     copy_missing(bundled("datasets/small"), Path(folder) / "mine")
    ...     (Path(folder) / "mine" / "staff.csv").is_file()
    True
    """
    for file in sorted(source.rglob("*")):
        target = folder / file.relative_to(source)
        if file.is_file() and not target.exists() and ".ipynb_checkpoints" not in file.parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


# -- The app -------------------------------------------------------------------


def serve_app(
    data: Path | None = None,
    *,
    host: str = LOOPBACK,
    port: int = PORT,
    token: str | None = None,
    browser: bool = True,
    dark: bool = False,
    ready: int = 1,
) -> None:
    """Serve the workbench as an app, and stay until it is stopped.

    Every page has a kernel of its own, so that an upload is seen by its own page alone.

    Parameters
    ----------
    data
        A folder or workbook; the bundled department where it is left out.
    host, port
        Where to listen; port 0 takes any free one.
    token
        What a visitor must know; a random one where it is left out.
    browser
        Whether to open a browser.
    dark
        Whether pages are light on dark.
    ready
        How many kernels wait with the workbench made, so that the next pages open at once.

    Raises
    ------
    DataError
        If the data cannot be used.
    CmpolicyError
        If Voilà is not installed, the token is empty, or the server cannot listen there.
    """
    _need("voila", "Voilà")
    from cmpolicy.lab.voila_server import Server

    data = (data or bundled("datasets/department")).resolve()
    read_staff(data)
    if token is None:
        token = secrets.token_urlsafe(24)
    if not token.strip():
        raise CmpolicyError(Message("The token is empty; then anyone could open the app."))
    port = _free_port(host, port)
    # Kernels take what they need from the environment.
    os.environ[DATA_VARIABLE] = str(data)
    os.environ["CMPOLICY_LANG"] = language()
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(HERE / "jupyter"), os.environ.get("JUPYTER_PATH")]))
    address = f"http://{_shown(host)}:{port}/?token={quote(token)}"

    def when_it_listens() -> None:
        _say(Message("The workbench is at {address}", address=address))
        _say(Message("Whoever has this address can see the data. Press Ctrl+C to stop."))
        if host not in (LOOPBACK, "localhost", "::1"):
            _say(Message("Other machines can reach it, and the connection is not encrypted."))
        if browser:
            # A browser of the terminal keeps whoever opens it waiting.
            threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()

    # Voilà leaves the keys of kernels behind that were just starting when it was stopped.
    with tempfile.TemporaryDirectory(prefix="cmpolicy-", ignore_cleanup_errors=True) as keys:
        Server(host, port, token, "dark" if dark else "light", ready, keys, when_it_listens).start()


def app_page() -> Widget | Workbench:
    """Make what a page of the app shows: the workbench on its data. The app's notebook calls it."""
    import ipywidgets

    from cmpolicy.lab.workbench import Workbench

    try:
        return Workbench(read_staff(os.environ.get(DATA_VARIABLE) or bundled("datasets/department")))
    except CmpolicyError as error:  # the files changed since the server was started
        return ipywidgets.HTML(f"<pre>{html.escape(str(error))}</pre>")


# -- Helpers -------------------------------------------------------------------


def _need(module: str, name: str) -> None:
    if importlib.util.find_spec(module) is None:
        command = "pip install 'cmpolicy[lab]'"
        raise CmpolicyError(Message("{name} is not installed. Install it with: {command}", name=name, command=command))


def _free_port(host: str, port: int) -> int:
    """Make sure that a server can listen there."""
    try:
        family, kind, *_, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            if os.name != "nt":  # there it would take a port from under another program
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((address[0], port))
            return int(trial.getsockname()[1])
    except (OSError, OverflowError) as error:
        raise CmpolicyError(
            Message(
                "The server cannot listen at {host}, port {port} ({reason}); --port chooses another port.",
                host=host,
                port=port,
                reason=getattr(error, "strerror", None) or error,
            )
        ) from None


def _shown(host: str) -> str:
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - only compared with
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _say(message: Message) -> None:
    print(message, file=sys.stdout, flush=True)  # noqa: T201 - the program's message
