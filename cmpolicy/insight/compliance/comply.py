"""Run every check on a policy, the records and their outcome; and what a reform brings or cures."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cmpolicy.insight.compliance import bonus, dismissal, probation, procedure, wages
from cmpolicy.insight.compliance.case import Case
from cmpolicy.insight.compliance.findings import MARKS, Finding, Mark, Missing, Severity, least_sure
from cmpolicy.insight.compliance.records import Records, read_compliance, refuse_strangers
from cmpolicy.insight.compliance.regions import FIGURE_TEXTS, Region, figure_text, find_region, read_regions
from cmpolicy.messages import Message, language, list_of
from cmpolicy.regulation.policy import ENACTED, Policy, PolicyBook, load_policy
from cmpolicy.regulation.yaml_files import load_yaml
from cmpolicy.simulation.appraise import appraise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.compare import Comparison
    from cmpolicy.staff.data import StaffData

Status = Literal["finding", "passed", "not checked"]

NOT_ADVICE = Message(
    "This is not legal advice. The checks find what a program can see; let a lawyer judge what it means."
)
STATUS_TEXTS: dict[Status, Message] = {
    "finding": Message("finding"),
    "passed": Message("passed"),
    "not checked": Message("not checked"),
}
CHECKS: dict[str, Callable[[Case], Iterator[Finding | Missing]]] = {
    "CC01": probation.probation_length,
    "CC02": probation.probation_once,
    "CC03": probation.probation_wage,
    "CC04": dismissal.observation_wage,
    "CC05": dismissal.dismissal_steps,
    "CC06": dismissal.elimination,
    "CC07": wages.no_cut,
    "CC08": wages.day_wage,
    "CC09": wages.minimum_wage,
    "CC10": bonus.payment_days,
    "CC11": bonus.leavers,
    "CC12": procedure.made_known,
    "CC13": probation.leave,
    "CC14": probation.insurance,
    "CC15": bonus.year_end_tax,
    "CC16": wages.bases,
    "CC17": dismissal.dismissal_cost,
    "CC18": wages.clawback,
    "CC19": procedure.fine_words,
    "CC20": procedure.raised_targets,
    "CC21": procedure.evidence,
    "CC22": wages.records_kept,
}


class CheckText(NamedTuple):
    """A check in one language: what it is about, its article, what would cure a finding, and its source."""

    id: str
    severity: Severity
    mark: Mark
    title: str
    article: str
    cure: str


class CheckResult(NamedTuple):
    """What came of one check: its status, its findings, and what it lacked.

    "passed" only where all that it needs was there; a check with findings may have lacked something beside them.
    """

    check: str
    status: Status
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Compliance:
    """What the checks say of a policy. Not legal advice.

    Attributes
    ----------
    results : tuple of CheckResult
        One a check, CC01 to CC22.
    policies : tuple of Policy
        What was checked: one policy, or every version of a book.
    name : Message
        What was checked, for people: ids, told apart from those of the baseline.
    region : Region or None
        Whose figures counted.
    """

    results: tuple[CheckResult, ...]
    policies: tuple[Policy, ...]
    name: Message
    region: Region | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in the order of the checks."""
        return tuple(finding for result in self.results for finding in result.findings)

    def status_of(self, check: str) -> Status:
        """Give the status of a check.

        Raises
        ------
        KeyError
            If there is no such check.
        """
        return {result.check: result.status for result in self.results}[check]

    @cached_property
    def checks(self) -> pd.DataFrame:
        """One row a check, in the language in use: check, status, title, findings (how many), article, missing."""
        import pandas as pd

        rows = [
            (
                result.check,
                str(STATUS_TEXTS[result.status]),
                check_text(result.check).title,
                len(result.findings),
                check_text(result.check).article,
                "; ".join(str(missing.what) for missing in result.missing),
            )
            for result in self.results
        ]
        return pd.DataFrame(rows, columns=["check", "status", "title", "findings", "article", "missing"])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a finding.

        check, severity, title, version (of a book; empty: of all), rule, people (how many), finding, article, cure,
        source.
        """
        return findings_frame(self.findings)

    @cached_property
    def cures(self) -> pd.DataFrame:
        """One row a check with findings: check, title, cure, article, source (how sure it is)."""
        import pandas as pd

        rows = []
        for result in self.results:
            if result.findings:
                text, marks = check_text(result.check), dict.fromkeys(mark_of(one) for one in result.findings)
                source = str(list_of([MARKS[mark] for mark in marks]))
                rows.append((result.check, text.title, text.cure, text.article, source))
        return pd.DataFrame(rows, columns=["check", "title", "cure", "article", "source"], dtype="str")

    @cached_property
    def regional(self) -> pd.DataFrame:
        """The region's figures: figure, value, from (the first day of its use), origin, source (how sure it is)."""
        import pandas as pd

        listed = {} if self.region is None else self.region.figures
        rows = [
            (str(FIGURE_TEXTS[kind]), figure_text(kind, one), one.start, one.source[language()], str(MARKS[one.mark]))
            for kind, figures in listed.items()
            for one in figures
        ]
        return pd.DataFrame(rows, columns=["figure", "value", "from", "origin", "source"], dtype="object")

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row a finding and person concerned: check, severity, staff_id, rule, finding."""
        import pandas as pd

        rows = [
            (one.check, one.severity, staff_id, one.setting, str(one.what))
            for one in self.findings
            for staff_id in one.staff_ids
        ]
        return pd.DataFrame(rows, columns=["check", "severity", "staff_id", "rule", "finding"], dtype="str")

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{sum(result.status == status for result in self.results)} {status}" for status in STATUS_TEXTS
        )
        return f"<Compliance of {self.name}: {counts}; not legal advice>"


class News(NamedTuple):
    """What a reform changes: the findings that it brings, and those that it cures."""

    brought: tuple[Finding, ...]
    cured: tuple[Finding, ...]


def comply(
    policy: Policy | PolicyBook | None = None,
    data: StaffData | None = None,
    outcome: Outcome | None = None,
    region: str | None = None,
    *,
    records: Records | Path | str | Mapping[str, Any] | None = None,
    regions: Path | str | Mapping[str, Any] | None = None,
    baseline: Policy | PolicyBook | Outcome | None = None,
) -> Compliance:
    """Check a policy, the records of the staff and what the policy makes of them against the law. Not legal advice.

    Parameters
    ----------
    policy
        What is checked; of a book of dated versions each one, with the people who joined and the quarters that began
        while it was in force. The outcome's, else the enacted one, where left out.
    data
        The staff data. Without them only the regulation itself is checked.
    outcome
        Of this policy on these data, where it is there already.
    region
        Such as "shenzhen": whose minimum wage and other figures count. Else the one that `records` names.
    records
        A compliance file, its content, or what `read_compliance` gave: what the tables of the staff data do not hold.
    regions
        A file of regional figures, or its content; it goes before the bundled one.
    baseline
        What was in force before, for checks of a change; for each version of a book the one before it where left out.

    Returns
    -------
    Compliance

    Raises
    ------
    CmpolicyError
        If the compliance file, the regional figures or the region cannot be used.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> found = cm.comply(cm.load_policy("2007-06"))
    >>> [finding.check for finding in found.findings]
    ['CC01', 'CC02', 'CC04', 'CC05', 'CC13']
    >>> found.status_of("CC14")
    'not checked'
    """
    if outcome is not None:
        policy, data = policy or outcome.policy, outcome.data
    policy = load_policy(ENACTED) if policy is None else policy
    told = _records_of(records, data)
    name = region or told.region
    known = read_regions(regions)
    case = Case(
        _versions(policy)[-1],
        data,
        appraise(data, policy) if outcome is None and data is not None else outcome,
        region=None if name is None else find_region(name, known),
        records=told,
    )
    cases = _proposed(case, policy, baseline) if baseline is not None else _enacted(case, policy)
    name_shown = list_of([_name(one) for one in cases])
    results = tuple(_run(check, cases) for check in CHECKS)
    return Compliance(results, tuple(one.policy for one in cases), name_shown, case.region)


def what_is_new(before: Compliance, after: Compliance) -> News:
    """Tell which findings a reform brings and which it cures.

    A finding that concerns more people than before counts as brought, with those who are new in it; one that concerns
    fewer counts as cured, with those who are out of it. What can no longer be checked is not cured.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> enacted = cm.load_policy("2007-06")
    >>> reform = enacted.with_changes({"readings.elimination_rule": "lowest_scorer", "probation.months": 0})
    >>> news = cm.what_is_new(cm.comply(enacted), cm.comply(reform, baseline=enacted))
    >>> [finding.check for finding in news.brought], [finding.check for finding in news.cured]
    (['CC06'], ['CC01', 'CC02', 'CC13'])
    """
    gone = _more(after.findings, before.findings, Message("People no longer concerned: {count}. {what}"))
    unseen = {check for check, lacking in _lacking(after).items() if lacking - _lacking(before)[check]}
    return News(
        _more(before.findings, after.findings, Message("People newly concerned: {count}. {what}")),
        tuple(one for one in gone if one.check not in unseen),
    )


def legal_news(
    change: Comparison,
    region: str | None = None,
    *,
    records: Records | Path | str | Mapping[str, Any] | None = None,
    regions: Path | str | Mapping[str, Any] | None = None,
) -> News:
    """Tell which findings the reform of a comparison brings and cures. Parameters as for `comply`.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=10, months=3, seed=1)
    >>> change = cm.compare(data, cm.load_policy("2007-06"), {"readings.payout_floor": "none"})
    >>> [finding.check for finding in legal_news(change).brought]
    ['CC07']
    """
    given: dict[str, Any] = {"region": region, "records": records, "regions": regions}
    same = change.baseline.policy == change.reform.policy  # two versions of the data: nothing was changed in the rules
    before = comply(outcome=change.baseline, **given)
    return what_is_new(before, comply(outcome=change.reform, baseline=None if same else change.baseline, **given))


def news_frame(news: News) -> pd.DataFrame:
    """Give what a reform brings and cures as one table: `change` is "new" or "cured", then as `findings_frame`."""
    import pandas as pd

    sides = {"new": news.brought, "cured": news.cured}
    frames = [findings_frame(found).assign(change=side) for side, found in sides.items()]
    frame = pd.concat(frames, ignore_index=True)
    return frame[["change", *frame.columns[:-1]]]


def findings_frame(findings: tuple[Finding, ...]) -> pd.DataFrame:
    """Give findings as a table of text in the language in use."""
    import pandas as pd

    rows = [
        (
            one.check,
            one.severity,
            check_text(one.check).title,
            ", ".join(one.versions),
            one.setting,
            len(one.staff_ids),
            str(one.what),
            check_text(one.check).article,
            check_text(one.check).cure,
            str(MARKS[mark_of(one)]),
        )
        for one in findings
    ]
    columns = ["check", "severity", "title", "version", "rule", "people", "finding", "article", "cure", "source"]
    return pd.DataFrame(rows, columns=columns)


def mark_of(finding: Finding) -> Mark:
    """Tell how sure the sources of a finding are: the check's, and where it rests on another one, that."""
    of_check = check_text(finding.check).mark
    return least_sure((of_check, finding.mark or of_check))


def check_text(check: str, language_code: str | None = None) -> CheckText:
    """Give a check's title, article and cure, with its usual severity and how sure its source is.

    Raises
    ------
    KeyError
        If there is no such check.

    Examples
    --------
    >>> check_text("CC06", "en").article
    'Guiding case 18; SPC civil minutes 2016 item 29'
    """
    entry, code = _texts()[check], language_code or language()
    texts = (entry[name][code] for name in ("title", "article", "cure"))
    return CheckText(check, entry["severity"], entry["mark"], *texts)


def _records_of(records: Records | Path | str | Mapping[str, Any] | None, data: StaffData | None) -> Records:
    """Read the compliance file, where it is not yet read, and refuse people whom the data do not have."""
    known = None if data is None else data.places
    if records is None:
        return Records()
    if not isinstance(records, Records):
        return read_compliance(records, known)
    if known is not None:
        refuse_strangers(records, known)
    return records


def _versions(policy: Policy | PolicyBook) -> tuple[Policy, ...]:
    return (policy,) if isinstance(policy, Policy) else policy.policies


def _by_version(case: Case, policy: Policy | PolicyBook) -> list[Case]:
    """Give a case for each version of a book, with the time in which it is in force."""
    versions = _versions(policy)
    since = [None, *(version.effective_from for version in versions[1:])]
    return [
        replace(case, policy=version, since=start, until=end)
        for version, start, end in zip(versions, since, [*since[1:], None], strict=True)
    ]


def _enacted(case: Case, policy: Policy | PolicyBook) -> list[Case]:
    """Give a case for each version; before it there was the one that stands before it in the book."""
    cases, versions = _by_version(case, policy), _versions(policy)
    for place in range(1, len(cases)):
        before = None if case.data is None else appraise(case.data, PolicyBook(versions[:place]))
        cases[place] = replace(cases[place], earlier=versions[place - 1], baseline=before)
    return cases


def _proposed(case: Case, policy: Policy | PolicyBook, baseline: Policy | PolicyBook | Outcome) -> list[Case]:
    """Give a case for each version; before it, and when the records arose, the baseline was in force."""
    before: Outcome | None
    if isinstance(baseline, Policy | PolicyBook):
        rules, before = baseline, None if case.data is None else appraise(case.data, baseline)
    else:
        rules, before = baseline.policy, baseline
    found = []
    for one in _by_version(case, policy):
        earlier = next(
            (old for old in reversed(_versions(rules)) if old.effective_from <= one.policy.effective_from),
            _versions(rules)[0],
        )
        found.append(replace(one, earlier=earlier, baseline=before, recorded_under=earlier))
    return found


def _name(case: Case) -> Message:
    """Name a version, apart from one with the same id that was in force before."""
    changed = case.earlier is not None and case.earlier.id == case.policy.id and case.earlier != case.policy
    return Message("{id} with changes", id=case.policy.id) if changed else Message("{id}", id=case.policy.id)


def _run(check: str, cases: Sequence[Case]) -> CheckResult:
    """Make a check of each version; what is the same in all of them is told once."""
    missing: dict[Missing, None] = {}
    versions: dict[Finding, dict[int, str]] = {}
    for place, case in enumerate(cases):
        for one in CHECKS[check](case):
            if isinstance(one, Missing):
                missing[one] = None
            else:
                versions.setdefault(one, {})[place] = case.policy.id
    findings = tuple(
        one if len(named) == len(cases) else one._replace(versions=tuple(named.values()))
        for one, named in versions.items()
    )
    status: Status = "finding" if findings else "not checked" if missing else "passed"
    return CheckResult(check, status, findings, tuple(missing))


def _more(before: tuple[Finding, ...], after: tuple[Finding, ...], partly: Message) -> tuple[Finding, ...]:
    """Give the findings of `after` that `before` does not have, or not of these people."""
    known: dict[tuple[str, ...], set[str]] = {}
    for one in before:
        known.setdefault(_kind(one), set()).update(one.staff_ids)
    found = []
    for one in after:
        if _kind(one) not in known:
            found.append(one)
        elif added := tuple(staff_id for staff_id in one.staff_ids if staff_id not in known[_kind(one)]):
            text = Message(partly.template, count=f"{len(added):,}", what=one.what)
            found.append(one._replace(staff_ids=added, what=text))
    return tuple(found)


def _lacking(found: Compliance) -> dict[str, set[str]]:
    """Say what each check lacked, whatever for how many."""
    return {result.check: {_innermost(one.what).template for one in result.missing} for result in found.results}


def _kind(finding: Finding) -> tuple[str, ...]:
    """Say which finding it is, whatever its figures."""
    return finding.check, finding.severity, finding.setting, _innermost(finding.what).template


def _innermost(what: Message) -> Message:
    """Give the message that others only add figures to."""
    while isinstance(inner := what.values.get("what"), Message):  # noqa: PD011 - the values of a message
        what = inner
    return what


@functools.cache
def _texts() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = load_yaml(Path(__file__).parent / "checks.yaml")  # type: ignore[assignment]  # our own file
    return entries
