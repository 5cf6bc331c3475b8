"""What goes wrong before a server starts is told in words, and nothing of the user's is overwritten."""

import importlib.util
import socket

import ipywidgets
import pytest

from cmpolicy import cli
from cmpolicy.errors import CmpolicyError, DataError
from cmpolicy.lab import serve
from cmpolicy.lab.workbench import Workbench


def test_bad_data_are_told_before_the_server_starts(monkeypatch, capsys, tmp_path):
    """`cmpolicy app DATA` with data that cannot be used ends with status 1 and says why."""
    monkeypatch.setattr("sys.argv", ["cmpolicy", "app", str(tmp_path / "nothing")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "nothing" in capsys.readouterr().err


@pytest.mark.parametrize(("start", "name"), [(serve.serve_app, "Voilà"), (serve.open_lab, "JupyterLab")])
def test_a_missing_extra_is_told_with_its_remedy(monkeypatch, start, name):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _module: None)
    with pytest.raises(CmpolicyError, match=rf"{name} is not installed.*pip install 'cmpolicy\[lab\]'"):
        start()


def test_a_port_in_use_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CmpolicyError, match=rf"cannot listen at 127.0.0.1, port {port} .*--port"):
            serve.serve_app(port=port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_told(port):
    with pytest.raises(CmpolicyError, match="cannot listen"):
        serve.serve_app(port=port)


@pytest.mark.parametrize("token", ["", " "])
def test_an_empty_token_is_refused(token):
    """Voilà takes an empty token to mean that nobody need have one."""
    with pytest.raises(CmpolicyError, match="anyone could open"):
        serve.serve_app(token=token)


def test_copying_notebooks_overwrites_nothing(tmp_path):
    source, mine = tmp_path / "source", tmp_path / "mine"
    (source / "deeper").mkdir(parents=True)
    (source / "1.ipynb").write_text("new")
    (source / "deeper" / "2.ipynb").write_text("new")
    mine.mkdir()
    (mine / "1.ipynb").write_text("edited")
    serve.copy_missing(source, mine)
    assert (mine / "1.ipynb").read_text() == "edited"
    assert (mine / "deeper" / "2.ipynb").read_text() == "new"


def test_a_page_shows_the_data_that_were_given(monkeypatch):
    monkeypatch.setenv(serve.DATA_VARIABLE, str(serve.bundled("datasets/small.xlsx")))
    page = serve.app_page()
    assert isinstance(page, Workbench)
    assert page.state.data.source.endswith("small.xlsx")


def test_a_page_tells_that_the_data_went_bad_meanwhile(monkeypatch, tmp_path):
    """The reason is text, whatever the file is called."""
    monkeypatch.setenv(serve.DATA_VARIABLE, str(tmp_path / "<b>gone"))
    page = serve.app_page()
    assert isinstance(page, ipywidgets.HTML)
    assert "&lt;b&gt;gone" in page.value


def test_data_of_the_command_are_read_first(tmp_path):
    """Errors of the data come before those of the port."""
    with pytest.raises(DataError):
        serve.serve_app(tmp_path / "nothing", port=-1)
