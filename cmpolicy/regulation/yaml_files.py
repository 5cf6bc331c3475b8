"""Reading YAML files, with faults told in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from cmpolicy.errors import PolicyError, Problem, system_reason
from cmpolicy.messages import Message

if TYPE_CHECKING:
    from pathlib import Path

    from ruamel.yaml.nodes import ScalarNode


class _Constructor(SafeConstructor):
    """Keeps what looks like a date and is none, as 2025-02-30, as text: who reads the value refuses it by its name."""

    def construct_yaml_timestamp(self, node: ScalarNode, values: object = None) -> object:
        """Make a date, or the text where there is no such day."""
        try:
            return super().construct_yaml_timestamp(node, values)
        except ValueError:
            return node.value


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_yaml_timestamp)


def load_yaml(path: Path) -> object:
    """Read a YAML file.

    Raises
    ------
    PolicyError
        If the file cannot be read, is not YAML or names a key twice; says where.
    """
    try:
        return parse_yaml(path.read_text(encoding="utf-8-sig"))
    except PolicyError as error:
        raise PolicyError(Message("The file {path} cannot be used.", path=path), error.problems) from None
    except OSError as error:
        problem = Problem(Message("The file cannot be read: {reason}.", reason=system_reason(error)))
    except UnicodeDecodeError:
        problem = Problem(Message("The file is not text in UTF-8."), expected=Message("a YAML file saved as UTF-8"))
    raise PolicyError(Message("The file {path} cannot be used.", path=path), [problem])


def parse_yaml(text: str) -> object:
    """Read YAML text; numbers with a decimal point come as float, dates as `datetime.date`.

    Raises
    ------
    PolicyError
        If the text is not YAML or names a key twice; says where.

    Examples
    --------
    >>> parse_yaml("grades.A.from: 112")
    {'grades.A.from': 112}
    """
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Constructor = _Constructor
        return yaml.load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1
        name = str(error.problem).split('"')[1]
        problem = Problem(Message("The name {name} stands twice in one mapping, in line {line}.", name=name, line=line))
    except MarkedYAMLError as error:
        line, column = error.problem_mark.line + 1, error.problem_mark.column + 1
        problem = Problem(Message("This is not YAML: see line {line}, place {column}.", line=line, column=column))
    except (YAMLError, ValueError):
        problem = Problem(Message("This is not YAML."))
    raise PolicyError(Message("The text cannot be used."), [problem])
