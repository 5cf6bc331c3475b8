"""All panels together over one state."""

from __future__ import annotations

import ipywidgets as widgets

from cmpolicy.lab.backtest import Backtest
from cmpolicy.lab.bonus_table import BonusTable
from cmpolicy.lab.compliance import Compliance
from cmpolicy.lab.data import Data
from cmpolicy.lab.downloads import Downloads
from cmpolicy.lab.fairness import Fairness
from cmpolicy.lab.forecast import Forecast
from cmpolicy.lab.incentives import Incentives
from cmpolicy.lab.panel import Panel
from cmpolicy.lab.people_cost import PeopleCost
from cmpolicy.lab.person import Person
from cmpolicy.lab.points_and_readings import PointsAndReadings
from cmpolicy.lab.readings_ledger import ReadingsLedger
from cmpolicy.lab.scenarios import Scenarios
from cmpolicy.lab.solve import Solve
from cmpolicy.lab.sweep import Sweep
from cmpolicy.lab.thresholds import Thresholds
from cmpolicy.messages import Message

PANELS = (
    Thresholds,
    BonusTable,
    PointsAndReadings,
    ReadingsLedger,
    Sweep,
    Solve,
    Forecast,
    Scenarios,
    Person,
    Incentives,
    Compliance,
    Backtest,
    Fairness,
    PeopleCost,
    Data,
    Downloads,
)


class Workbench(Panel):
    """Every panel in a tab of its own; what one changes the others show.

    Attributes
    ----------
    panels : dict of str to Panel
        Those whose tab was opened, by the name of their class.
    """

    title = Message("Workbench")

    def build(self) -> widgets.Widget:
        """Make a tab for each panel, and the first panel."""
        self.panels: dict[str, Panel] = {}
        self.tabs = widgets.Tab([widgets.VBox() for _panel in PANELS])
        self.texts.bind(self.tabs, titles=lambda: tuple(str(kind.title) for kind in PANELS))
        self.tabs.selected_index = 0
        self._show(0)
        self.tabs.observe(self.guarded(lambda change: self._show(change["new"])), "selected_index")
        return self.tabs

    def refresh(self) -> None:
        """Do nothing: each panel follows the state itself."""

    def static(self) -> str:
        """Give the panel in view as HTML."""
        return self.panels[PANELS[self.tabs.selected_index or 0].__name__].static()

    def turn_to(self, name: str) -> Panel:
        """Open the tab of a panel, by the name of its class, and give the panel."""
        self.tabs.selected_index = [kind.__name__ for kind in PANELS].index(name)
        return self.panels[name]

    def _show(self, place: int | None) -> None:
        """Let the panel in view work, and no other.

        A panel is made when its tab is first opened. All panels have over a thousand widgets, a message each; so many
        at once make a page slow to open, and on a busy machine the kernel's socket drops those that it has no room for.
        """
        kind = None if place is None else PANELS[place]
        if kind is not None and kind.__name__ not in self.panels:
            made = self.panels[kind.__name__] = kind(state=self.state, shown=False)
            self.tabs.children[place].children = (made.body,)
        for panel in self.panels.values():
            panel.shown = type(panel) is kind
