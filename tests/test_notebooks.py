"""The notebooks are fit to be regression tests: no cell is left uncompared by accident, and each ends in an answer."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{3,}")
# The words by which nbval leaves a cell out, in a comment or as a tag.
LEFT_OUT = re.compile(r"nbval[-_](ignore|skip|raises)", re.IGNORECASE)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_notebooks_are_numbered_without_a_gap():
    assert [int(path.name[:2]) for path in NOTEBOOKS] == list(range(1, len(NOTEBOOKS) + 1))
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_every_cell_was_run_in_order(self, path):
        """nbval does not compare a cell that has no execution count."""
        assert [cell.execution_count for cell in code_cells(path)] == list(range(1, len(code_cells(path)) + 1))

    def test_no_cell_is_left_out_of_the_comparison(self, path):
        for cell in code_cells(path):
            tags = " ".join(cell.metadata.get("tags", []))
            assert not LEFT_OUT.search(cell.source + tags), cell.source

    def test_every_cell_shows_something_to_compare(self, path):
        assert [cell.source for cell in code_cells(path) if not cell.outputs] == []

    def test_no_output_is_an_error_or_a_warning(self, path):
        for cell in code_cells(path):
            for output in cell.outputs:
                assert output.output_type != "error"
                assert output.get("name") != "stderr"

    def test_it_ends_in_an_answer_in_both_languages(self, path):
        answer = code_cells(path)[-1].outputs[0]["text"]
        assert CHINESE.search(answer)
        assert ENGLISH.search(answer)

    def test_its_text_is_in_both_languages(self, path):
        cells = nbformat.read(path, as_version=4).cells
        text = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
        assert CHINESE.search(text)
        assert len(ENGLISH.findall(text)) > 5

    def test_a_widget_leaves_a_still_picture(self, path):
        """Where no kernel runs, the HTML beside the widget is what is seen."""
        for cell in code_cells(path):
            for output in cell.outputs:
                data = output.get("data", {})
                if "application/vnd.jupyter.widget-view+json" in data:
                    assert "cm-lab" in data["text/html"]
                    assert "<svg" not in data["text/html"], "code-hosting pages take SVG out"
