"""A statement as it is handed over: everything of the person is on it, nothing of anyone else, and it is never half."""

import re

import openpyxl
import pytest
from random_cases import month_row, staff_data
from shown import plain, rows_of

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError, DataError
from cmpolicy.insight.explain import Statement, StatementChange
from cmpolicy.insight.ledger_line import in_points, value_text
from cmpolicy.insight.statement_html import working_text
from cmpolicy.messages import using_language
from cmpolicy.regulation.money import in_yuan
from cmpolicy.report import statement as pages
from cmpolicy.report.statement import file_names, statement_page, write_statement, write_statements
from cmpolicy.report.terminal.console import console_for
from cmpolicy.report.terminal.statement import show_statement, show_statement_change

REFORM = {"grades.A.from": 112, "grades.D.from": 93, "grades.B.quarterly_bonus": 1800, "points.praises": 4}
ENGLISH = re.compile(r"[A-Za-z]{3,}")
EVIL = '<script>alert("1")</script>&'


@pytest.fixture(scope="module")
def comparison(pytestconfig):
    data = cm.read_staff(pytestconfig.rootpath / "datasets" / "department")
    return cm.compare(data, cm.load_policy("2007-06"), REFORM)


@pytest.fixture
def evil():
    """Someone whose id, name and area are HTML, and grades that are too."""
    content = cm.load_policy("2007-06").to_dict()
    content["grades"][1]["grade"] = EVIL
    staff = [{"staff_id": EVIL, "name": f"{EVIL}name", "area": f"{EVIL}area"}, {"staff_id": "=1+1", "name": "=2+2"}]
    rows = [month_row(one["staff_id"], (2025, month), complaints=1, praises=1) for one in staff for month in (1, 2, 3)]
    return staff_data({"staff": staff, "months": rows}), cm.Policy.from_dict(content)


def forms_of(statement, change):
    """Give the pages and the pieces of HTML of a statement and its change."""
    return [statement_page(statement), statement_page(change), statement._repr_html_(), change._repr_html_()]


def terminal_of(statement, change, capsys):
    console = console_for()
    show_statement(console, statement)
    show_statement_change(console, change)
    return capsys.readouterr().out


def test_nobody_else_is_on_a_statement(comparison, capsys):
    """Neither staff id nor name of anyone else, in any form, for everyone of the department."""
    names = comparison.reform.data.frame("staff").set_index("staff_id")["name"]
    for number, staff_id in enumerate(names.index):
        statement, change = Statement.of(comparison.reform, staff_id), StatementChange.of(comparison, staff_id)
        texts = forms_of(statement, change)
        texts += [repr(frame.to_numpy().tolist()) for frame in pages.statement_tables(statement).values()]
        if number % 16 == 0:  # a terminal's tables take their time
            texts.append(terminal_of(statement, change, capsys))
        others = {other for other in names.index if other != staff_id} | (set(names) - {names[staff_id]})
        for text in texts:
            assert not [other for other in others if other in text], staff_id
        assert all(staff_id in text and names[staff_id] in text for text in texts[:4])


def test_every_line_is_on_the_page(comparison):
    """In the section of its quarter or year: clause, item, working, result, running score or sum."""
    for staff_id in comparison.reform.panel.staff_ids[:8].tolist():
        statement = Statement.of(comparison.reform, staff_id)
        page = statement_page(statement)
        sections = {text.partition("</h4>")[0]: rows_of(text) for text in page.split("<section><h4>")[1:]}
        for line in statement.lines:
            year, _, rest = line.period.partition("-")
            section = f"{year}-Q{(int(rest) + 2) // 3}" if rest.isdecimal() else line.period
            rows = [row for row in sections[section] if row[0] == line.clause and row[1].startswith(str(line.item))]
            cells = [cell for row in rows for cell in row]
            wanted = value_text(line)
            assert any(cell.startswith(wanted) for cell in cells), (line, rows)
            if line.running is not None and line.value is not None:
                running = in_yuan(line.running) if line.unit == "fen" else in_points(line.running)
                assert running in cells
            assert any(working_text(line) in cell for cell in cells)


def test_a_page_stands_by_itself_and_prints_on_a4(comparison):
    """Nothing is loaded, no script; paper, language and character set are said."""
    someone = str(comparison.reform.panel.staff_ids[0])
    for shown in (Statement.of(comparison.reform, someone), StatementChange.of(comparison, someone)):
        for code, named in (("en", "en"), ("zh", "zh-CN")):
            with cm.using_language(code):
                page = statement_page(shown)
            assert f'<html lang="{named}">' in page
            assert '<meta charset="utf-8">' in page
            assert "@page {size: A4;" in page
            assert not re.search(r"https?:|<script|<link|@import|src=|url\(", page)


def test_names_are_text_and_never_html(evil):
    """Staff ids, names, areas and grades come from data."""
    data, policy = evil
    statement = cm.explain(data, policy, EVIL)
    change = cm.explain_change(data, policy, {"points.complaints": -9}, EVIL)
    forms = forms_of(statement, change)
    for text in forms:
        assert "<script" not in text
        assert f"{EVIL} · {EVIL}name · {EVIL}area" in plain(text)
    assert f"{EVIL} (100)" in plain(forms[0])


def test_a_terminal_is_not_steered_by_a_name(capsys):
    """Control characters in a name become marks."""
    rows = [month_row("CM01", (2025, 1))]
    data = staff_data({"staff": [{"staff_id": "CM01", "name": "a\x1b[31mb"}], "months": rows})
    show_statement(console_for(), cm.explain(data, cm.load_policy("2007-06"), "CM01"))
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("staff_id", ["CM000046", "CM000001"])
def test_the_terminal_shows_every_line(comparison, staff_id, capsys):
    """Sums, lines, readings; of a change the yuan, the settings and the lines that differ."""
    statement, change = Statement.of(comparison.reform, staff_id), StatementChange.of(comparison, staff_id)
    console = console_for()
    show_statement(console, statement)
    out = capsys.readouterr().out
    for line in statement.lines:
        found = [row for row in out.splitlines() if row.startswith(line.period) and f" {line.item} " in row]
        assert any(value_text(line) in row and working_text(line) in row for row in found), line
    show_statement_change(console, change)
    out = capsys.readouterr().out
    assert in_yuan(change.after.total) in out
    assert all(one.path in out for one in change.settings)
    for one in change.lines:
        found = [row for row in out.splitlines() if row.startswith(one.period) and f" {one.either.item} " in row]
        assert any(value_text(one.before) in row and value_text(one.after) in row for row in found)


def test_a_changed_policy_is_not_called_as_if_it_were_the_enacted_one(comparison, capsys):
    """A value set under the enacted id stands in the head, on the terminal and on the page; of a change both sides."""
    data, enacted = comparison.reform.data, cm.load_policy("2007-06")
    statement = cm.explain(data, enacted.with_changes({"grades.A.from": 112}), "CM000046")
    change = cm.explain_change(data, enacted, {"grades.A.from": 112}, "CM000046")
    show_statement(console_for(), statement)
    for text in (capsys.readouterr().out, plain(statement_page(statement))):
        assert "policy 2007-06, changed: A from 112" in text
    show_statement_change(console_for(), change)
    for text in (capsys.readouterr().out, plain(statement_page(change))):
        assert "policy 2007-06; 2007-06, changed: A from 112" in text


def test_settings_are_headed_as_those_that_change_this_statement(comparison, capsys):
    """Others of the reform are left out, so they are not all that changes in the policy."""
    change = StatementChange.of(comparison, "CM000046")
    assert len(change.settings) < len(comparison.changes)
    show_statement_change(console_for(), change)
    out = capsys.readouterr().out
    assert "What of the reform changes this statement\n" in out
    assert "What changes in the policy" not in out
    assert "<h4>What of the reform changes this statement</h4>" in statement_page(change)


def test_in_chinese_there_are_no_english_words(comparison, capsys):
    """But ids of policies and readings' options and paths of settings, which a user types."""
    typed = set(re.findall(r"[A-Za-z]+", " ".join(comparison.reform.policy.paths())))
    with cm.using_language("zh"):
        for staff_id in ("CM000046", "CM000064"):
            statement = Statement.of(comparison.reform, staff_id)
            change = StatementChange.of(comparison, staff_id)
            texts = [
                plain(re.sub("<style>.*?</style>", "", page, flags=re.DOTALL)) for page in forms_of(statement, change)
            ]
            for text in (*texts, terminal_of(statement, change, capsys)):
                options = {option for setting, option in statement.readings}
                words = set(ENGLISH.findall(text)) - typed
                words -= {word for option in options for word in ENGLISH.findall(option)}
                assert not words, words


def test_a_workbook_holds_the_lines_as_numbers(comparison, evil, tmp_path):
    """Points, scores and money can be summed; a text stays a text; readings and settings have their own sheets."""
    statement = Statement.of(comparison.reform, "CM000046")
    write_statement(statement, tmp_path / "one.xlsx")
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    assert book.sheetnames == ["说明 how to read", "statement", "readings"]
    heading, *rows = book["statement"].iter_rows(values_only=True)
    assert list(heading) == list(statement.frame().columns)
    column = {name: [row[place] for row in rows] for place, name in enumerate(heading)}
    assert len(rows) == len(statement.lines)
    paid = [amount for amount, item in zip(column["yuan"], column["item"], strict=True) if item == "payout"]
    assert round(sum(paid) * 100) == statement.money["payout"]
    explained = {row[1] for row in book["说明 how to read"].iter_rows(min_row=2, values_only=True)}
    assert set(statement.frame().columns) <= explained
    write_statement(StatementChange.of(comparison, "CM000046"), tmp_path / "change.xlsx")
    assert openpyxl.load_workbook(tmp_path / "change.xlsx").sheetnames[1:] == [
        *("changed_lines", "settings", "before", "after"),
    ]
    data, policy = evil
    content = policy.to_dict()
    content["grades"][1]["grade"] = "=1+1"
    write_statement(cm.explain(data, cm.Policy.from_dict(content), "=1+1"), tmp_path / "evil.xlsx")
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "evil.xlsx")["statement"] for cell in row]
    assert any(cell.value == "=1+1" and cell.data_type == "s" for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)


def test_another_kind_of_file_is_refused(comparison, tmp_path):
    """With those that there are; nothing is written."""
    with pytest.raises(CmpolicyError, match=r"\.html, \.xlsx"):
        write_statement(Statement.of(comparison.reform, "CM000046"), tmp_path / "one.pdf")
    assert list(tmp_path.iterdir()) == []


# -- everyone's ------------------------------------------------------------------------


def test_everyone_has_a_page(comparison, tmp_path):
    """Each the very page of the person; files of other names stay."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    written = write_statements(comparison.reform, tmp_path / "out")
    people = comparison.reform.panel.staff_ids.tolist()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["mine.txt", *(p.name for p in written)]
    assert len(written) == len(people)
    for staff_id in people[:5]:
        page = (tmp_path / "out" / f"statement-{staff_id}.html").read_text(encoding="utf-8")
        assert page == statement_page(Statement.of(comparison.reform, staff_id))


def test_who_has_no_records_in_the_period_has_no_page(comparison, tmp_path):
    """Where nobody has any, it is told and nothing is written."""
    written = write_statements(comparison.reform, tmp_path / "2023", "2023-Q1")
    rows = comparison.reform.quarters.query("quarter == '2023-Q1'")
    assert {path.stem.removeprefix("statement-") for path in written} == set(rows["staff_id"])
    for period in ("2031", "soon"):
        with pytest.raises(DataError):
            write_statements(comparison.reform, tmp_path / "never", period)
    assert not (tmp_path / "never").exists()


def test_when_it_is_stopped_nothing_is_half_written(comparison, tmp_path, monkeypatch):
    """What was there before is there still."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "statement-CM000001.html").write_text("before")
    made = []

    def stop(statement):
        made.append(statement)
        if len(made) > 3:
            raise KeyboardInterrupt
        return "after"

    monkeypatch.setattr(pages, "statement_page", stop)
    with pytest.raises(KeyboardInterrupt):
        write_statements(comparison.reform, tmp_path / "out")
    assert [(path.name, path.read_text()) for path in (tmp_path / "out").iterdir()] == [
        ("statement-CM000001.html", "before")
    ]


def test_a_staff_id_is_never_a_path():
    """Safe in any file system, and never another person's; a name that Windows reserves has something before it."""
    ids = [
        "../../etc/passwd",
        "a/b",
        "a\\b",
        "ab",
        "AB",
        "CON",
        "",
        ".",
        "x" * 300,
        "工号1",
        "a:b",
        "ab-2",
        "\n",
        "CM01",
    ]
    names = file_names(ids)
    assert len({name.casefold() for name in names}) == len(ids)
    assert all(re.fullmatch(r"statement-[\w-]*\.html", name) for name in names)
    assert max(map(len, names)) < 100
    assert names[-1] == "statement-CM01.html"
    assert names[9] == "statement-工号1.html"


def test_the_title_of_a_page_has_the_punctuation_of_its_language():
    """A browser shows it beside the Chinese heading, which has a full-width colon."""
    outcome = cm.appraise(cm.synthesize(staff=1, months=3))
    staff_id = outcome.panel.staff_ids[0]
    with using_language("zh"):
        assert f"<title>考核明细：{staff_id}</title>" in statement_page(Statement.of(outcome, staff_id))
