"""The lab: panels for notebooks and the app, over a state that is testable without a browser."""

from cmpolicy.lab.state import LabState
from cmpolicy.lab.thresholds import Thresholds

__all__ = ["LabState", "Thresholds"]
