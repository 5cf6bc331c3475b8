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
    """Every panel in a tab of its own; what one changes the others show."""

    title = Message("Workbench")

    def build(self) -> widgets.Widget:
        """Make the panels; only the one in view works, and a page draws none before its tab is opened."""
        self.panels = {kind.__name__: kind(state=self.state, shown=False) for kind in PANELS}
        self.tabs = widgets.Tab([widgets.VBox() for _panel in PANELS])
        self.texts.bind(self.tabs, titles=lambda: tuple(str(kind.title) for kind in PANELS))
        self.tabs.selected_index = 0
        self._turn_to(0)
        self.tabs.observe(self.guarded(lambda change: self._turn_to(change["new"])), "selected_index")
        return self.tabs

    def refresh(self) -> None:
        """Do nothing: each panel follows the state itself."""

    def static(self) -> str:
        """Give the panel in view as HTML."""
        return list(self.panels.values())[self.tabs.selected_index or 0].static()

    def _turn_to(self, place: int | None) -> None:
        for number, panel in enumerate(self.panels.values()):
            if number == place:
                self.tabs.children[number].children = (panel.body,)
            panel.shown = number == place
