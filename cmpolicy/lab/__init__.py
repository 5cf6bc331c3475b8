"""The lab: panels for notebooks and the app, over a state that is testable without a browser."""

from cmpolicy.lab.bonus_table import BonusTable
from cmpolicy.lab.data import Data
from cmpolicy.lab.downloads import Downloads
from cmpolicy.lab.person import Person
from cmpolicy.lab.points_and_readings import PointsAndReadings
from cmpolicy.lab.scenarios import Scenarios
from cmpolicy.lab.state import LabState
from cmpolicy.lab.thresholds import Thresholds
from cmpolicy.lab.workbench import Workbench

__all__ = [
    "BonusTable",
    "Data",
    "Downloads",
    "LabState",
    "Person",
    "PointsAndReadings",
    "Scenarios",
    "Thresholds",
    "Workbench",
]
