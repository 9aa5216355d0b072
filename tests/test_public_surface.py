"""What users may rely on is exactly what is written down."""

from __future__ import annotations

import inspect
import types

import livescripts
import livescripts.testing


def public(module):
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }


def test_the_public_surface_is_what_all_says():
    assert public(livescripts) - {"annotations"} == set(livescripts.__all__)


def test_everything_public_says_what_it_does():
    for name in livescripts.__all__:
        value = getattr(livescripts, name)
        assert value.__doc__, name
        if inspect.isclass(value):
            for attribute, member in vars(value).items():
                if not attribute.startswith("_") and callable(member):
                    assert member.__doc__, f"{name}.{attribute}"


def test_options_are_keywords_with_the_documented_defaults():
    parameters = inspect.signature(livescripts.LiveScripts).parameters
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters.values())
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    assert defaults.items() >= {
        "frame_budget": 0.002, "settle": 0.05, "timeout": 2.0, "run_tests": True, "watch": True,
    }.items()  # fmt: skip


def test_every_error_of_ours_is_a_livescripts_error_but_the_timeout():
    for name in livescripts.__all__:
        value = getattr(livescripts, name)
        if inspect.isclass(value) and issubclass(value, BaseException) and name != "ScriptTimeout":
            assert issubclass(value, livescripts.LiveScriptsError), name
    assert not issubclass(livescripts.ScriptTimeout, Exception)
