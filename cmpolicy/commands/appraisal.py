"""Commands that apply a policy: appraise, compare, totals of partitions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cmpolicy as cm
from cmpolicy.commands.compliance import RecordsOption, RegionOption, RegionsOption
from cmpolicy.commands.declare import argument, option
from cmpolicy.commands.given import changed, changes_of, map_of, policy_of, reform_of
from cmpolicy.commands.options import (
    DataArgument,
    FigureOption,
    FormatOption,
    JournalOption,
    OutOption,
    PolicyOption,
    SchedulerOption,
    SetOption,
    TableOutOption,
    WorkersOption,
    set_option,
)
from cmpolicy.commands.output import (
    check_figures,
    comparison_tables,
    draw,
    format_of,
    parameters,
    refuse_inside,
    refuse_own_data,
    say_written,
    show_policies,
    write,
)
from cmpolicy.commands.source import read_source, show_sources
from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message


def appraise(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Apply a policy to the data: grades, bonuses, awards, standing."""
    from cmpolicy.report.terminal.appraisal import show_outcome
    from cmpolicy.report.terminal.console import console_for

    chosen = changed(policy_of(policy), changes_of(changes))
    kind = format_of(out, file_format)
    refuse_own_data(out, data)
    source = read_source(data)
    outcome = cm.appraise(source.data, chosen)
    if out:
        tables = dict.fromkeys((*outcome.tables, "probation")) | outcome.tables
        write(tables | ({"parameters": parameters(chosen)} if kind == "xlsx" else {}), out, kind, "appraisal")
    show_outcome(console_for(), outcome)
    show_sources(console_for(), source)
    say_written(out)


def compare(
    data: DataArgument,
    *,
    policy: PolicyOption = None,
    reform: Annotated[
        Path | None,
        option("--reform", Message("A file of changes, or a whole policy; --set is on top of it."), Message("FILE")),
    ] = None,
    changes: Annotated[
        list[str] | None,
        set_option(
            Message(
                "A reform to compare with the policy, as grades.A.from=112; with --against it changes the policy of "
                "both; repeat it for more."
            )
        ),
    ] = None,
    against: Annotated[
        Path | None, option("--against", Message("Another version of the data."), Message("DATA2"))
    ] = None,
    region: RegionOption = None,
    records: RecordsOption = None,
    regions: RegionsOption = None,
    figure: FigureOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Compare a reform with a policy, or two versions of the data under one policy."""
    from cmpolicy.insight.compliance.comply import legal_news, news_frame
    from cmpolicy.report.terminal.comparison import show_comparison
    from cmpolicy.report.terminal.compliance import show_legal_news
    from cmpolicy.report.terminal.console import console_for

    baseline = policy_of(policy)
    kind = format_of(out, file_format)
    refuse_own_data(out, data, against)
    check_figures(figure)
    if against is not None:
        if reform is not None:
            raise CmpolicyError(Message("Give either --reform or --against, not both."))
        baseline, proposed = changed(baseline, changes_of(changes)), None
        sources = [read_source(data), read_source(against)]
        change = cm.compare(sources[0].data, baseline, sources[1].data)
    else:
        proposed = reform_of(baseline, reform, changes_of(changes))
        sources = [read_source(data)]
        change = cm.compare(sources[0].data, baseline, proposed)
    news = legal_news(change, region, records=records, regions=regions)
    if figure:
        from cmpolicy.report.attribution_figure import waterfall_figure

        draw(waterfall_figure(change.attribution, Message("What each change brings of the difference, yuan")), figure)
    if out:
        write(comparison_tables(change) | {"legal_findings": news_frame(news)}, out, kind, "comparison")
    show_policies(console_for(), baseline, proposed)
    show_comparison(console_for(), change)
    show_legal_news(console_for(), news)
    show_sources(console_for(), *sources)
    for path in (figure, out):
        say_written(path)


def totals(
    folder: Annotated[
        Path,
        argument(Message("FOLDER"), Message("Folder of partitions: of folders with tables, nobody in two of them.")),
    ],
    policy: PolicyOption = None,
    changes: SetOption = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    journal: JournalOption = None,
    out: TableOutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Give the totals of staff in partitions, too many for one piece."""
    from cmpolicy.report.terminal.appraisal import show_partitions
    from cmpolicy.report.terminal.console import console_for

    chosen = changed(policy_of(policy), changes_of(changes))
    kind = format_of(out, file_format, one_table=True)
    refuse_inside(folder, out, journal)
    try:
        with map_of(workers, scheduler) as run:
            found = cm.appraise_partitions(folder, chosen, map=run, journal=journal)
    except cm.IncompleteError as error:
        show_partitions(console_for(), error.rest, complete=False)
        raise
    if out:
        write({"totals": found.row}, out, kind, "totals")
    show_partitions(console_for(), found)
    say_written(out)
