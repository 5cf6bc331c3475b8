"""How the command line is called: its help, and what is said of a wrong call, in either language."""

import re

import pytest
from rich.cells import cell_len
from typer.main import get_command

import cmpolicy as cm
from cmpolicy import cli
from cmpolicy.messages import Message, using_language

CHINESE = re.compile(r"[\u4e00-\u9fff]")
APP = get_command(cli.app)
POLICY = APP.commands["policy"]
COMMANDS = {(name,): one for name, one in APP.commands.items()} | {
    ("policy", name): one for name, one in POLICY.commands.items()
}
CALLS = [(), *COMMANDS]
PARAMS = [(*words, param) for words, command in COMMANDS.items() for param in command.params]
NAMES = re.compile(
    r"--[a-z-]+|[a-z_]+(\.[*A-Za-z_]+)+\S*|=\S+|\.?(csv|xlsx|html|png|svg|yaml|parquet)\b|\bzh\b|\ben\b"
    r"|cmpolicy [a-z ]*|[0-9][0-9Q.-]*|CSV|Parquet|Dask|JupyterLab|CMPOLICY_APP_TOKEN|N\+1|tcp|127\.0\.0\.1|shenzhen"
    r"|dismissal|dismissed|quarter_grade_E|worse_off|money|grade:A|staff:CM000001|everyone|\bN\b"
)
"""What is typed as it stands in any language, and names."""


# -- help --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_chinese_help_is_chinese_throughout(words, run, monkeypatch):
    """Beside what is typed as it stands, no word of it is English."""
    monkeypatch.setenv("CMPOLICY_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = run(*words, "--help")
    assert (status, err) == (0, "")
    assert f"用法：cmpolicy {' '.join(words)}" in out
    if words in ((), ("policy",)):
        names = {name for *group, name in COMMANDS if tuple(group) == words}
        out = re.sub(rf"^│ ({'|'.join(names)}) ", "│ ", out, flags=re.MULTILINE)
    assert re.findall("[A-Za-z]+", NAMES.sub("", out)) == []


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_english_help_is_english_throughout(words, run, monkeypatch):
    """Chinese stands only where the choice of language is told."""
    monkeypatch.setenv("COLUMNS", "200")
    status, out, err = run(*words, "--help")
    assert (status, err) == (0, "")
    assert f"Usage: cmpolicy {' '.join(words)}" in out
    assert not CHINESE.search(out.replace("zh 中文", ""))


@pytest.mark.parametrize("param", PARAMS, ids=[f"{' '.join(words)} {param.name}" for *words, param in PARAMS])
def test_every_argument_and_option_says_what_it_is_in_both_languages(param):
    text = Message(param[-1].help)
    with using_language("en"):
        assert re.match(r"[A-Z].*\w.*\.$|.*…$", str(text))
    with using_language("zh"):
        assert CHINESE.search(str(text))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("words", [(), ("sweep",), ("solve",), ("app",)], ids=" ".join)
def test_help_fits_the_terminal_whole(words, width, language, run, monkeypatch):
    """No line is wider than it, and no word is lost between lines."""
    monkeypatch.setenv("CMPOLICY_LANG", language)
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run(*words, "--help")[1].splitlines()
    assert max(map(cell_len, lines)) <= width
    shown = re.sub(r"[\s│╭╮╰╯─]", "", "".join(lines))
    command = APP.commands[words[0]] if words else APP
    for param in command.params:
        with using_language(language):
            assert re.sub(r"\s", "", str(Message(param.help))) in shown


def test_chinese_help_breaks_between_characters_and_never_before_a_mark(run, monkeypatch):
    monkeypatch.setenv("CMPOLICY_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "80")
    out = run("comply", "--help")[1]
    assert re.search(r"检查改革方案，并说明新增和消除的问 +│\n│ +题；", out)
    assert not re.search(r"^│ +[，。；：、）]", out, re.MULTILINE)


def test_help_tells_what_is_required_and_what_holds_by_default(run, monkeypatch):
    for language, required, default, variable in (
        ("en", "[required]", "[default: 8866]", "[env var: CMPOLICY_APP_TOKEN]"),
        ("zh", "[必填]", "[默认：8866]", "[环境变量：CMPOLICY_APP_TOKEN]"),
    ):
        monkeypatch.setenv("CMPOLICY_LANG", language)
        monkeypatch.setenv("COLUMNS", "120")
        assert re.search(rf"│ \*  --out .*{re.escape(required)}", run("synth", "--help")[1])
        out = run("app", "--help")[1]
        assert re.search(rf"│ --port .*{re.escape(default)}", out)
        assert re.search(rf"│ --token .*{re.escape(variable)}", out)


def test_the_language_named_first_is_that_of_help_and_of_what_is_wrong(run):
    assert "用法：cmpolicy sweep" in run("--language", "zh", "sweep", "--help")[1]
    assert "用法：cmpolicy" in run("--language", "zh", "--help")[1]
    assert "用法：cmpolicy" in run("--help", "--language", "zh")[1]
    assert "没有命令 nothing。" in run("--language", "zh", "nothing")[2]
    assert "没有选项 --nothing。" in run("--language", "zh", "check", "data", "--nothing")[2]
    assert "There is no command nothing." in run("nothing")[2]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_policy_reform_and_set_stand_in_this_order_in_every_command(words):
    """What is required comes before them, what is written after."""
    names = [param.opts[0] for param in COMMANDS[words].params]
    order = ["--policy", "--reform", "--set", "--out", "--format"]
    found = [name for name in names if name in order]
    required = {param.opts[0] for param in COMMANDS[words].params if param.required}
    assert [name for name in found if name not in required] == [n for n in order if n in found and n not in required]
    together = [name for name in names if name in order[:3]]
    if together:
        start = names.index(together[0])
        assert names[start : start + len(together)] == together


def test_the_help_of_set_says_what_it_changes():
    """The policy that is applied, or a reform to compare with it; alike in every command of a kind."""
    base = "Change the policy that is applied, as grades.A.from=112; repeat it for more."
    reform = "A reform to compare with the policy, as grades.A.from=112; repeat it for more."
    texts = {words: param.help for *words, param in map(list, PARAMS) if param.opts[0] == "--set" for words in [*words]}
    assert {name for name, text in texts.items() if text == base} == {
        "appraise", "totals", "sweep", "solve", "readings", "sensitivity", "backtest", "fairness", "incentives",
        "statements",
    }  # fmt: skip
    assert {name for name, text in texts.items() if text == reform} == {"forecast", "comply", "cost"}
    assert "with --against it changes the policy of both" in texts["compare"]
    assert "with --reform the reform" in texts["explain"]
    assert "the policy that is shown" in texts["show"]
    assert "the second policy" in texts["diff"]


def test_the_help_tells_of_partitions_and_of_several_policies_where_they_are_taken():
    """And nowhere else."""
    helps = {words[-1]: {param.metavar or "": param.help for param in one.params} for words, one in COMMANDS.items()}
    texts = {name: next((of[one] for one in ("DATA", "FOLDER") if one in of), "") for name, of in helps.items()}
    assert {name for name, text in texts.items() if "partitions" in text} == {"sweep", "forecast", "totals"}
    policies = {name: of["ID|FILE"] for name, of in helps.items() if "ID|FILE" in of and name not in ("show", "diff")}
    one = {name for name, text in policies.items() if "several" not in text}
    assert one == {"sweep", "solve", "readings", "sensitivity"}


def test_version_is_that_of_the_package_and_nothing_else(run):
    assert run("--version") == (0, f"{cm.__version__}\n", "")


# -- a wrong call ------------------------------------------------------------------------------------------------------

WRONG = [
    ("nothing", "", "There is no command nothing.", "没有命令 nothing。"),
    ("chek data", "", "There is no command chek. Did you mean check?", "没有命令 chek。是否指 check？"),
    ("policy shw", "policy", "There is no command shw. Did you mean show?", "没有命令 shw。是否指 show？"),
    ("check data --no", "check", "There is no option --no.", "没有选项 --no。"),
    ("check -x data", "check", "There is no option -x.", "没有选项 -x。"),
    (
        "solve data --budgt 5",
        "solve",
        "There is no option --budgt. Did you mean --budget?",
        "没有选项 --budgt。是否指 --budget？",
    ),
    ("--lang zh", "", "There is no option --lang. Did you mean --language?", "没有选项 --lang。是否指 --language？"),
    ("check", "check", "DATA is missing.", "缺少：数据。"),
    ("explain data", "explain", "STAFF_ID is missing.", "缺少：工号。"),
    ("sweep data", "sweep", "--vary is missing.", "缺少：--vary。"),
    ("check data a b", "check", "Too much is given: a, b.", "多给了：a、b。"),
    ("appraise data --set", "appraise", "--set needs a value.", "--set 后面须给出值。"),
    ("--language", "", "--language needs a value.", "--language 后面须给出值。"),
    ("app --dark=yes", "app", "--dark takes no value.", "--dark 不带值。"),
    (
        "synth --staff many --out x",
        "synth",
        '--staff has a value that is not valid. Found: "many". Expected: a whole number.',
        "--staff 的值无效。实际为“many”。应为：整数。",
    ),
    (
        "forecast data --leavers 8%",
        "forecast",
        '--leavers has a value that is not valid. Found: "8%". Expected: a number.',
        "--leavers 的值无效。实际为“8%”。应为：数。",
    ),
    (
        "app --ready -1",
        "app",
        '--ready has a value that is not valid. Found: "-1". Expected: a whole number of at least 0.',
        "--ready 的值无效。实际为“-1”。应为：不小于 0 的整数。",
    ),
]


@pytest.mark.parametrize(("call", "command", "english", "chinese"), WRONG, ids=[call for call, *_ in WRONG])
def test_a_wrong_call_is_told_in_the_language_in_use(call, command, english, chinese, run, monkeypatch):
    """Status 2: what is wrong, how the command is called, and where there is more; nothing else."""
    name = f"cmpolicy {command}".strip()
    for language, said, lines in (
        ("en", english, ("The command line is not understood.", f"Usage: {name} [", f"{name} --help tells more.")),
        ("zh", chinese, ("无法理解所给的命令。", f"用法：{name} [", f"用 {name} --help 查看用法。")),
    ):
        monkeypatch.setenv("CMPOLICY_LANG", language)
        status, out, err = run(*call.split())
        assert (status, out) == (2, "")
        first, problem, usage, more = err.splitlines()
        assert (first, more) == (lines[0], lines[2])
        assert problem == f"  - {said}"
        assert usage.startswith(lines[1])


@pytest.mark.parametrize("words", [(), ("policy",)], ids=" ".join)
def test_where_no_command_is_named_the_help_is_shown_as_of_a_wrong_call(words, run):
    assert run(*words) == (2, run(*words, "--help")[1], "")
