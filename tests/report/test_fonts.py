"""Fonts: one with Chinese glyphs where any is installed, never one that is not, and the same pictures everywhere."""

import importlib.util
import logging

import matplotlib as mpl
import pytest
from matplotlib.font_manager import fontManager

from cmpolicy.report import fonts
from cmpolicy.report.fonts import FAMILIES, chinese_families, figure_settings


@pytest.fixture
def _anew():
    """Look for fonts again, before and after."""
    chinese_families.cache_clear()
    yield
    chinese_families.cache_clear()


def test_only_installed_families_are_named():
    """matplotlib complains of every family that it looks for in vain; the last one comes with it."""
    named = chinese_families()  # asked first: it makes the font that comes with the extra known
    assert set(named) <= {font.name for font in fontManager.ttflist}
    assert named[-1] == "DejaVu Sans"
    assert list(named) == [family for family in FAMILIES if family in named]


@pytest.mark.skipif(importlib.util.find_spec("zhplot") is None, reason="the extra lab is not installed")
def test_the_font_of_the_extra_comes_first():
    """So a bare Linux draws Chinese, and the same as any other machine."""
    assert chinese_families()[0] == "Noto Sans SC"


@pytest.mark.usefixtures("_anew")
def test_without_the_extra_the_fonts_of_the_system_are_used(monkeypatch):
    """And without any of them pictures are still drawn, with boxes for Chinese."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    plain = [font for font in fontManager.ttflist if font.name == "DejaVu Sans"]
    for name in ("Microsoft YaHei", "PingFang SC", None):
        font = plain[0]
        entry = None if name is None else type(font)(font.fname, name=name, style=font.style, weight=font.weight)
        monkeypatch.setattr(fontManager, "ttflist", [*plain, *([entry] if entry else [])])
        chinese_families.cache_clear()
        assert chinese_families() == ((name, "DejaVu Sans") if name else ("DejaVu Sans",))


def test_the_settings_are_settings_of_matplotlib():
    """Used inside a block, they leave the user's own as they were."""
    before = {name: mpl.rcParams[name] for name in figure_settings()}
    with mpl.rc_context(figure_settings()):
        assert mpl.rcParams["svg.fonttype"] == "none"
        assert mpl.rcParams["font.sans-serif"][0] == chinese_families()[0]
        assert not mpl.rcParams["text.parse_math"]
    assert {name: mpl.rcParams[name] for name in before} == before


def test_each_family_is_found_without_a_complaint(caplog):
    """What is named is there under that very name."""
    with caplog.at_level(logging.WARNING, "matplotlib.font_manager"):
        for family in chinese_families():
            assert fontManager.findfont(family, fallback_to_default=False)
    assert caplog.records == []


def test_the_minus_sign_is_there(monkeypatch):
    """SimHei is the one of these fonts without it."""
    monkeypatch.setattr(fonts, "chinese_families", lambda: ("SimHei", "DejaVu Sans"))
    assert figure_settings()["axes.unicode_minus"] is False
    monkeypatch.setattr(fonts, "chinese_families", lambda: ("Noto Sans SC",))
    assert figure_settings()["axes.unicode_minus"] is True
