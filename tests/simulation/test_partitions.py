"""Staff in partitions give the very totals that they give in one piece, whoever computes them and whatever happens."""

import inspect
import os
import random
import shutil
import signal
import socket
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest
from random_cases import frames_of, month_row, random_data, random_policy

import cmpolicy as cm
from cmpolicy.messages import using_language
from cmpolicy.simulation import partition_runs, partition_tasks
from cmpolicy.simulation.forecast_request import asked_for
from cmpolicy.staff.partitions import is_partitioned, partitions_of, write_partitions
from cmpolicy.staff.synthetic import synthesize_parts

ENACTED = cm.load_policy("2007-06")
GRID = {"grades.A.from": range(107, 112), "grades.B.quarterly_bonus": [1800, 2000.5], "points.praises": [2, 3]}
STAFF, MONTHS, PARTITIONS = 300, 14, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five partitions; fourteen months leave the last quarter open."""
    target = tmp_path_factory.mktemp("staff") / "parts"
    write_partitions(synthesize_parts(PARTITIONS, STAFF, MONTHS, seed=3), target, PARTITIONS)
    return target


@pytest.fixture(scope="module")
def whole(folder):
    return in_one_piece(folder)


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "parts")


def in_one_piece(folder):
    parts = [cm.read_staff(part) for part in partitions_of(folder)]
    names = {name for part in parts for name in part.tables}
    frames = {name: pd.concat([part.frame(name) for part in parts if name in part.tables]) for name in names}
    return cm.StaffData.from_frames(frames)


def damage(partition):
    file = partition / "months.parquet"
    file.write_bytes(file.read_bytes()[:500])


class Counted:
    """A map that keeps which partitions it was given, and stops before one of them if it is told to."""

    def __init__(self, stop_before=None):
        self.names, self.stop_before = [], stop_before

    def __call__(self, function, tasks):
        for number, task in enumerate(tasks):
            if number == self.stop_before:
                raise KeyboardInterrupt
            self.names.append(task.partition.name)
            yield function(task)


# -- the same totals ---------------------------------------------------------------------------------------------------


def test_totals_are_those_of_all_people_in_memory(folder, whole):
    """Every figure of the summary, to the fen and to the person."""
    totals, outcome = cm.appraise_partitions(folder, ENACTED), cm.appraise(whole, ENACTED)
    assert totals.figures == outcome.figures
    assert list(totals.figures) == list(outcome.figures)
    assert totals.partitions == PARTITIONS
    assert totals.cost == outcome.cost
    assert totals.grade_counts("months") == outcome.grade_counts("months")
    assert totals.standing_counts == outcome.standing_counts
    pd.testing.assert_frame_equal(totals.summary, outcome.summary)
    assert min(totals.standing_counts.values()) > 0


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        (GRID | {"grades.B.from": [100, 110]}, {}),
        (GRID, {"draws": 7, "seed": 4}),
        ([{"readings.user_count": "net"}, {"revenue.rate": 0.3}, {}], {}),
    ],
    ids=["a grid with bounds that cross", "draws", "patches"],
)
def test_a_sweep_is_that_of_all_people_in_memory(folder, whole, changes, options):
    """Rows, columns, types, values and notes."""
    once = {path: iter(values) for path, values in changes.items()} if isinstance(changes, dict) else iter(changes)
    found, wanted = cm.sweep_partitions(folder, ENACTED, once, **options), cm.sweep(whole, ENACTED, changes, **options)
    pd.testing.assert_frame_equal(found, wanted)
    assert found.attrs == wanted.attrs


@pytest.mark.parametrize("seed", range(12))
def test_any_policy_on_any_records_gives_the_same(seed, tmp_path):
    """People of any months in any partition: what is open, and which version settles a year, is decided by all."""
    rng = random.Random(seed)
    records = random_data(rng)
    people = sorted({row["staff_id"] for rows in records.values() for row in rows})
    partitions_wanted = max(2, len(people) // 2)
    home = {staff_id: rng.randrange(partitions_wanted) for staff_id in people}
    for number in range(partitions_wanted):
        part = {name: [row for row in rows if home[row["staff_id"]] == number] for name, rows in records.items()}
        if part["months"]:
            cm.write_staff(cm.StaffData.from_frames(frames_of(part)), tmp_path / f"p{number}", format="parquet")
    policy = cm.Policy.from_dict(random_policy(rng, settled=("elimination_rule", "review_adjust")))
    later = cm.Policy.from_dict(
        random_policy(rng, settled=("elimination_rule", "review_adjust"))
        | {"id": "later", "effective_from": f"{rng.randint(2023, 2025)}-{rng.choice(('01', '04', '07', '10'))}-01"}
    )
    whole = in_one_piece(tmp_path)
    for one in (policy, cm.PolicyBook([policy, later])):
        assert cm.appraise_partitions(tmp_path, one).figures == cm.appraise(whole, one).figures


def test_a_quarter_is_open_only_where_all_data_end_inside_it(tmp_path):
    """Whoever was last assessed in February fails the first quarter if others were assessed in June."""
    bad = [(2024, month) for month in range(10, 13)] + [(2025, 1), (2025, 2)]
    leaver = {
        "months": [month_row("S1", month, complaints=9) for month in bad],
        "quarters": [{"staff_id": "S1", "quarter": (2025, 2), "revenue": 500, "revenue_base": 100}],
    }
    stayer = {"months": [month_row("S2", (2025, month)) for month in range(1, 7)]}
    for name, records in {"leaver": leaver, "stayer": stayer}.items():
        cm.write_staff(cm.StaffData.from_frames(frames_of(records)), tmp_path / name, format="parquet")
    figures = cm.appraise_partitions(tmp_path).figures
    assert figures == cm.appraise(in_one_piece(tmp_path)).figures
    assert figures["observed"] == 1
    assert cm.appraise_partitions(tmp_path / "leaver").figures["observed"] == 0


def test_a_data_set_in_one_piece_is_its_own_only_partition(folder):
    part = partitions_of(folder)[1]
    assert partitions_of(part) == [part]
    assert not is_partitioned(part)
    assert cm.appraise_partitions(part).figures == cm.appraise(cm.read_staff(part)).figures


def test_partitions_have_people_and_seeds_of_their_own(folder):
    """Numbered on, in areas of their own, and no two alike."""
    parts = [cm.read_staff(part) for part in partitions_of(folder)]
    people = [staff_id for part in parts for staff_id in part.staff_ids]
    assert people == [f"CM{number:06d}" for number in range(1, STAFF + 1)]
    areas = [set(part.frame("staff")["area"]) for part in parts]
    assert not areas[0] & areas[1]
    gained = [part.frame("months")["broadband_gained"].tolist() for part in parts]
    assert len({tuple(values[:50]) for values in gained}) == PARTITIONS
    again = list(synthesize_parts(PARTITIONS, STAFF, MONTHS, seed=3))
    pd.testing.assert_frame_equal(again[3].frame("months"), parts[3].frame("months"))


# -- several processes -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    with cm.Cluster(workers=2) as started:
        yield started


def test_processes_give_the_same_and_one_that_is_killed_costs_only_time(folder, cluster):
    """With SIGKILL, after the first result and with others to come; a sweep then still has two workers."""
    expected = cm.appraise_partitions(folder, ENACTED)
    assert cm.appraise_partitions(folder, ENACTED, map=cluster.map) == expected
    workers = list(cluster._client.run(os.getpid).values())
    assert len(set(workers)) == 2
    assert os.getpid() not in workers

    def killing(function, tasks):
        for number, part in enumerate(cluster.map(function, tasks)):
            if number == 0:
                os.kill(workers[0], getattr(signal, "SIGKILL", signal.SIGTERM))
            yield part

    assert cm.appraise_partitions(folder, ENACTED, map=killing) == expected
    found = cm.sweep_partitions(folder, ENACTED, GRID, map=cluster.map)
    pd.testing.assert_frame_equal(found, cm.sweep_partitions(folder, ENACTED, GRID))


def test_a_scheduler_is_found_by_its_address_and_asked_for_workers(folder, cluster):
    """Its workers are listening on this machine only."""
    address = cluster._local.scheduler_address
    assert address.startswith("tcp://127.0.0.1:")
    with cm.Cluster(scheduler=address) as joined:
        assert cm.appraise_partitions(folder, map=joined.map) == cm.appraise_partitions(folder)
    assert cm.appraise_partitions(folder, map=cluster.map) == cm.appraise_partitions(folder)


def test_a_scheduler_without_workers_is_told(monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr("cmpolicy.simulation.cluster.SECONDS_TO_ANSWER", 0.5)
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(cm.CmpolicyError, match=r"The scheduler tcp://127.0.0.1:\d+ has no workers"),
        cm.Cluster(scheduler=empty.scheduler_address),
    ):
        pass


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(cm.CmpolicyError, match=r"pip install 'cmpolicy\[scale\]'"), cm.Cluster():
        pass


WHY_NO_SCHEDULER = {
    None: ("Something else listens there, no scheduler of dask", "该地址上运行的不是 dask.distributed 的调度器"),
    b"HTTP/1.1 400 Bad Request\r\n\r\n": ("Something else listens there", "不是 dask.distributed 的调度器"),
    "closed": ("Connection refused", "连接被拒绝"),
    "name": ("This is no address of the form tcp://HOST:PORT", "这不是 tcp://HOST:PORT 形式的地址"),
}


@pytest.mark.parametrize("answer", WHY_NO_SCHEDULER)
def test_a_scheduler_that_does_not_answer_is_told_at_once(answer, monkeypatch):
    """One that says nothing, one that says something else, a closed port, and what is no address."""
    monkeypatch.setattr("cmpolicy.simulation.cluster.SECONDS_TO_ANSWER", 0.5)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = "nonsense" if answer == "name" else f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if answer not in ("closed", "name"):
            server.listen()
            threading.Thread(target=reply, args=(server, answer), daemon=True).start()
        start = time.perf_counter()
        with (
            pytest.raises(cm.CmpolicyError, match=f"{address} does not answer") as refused,
            cm.Cluster(scheduler=address),
        ):
            pass
    for language, reason in zip(("en", "zh"), WHY_NO_SCHEDULER[answer], strict=True):
        with using_language(language):
            assert reason in str(refused.value)
    assert time.perf_counter() - start < 5


def reply(server, answer):
    """Whoever comes, first only to see whether somebody is there."""
    connections = [server.accept()[0] for _ in range(2)]
    if answer:
        connections[1].sendall(answer)
    time.sleep(3)
    for connection in connections:
        connection.close()


def test_an_empty_address_is_no_wish_for_this_process(folder, run):
    """As a variable that is not set gives it."""
    status, out, err = run("totals", folder, "--scheduler", "")
    assert (status, out) == (1, "")
    assert "This is no address of the form tcp://HOST:PORT" in err


def test_an_unknown_name_of_a_scheduler_is_told(monkeypatch):
    """In words of our own, whatever the system says of it."""

    def unknown(*_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    with (
        pytest.raises(cm.CmpolicyError, match=r"The network does not know the name no\.such\.host\."),
        cm.Cluster(scheduler="tcp://no.such.host:8786"),
    ):
        pass


def test_what_a_task_raises_is_raised_here_and_the_cluster_goes_on(cluster):
    """And a run that nobody wants any more leaves the workers to the next one."""
    with pytest.raises(ZeroDivisionError):
        list(cluster.map((1).__truediv__, [0]))
    results = cluster.map(abs, range(50))
    next(results)
    results.close()
    assert sorted(cluster.map(abs, [-1, -2])) == [1, 2]


# -- forecasts ---------------------------------------------------------------------------------------------------------

EXACT = ("exact", "spread", "spread_by_area", "leavers", "dismissed", "past")


def require_same_forecast(found, wanted):
    """To the last bit; the frames follow from these."""
    for name in EXACT:
        assert np.array_equal(getattr(found, name), getattr(wanted, name)), name
    for name in ("names", "quarter_names", "past_quarter_names", "area_names", "posts", "headcount", "seed"):
        assert getattr(found, name) == getattr(wanted, name), name
    assert [str(note) for note in found.notes] == [str(note) for note in wanted.notes]


@pytest.mark.parametrize("elasticity", [0.0, 0.4])
def test_a_forecast_is_that_of_all_people_in_memory(folder, whole, elasticity):
    """Every fen of every replicate, and what each policy's effort leaves to chance."""
    reform = ENACTED.with_changes({"grades.A.quarterly_bonus": 3500, "readings.probation_bonus": "none"})
    policies = {"today": ENACTED, "reform": reform}
    settings = {"quarters": 5, "replicates": 40, "seed": 2, "headcount": [300, 310, 290, 290, 300]}
    settings |= {"leavers_a_year": 0.2, "revenue_growth": 0.04, "base_growth": 0.02}
    found = cm.forecast_partitions(folder, policies, elasticity=elasticity, **settings)
    require_same_forecast(found, cm.forecast(whole, policies, elasticity=elasticity, **settings))
    assert len(found.area_names) > 1
    assert found.exact[1].any()


@pytest.mark.parametrize("seed", range(10))
def test_a_forecast_of_any_policy_on_any_records_is_the_same(seed, tmp_path):
    """People of any months, areas and standing in any partition; a book whose next version is not in force yet."""
    rng = random.Random(seed)
    knobs = cm.SyntheticKnobs(fraud=0.02, missing_months=0.1, service_shift=-6, leavers_a_year=0.3, joiners_a_year=0.3)
    data = cm.synthesize(staff=40, months=rng.choice([12, 17, 26]), seed=seed, knobs=knobs)
    frames = {name: data.frame(name) for name in data.tables}
    if rng.random() < 0.3:
        del frames["years"]
    home = {staff_id: rng.randrange(3) for staff_id in data.staff_ids.tolist()}
    for number in range(3):
        part = {name: frame[frame["staff_id"].map(home) == number] for name, frame in frames.items()}
        if number == 1:
            part["staff"] = part["staff"].drop(columns="area")
        cm.write_staff(cm.StaffData.from_frames(part), tmp_path / f"p{number}", format="parquet")
    settled = ("elimination_rule", "review_adjust")
    policy = cm.Policy.from_dict(random_policy(rng, settled=settled))
    later = policy.with_changes({"id": "later", "effective_from": "2025-04-01", "points.praises": 7})
    whole = in_one_piece(tmp_path)
    for one in (policy, cm.PolicyBook([policy, later])):
        found = cm.forecast_partitions(tmp_path, one, replicates=15, seed=seed)
        require_same_forecast(found, cm.forecast(whole, one, replicates=15, seed=seed))


def test_a_forecast_on_processes_is_the_same_and_goes_on_where_it_was(folder, tmp_path, cluster):
    """Partitions and futures are kept; what is kept serves no other settings."""
    wanted = cm.forecast_partitions(folder, replicates=30, seed=1)
    require_same_forecast(cm.forecast_partitions(folder, replicates=30, seed=1, map=cluster.map), wanted)
    first, second, third, other = Counted(stop_before=3), Counted(), Counted(), Counted()
    with pytest.raises(KeyboardInterrupt):
        cm.forecast_partitions(folder, replicates=30, seed=1, map=first, journal=tmp_path)
    for run in (second, third):
        require_same_forecast(cm.forecast_partitions(folder, replicates=30, seed=1, map=run, journal=tmp_path), wanted)
    assert (len(first.names), len(second.names), len(third.names)) == (3, 2, 0)
    found = cm.forecast_partitions(folder, replicates=30, seed=2, map=other, journal=tmp_path)
    require_same_forecast(found, cm.forecast_partitions(folder, replicates=30, seed=2))


def test_a_forecast_of_partitions_takes_the_settings_of_a_forecast():
    """By name, with the same types and defaults; what checks them takes the same."""
    wanted, found, checked = (
        inspect.signature(one).parameters for one in (cm.forecast, cm.forecast_partitions, asked_for)
    )
    settings = [name for name in wanted if name not in ("data", "policy", "journal")]
    assert [name for name in found if name in wanted] == ["policy", *settings, "journal"]
    assert [name for name in checked if name != "policy"] == settings
    for name in settings:
        assert found[name].annotation == wanted[name].annotation
        assert found[name].default == wanted[name].default == checked[name].default


def test_a_forecast_without_a_damaged_partition_is_marked(copy):
    damage(partitions_of(copy)[1])
    with pytest.raises(cm.IncompleteError, match="1 of 5 partitions cannot be used") as caught:
        cm.forecast_partitions(copy, replicates=10)
    shutil.rmtree(partitions_of(copy)[1])
    require_same_forecast(caught.value.rest, cm.forecast_partitions(copy, replicates=10))


def test_a_forecast_that_cannot_be_made_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(cm.CmpolicyError, match="replicates cannot be set so"):
        cm.forecast_partitions(tmp_path, replicates=0)
    ranked = ENACTED.with_changes({"readings.elimination_rule": "lowest_scorer"})
    with pytest.raises(cm.PolicyError, match="ranks people across the whole staff"):
        cm.forecast_partitions(tmp_path, {"today": ENACTED, "ranked": ranked})
    with pytest.raises(cm.DataError, match="There are no partitions in"):
        cm.forecast_partitions(tmp_path / "nowhere")


# -- what is wrong -----------------------------------------------------------------------------------------------------


def test_a_damaged_partition_is_named_and_the_rest_is_unharmed(copy, cluster):
    """An error with the totals of the others, which say how many they are; serial and on processes alike."""
    parts = partitions_of(copy)
    damage(parts[1])
    shutil.rmtree(parts[3])
    parts[3].mkdir()
    others = [cm.appraise(cm.read_staff(parts[number])).figures for number in (0, 2, 4)]
    for options in ({}, {"map": cluster.map}):
        with pytest.raises(cm.IncompleteError) as caught:
            cm.appraise_partitions(copy, **options)
        text = str(caught.value)
        assert text.startswith("2 of 5 partitions cannot be used.")
        assert "part-00001: The data in" in text
        assert "months.parquet is not a Parquet file" in text
        assert "part-00003" in text
        assert "part-00002" not in text
        rest = caught.value.rest
        assert rest.partitions == 3
        assert rest.figures == {name: sum(one[name] for one in others) for name in others[0]}
    with pytest.raises(cm.IncompleteError) as caught:
        cm.sweep_partitions(copy, ENACTED, {"grades.A.from": [110]})
    assert round(caught.value.rest["cost"].item() * 100) == rest.figures["cost"]


def test_nothing_but_damaged_partitions_is_an_error_without_totals(copy):
    for part in partitions_of(copy):
        damage(part)
    with pytest.raises(cm.DataError, match=r"No partition of .* can be used") as caught:
        cm.appraise_partitions(copy)
    assert len(caught.value.problems) == PARTITIONS
    assert not isinstance(caught.value, cm.IncompleteError)


def test_no_partitions_are_told(tmp_path):
    """An empty folder, and one that is not there."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(cm.DataError, match="There are no partitions in"):
            cm.appraise_partitions(folder)


def test_a_person_in_two_partitions_is_refused_by_name(copy):
    """Torn apart, their quarters would be appraised as those of two."""
    twice = next(iter(synthesize_parts(1, 2, 6)))
    cm.write_staff(twice, copy / "part-00009", format="parquet")
    with pytest.raises(cm.DataError, match="The same people are in several partitions") as caught:
        cm.appraise_partitions(copy)
    assert [str(problem) for problem in caught.value.problems] == [
        "CM000001 is in part-00000 and in part-00009.",
        "CM000002 is in part-00000 and in part-00009.",
    ]


def test_marks_that_meet_by_chance_are_no_person_in_two_partitions(folder, monkeypatch):
    for module in (partition_tasks, partition_runs):
        monkeypatch.setattr(module, "marks_of", lambda staff_ids: np.zeros(len(staff_ids), dtype=np.uint64))
    assert cm.appraise_partitions(folder).partitions == PARTITIONS


def test_what_ranks_people_across_the_whole_staff_is_refused_before_anything_is_read(tmp_path):
    """In a policy, in one version of a book, and as a value to try."""
    ranked = ENACTED.with_changes(
        {"readings.elimination_rule": "lowest_scorer", "id": "x", "effective_from": "2030-01-01"}
    )
    for policy in (ranked, cm.PolicyBook([ENACTED, ranked])):
        with pytest.raises(cm.PolicyError, match="ranks people across the whole staff"):
            cm.appraise_partitions(tmp_path, policy)
    with pytest.raises(cm.PolicyError, match="ranks people across the whole staff"):
        cm.sweep_partitions(tmp_path, ENACTED, {"readings.elimination_rule": ["grade_E", "lowest_scorer"]})


def test_a_sweep_that_cannot_be_made_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(cm.PolicyError, match=r"grades\.A\.form"):
        cm.sweep_partitions(tmp_path, ENACTED, {"grades.A.form": [110]})


def test_a_worker_with_another_program_is_told(folder, monkeypatch):
    """Its results could be those of other rules."""
    function = partition_tasks.run_task

    def elsewhere(_function, tasks):
        for task in tasks:
            with monkeypatch.context() as other:
                other.setattr(partition_tasks, "program", lambda: "another")
                yield function(task)

    with pytest.raises(cm.DataError, match="A worker has another version of cmpolicy"):
        cm.appraise_partitions(folder, map=elsewhere)


# -- interruption ------------------------------------------------------------------------------------------------------


def test_a_run_that_was_interrupted_goes_on_where_it_was(folder, tmp_path):
    """With the same result, and nothing is computed twice."""
    journal = tmp_path / "deep" / "journal"
    first, second, third = Counted(stop_before=2), Counted(), Counted()
    with pytest.raises(KeyboardInterrupt):
        cm.appraise_partitions(folder, map=first, journal=journal)
    totals = cm.appraise_partitions(folder, map=second, journal=journal)
    assert totals == cm.appraise_partitions(folder)
    assert (first.names, second.names) == (["part-00000", "part-00001"], ["part-00002", "part-00003", "part-00004"])
    assert cm.appraise_partitions(folder, map=third, journal=journal) == totals
    assert third.names == []
    assert len(list(journal.iterdir())) == PARTITIONS


def test_a_sweep_goes_on_too(folder, tmp_path):
    first, second = Counted(stop_before=4), Counted()
    with pytest.raises(KeyboardInterrupt):
        cm.sweep_partitions(folder, ENACTED, GRID, map=first, journal=tmp_path)
    found = cm.sweep_partitions(folder, ENACTED, GRID, map=second, journal=tmp_path)
    pd.testing.assert_frame_equal(found, cm.sweep_partitions(folder, ENACTED, GRID))
    assert second.names == ["part-00004"]


def test_what_is_kept_serves_only_the_same_partition_policy_and_program(copy, tmp_path, monkeypatch):
    """Another policy, another sweep, a partition that was written again, another program: computed anew."""
    journal = tmp_path / "journal"
    cm.appraise_partitions(copy, journal=journal)

    def computed(**options):
        run = Counted()
        totals = cm.appraise_partitions(copy, map=run, journal=journal, **options)
        assert totals == cm.appraise_partitions(copy, **options)
        return len(run.names)

    assert computed() == 0
    assert computed(policy=ENACTED.with_changes({"grades.A.quarterly_bonus": 2500.01})) == PARTITIONS
    later = ENACTED.with_changes({"id": "later", "effective_from": "2023-07-01", "readings.user_count": "net"})
    assert computed(policy=cm.PolicyBook([ENACTED, later])) == PARTITIONS
    again = later.with_changes({"readings.user_count": "gross", "readings.band_rule": "round_half_up"})
    assert computed(policy=cm.PolicyBook([ENACTED, again])) == PARTITIONS
    one = next(iter(synthesize_parts(1, 60, MONTHS, seed=9)))
    cm.write_staff(one, copy / "part-00000", format="parquet")
    assert computed() == 1
    for module in (partition_tasks, partition_runs):
        monkeypatch.setattr(module, "program", lambda: "another")
    assert computed() == PARTITIONS


def test_a_damaged_entry_is_computed_again(folder, tmp_path):
    """Cut short, empty, another thing altogether, or with one bit turned: the totals are right, the entry is mended."""
    totals = cm.appraise_partitions(folder, journal=tmp_path)
    entries = sorted(tmp_path.iterdir())
    content = entries[3].read_bytes()
    turned = bytearray(content)
    turned[len(turned) // 2] ^= 1
    for entry, wrong in zip(entries, (content[:300], b"", b"nonsense", bytes(turned)), strict=False):
        entry.write_bytes(wrong)
    run = Counted()
    assert cm.appraise_partitions(folder, map=run, journal=tmp_path) == totals
    assert len(run.names) == 4
    assert sorted(tmp_path.iterdir()) == entries
    assert cm.appraise_partitions(folder, map=Counted(stop_before=0), journal=tmp_path) == totals


def test_a_journal_that_cannot_be_written_is_told(folder, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(cm.CmpolicyError, match="The result cannot be written to"):
        cm.appraise_partitions(folder, journal=tmp_path / "file")


def test_partitions_are_written_all_or_none(tmp_path):
    """Into a new or empty folder; a run that fails in the middle leaves nothing that could be taken for the whole."""

    def failing():
        yield from list(synthesize_parts(3, 9, 3))[:2]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_partitions(failing(), tmp_path / "new", 3)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "months.csv").write_text("x")
    with pytest.raises(cm.CmpolicyError, match="a new or an empty folder"):
        write_partitions(synthesize_parts(3, 9, 3), tmp_path, 3)


@pytest.mark.parametrize(
    "options", [{"partitions": 0}, {"partitions": 10}, {"partitions": 2.0}, {"partitions": True}, {"seed": -1}]
)
def test_parts_that_cannot_be_made_are_told(options):
    with pytest.raises(cm.DataError, match="Synthetic staff cannot be made so"):
        next(synthesize_parts(**{"partitions": 3, "staff": 9, "months": 3} | options))
