"""The lab: panels for notebooks and the app, over a state that is testable without a browser."""

from cmpolicy.lab.backtest import Backtest
from cmpolicy.lab.bonus_table import BonusTable
from cmpolicy.lab.compliance import Compliance
from cmpolicy.lab.data import Data
from cmpolicy.lab.downloads import Downloads
from cmpolicy.lab.fairness import Fairness
from cmpolicy.lab.forecast import Forecast
from cmpolicy.lab.incentives import Incentives
from cmpolicy.lab.people_cost import PeopleCost
from cmpolicy.lab.person import Person
from cmpolicy.lab.points_and_readings import PointsAndReadings
from cmpolicy.lab.readings_ledger import ReadingsLedger
from cmpolicy.lab.scenarios import Scenarios
from cmpolicy.lab.solve import Solve
from cmpolicy.lab.state import LabState
from cmpolicy.lab.sweep import Sweep
from cmpolicy.lab.thresholds import Thresholds
from cmpolicy.lab.workbench import Workbench

__all__ = [
    "Backtest",
    "BonusTable",
    "Compliance",
    "Data",
    "Downloads",
    "Fairness",
    "Forecast",
    "Incentives",
    "LabState",
    "PeopleCost",
    "Person",
    "PointsAndReadings",
    "ReadingsLedger",
    "Scenarios",
    "Solve",
    "Sweep",
    "Thresholds",
    "Workbench",
]
