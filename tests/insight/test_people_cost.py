"""What comes around the bonus: each component by hand, off until it is switched on, nobody counted as nought."""

import datetime
import random
from dataclasses import FrozenInstanceError
from fractions import Fraction
from pathlib import Path

import pytest
from random_cases import case, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.insight.bonus_tax import merged_tax, separate_tax
from cmpolicy.insight.people_cost import (
    COMPONENTS,
    ENTRIES,
    SWITCHES,
    Assumptions,
    compare_people_cost,
    people_cost,
)
from cmpolicy.regulation.policy import Policy

EXAMPLE = Path(__file__).parents[1] / "data" / "customer-managers-2025.xlsx"
YEAR = [(2025, month) for month in range(1, 13)]
EVERYTHING = {
    "observation": True,
    "dismissal": "N+1",
    "replacement_wages": 3,
    "award_tax": "lower",
    "employer_contributions": 0.3,
}


def person(staff_id, hired="2022-01-01", contract=6000, probation=4800):
    hired = None if hired is None else datetime.date.fromisoformat(hired)
    return {"staff_id": staff_id, "hire_date": hired, "contract_wage": contract, "probation_wage": probation}


def department(*staff, other=None):
    """Everyone fails the first three quarters of 2025: the third is under observation, and dismissal follows."""
    months = [scoring(one["staff_id"], month, 80) for one in staff for month in YEAR[:9]]
    years = [{"staff_id": one["staff_id"], "year": 2025, "other_year_end_bonus": other} for one in staff]
    return cm.appraise(staff_data({"staff": list(staff), "months": months, "years": years if other else []}))


def good_year(contract=6000, other=3_400_000, months=12):
    """Give a year of grade A: 10 000 yuan of bonuses and 2400 of awards, and another year-end bonus, fen."""
    rows = [scoring("m1", month, 111) for month in YEAR[:months]]
    years = [{"staff_id": "m1", "year": 2025, "other_year_end_bonus": other}]
    return cm.appraise(staff_data({"staff": [person("m1", contract=contract)], "months": rows, "years": years}))


def amounts(found):
    return {item.component: item.fen for item in found.items}


# -- by hand -------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "yuan"), [("N", 24_000), ("N+1", 30_000), ("2N", 48_000)])
def test_a_dismissal_costs_a_wage_a_year(kind, yuan):
    """3 years and 9 months at 6000 with no bonus: four months' wages, one more in place of notice, or twice four."""
    found = people_cost(department(person("m1")), {"dismissal": kind})
    assert amounts(found) == {"dismissal": 100 * yuan}
    assert found.people[["staff_id", "period"]].to_numpy().tolist() == [["m1", "2025-Q3"]]
    assert found.people["how"].tolist() == [f"{kind}: N is 4 × 6,000.00"]


def test_three_local_wages_cap_the_wage_that_counts():
    """A wage of 40 000 where 12 000 is usual counts as 36 000, for twelve of fourteen years at most."""
    outcome = department(person("m1", "2011-10-01", 40_000))
    assert amounts(people_cost(outcome, {"dismissal": "N", "local_average_wage": 12_000})) == {"dismissal": 43_200_000}
    assert amounts(people_cost(outcome, {"dismissal": "N"})) == {"dismissal": 56_000_000}


def test_figures_come_from_the_region_or_from_the_assumptions(tmp_path):
    """2000 a month counts as the 2360 of Shenzhen, unless an assumption or a file of regions says otherwise."""
    outcome = department(person("m1", contract=2000))
    assert amounts(people_cost(outcome, {"dismissal": "N", "region": "shenzhen"})) == {"dismissal": 4 * 236_000}
    given = {"dismissal": "N", "region": "深圳", "minimum_wage": 2100}
    assert amounts(people_cost(outcome, given)) == {"dismissal": 4 * 210_000}
    assumed = people_cost(outcome, {"dismissal": "N", "region": "深圳"}).table["assumption"][0]
    assert "no local average wage is given; minimum wage of Shenzhen" in assumed
    own = tmp_path / "regions.yaml"
    own.write_text(
        "湾区:\n  minimum_wage: [{from: 2025-07-01, yuan: 1520, mark: P, source: notice}]\n"
        "  average_wage: [{from: 2020-01-01, yuan: 600, mark: P, source: notice}]\n",
        encoding="utf-8",
    )
    given = {"dismissal": "N", "region": "湾区", "regions": str(own)}
    assert amounts(people_cost(outcome, given)) == {"dismissal": 4 * 180_000}


def test_observation_saves_three_months_of_the_difference_and_never_costs():
    """3 x (6000 - 4800); a probation wage above the contract's saves nothing."""
    outcome = department(person("m1"), person("m2", probation=6100))
    found = people_cost(outcome, {"observation": True})
    assert [(item.staff_id, item.period, item.fen) for item in found.items] == [
        ("m1", "2025-Q3", -360_000),
        ("m2", "2025-Q3", 0),
    ]
    assert found.table["yuan"].tolist() == [-3600]


def test_a_replacement_costs_wages_or_a_fixed_amount():
    """Three wages of 6000, or 15 000.50 yuan."""
    outcome = department(person("m1"))
    assert amounts(people_cost(outcome, {"replacement_wages": 3})) == {"replacement": 1_800_000}
    assert amounts(people_cost(outcome, {"replacement_yuan": 15_000.5})) == {"replacement": 1_500_050}


def test_contributions_are_a_share_of_the_bonuses():
    """30 % of 10 000 paid and 2400 of awards, not of the other year-end bonus."""
    assert amounts(people_cost(good_year(), {"employer_contributions": 0.3})) == {"contributions": 372_000}


def test_a_deduction_at_the_year_end_lowers_the_contributions():
    """2500 for one quarter A and nothing for two of E, +600 and -1200 of awards: 30 % of 1900 is really paid on."""
    rows = [scoring("m1", month, 111 if month < (2025, 4) else 80) for month in YEAR[:9]]
    years = [{"staff_id": "m1", "year": 2025, "other_year_end_bonus": 500_000}]
    outcome = cm.appraise(staff_data({"staff": [person("m1")], "months": rows, "years": years}))
    assert (outcome.cost["payout"], outcome.cost["cash_effect"]) == (250_000, -60_000)
    assert amounts(people_cost(outcome, {"employer_contributions": 0.3})) == {"contributions": 57_000}


def test_contributions_are_never_below_0_for_a_person_and_year():
    """A deduction of 2026 takes nothing from what was paid on in 2025, nor from what is paid on for someone else."""
    rows = [scoring("m1", (2025, month), 111) for month in (1, 2, 3)]
    rows += [scoring(one, (2026, month), score) for one, score in (("m1", 80), ("m2", 111)) for month in (1, 2, 3)]
    years = [{"staff_id": "m1", "year": 2026, "other_year_end_bonus": 500_000}]
    outcome = cm.appraise(staff_data({"staff": [person("m1"), person("m2")], "months": rows, "years": years}))
    found = people_cost(outcome, {"employer_contributions": 0.3})
    assert [(item.staff_id, item.period, item.fen) for item in found.items] == [
        ("m1", "2025", 93_000),
        ("m2", "2026", 93_000),
    ]


def test_contributions_are_what_their_label_says():
    """Of the example workbook: the share of payouts and cash effects, to half a fen a person."""
    outcome = cm.appraise(cm.read_staff(EXAMPLE))
    found = people_cost(outcome, {"employer_contributions": 0.32})
    assert "32.00% of payout and cash effect together" in found.table["assumption"][0]
    assert (outcome.years["cash_effect"] < 0).any()
    exact = Fraction(32, 100) * (outcome.cost["payout"] + outcome.cost["cash_effect"])
    assert abs(found.fen["contributions"] - exact) <= Fraction(len(found.items), 2)
    assert found.fen["contributions"] == 5_843_032


def test_contributions_are_rounded_for_each_person():
    """0.125 of 2700.00 (a quarter, two months of it assessed) and 400.00: half a fen goes up."""
    found = people_cost(good_year(months=2), {"employer_contributions": 0.3333})
    assert amounts(found) == {"contributions": round(Fraction(166_667 + 40_000) * Fraction(3333, 10_000))}


def test_the_award_is_taxed_separately_merged_or_the_lower_way():
    """36 400 yuan lies on the cliff: 3430 separately; on top of 72 000 + 10 000 - 60 000 it is 3320 - 660."""
    outcome = good_year()
    separate, merged = separate_tax(3_640_000), merged_tax(3_640_000, 12 * 600_000 + 1_000_000 - 6_000_000)
    assert (separate, merged) == (343_000, 266_000)
    for way, tax in (("separate", separate), ("merged", merged), ("lower", min(separate, merged))):
        found = people_cost(outcome, {"award_tax": way})
        assert amounts(found) == {"award_tax": tax}
        assert ("on a cliff" in found.people["how"][0]) == (way == "separate")
    free = people_cost(outcome, {"award_tax": "merged", "tax_deductions": 82_000})
    assert amounts(free) == {"award_tax": 112_000}


@pytest.mark.parametrize(
    ("hired", "left", "months"),
    [
        ("2022-01-01", None, 12),
        ("2025-10-20", None, 3),
        ("2022-01-01", "2025-12-15", 12),
        ("2025-11-01", "2025-11-30", 1),
    ],
)
def test_merged_with_the_wages_of_the_months_employed(hired, left, months):
    """From the month of hire to the month of leaving; 60 000 wages a month make each month tell."""
    staff = person("m1", hired, contract=60_000) | {"leave_date": left and datetime.date.fromisoformat(left)}
    rows = [scoring("m1", (2025, 11), 111)]
    outcome = cm.appraise(staff_data({"staff": [staff], "months": rows}))
    payout = outcome.cost["payout"]
    assert amounts(people_cost(outcome, {"award_tax": "merged"})) == {
        "award_tax": merged_tax(20_000, months * 6_000_000 + payout - 6_000_000)
    }


def test_after_a_dismissal_there_are_no_wages():
    """Dismissed at the end of September, so nine months' wages: the year's award is taxed on top of these."""
    outcome = department(person("m1", contract=60_000), other=10_000_000)
    award = 10_000_000 - 9 * 20_000
    assert amounts(people_cost(outcome, {"award_tax": "merged"})) == {
        "award_tax": merged_tax(award, 9 * 6_000_000 - 6_000_000)
    }


def test_awards_on_a_cliff_are_counted():
    """36 400 yuan taxed separately leave less than 36 000 would; merged there is no cliff."""
    notes = [str(note) for note in people_cost(good_year(), {"award_tax": "separate"}).notes]
    assert "Awards on a cliff of the separate tax, where a smaller one leaves more: 1." in notes
    assert not any("cliff" in str(note) for note in people_cost(good_year(), {"award_tax": "merged"}).notes)


def test_an_award_of_nought_or_less_is_not_taxed():
    """Nine months of E against a bonus of 1000 leave nothing."""
    assert people_cost(department(person("m1"), other=100_000), {"award_tax": "separate"}).items == ()


def test_separate_tax_ends_with_2027():
    """An award of 2028 cannot be taxed so; the lower way is then the merged one."""
    rows = [scoring("m1", (2028, month), 111) for month in range(1, 13)]
    outcome = cm.appraise(staff_data({"staff": [person("m1")], "months": rows}))
    found = people_cost(outcome, {"award_tax": "separate"})
    assert found.items == ()
    assert found.missing["lacking"].tolist() == ["separate tax ended on 2027-12-31"]
    assert len(people_cost(outcome, {"award_tax": "lower"}).items) == 1


# -- what is not known ---------------------------------------------------------


def test_who_cannot_be_costed_is_listed_and_counted_apart():
    """Without a wage or a day of hire there is no amount, not an amount of 0."""
    outcome = department(
        person("m1"), person("m2", contract=None), person("m3", hired=None), person("m4", probation=None)
    )
    found = people_cost(outcome, {"observation": True, "dismissal": "N", "replacement_wages": 1})
    missing = {(one.component, one.staff_id, one.period) for one in found.not_computed}
    assert missing == {
        ("observation", "m2", "2025-Q3"), ("observation", "m4", "2025-Q3"),
        ("dismissal", "m2", "2025-Q3"), ("dismissal", "m3", "2025-Q3"), ("replacement", "m2", "2025-Q3"),
    }  # fmt: skip
    counts = found.table.set_index("component")[["people", "not_computed"]]
    assert counts.T.to_dict("list") == {"observation": [2, 2], "dismissal": [2, 2], "replacement": [3, 1]}
    assert "People for whom something cannot be computed: 3." in str(found.notes[-1])


def test_data_without_wages_list_everyone():
    """A data set may have no staff table at all."""
    rows = [scoring("m1", month, 80) for month in YEAR[:9]]
    found = people_cost(cm.appraise(staff_data({"months": rows})), EVERYTHING)
    assert found.fen == dict.fromkeys(COMPONENTS, 0)
    assert set(found.missing["component"]) == {"observation", "dismissal", "replacement"}


# -- what is switched on -------------------------------------------------------


def test_everything_is_off_by_itself_and_none_of_it_is_in_the_cost():
    """An empty table, and a note that names what can be switched on; the outcome stays as it was."""
    outcome = department(person("m1"))
    before = dict(outcome.cost)
    found = people_cost(outcome, Assumptions())
    assert found.table.empty
    assert found.people.empty
    assert str(found.notes[1]).endswith(
        "observation, dismissal, replacement_wages, replacement_yuan, award_tax, employer_contributions."
    )
    with cm.using_language("zh"):
        assert "observation、dismissal、" in str(found.notes[1])
    people_cost(outcome, EVERYTHING)
    assert outcome.cost == before


def test_only_the_named_assumptions_switch_something_on():
    """Each by itself; the others, all together, leave everything off."""
    outcome = department(person("m1"))
    values = EVERYTHING | {"replacement_yuan": 1, "tax_deductions": 1, "region": "shenzhen", "source": "here"}
    values |= {"local_average_wage": 9000, "minimum_wage": 2000}
    others = {name: value for name, value in values.items() if name not in SWITCHES}
    assert {*SWITCHES, *others, "regions"} == {*ENTRIES}
    assert people_cost(outcome, others).components == {}
    assert all(len(people_cost(outcome, {name: values[name]}).components) == 1 for name in SWITCHES)


def test_each_component_is_labelled_with_who_bears_it_the_article_and_what_was_assumed():
    """The tax is the person's, all else the employer's."""
    frame = people_cost(department(person("m1"), other=900_000), EVERYTHING).table.set_index("component")
    assert list(frame.index) == list(COMPONENTS)
    assert frame["borne_by"].to_dict() == {name: "person" if name == "award_tax" else "employer" for name in COMPONENTS}
    assert frame.loc["dismissal", "article"] == "3.5; LCL 40, 46, 47, 87; IR 20, 27"
    assert frame.loc["award_tax", "source"] == "from a secondary source"
    assert "30.00% of payout" in frame.loc["contributions", "assumption"]
    with cm.using_language("zh"):
        assert not frame.equals(people_cost(department(person("m1")), EVERYTHING).table)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"dismisal": "N"}, "a name such as dismissal"),
        ({"dismissal": "N+2"}, "one of none, N, N+1, 2N"),
        ({"employer_contributions": 32}, "a number from 0 to 1"),
        ({"local_average_wage": -1}, "an amount in yuan from 0"),
        ({"observation": "yes"}, "true or false"),
        ({"replacement_wages": 2, "replacement_yuan": 9000}, "either replacement_wages or replacement_yuan"),
        ({"region": "shenzen"}, "Expected: shenzhen; or one of"),
    ],
)
def test_assumptions_that_are_not_valid_are_refused(values, words):
    """Each with what was expected, or the nearest right name."""
    with pytest.raises(cm.CmpolicyError) as error:
        Assumptions.of(**values)
    assert words in str(error.value)


def test_all_problems_come_at_once():
    """One for each value that is not valid."""
    with pytest.raises(cm.CmpolicyError) as error:
        Assumptions.of(dismisal="N", award_tax="both", replacement_wages=1, replacement_yuan=1, region="nowhere")
    assert len(error.value.problems) == 4


def test_assumptions_come_from_a_file_and_cannot_be_changed(tmp_path):
    """Values given beside the file go before it; what is no list of names is refused."""
    file = tmp_path / "assumed.yaml"
    file.write_text("dismissal: N+1\nlocal_average_wage: 12000\nsource: statistics bureau, 2025\n", encoding="utf-8")
    assert Assumptions.from_file(file) == Assumptions.of(
        dismissal="N+1", local_average_wage=12_000, source="statistics bureau, 2025"
    )
    assumed = Assumptions.from_file(file, dismissal="2N")
    assert assumed.dismissal == "2N"
    with pytest.raises(FrozenInstanceError):
        assumed.dismissal = "N"
    file.write_text("- N\n", encoding="utf-8")
    with pytest.raises(cm.CmpolicyError, match="assumptions cannot be used"):
        Assumptions.from_file(file)
    with pytest.raises(cm.CmpolicyError, match="There is no file"):
        Assumptions.from_file(tmp_path / "nowhere.yaml")


# -- whole outcomes ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_sums_are_those_of_the_people_and_2n_is_twice_n(seed):
    """On random records and policies: N is never above N + 1, and each sum is the sum of the people's amounts."""
    data, content = case(seed, settled=("review_adjust",))
    rng = random.Random(seed)
    for row in data["staff"]:
        row |= {"contract_wage": rng.randint(3000, 20_000), "probation_wage": rng.randint(2500, 9000)}
    outcome = cm.appraise(staff_data(data), Policy.from_dict(content))
    found = {kind: people_cost(outcome, EVERYTHING | {"dismissal": kind}) for kind in ("N", "N+1", "2N")}
    for one in found.values():
        of_people = one.people.groupby("component")["yuan"].sum()
        for name, fen in one.fen.items():
            assert round(100 * of_people.get(name, 0)) == fen, name
    assert found["2N"].fen["dismissal"] == 2 * found["N"].fen["dismissal"]
    by_n, by_more = ([item.fen for item in found[kind].items if item.component == "dismissal"] for kind in ("N", "N+1"))
    assert all(less <= more for less, more in zip(by_n, by_more, strict=True))
    counts = outcome.standing_counts
    assert sum(item.component == "observation" for item in found["N"].items) == counts["observed"]
    assert sum(item.component == "replacement" for item in found["N"].items) == counts["dismissed"]


def test_a_reform_is_costed_on_both_sides():
    """The difference is that of the two outcomes' own amounts."""
    data = cm.synthesize(staff=60, months=24, seed=3)
    change = cm.compare(data, cm.load_policy("2007-06"), {"grades.D.from": 94})
    frame = compare_people_cost(change, EVERYTHING)
    before, after = (people_cost(outcome, EVERYTHING) for outcome in (change.baseline, change.reform))
    assert frame["component"].tolist() == list(COMPONENTS)
    for row in frame.itertuples():
        assert [round(100 * yuan) for yuan in (row.baseline, row.reform)] == [
            before.fen[row.component], after.fen[row.component]
        ]  # fmt: skip
        assert round(100 * row.difference) == after.fen[row.component] - before.fen[row.component]
    assert frame.set_index("component").loc["dismissal", "difference"] > 0


def test_a_book_of_versions_is_costed_too():
    """Standing and awards are the outcome's, whatever versions were in force."""
    data = cm.synthesize(staff=20, months=24, seed=3)
    enacted = cm.load_policy("2007-06")
    later = enacted.with_changes({"id": "later", "effective_from": datetime.date(2025, 1, 1), "grades.D.from": 94})
    found = people_cost(cm.appraise(data, cm.PolicyBook([enacted, later])), EVERYTHING)
    assert found.fen["contributions"] > 0
