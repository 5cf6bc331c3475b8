"""Tests in a real browser: the app (Voilà) and JupyterLab, as a visitor meets them.

To add one, write a test file here and take a fixture:

- `lab`: the same workbench that nobody has touched, once in the app and once in a notebook in JupyterLab;
- `app_page`: a page with the workbench of `cmpolicy app` on the bundled department, ready to be used;
- `page`, with `open_notebook(page, jupyterlab, "name.ipynb")` from `browser_driver`, for a notebook that the test wrote
  into `jupyterlab_folder` before.

Find things as a person does, by role and name (`page.get_by_role("tab", name="Data")`). Panels that were in view
before stay in the page, so the headline is `.cm-headline:visible` and the figure `.cm-figure svg:visible`. Wait with
`expect(…)` or `wait_for(…)`, never for a time. A page that wrote an error to its console fails its test.

The servers are started once for all test files that one pytest worker runs. Where no browser is found the tests are
skipped; with CMPOLICY_REQUIRE_BROWSER=1 they fail.
"""

import os

import browser_driver
import nbformat
import pytest
from playwright.sync_api import expect

from dev import find_browser

NOTEBOOK = """
import cmpolicy as cm
cm.lab.Workbench(cm.read_staff("datasets/department"))
"""


@pytest.fixture(scope="session")
def browser():
    if find_browser() is None:
        text = "NO BROWSER: install Chromium, Chrome or Edge (Debian: apt-get install chromium)"
        (pytest.fail if os.environ.get("CMPOLICY_REQUIRE_BROWSER") == "1" else pytest.skip)(text)
    with browser_driver.a_browser() as started:
        yield started


@pytest.fixture(scope="session")
def app():
    with browser_driver.app_server() as server:
        yield server


@pytest.fixture(scope="session")
def jupyterlab_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="session")
def jupyterlab(jupyterlab_folder):
    with browser_driver.lab_server(jupyterlab_folder) as server:
        yield server


@pytest.fixture
def page(browser):
    page = browser_driver.new_page(browser)
    yield page
    page.close(run_before_unload=True)
    page.context.close()
    assert page.faults == []


@pytest.fixture
def app_page(page, app):
    return browser_driver.open_app(page, app)


@pytest.fixture(scope="session")
def notebook(browser, jupyterlab, jupyterlab_folder):
    """A page of JupyterLab with the workbench in a notebook, opened once since that takes long."""
    cell = nbformat.v4.new_code_cell(NOTEBOOK.strip(), id="workbench")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(
        nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), jupyterlab_folder / "panels.ipynb"
    )
    page = browser_driver.open_notebook(browser_driver.new_page(browser), jupyterlab, "panels.ipynb")
    yield page
    page.context.close()


@pytest.fixture(params=["app", "jupyterlab"])
def lab(request):
    """A page with a workbench that nobody has touched."""
    if request.param == "app":
        yield request.getfixturevalue("app_page")
        return
    page = request.getfixturevalue("notebook")
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    expect(page.locator(".cm-lab")).to_have_count(0)
    assert page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')"), "the cell failed"
    expect(page.locator(".cm-figure svg:visible")).to_be_visible()
    page.faults.clear()
    yield page
    assert page.faults == []
