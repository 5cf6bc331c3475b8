"""JupyterLab as `cmpolicy lab` opens it: the workbench in a notebook."""

import nbformat
import pytest
from browser_driver import open_notebook
from playwright.sync_api import expect

CODE = """
import cmpolicy as cm
from cmpolicy.lab.workbench import Workbench
Workbench(cm.synthesize(staff=20, months=6, seed=1))
"""


@pytest.fixture
def workbench(page, jupyterlab, jupyterlab_folder):
    cell = nbformat.v4.new_code_cell(CODE.strip(), id="workbench")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(notebook, jupyterlab_folder / "workbench.ipynb")
    open_notebook(page, jupyterlab, "workbench.ipynb")
    return page


def test_without_the_token_nothing_is_told(jupyterlab):
    """JupyterLab asks for its token."""
    assert jupyterlab.status("/lab") == 302
    assert jupyterlab.status("/api/contents") == 403
    assert jupyterlab.status(f"/api/contents?token={jupyterlab.token}") == 200


def test_it_opens_on_the_notebooks(page, jupyterlab, jupyterlab_folder):
    """The notebooks come along, beside the data sets that they read."""
    page.goto(jupyterlab.url(), wait_until="domcontentloaded")
    expect(page.get_by_role("listitem", name="Name: 01-tour.ipynb")).to_be_visible()
    assert (jupyterlab_folder / "datasets" / "department" / "staff.csv").is_file()


def test_the_workbench_works(workbench):
    """The workbench shows its headline and figure, and an upload above the usual 10 MiB arrives."""
    expect(workbench.locator(".cm-headline:visible")).to_be_visible()
    expect(workbench.locator(".cm-figure svg:visible")).to_be_visible()
    workbench.get_by_role("tab", name="Data").click()
    with workbench.expect_file_chooser() as chooser:
        workbench.get_by_role("button", name="Upload a workbook or CSV files").click()
    chooser.value.set_files({"name": "large.xlsx", "mimeType": "", "buffer": bytes(12_000_000)})
    expect(workbench.get_by_role("alert")).to_contain_text("large.xlsx")
