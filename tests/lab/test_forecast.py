"""The panel of the forecast: what it shows is what `cm.forecast` gives, and nothing of an earlier draft stays."""

import re

import pytest
from random_cases import month_row, staff_data
from shown import plain, rows_of, start

import cmpolicy as cm
from cmpolicy.lab import Forecast
from cmpolicy.lab import forecast as module

CHANGE = {"grades.A.from": 112, "grades.A.quarterly_bonus": 3000}
FIGURES = ("p10", "p50", "p90", "mean")


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=30, months=24, seed=3)


@pytest.fixture
def panel(data):
    panel = Forecast(data, shown=False)
    panel.boxes["replicates"].value = 200
    panel.shown = True
    return panel


def forecast_of(panel, **settings):
    today, draft = panel.state.enacted, panel.state.policy
    policies = {"baseline": today} if draft == today else {"baseline": today, "reform": draft}
    return cm.forecast(panel.state.data, policies, **{"replicates": 200, **settings})


def row_of(frame, policy, component="cost", **where):
    for name, value in ({"policy": policy, "component": component} | where).items():
        if name in frame:
            frame = frame[frame[name] == value]
    return frame.iloc[0]


def cards(panel):
    return [plain(card) for card in re.findall('<div class="cm-card">(.*?)</div>', panel.headline.value)]


# -- headline, figure and notes ----------------------------------------------------------------------------------------


def test_the_headline_is_that_of_the_forecast(panel):
    """P10, P50 and P90 of all quarters together and the reserve, with those of the enacted policy; in words too."""
    panel.state.change(CHANGE)
    found = forecast_of(panel)
    before, after = (row_of(found.total, policy) for policy in ("baseline", "reform"))
    shown = cards(panel)
    for place, name in enumerate(("p10", "p50", "p90")):
        assert shown[place].startswith(f"cost, {name.upper()} ¥{after[name]:,.0f} ")
        assert shown[place].endswith(f"before: ¥{before[name]:,.0f}")
        assert f"{after[name] - before[name]:+,.0f}" in shown[place]
    reserves = [row_of(found.reserve(0.9), policy, quarter="total")["reserve"] for policy in ("baseline", "reform")]
    assert shown[3].startswith(f"enough with 90% ¥{reserves[1]:,.0f} ")
    assert shown[3].endswith(f"before: ¥{reserves[0]:,.0f}")
    first, last = found.quarter_names[0], found.quarter_names[-1]
    assert f"From {first} to {last} the draft costs ¥{after['p50']:,.0f}; " in plain(panel.headline.value)


def test_what_the_last_quarters_cost_stands_beside_it(panel):
    """Under the policy that the headline is about, as the appraisal has it."""
    for change, name in ({}, "the enacted policy"), (CHANGE, "the draft"):
        panel.state.change(change)
        last = cm.appraise(panel.state.data, panel.state.policy).years.query("year == 2024")["cash_effect"].sum()
        quarters = cm.appraise(panel.state.data, panel.state.policy).quarters
        last += quarters.loc[quarters["quarter"].str.startswith("2024"), "payout"].sum()
        told = f"For comparison: under {name}, 2024-Q1 to 2024-Q4 cost ¥{last:,.0f}."
        assert told in plain(panel.headline.value)


def test_the_difference_has_its_own_narrower_interval(panel):
    """On the same draws what is common to both policies falls out."""
    panel.state.change(CHANGE)
    found = forecast_of(panel)
    more, own = row_of(found.difference, "reform", quarter="total"), row_of(found.total, "reform")
    width, own_width = more["p90"] - more["p10"], own["p90"] - own["p10"]
    assert 0 < width < own_width / 2
    text = cards(panel)[4]
    assert f"80%: {more['p10']:+,.0f} to {more['p90']:+,.0f}" in text
    assert f"¥{width:,.0f} wide, not ¥{own_width:,.0f}" in text


def test_without_a_change_there_is_one_policy_and_no_difference(panel):
    """The enacted policy alone, with how far the reserve is above the median."""
    found = forecast_of(panel)
    assert found.names == ("baseline",)
    cost, reserve = found.total.iloc[-1], row_of(found.reserve(0.9), None, quarter="total")
    assert "the enacted policy costs" in plain(panel.headline.value)
    assert [text.split(" ")[2] for text in cards(panel)[:3]] == [f"¥{cost[name]:,.0f}" for name in FIGURES[:3]]
    assert f"¥{reserve['above_median']:,.0f} above the median" in cards(panel)[3]
    assert len(cards(panel)) == 4
    panel.sections.buttons[3].value = True
    assert "The draft is the enacted policy." in panel.tables["difference"].value


def test_the_fan_chart_is_told_to_who_cannot_see_it(panel):
    """Every coming quarter with its median and its P10 and P90; the still picture says the same."""
    panel.state.change(CHANGE)
    frame = forecast_of(panel).quarters
    told = re.search('aria-label="(.*?)"', panel.picture.value).group(1)
    for row in frame[(frame["policy"] == "reform") & (frame["component"] == "cost")].itertuples():
        assert f"{row.quarter} {row.p50:,.0f} ({row.p10:,.0f} – {row.p90:,.0f})" in told
    assert f'<img alt="{told}"' in panel.static()
    assert panel.headline.value in panel.static()


def test_what_the_forecast_rests_on_is_always_said(panel):
    """Seed and replicates, and that effort does not respond, before anybody asks."""
    text = plain(panel.notes.value)
    assert all(str(note) in text for note in forecast_of(panel).notes)
    assert "Seed: 0. Replicates: 200." in text
    assert "elasticity 0" in text
    panel.state.change(CHANGE)
    panel.boxes["elasticity"].value = 0.5
    assert "with elasticity 0.5 people gain" in plain(panel.notes.value)


# -- what is assumed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "settings"),
    [
        ("quarters", 2, {"quarters": 2}),
        ("replicates", 120, {"replicates": 120}),
        ("headcount", "25", {"headcount": 25}),
        ("headcount", "1,000", {"headcount": 1000}),
        ("headcount", "25, 26、27，28", {"headcount": [25, 26, 27, 28]}),
        ("leavers_a_year", "30%", {"leavers_a_year": 0.3}),
        ("revenue_growth", "0.25", {"revenue_growth": 0.25}),
        ("elasticity", 0.5, {"elasticity": 0.5}),
        ("seed", 7, {"seed": 7}),
    ],
)
def test_each_box_is_a_setting_of_the_forecast(panel, name, typed, settings):
    """What is typed there is what `cm.forecast` takes, and changes something."""
    panel.state.change(CHANGE)
    before = panel.headline.value
    panel.boxes[name].value = typed
    assert panel.state.fault is None
    assert panel.headline.value != before
    after = row_of(forecast_of(panel, **settings).total, "reform")
    assert [text.split(" ")[2] for text in cards(panel)[:3]] == [f"¥{after[name]:,.0f}" for name in FIGURES[:3]]


def test_the_confidence_is_that_of_the_reserve_and_draws_nothing_anew(panel, monkeypatch):
    """The futures stay; only the amount that is enough is another."""
    enough = row_of(forecast_of(panel).reserve(0.95), None, quarter="total")["reserve"]
    monkeypatch.setattr(module, "forecast", None)
    panel.boxes["confidence"].value = 0.95
    assert cards(panel)[3].startswith(f"enough with 95% ¥{enough:,.0f} ")


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("headcount", "abc", 'Headcount cannot be set so. Found: "abc". Expected: a whole number'),
        ("headcount", "45,46", 'Headcount cannot be set so. Found: "45,46". Expected: one number, or as many as'),
        ("headcount", "1,000, 1,010", 'Headcount cannot be set so. Found: "1,000, 1,010". Expected: a whole number'),
        ("quarters", 1.5, 'Number of quarters cannot be set so. Found: "1.5". Expected: a whole number'),
        ("replicates", 150.5, 'Replicates cannot be set so. Found: "150.5". Expected: a whole number'),
        ("seed", 0.5, 'Seed cannot be set so. Found: "0.5". Expected: a whole number'),
        ("replicates", 0, 'Replicates cannot be set so. Found: "0". Expected: a whole number from 1 to 10,000'),
        ("quarters", 10**9, 'Number of quarters cannot be set so. Found: "1000000000"'),
        ("leavers_a_year", "many", 'Leavers a year cannot be set so. Found: "many"'),
        ("revenue_growth", "-95%", 'Revenue growth a year cannot be set so. Found: "-0.95"'),
        ("elasticity", -1.0, 'Elasticity of effort cannot be set so. Found: "-1.0"'),
        ("seed", -1, 'Seed cannot be set so. Found: "-1"'),
        ("confidence", 1.5, 'Confidence of the reserve cannot be set so. Found: "1.5"'),
    ],
)
def test_what_cannot_be_used_is_told_and_the_last_good_value_stays(panel, name, typed, told):
    """By the box's name, with what was found and expected; the forecast from before stays, and the next one is new."""
    before, shown = panel.boxes[name].value, panel.headline.value
    panel.boxes[name].value = typed
    assert told in str(panel.state.fault)
    assert panel.boxes[name].value == before
    assert panel.headline.value == shown
    panel.boxes["seed"].value = 1
    assert panel.state.fault is None
    assert panel.headline.value != shown


# -- the tables --------------------------------------------------------------------------------------------------------


def shown_of(frame, labels):
    """Give the rows of a table in whole yuan, with the labels of what they are about."""
    return [
        [*(str(row[label]) for label in labels), *(f"{row[figure]:,.0f}" for figure in FIGURES)]
        for row in frame.to_dict("records")
    ]


def test_tables_are_those_of_the_forecast(panel):
    """By component, by area and by quarter with the reserve; the enacted policy first, in whole yuan."""
    panel.state.change(CHANGE)
    found = forecast_of(panel)
    assert {table.value for table in panel.tables.values()} == {""}
    for button in panel.sections.buttons:
        button.value = True
    names = {"service_bonus": "service bonus", "revenue_bonus": "revenue bonus", "award": "monthly awards"}
    by_component = {tuple(row[:2]): row[2:] for row in rows_of(panel.tables["components"].value)[1:]}
    for policy, name in (("baseline", "service_bonus"), ("reform", "revenue_bonus"), ("reform", "award")):
        row = row_of(found.total, policy, name)
        assert by_component[policy, names[name]] == [f"{row[figure]:,.0f}" for figure in FIGURES]
    areas = found.areas[found.areas["component"] == "cost"]
    assert rows_of(panel.tables["areas"].value)[1:] == shown_of(areas, ("policy", "area", "posts"))
    reserve = found.reserve(0.9)
    enough = reserve[reserve["component"] == "cost"]["reserve"]
    assert [row[6] for row in rows_of(panel.tables["quarters"].value)[1:]] == [f"{amount:,.0f}" for amount in enough]
    people = rows_of(panel.tables["people"].value)[1:]
    assert len(people) == len(found.people)
    assert {row[3] for row in people} == {"people who leave", "people dismissed"}


def test_the_difference_is_shown_by_component_and_by_quarter(panel):
    """With signs: what the draft costs more."""
    panel.state.change(CHANGE)
    panel.sections.buttons[3].value = True
    frame = forecast_of(panel).difference
    shown = {row[0]: row[1:] for row in rows_of(panel.tables["difference"].value)}
    row = row_of(frame, "reform", "service_bonus", quarter="total")
    assert shown["service bonus"] == [f"{row[figure]:+,.0f}" for figure in FIGURES]
    quarter = frame["quarter"].iloc[0]
    row = row_of(frame, "reform", quarter=quarter)
    assert shown[quarter] == [f"{row[figure]:+,.0f}" for figure in FIGURES]


def test_tables_and_notes_follow_the_language(panel):
    """Also what was computed before: areas taken together, and the names of the two policies."""
    panel.state.change(CHANGE)
    panel.state.use_data(cm.synthesize(staff=70, months=9, seed=3))
    panel.sections.buttons[2].value = True
    assert rows_of(panel.tables["areas"].value)[-1][:2] == ["reform", "all other areas"]
    panel.state.language = "zh"
    assert rows_of(panel.tables["areas"].value)[-1][:2] == ["方案", "其余片区"]
    text = plain(panel.headline.value + panel.notes.value + panel.tables["areas"].value)
    assert not re.search("baseline|reform|draft|futures", text)


# -- when it is computed -----------------------------------------------------------------------------------------------


def test_where_it_takes_long_it_waits_to_be_asked(panel, monkeypatch):
    """What is shown is never of an earlier draft; the button makes the forecast and says what it is at."""
    assert panel.start.layout.display == "none"
    monkeypatch.setattr(module, "MOST_AT_ONCE", 0)
    panel.state.change(CHANGE)
    assert panel.start.layout.display == ""
    assert "takes a while" in plain(panel.headline.value)
    assert (panel.picture.value, panel.notes.value) == ("", "")
    told = []
    panel.work.progress.observe(lambda change: told.append(plain(change["new"])), "value")
    start(panel)
    assert (told[0].strip(), told[-1]) == ("200 futures are drawn …", "")
    assert f"¥{row_of(forecast_of(panel).total, 'reform')['p50']:,.0f}" in plain(panel.headline.value)
    panel.boxes["seed"].value = 3
    assert "takes a while" in plain(panel.headline.value)
    panel.boxes["headcount"].value = "abc"
    assert "Headcount cannot be set so." in str(panel.state.fault)
    assert panel.boxes["headcount"].value == ""


def test_it_follows_other_data(panel):
    """And where there is no whole quarter to draw from, it says so and shows no old numbers."""
    panel.state.use_data(cm.synthesize(staff=20, months=12, seed=8))
    assert f"¥{row_of(forecast_of(panel).total, None)['p50']:,.0f}" in plain(panel.headline.value)
    assert "less than two years" in plain(panel.notes.value)
    one_month = staff_data({"staff": [{"staff_id": "CM1"}], "months": [month_row("CM1", (2025, 5))]})
    panel.state.use_data(one_month)
    assert "The data have no complete quarter to draw coming ones from." in plain(panel.headline.value)
    assert (panel.picture.value, panel.notes.value, panel.state.fault) == ("", "", None)
