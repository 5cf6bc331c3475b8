"""The package itself: light to import, its public names documented, unknown names refused."""

import inspect
import subprocess
import sys

import pytest

import cmpolicy as cm

HEAVY = ("pandas", "matplotlib", "pyarrow", "ipywidgets", "numba", "scipy", "numpy", "ruamel", "typer", "babel")
# What they show comes from a user's files, or from nothing at all.
NO_EXAMPLES = {"language", "read_staff"}


def run(code):
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_package_loads_nothing_heavy():
    run(f"import sys, cmpolicy; found = {set(HEAVY)!r} & sys.modules.keys(); assert not found, found")


@pytest.mark.parametrize(
    "name", ["Policy", "load_policy", "clause_text", "appraise", "compare", "read_staff", "StaffData"]
)
def test_policies_and_their_engine_need_no_pandas_until_a_table_is_asked_for(name):
    heavy = {"pandas", "matplotlib", "pyarrow", "ipywidgets", "numba", "scipy"}
    run(f"import sys, cmpolicy; cmpolicy.{name}; found = {heavy!r} & sys.modules.keys(); assert not found, found")


def test_every_public_name_is_there_and_listed():
    assert sorted(cm.__all__) == sorted(set(cm.__all__))
    assert {*cm.__all__, "__version__"} <= set(dir(cm))
    assert all(hasattr(cm, name) for name in dir(cm))
    for name in cm.__all__:
        assert getattr(cm, name).__name__ == name
        assert getattr(cm, name) is getattr(cm, name)


@pytest.mark.parametrize("name", cm.__all__)
def test_every_public_name_is_documented_and_every_function_has_an_example(name):
    value = getattr(cm, name)
    text = inspect.getdoc(value)
    assert text
    assert value.__module__.startswith("cmpolicy.")
    if inspect.isfunction(value) and name not in NO_EXAMPLES:
        assert ">>> " in text.partition("Examples\n--------\n")[2]


@pytest.mark.parametrize("name", ["Polcy", "simulation_", "pandas"])
def test_an_unknown_name_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=f"module 'cmpolicy' has no attribute '{name}'"):
        getattr(cm, name)
    assert not hasattr(cm, name)


def test_the_version_is_the_one_that_is_installed():
    from importlib.metadata import version

    assert version("cmpolicy") == cm.__version__
