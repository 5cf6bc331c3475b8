"""The compliance file and the regional figures: what is wrong in them is told at once, with the nearest right name."""

from pathlib import Path

import pytest

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError
from cmpolicy.insight.compliance.records import SECTIONS, read_compliance
from cmpolicy.insight.compliance.regions import find_region, read_regions
from cmpolicy.insight.compliance.schema import OPEN_ENDED

DATASETS = Path(__file__).parents[2] / "datasets"


def problems_of(read, content):
    with pytest.raises(CmpolicyError) as caught:
        read(content)
    return [str(problem) for problem in caught.value.problems]


def test_everything_wrong_in_a_file_is_told_at_once():
    """Section, row and staff id; what was found, what was expected, the nearest name."""
    problems = problems_of(
        read_compliance,
        {
            "regulaton": {},
            "regulation": {"consulted_on": "last year", "dismissal_steps": ["trainings"], "most_E_jump": 5},
            "people": [
                {"staff_id": "S1", "insured_from": "2025-02-30", "leave_reason": "resign"},
                {"staff_id": "S1", "contract_month": 12},
                {"insured_from": "2025-02-01"},
            ],
            "payments": [{"period": "2025-Q5", "paid_on": "2025-05-01"}],
            "deductions": {"staff_id": "S1"},
        },
    )
    assert problems == [
        "There is no such section: regulaton. Expected: a name such as regulation.",
        (
            'table regulation, column consulted_on: The value is not valid. Found: "last year". Expected: a date such '
            "as 2024-03-28, or none where it was not done."
        ),
        (
            "table regulation, column dismissal_steps: The value is not valid. Found: \"['trainings']\". Expected: one "
            "of training, notice, severance, union, protection, such as training."
        ),
        (
            'table regulation, column most_E_jump: The value is not valid. Found: "5". Expected: a number from 0 to 1, '
            "as 0.96."
        ),
        (
            'table people, row 1, staff S1, column insured_from: The value is not valid. Found: "2025-02-30". '
            "Expected: a date such as 2024-03-28, or none where it was not done."
        ),
        (
            'table people, row 1, staff S1, column leave_reason: The value is not valid. Found: "resign". Expected: '
            "one of expired, agreed, laid_off, dismissed, resigned, fault, such as resigned."
        ),
        (
            "table people, row 2, staff S1: There is no such name here: contract_month. Expected: a name such as "
            "contract_months."
        ),
        "table people, row 3, column staff_id: There is no value.",
        (
            'table payments, row 1, column period: The value is not valid. Found: "2025-Q5". Expected: a quarter such '
            "as 2025-Q1, or a year such as 2025."
        ),
        "table deductions: This is not a list of rows, each with a dash in front.",
        "table people, row 2: S1 is listed a second time.",
    ]


def test_rows_without_a_name_are_not_told_to_be_listed_twice():
    """Only that the name is missing, or not valid."""
    problems = problems_of(
        read_compliance, {"people": [{"probations": 1}, {}], "payments": [{"period": "x", "paid_on": "2025-01-01"}] * 2}
    )
    assert len(problems) == 4
    assert not any("second time" in problem for problem in problems)


def test_people_whom_the_data_do_not_have_are_told_with_everything_else():
    """By the checks too, which know the data: an unknown staff id beside a value that is not valid."""
    content = {"regulation": {"pay_slips": "perhaps"}, "dismissals": [{"staff_id": "S9", "dismissed_on": "2025-01-01"}]}
    stranger = 'table dismissals, row 1: There is nobody with the staff id "S9".'
    data = cm.synthesize(staff=4, months=3, seed=1)
    for read in (lambda given: read_compliance(given, ["S1"]), lambda given: cm.comply(data=data, records=given)):
        problems = problems_of(read, content)
        assert len(problems) == 2
        assert "column pay_slips: The value is not valid." in problems[0]
        assert problems[1].startswith(stranger)
    assert read_compliance({"dismissals": content["dismissals"]}).dismissals


def test_values_come_exactly_and_none_is_not_unknown():
    """Money in fen, shares exact, something that was not done False, an open end longer than any contract."""
    found = read_compliance(
        {
            "default": {"contract_months": "open_ended", "excluded_pay": 0.07, "wage_consent_on": "none"},
            "people": [{"staff_id": 7, "contract_months": 24}],
        }
    )
    assert found.of_person("7", "contract_months") == 24
    assert found.of_person("8", "contract_months") == OPEN_ENDED
    assert found.of_person("8", "excluded_pay") == 7
    assert found.of_person("7", "wage_consent_on") is False
    assert found.of_person("7", "insured_from") is None


@pytest.mark.parametrize("content", [None, {}, {"region": "shenzhen"}, dict.fromkeys(SECTIONS)])
def test_a_file_may_leave_everything_out(content):
    """Nothing is known then, and deductions are not taken for none."""
    found = read_compliance(content or {})
    assert (found.people, found.deductions) == ({}, None if "deductions" not in (content or {}) else ())


@pytest.mark.parametrize("value", [["notice", {"a": 1}], {"notice": 1}, "notice", [["notice"]]])
def test_a_list_of_words_of_another_kind_is_refused(value):
    assert len(problems_of(read_compliance, {"regulation": {"dismissal_steps": value}})) == 1


@pytest.mark.parametrize("content", ["text", ["a"], 3])
def test_a_file_that_holds_no_names_is_refused(tmp_path, content):
    file = tmp_path / "records.yaml"
    file.write_text(str(content), encoding="utf-8")
    with pytest.raises(CmpolicyError, match="not a list of names"):
        read_compliance(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CmpolicyError, match=r"nowhere\.yaml"):
        read_compliance(tmp_path / "nowhere.yaml")


def test_a_person_whom_the_data_do_not_have_is_told_with_the_nearest():
    data = cm.synthesize(staff=4, months=3, seed=1)
    someone = str(data.staff_ids[0])
    wrong = f"{someone}0"
    with pytest.raises(CmpolicyError) as caught:
        cm.comply(data=data, records={"people": [{"staff_id": someone}, {"staff_id": wrong}]})
    assert [str(problem) for problem in caught.value.problems] == [
        f'table people, row 2: There is nobody with the staff id "{wrong}". Expected: a staff id such as {someone}.'
    ]


def test_the_example_explains_every_name_that_there_is():
    """It is the schema's documentation: each section and each name stands in it."""
    text = (DATASETS / "compliance-example.yaml").read_text(encoding="utf-8")
    for section, entries in SECTIONS.items():
        assert section in text
        assert [name for name in entries if name not in text] == []


# -- regional figures ----------------------------------------------------------


@pytest.mark.parametrize("name", ["shenzhen", "Shenzhen", "深圳", " SHENZHEN "])
def test_a_region_is_found_by_its_name_in_either_language(name):
    assert find_region(name).id == "shenzhen"


def test_a_region_without_figures_is_told_with_the_nearest_and_all_there_are():
    with pytest.raises(CmpolicyError) as caught:
        find_region("shenzen")
    text = str(caught.value)
    assert "no figures of the region shenzen" in text
    assert "Expected: shenzhen; or one of shanghai, beijing, shenzhen, guangzhou" in text
    assert "--regions FILE" in text


def test_every_bundled_figure_has_its_day_and_source_and_none_claims_more_than_a_secondary_one():
    """The examples of 2024 are marked as such; the Shenzhen rule on leavers is to be confirmed."""
    regions = read_regions()
    wages = {name: region.figures["minimum_wage"][-1] for name, region in regions.items()}
    assert {name: figure.values["yuan"] for name, figure in wages.items()} == {
        "shanghai": 269_000,
        "beijing": 242_000,
        "shenzhen": 236_000,
        "guangzhou": 230_000,
    }
    assert {figure.mark for figure in wages.values()} == {"P"}
    assert regions["shenzhen"].figures["leaver_pro_rata"][0].mark == "U"
    for region in regions.values():
        for figures in region.figures.values():
            assert all(figure.source["zh"] and figure.source["en"] for figure in figures)


def test_a_file_of_regions_replaces_figures_and_adds_a_place():
    """What it does not name stays; the figure in use is the last one that has begun."""
    row = {"mark": "P", "source": "notice"}
    regions = read_regions(
        {
            "shenzhen": {
                "minimum_wage": [
                    {"from": "2025-03-01", "yuan": 2520, **row},
                    {"from": "2022-01-01", "yuan": 2360, **row},
                ]
            },
            "chengdu": {
                "name": {"zh": "成都", "en": "Chengdu"},
                "minimum_wage": [{"from": "2024-01-01", "yuan": 2200, **row}],
            },
        }
    )
    shenzhen = regions["shenzhen"]
    days = ["2021-12-31", "2022-01-01", "2025-02-28", "2025-03-01"]
    figures = [
        shenzhen.on("minimum_wage", type(shenzhen.figures["minimum_wage"][0].start).fromisoformat(day)) for day in days
    ]
    assert [figure and figure.values["yuan"] for figure in figures] == [None, 236_000, 236_000, 252_000]
    assert shenzhen.figures["payment_limits"]
    assert find_region("成都", regions).id == "chengdu"
    assert find_region("beijing", regions).figures


def test_everything_wrong_in_regional_figures_is_told_at_once():
    problems = problems_of(
        read_regions,
        {
            "here": {
                "minimum_wages": [],
                "minimum_wage": [{"from": "2024", "yuan": "x", "mark": "Q"}],
                "average_wage": [{"from": "2024-01-01", "yuan": 12000, "mark": "P"}],
            },
            "there": 3,
        },
    )
    assert problems == [
        "table here: There is no such name here: minimum_wages. Expected: a name such as minimum_wage.",
        (
            'table here.minimum_wage, row 1, column from: The value is not valid. Found: "2024". Expected: a date such '
            "as 2024-03-28."
        ),
        (
            'table here.minimum_wage, row 1, column yuan: The value is not valid. Found: "x". Expected: an amount in '
            "yuan from 0 to 100,000,000, with at most two decimals."
        ),
        'table here.minimum_wage, row 1, column mark: The value is not valid. Found: "Q". Expected: one of V, P, U.',
        "table here.minimum_wage, row 1: A figure needs its source.",
        "table here.average_wage, row 1: A figure needs its source.",
        'table there: This is not a list of names with their values. Found: "3".',
    ]


def test_a_file_of_regions_that_cannot_be_used_is_named(tmp_path):
    """Among several files the message says which; a file without content is told as such."""
    file = tmp_path / "places.yaml"
    file.write_text("", encoding="utf-8")
    with pytest.raises(cm.CmpolicyError, match=r"The file of regional figures .*places\.yaml cannot be used"):
        read_regions(file)
