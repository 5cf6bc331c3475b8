"""Commands that open something in the browser: JupyterLab on the notebooks, the workbench as an app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cmpolicy.commands.declare import argument, option, whole_number
from cmpolicy.messages import Message

NoBrowserOption = Annotated[bool, option("--no-browser", Message("Open no browser."))]


def lab(
    folder: Annotated[
        Path | None, argument(Message("FOLDER"), Message("Where to work; the notebooks are copied there."))
    ] = None,
    *,
    port: Annotated[int | None, whole_number("--port", Message("The port where it listens."))] = None,
    no_browser: NoBrowserOption = False,
    allow_root: Annotated[bool, option("--allow-root", Message("Run for the administrator too."))] = False,
) -> None:
    """Open JupyterLab on the notebooks."""
    from cmpolicy.lab.serve import open_lab

    open_lab(folder, port=port, browser=not no_browser, allow_root=allow_root)


def app(
    data: Annotated[
        Path | None,
        argument(
            Message("DATA"),
            Message("Folder of CSV or Parquet files, or a workbook. Default: the bundled department."),
        ),
    ] = None,
    *,
    host: Annotated[
        str,
        option(
            "--host", Message("The address where it listens; the default is for this machine only."), Message("ADDRESS")
        ),
    ] = "127.0.0.1",
    port: Annotated[int, whole_number("--port", Message("The port where it listens; 0 takes any free one."))] = 8866,
    token: Annotated[
        str | None,
        option(
            "--token",
            Message("What a visitor has to know. Default: a random one."),
            Message("TEXT"),
            envvar="CMPOLICY_APP_TOKEN",
        ),
    ] = None,
    no_browser: NoBrowserOption = False,
    dark: Annotated[bool, option("--dark", Message("Light on dark."))] = False,
    ready: Annotated[int, whole_number("--ready", Message("How many pages are made ready ahead."), least=0)] = 1,
) -> None:
    """Serve the workbench as an app in the browser."""
    from cmpolicy.lab.serve import serve_app

    serve_app(data, host=host, port=port, token=token, browser=not no_browser, dark=dark, ready=ready)
