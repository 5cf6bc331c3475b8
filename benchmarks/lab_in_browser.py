"""What a person waits for in the app: from a key to the number and the figure, from the address to the workbench."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page

import cmpolicy as cm
from benchmarks.engines import MONTHS
from benchmarks.timing import Row, at_most
from dev import find_browser
from tests.browser_driver import Server, a_browser, app_server, kernel_of, new_page, open_app, wait_for

STAFF = 10_000
PRESSES = 20
OPENINGS = 5
HELD_KEYS = 20
HELD_GAP = 30
"""Milliseconds after which a keyboard repeats a key that is held down."""
# Watches from inside the page, frame by frame, how long after a key the number and the figure are others.
WATCH = """() => {
  const seen = (place) => [...document.querySelectorAll(place)].find((one) => one.offsetParent)?.innerHTML;
  const watch = window.watch = {key: 0, number: 0, figure: 0, stop: false};
  let number = seen(".cm-headline"), figure = seen(".cm-figure");
  for (const kind of ["keydown", "keyup"]) {
    document.addEventListener(kind, () => { watch[kind] = performance.now(); }, true);
  }
  const look = () => {
    const numberNow = seen(".cm-headline"), figureNow = seen(".cm-figure");
    if (numberNow !== number) { number = numberNow; watch.number = performance.now(); }
    if (figureNow !== figure) { figure = figureNow; watch.figure = performance.now(); }
    if (!watch.stop) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def measure() -> Iterator[Row]:
    if find_browser() is None:
        yield Row("the app in a browser", "not measured: no browser is there")
        return
    with a_browser() as browser, app_server() as server:
        crashed = _crash(browser, server)
        yield _opening(browser, server)
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "staff"
            cm.write_staff(cm.synthesize(staff=STAFF, months=MONTHS, seed=1), data, format="parquet")
            with app_server(str(data)) as large:
                yield from _keys(open_app(new_page(browser), large))
        yield from _kernels_end(browser, server, *crashed)


def _opening(browser: Browser, server: Server) -> Row:
    seconds = []
    for _ in range(OPENINGS):
        time.sleep(8)  # until the next page is made ready
        page = new_page(browser)
        start = time.perf_counter()
        open_app(page, server)
        seconds.append(time.perf_counter() - start)
        page.close(run_before_unload=True)
    return at_most("bundled department: opening the app, made ready", statistics.median(seconds), 3, "s")


def _keys(page: Page) -> Iterator[Row]:
    page.evaluate(WATCH)
    handle = page.locator(".noUi-handle").first
    handle.focus()
    numbers, figures = [], []
    for press in range(PRESSES + 1):
        page.keyboard.press("ArrowRight" if press % 8 < 4 else "ArrowLeft")
        page.wait_for_function("watch.number > watch.keydown && watch.figure > watch.keydown")
        number, figure = page.evaluate("[watch.number - watch.keydown, watch.figure - watch.keydown]")
        if press:  # the first one warms up
            numbers.append(number)
            figures.append(figure)
        page.wait_for_timeout(150)
    yield at_most(f"{STAFF:,} people: key to headline number", statistics.median(numbers), 100, "ms")
    yield at_most(f"{STAFF:,} people: key to figure", statistics.median(figures), 180, "ms")
    start = int(handle.get_attribute("aria-valuenow").partition(".")[0])
    for _ in range(HELD_KEYS):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(HELD_GAP)
    page.keyboard.up("ArrowRight")
    wait_for(lambda: page.get_by_role("spinbutton").first.input_value() == str(start + HELD_KEYS))
    page.wait_for_timeout(2000)
    settled = page.evaluate("watch.stop = true, Math.max(watch.number, watch.figure) - watch.keyup")
    yield at_most(f"{STAFF:,} people: key held down, settled after its release", max(settled, 0), 250, "ms")


def _crash(browser: Browser, server: Server) -> tuple[str, float]:
    """Open a page and end it without its being able to tell the server."""
    page = open_app(new_page(browser), server)
    kernel = kernel_of(page)
    page.close(run_before_unload=False)
    return kernel, time.perf_counter()


def _kernels_end(browser: Browser, server: Server, crashed: str, since: float) -> Iterator[Row]:
    page = open_app(new_page(browser), server)
    kernel = kernel_of(page)
    page.close(run_before_unload=True)
    start = time.perf_counter()
    wait_for(lambda: kernel not in server.kernels(), seconds=200)
    yield at_most("kernel of a page that was closed: gone after", time.perf_counter() - start, 120, "s")
    wait_for(lambda: crashed not in server.kernels(), seconds=200)
    yield at_most("kernel of a page that crashed: gone after", time.perf_counter() - since, 120, "s")
