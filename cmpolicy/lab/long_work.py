"""Work that takes a while: how far it is, and a button that ends it."""

from __future__ import annotations

import contextvars
import html
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

import ipywidgets as widgets

from cmpolicy.messages import Message
from cmpolicy.progress import seldom, watched_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from cmpolicy.lab.panel import Panel
    from cmpolicy.progress import Progress

Result = TypeVar("Result")


class _StoppedError(Exception):
    """The user wants no more of it."""


class LongWork:
    """Does one thing at a time in a thread of its own, so that the lab goes on meanwhile.

    Parameters
    ----------
    panel
        The panel that it is done for.
    start
        The button that starts it; it cannot be pressed meanwhile.

    Attributes
    ----------
    stop : Button
        It ends the work; shown only while there is some.
    progress : HTML
        What is done, and how far it is.
    """

    def __init__(self, panel: Panel, start: widgets.Button) -> None:
        self._panel, self._start = panel, start
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.stop = panel.texts.bind(
            widgets.Button(icon="stop", layout={"width": "auto", "display": "none"}),
            description=Message("Stop"),
            tooltip=Message("End the work; nothing is changed"),
        )
        self.stop.on_click(lambda _button: self._stopping.set())  # unguarded: it must not wait for other actions
        self.progress = widgets.HTML()

    def run(self, what: Message, work: Callable[[], Result], then: Callable[[Callable[[], Result]], None]) -> None:
        """Begin to do something, unless something is done already; return at once.

        Parameters
        ----------
        what
            What is done.
        work
            It does it, with nothing that others compute with meanwhile; for data see `StaffData.apart`.
        then
            It shows what came of it. It is given a function that gives the result, or raises what went wrong.
        """
        if self._start.disabled:  # pressed twice before the page knew that it cannot be
            return
        self._start.disabled = True
        self._stopping.clear()
        self._show(what, "")
        self.stop.layout.display = ""
        # Messages to the page belong to the event that asked for the work, and texts are in its language.
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._do, what, work, then), daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until there is nothing to do."""
        if self._thread is not None:
            self._thread.join()

    def _do(self, what: Message, work: Callable[[], Result], then: Callable[[Callable[[], Result]], None]) -> None:
        show = seldom(lambda progress: self._show(what, progress.told, progress))

        def watch(progress: Progress) -> None:
            if self._stopping.is_set():
                raise _StoppedError
            show(progress)

        found: Future[Result] = Future()
        try:
            with watched_by(watch):
                found.set_result(work())
        except Exception as error:  # noqa: BLE001 - raised again where the result is asked for
            found.set_exception(error)
        self.stop.layout.display = "none"
        self.progress.value = ""
        self._start.disabled = False
        if isinstance(found.exception(), _StoppedError):
            self.progress.value = f'<span role="status">{Message("Stopped; nothing was changed.")}</span>'
        else:
            self._panel.guarded(then)(found.result)

    def _show(self, what: Message, told: Message | str, progress: Progress | None = None) -> None:
        bar = ""
        if progress is not None and progress.total:
            bar = f'<progress max="{progress.total}" value="{progress.done}" aria-hidden="true"></progress> '
        self.progress.value = f'<span class="cm-working">{html.escape(str(what))} {bar}{html.escape(str(told))}</span>'
