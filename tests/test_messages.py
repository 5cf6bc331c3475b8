"""Every text for people is there in Chinese and in English, and the language in use follows the settings."""

import ast
import errno
import os
import re
import subprocess
import sys
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from cmpolicy.catalogue import PACKAGE, refresh, templates
from cmpolicy.errors import SHOWN_PROBLEMS, DataError, Problem, system_reason
from cmpolicy.insight.compliance.findings import SEVERITIES
from cmpolicy.insight.compliance.records import SECTIONS
from cmpolicy.insight.compliance.schema import NONE
from cmpolicy.insight.people_cost import BORNE_BY, ENTRIES
from cmpolicy.messages import CATALOGUE, Message, language, set_language, using_language
from cmpolicy.regulation.clauses import FOLDER, clause_numbers
from cmpolicy.regulation.policy import load_policy
from cmpolicy.regulation.readings import READINGS
from cmpolicy.regulation.yaml_files import load_yaml
from cmpolicy.staff.schema import TABLES

CHINESE = r"[\u4e00-\u9fff]"
HALF_WIDTH = re.compile(rf"{CHINESE}[,;:?!()\"]|[,;:?!()\"]{CHINESE}")
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Names that stay as they are in Chinese text: of file formats, engines, languages and results.
KEPT = {"CSV", "Excel", "Parquet", "PDF", "YAML", "UTF", "GB18030", "csv", "parquet", "xlsx", "xls", "true", "false"}
KEPT |= {
    "numpy",
    "numba",
    "zh",
    "en",
    "Q1",
    "PNG",
    "SVG",
    "MB",
    "Ctrl",
    "Shift",
    "cmpolicy",
    "appraise",
    "regular",
    "observation",
    "left",
    "service",
    "revenue",
    "both",
    "N",  # severance: a month's wage a year
}
KEPT |= {  # what is typed as it stands, and is named in the help
    "CM000001", "Dask", "JupyterLab", "Q2", "everyone", "grade", "html", "money", "png",
    "quarter_grade_E", "shenzhen", "svg", "tcp", "worse_off", "yaml",
}  # fmt: skip
OPTION = re.compile(r"--[a-z-]+")


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_CN", abort_invalid=True)


def places(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def texts(content):
    """Find every text of the clauses and readings that is written in both languages."""
    if isinstance(content, dict) and "zh" in content:
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from texts(value)


def canonical_names():
    """Names that the program's users meet in files and options, whichever language they read."""
    policy = load_policy("2007-06")
    names = set(TABLES) | set(policy.grade_names)
    names.update(field.name for table in TABLES.values() for field in table.fields)
    names.update(part for path in policy.paths() for part in path.split("."))
    names.update(option for options in READINGS.values() for option in options.__members__)
    names.update(part for number in clause_numbers() for part in WORD.findall(number))
    for section, entries in SECTIONS.items():
        names.update((section, *entries), *(entry.words for entry in entries.values()))
    names.update(ENTRIES, BORNE_BY)
    return names | {NONE, "open_ended", "task_based"} | set(SEVERITIES)


def test_the_catalogue_holds_exactly_the_messages_of_the_program(catalogue):
    """CONTRIBUTING.md says how to refresh it."""
    held, wanted = {message.id for message in catalogue if message.id}, set(templates())
    assert (wanted - held, held - wanted) == (set(), set())
    assert not catalogue.obsolete


def test_every_template_is_written_where_its_message_is_made():
    """Only there can it be found; those that are looked up are written in another message as well."""
    looked_up = ("template", "_EXPECTED[self.kind]", "name")
    unseen = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("Message"), args=[ast.Constant(), *_]):
                    pass
                case ast.Call(func=ast.Name("Message"), args=[template, *_]):
                    if not ast.unparse(template).endswith(looked_up):
                        unseen[f"{path.name}:{node.lineno}"] = ast.unparse(template)
    assert not unseen


def test_every_message_is_translated_with_the_same_places(catalogue):
    """A place that is misspelt in Chinese would be an error while an error is told."""
    wrong = [
        message.id
        for message in catalogue
        if message.id and (not message.string or message.fuzzy or places(message.id) != places(message.string))
    ]
    assert not wrong


def test_chinese_messages_hold_no_english(catalogue):
    """Canonical names, options and names of file formats stay; all else is Chinese, with full-width punctuation."""
    kept = KEPT | canonical_names()
    left = {}
    for message in catalogue:
        prose = OPTION.sub("", re.sub(r"\{\w*\}", "", message.string))
        words = set(WORD.findall(prose)) - kept
        if message.id and (words or HALF_WIDTH.search(prose)):
            left[message.id] = message.string
    assert not left


def test_a_refresh_of_the_catalogue_changes_nothing(tmp_path):
    """Sorted, one line a text, no header and no line numbers: what changes in the file has changed in the texts."""
    path = tmp_path / CATALOGUE.name
    path.write_bytes(CATALOGUE.read_bytes())
    assert refresh(path) == []
    assert path.read_bytes() == CATALOGUE.read_bytes()


@pytest.mark.parametrize("name", ["clauses.yaml", "readings.yaml"])
def test_the_regulation_is_told_in_both_languages(name):
    """A comma that is not quoted would cut a text short and begin another."""
    entries = list(texts(load_yaml(FOLDER / name)))
    assert entries
    for entry in entries:
        assert set(entry) == {"zh", "en"}
        assert re.search(CHINESE, entry["zh"])
        assert not HALF_WIDTH.search(entry["zh"])
        assert re.search(r"[a-z0-9]", entry["en"])
        assert not re.search(CHINESE, entry["en"])


def test_every_reading_and_each_of_its_options_has_its_text():
    """What can be set in a policy can be read about."""
    content = load_yaml(FOLDER / "readings.yaml")
    assert {name: list(entry["options"]) for name, entry in content.items()} == {
        name: list(options.__members__) for name, options in READINGS.items()
    }
    assert {number for entry in content.values() for number in entry["clauses"]} <= set(clause_numbers())


@pytest.fixture
def _no_settings(monkeypatch):
    for name in ("CMPOLICY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_no_settings")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN.GB18030"}, "zh"),
        ({"LANG": "Chinese (Simplified)_China"}, "zh"),
        ({"CMPOLICY_LANG": "zh"}, "zh"),
        ({"CMPOLICY_LANG": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"CMPOLICY_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        ({"CMPOLICY_LANG": "fr", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"CMPOLICY_LANG": "fr", "LANG": "C"}, "en"),
        ({"CMPOLICY_LANG": "", "LANG": "C"}, "en"),
    ],
)
def test_the_language_follows_the_settings(monkeypatch, settings, expected):
    """CMPOLICY_LANG, then the locale in its usual order, then English; another language is passed over."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert language() == expected
    assert str(Message("grade")) == {"zh": "等级", "en": "grade"}[expected]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows always has a locale")
def test_without_any_locale_it_is_english():
    """The contract: English if no locale is set."""
    settings = {
        name: value for name, value in os.environ.items() if name != "LANG" and not name.startswith(("LC_", "CMP"))
    }
    code = "from cmpolicy.messages import language; print(language())"
    run = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "en"


def test_a_chosen_language_comes_before_the_settings_until_it_is_given_back():
    """One message object reads in whichever language is in use when it is shown."""
    message = Message("There is no clause {name}.", name="9.9")
    try:
        set_language("zh")
        assert str(message) == "没有条款 9.9。"
        with using_language("en"):
            assert str(message) == "There is no clause 9.9."
        assert str(message) == "没有条款 9.9。"
    finally:
        set_language(None)
    assert str(message) == "There is no clause 9.9."


def test_a_language_that_is_not_there_is_refused():
    """Unlike a setting of the machine, a call is a slip of the pen."""
    with pytest.raises(ValueError, match="zh, en"):
        set_language("fr")
    assert language() == "en"


PROBLEM = Problem(
    Message("The value is not valid."),
    table="months",
    row=5,
    staff_id="CM01",
    column="revenue",
    heading="业务收入",
    value="abc",
    expected=Message("an amount in yuan from 0 to {most}", most="1,000"),
)


def test_a_problem_reads_as_one_text_in_english():
    """Where it is, what it is, what was found and what was expected."""
    assert str(PROBLEM) == (
        "table months, row 5, staff CM01, column revenue (业务收入): The value is not valid. "
        'Found: "abc". Expected: an amount in yuan from 0 to 1,000.'
    )


def test_a_problem_reads_as_one_text_in_chinese():
    """Chinese punctuation joins its parts, with no spaces between sentences."""
    with using_language("zh"):
        assert str(PROBLEM) == (
            "表 months，第 5 行，工号 CM01，列 revenue（业务收入）：值无效。"
            "实际为“abc”。应为：0 至 1,000 元之间的金额。"
        )


def test_a_problem_without_a_place_is_its_message():
    """No stray comma or colon stands before it."""
    assert str(Problem(Message("This is not YAML."))) == "This is not YAML."
    column = Problem(Message("This is not YAML."), column="revenue", heading="revenue")
    assert str(column) == "column revenue: This is not YAML."


def test_an_error_counts_the_problems_that_it_does_not_show():
    """A long list is cut, and says so, in the language in use."""
    error = DataError(Message("The data in {source} cannot be used.", source="x"), [PROBLEM] * (SHOWN_PROBLEMS + 2))
    assert len(str(error).splitlines()) == SHOWN_PROBLEMS + 2
    assert str(error).endswith("… and more problems: 2.")
    with using_language("zh"):
        lines = str(error).splitlines()
    assert lines[0] == "x 中的数据无法使用。"
    assert lines[-1].strip() == "……另有 2 个问题。"


def test_reasons_of_the_system_are_told_in_the_language_in_use():
    """What the operating system says in English is text for people too; a reason without a translation stays."""
    folder = OSError(errno.EISDIR, "Is a directory")
    assert str(system_reason(folder)) == "Is a directory"
    with using_language("zh"):
        assert str(system_reason(folder)) == "这是文件夹，不是文件"
        assert str(system_reason(OSError(errno.EXDEV, "Invalid cross-device link"))) == "Invalid cross-device link"
