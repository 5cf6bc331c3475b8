"""Model a staff-appraisal and bonus policy: exact rules, what-ifs, clause by clause.

The public names are loaded when they are first used, so that `import cmpolicy` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cmpolicy import lab as lab
    from cmpolicy.errors import CmpolicyError as CmpolicyError
    from cmpolicy.errors import DataError as DataError
    from cmpolicy.errors import PolicyError as PolicyError
    from cmpolicy.insight.backtest import Backtest as Backtest
    from cmpolicy.insight.backtest import backtest as backtest
    from cmpolicy.insight.compliance.comply import Compliance as Compliance
    from cmpolicy.insight.compliance.comply import comply as comply
    from cmpolicy.insight.compliance.comply import what_is_new as what_is_new
    from cmpolicy.insight.compliance.records import read_compliance as read_compliance
    from cmpolicy.insight.explain import Statement as Statement
    from cmpolicy.insight.explain import StatementChange as StatementChange
    from cmpolicy.insight.explain import explain as explain
    from cmpolicy.insight.explain import explain_change as explain_change
    from cmpolicy.insight.fairness import Fairness as Fairness
    from cmpolicy.insight.fairness import fairness as fairness
    from cmpolicy.insight.incentives import Incentives as Incentives
    from cmpolicy.insight.incentives import incentives as incentives
    from cmpolicy.insight.people_cost import Assumptions as Assumptions
    from cmpolicy.insight.people_cost import PeopleCost as PeopleCost
    from cmpolicy.insight.people_cost import compare_people_cost as compare_people_cost
    from cmpolicy.insight.people_cost import people_cost as people_cost
    from cmpolicy.messages import language as language
    from cmpolicy.messages import set_language as set_language
    from cmpolicy.messages import using_language as using_language
    from cmpolicy.regulation.clauses import clause_text as clause_text
    from cmpolicy.regulation.clauses import reading_text as reading_text
    from cmpolicy.regulation.policy import Policy as Policy
    from cmpolicy.regulation.policy import PolicyBook as PolicyBook
    from cmpolicy.regulation.policy import load_policy as load_policy
    from cmpolicy.simulation.appraise import Outcome as Outcome
    from cmpolicy.simulation.appraise import appraise as appraise
    from cmpolicy.simulation.cluster import Cluster as Cluster
    from cmpolicy.simulation.compare import Comparison as Comparison
    from cmpolicy.simulation.compare import compare as compare
    from cmpolicy.simulation.forecast import forecast as forecast
    from cmpolicy.simulation.forecast_result import Forecast as Forecast
    from cmpolicy.simulation.partition_results import IncompleteError as IncompleteError
    from cmpolicy.simulation.partition_results import PartitionTotals as PartitionTotals
    from cmpolicy.simulation.partitions import appraise_partitions as appraise_partitions
    from cmpolicy.simulation.partitions import forecast_partitions as forecast_partitions
    from cmpolicy.simulation.partitions import sweep_partitions as sweep_partitions
    from cmpolicy.simulation.readings_ledger import readings as readings
    from cmpolicy.simulation.sensitivity import sensitivity as sensitivity
    from cmpolicy.simulation.sensitivity import sobol as sobol
    from cmpolicy.simulation.solve import Solution as Solution
    from cmpolicy.simulation.solve import solve as solve
    from cmpolicy.simulation.sweep import sweep as sweep
    from cmpolicy.staff.data import StaffData as StaffData
    from cmpolicy.staff.read import read_staff as read_staff
    from cmpolicy.staff.synthetic import SyntheticKnobs as SyntheticKnobs
    from cmpolicy.staff.synthetic import synthesize as synthesize
    from cmpolicy.staff.write import write_staff as write_staff

__version__ = "0.1.0"

_HOME = {
    "Assumptions": "insight.people_cost",
    "Backtest": "insight.backtest",
    "Cluster": "simulation.cluster",
    "CmpolicyError": "errors",
    "Comparison": "simulation.compare",
    "Compliance": "insight.compliance.comply",
    "DataError": "errors",
    "Fairness": "insight.fairness",
    "Forecast": "simulation.forecast_result",
    "Incentives": "insight.incentives",
    "IncompleteError": "simulation.partition_results",
    "Outcome": "simulation.appraise",
    "PartitionTotals": "simulation.partition_results",
    "PeopleCost": "insight.people_cost",
    "Policy": "regulation.policy",
    "PolicyBook": "regulation.policy",
    "PolicyError": "errors",
    "Solution": "simulation.solve",
    "StaffData": "staff.data",
    "Statement": "insight.explain",
    "StatementChange": "insight.explain",
    "SyntheticKnobs": "staff.synthetic",
    "appraise": "simulation.appraise",
    "appraise_partitions": "simulation.partitions",
    "backtest": "insight.backtest",
    "clause_text": "regulation.clauses",
    "compare": "simulation.compare",
    "compare_people_cost": "insight.people_cost",
    "comply": "insight.compliance.comply",
    "explain": "insight.explain",
    "explain_change": "insight.explain",
    "fairness": "insight.fairness",
    "forecast": "simulation.forecast",
    "forecast_partitions": "simulation.partitions",
    "incentives": "insight.incentives",
    "language": "messages",
    "load_policy": "regulation.policy",
    "people_cost": "insight.people_cost",
    "read_compliance": "insight.compliance.records",
    "read_staff": "staff.read",
    "reading_text": "regulation.clauses",
    "readings": "simulation.readings_ledger",
    "sensitivity": "simulation.sensitivity",
    "set_language": "messages",
    "sobol": "simulation.sensitivity",
    "solve": "simulation.solve",
    "sweep": "simulation.sweep",
    "sweep_partitions": "simulation.partitions",
    "synthesize": "staff.synthetic",
    "using_language": "messages",
    "what_is_new": "insight.compliance.comply",
    "write_staff": "staff.write",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name == "lab":
        return importlib.import_module("cmpolicy.lab")
    if name not in _HOME:
        message = f"module 'cmpolicy' has no attribute {name!r}"
        raise AttributeError(message, name=name, obj=importlib.import_module("cmpolicy"))
    value = getattr(importlib.import_module(f"cmpolicy.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", "lab"])
