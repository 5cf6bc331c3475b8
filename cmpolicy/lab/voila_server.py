"""The Voilà server of the app: its settings, and what Voilà itself would do otherwise."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from jupyter_server import DEFAULT_STATIC_FILES_PATH
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Dict
from traitlets.config import Config
from voila.app import Voila

from cmpolicy.lab.data import MOST_UPLOAD

if TYPE_CHECKING:
    from collections.abc import Callable

APP = Path(__file__).with_name("app.ipynb")
PAGES = Path(__file__).parent / "jupyter" / "pages"
MOST_MESSAGE = 4 * MOST_UPLOAD
"""The largest message between page and kernel, bytes. By default it is 10 MiB, and a larger upload is lost without a
word; this one holds more than the largest upload, so that the panel can refuse in words what is larger."""
ALONE_FOR, LOOK_EVERY = 80, 10
"""A page that is closed ends its kernel. Where it cannot (the browser crashed, the network is gone), the kernel ends
after so many seconds without a page, looked at so often: in all within two minutes."""


class Kernels(AsyncMappingKernelManager):
    """Ends kernels that have been without a page for a while.

    Jupyter counts from a kernel's last work instead: it would end one that was made ready ahead before its page has
    connected, and one whose page was idle at the first hiccup of the network.
    """

    alone_since = Dict(help="When a kernel was first seen without a page.")

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End the kernel if it has been alone for long; Voilà leaves those out that wait for a page."""
        if self._kernel_connections.get(kernel_id):
            self.alone_since.pop(kernel_id, None)
        elif time.monotonic() - self.alone_since.setdefault(kernel_id, time.monotonic()) > self.cull_idle_timeout:
            del self.alone_since[kernel_id]
            await ensure_async(self.shutdown_kernel(kernel_id))  # type: ignore[no-untyped-call] # Jupyter's


class Server(Voila):  # type: ignore[misc] # Voilà has no types
    """Voilà with the app's notebook and these settings alone: no settings file that lies about makes it less safe."""

    def __init__(
        self,
        host: str,
        port: int,
        token: str,
        theme: str,
        ready: int,
        keys: str,
        when_it_listens: Callable[[], None],
    ) -> None:
        super().__init__(config=_settings(host, port, token, theme, ready, keys), config_file_paths=[])
        self.launch_browser = when_it_listens  # Voilà's own opens the page without the token
        self.initialize([str(APP)])

    def init_settings(self) -> Any:
        """Ask for the token on a page of our own: Jupyter's speaks of commands and passwords that are not there."""
        settings = super().init_settings()
        settings["jinja2_env"].loader.searchpath.insert(0, str(PAGES))
        return settings

    def init_handlers(self) -> list[Any]:
        """Leave out the place that tells the token to whoever knows a kernel's id, and that nothing here asks."""
        return [handler for handler in super().init_handlers() if "/voila/query/" not in handler[0]]


def _settings(host: str, port: int, token: str, theme: str, ready: int, keys: str) -> Config:
    return Config(
        {
            "Voila": {
                "ip": host,
                "port": port,
                "port_retries": 0,
                "token": token,
                "connection_dir_root": keys,
                "log_level": "ERROR",
                "tornado_settings": {
                    "websocket_max_message_size": MOST_MESSAGE,
                    # A page that closes ends its kernel; Voilà's request for it lacks the mark that this check wants.
                    # What is left guards enough: the token, the origin, and a kernel's id that nobody can guess.
                    "disable_check_xsrf": True,
                    "static_path": DEFAULT_STATIC_FILES_PATH,  # pages that refuse need it
                    # A page on a slow network answers nothing while it uploads; milliseconds.
                    "ws_ping_interval": 60_000,
                    "ws_ping_timeout": 60_000,
                },
            },
            "VoilaConfiguration": {
                "template": "cmpolicy",
                "theme": theme,
                "strip_sources": True,
                "file_allowlist": [],
                "resources": {"most_upload": MOST_UPLOAD},
                "preheat_kernel": ready > 0,
                "default_pool_size": ready,
                "multi_kernel_manager_class": Kernels,
            },
            "PasswordIdentityProvider": {"hashed_password": "", "allow_password_change": False},
            "MappingKernelManager": {"cull_idle_timeout": ALONE_FOR, "cull_interval": LOOK_EVERY},
            "KernelManager": {"transport_encryption": "auto"},  # else other users of this machine can listen
        }
    )
