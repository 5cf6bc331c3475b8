"""Commands that open something in the browser: JupyterLab on the notebooks, the workbench as an app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def lab(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Where to work; notebooks are copied there. 工作文件夹。")
    ] = None,
    *,
    port: Annotated[int | None, typer.Option("--port", help="Where it listens. 端口。")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser. 不打开浏览器。")] = False,
    allow_root: Annotated[
        bool, typer.Option("--allow-root", help="Run for the administrator too. 允许管理员运行。")
    ] = False,
) -> None:
    """Open JupyterLab on the notebooks."""
    from cmpolicy.lab.serve import open_lab

    open_lab(folder, port=port, browser=not no_browser, allow_root=allow_root)


def app(
    data: Annotated[
        Path | None, typer.Argument(metavar="DATA", help="Default: the bundled department. 默认：自带的部门数据。")
    ] = None,
    *,
    host: Annotated[str, typer.Option("--host", help="Where it listens. 默认仅限本机。")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes any free one. 端口。")] = 8866,
    token: Annotated[
        str | None,
        typer.Option("--token", envvar="CMPOLICY_APP_TOKEN", help="Default: a random one. 访问口令，默认随机。"),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser. 不打开浏览器。")] = False,
    dark: Annotated[bool, typer.Option("--dark", help="Light on dark. 深色主题。")] = False,
    ready: Annotated[
        int, typer.Option("--ready", min=0, help="How many pages are made ready ahead. 预先准备的页面数。")
    ] = 1,
) -> None:
    """Serve the workbench as an app in the browser."""
    from cmpolicy.lab.serve import serve_app

    serve_app(data, host=host, port=port, token=token, browser=not no_browser, dark=dark, ready=ready)
