"""`Keep` and `Fresh`, read off the text through whatever names the imports give."""

from __future__ import annotations

import pytest

from livescripts._core.analysis import analyse

# imports, annotation of x, policy
ANNOTATIONS = {
    "by name": ("from livescripts import Keep", "Keep[int]", "keep"),
    "fresh": ("from livescripts import Fresh", "Fresh[int]", "fresh"),
    "bare": ("from livescripts import Keep", "Keep", "keep"),
    "another name": ("from livescripts import Keep as K, Fresh as Keep", "K[int]", "keep"),
    "a misleading name": ("from livescripts import Fresh as Keep", "Keep[int]", "fresh"),
    "by module": ("import livescripts", "livescripts.Keep[int]", "keep"),
    "by another name of the module": ("import livescripts as ls", "ls.Fresh[int]", "fresh"),
    "where it is defined": ("from livescripts.scripting import Keep", "Keep[int]", "keep"),
    "by module of where it is defined": ("import livescripts.scripting", "livescripts.scripting.Keep[int]", "keep"),
    "by alias of that": ("import livescripts.scripting as s", "s.Keep[int]", "keep"),
    "from the package": ("from livescripts import scripting", "scripting.Keep[int]", "keep"),
    "star": ("from livescripts import *", "Keep[int]", "keep"),
    "type checking only": ("if TYPE_CHECKING:\n    from livescripts import Keep", "Keep[int]", "keep"),
    "quoted": ("from livescripts import Keep", "'Keep[int]'", "keep"),
    "quoted with blanks": ("from livescripts import Keep", "' Keep [ int ] '", "keep"),
    "quoted nonsense": ("from livescripts import Keep", "'Keep['", None),
    "of a class": ("from livescripts import Keep\nfrom typing import ClassVar", "ClassVar[Keep[int]]", "keep"),
    "of a class, by module": ("import livescripts, typing", "typing.ClassVar[livescripts.Fresh[int]]", "fresh"),
    "of a class, quoted inside": ("from livescripts import Keep", "ClassVar['Keep[int]']", "keep"),
    "inside something else": ("from livescripts import Keep", "list[Keep[int]]", None),
    "somebody else's": ("from elsewhere import Keep\nimport livescripts", "Keep[int]", None),
    "of a package in ours": ("from .livescripts import Keep", "Keep[int]", None),
    "not imported": ("import livescripts", "Keep[int]", None),
    "of no module": ("from . import Keep\nimport livescripts", "Keep[int]", None),
    "the module itself": ("import livescripts  # Keep", "livescripts", None),
    "another name of the module's": ("import livescripts  # Keep", "livescripts.Report", None),
    "an expression": ("from livescripts import Keep", "Keep[int] | None", None),
    "a call": ("from livescripts import Keep", "f().Keep", None),
    "a number": ("from livescripts import Keep", "5", None),
    "plain": ("from livescripts import Keep", "int", None),
    "without livescripts": ("Keep = list", "Keep[int]", None),
    "another scope's import": ("def f():\n    from livescripts import Keep", "Keep[int]", "keep"),
}


@pytest.mark.parametrize(("imports", "annotation", "policy"), ANNOTATIONS.values(), ids=ANNOTATIONS)
def test_an_annotation_says_what_becomes_of_the_value(imports, annotation, policy):
    analysis = analyse(f"{imports}\nx: {annotation} = 1\nclass A:\n    x: {annotation} = 1\n")
    assert analysis.bindings["x"].policy == policy
    assert analysis.statements["x"].policy == policy
    assert analysis.classes["A"]["x"].policy == policy


def test_an_annotation_without_a_value_counts_for_the_statements_that_set_the_name():
    analysis = analyse("from livescripts import Keep\nx: Keep[int]\nx = 1\ny: Keep[int]\na.b: Keep[int] = 1\n")
    assert analysis.bindings["x"].policy == "keep"
    assert "y" not in analysis.bindings


def test_an_import_of_the_name_does_not_take_the_policy_away():
    analysis = analyse(
        "from livescripts import Keep\ntry:\n    from a import x\nexcept ImportError:\n    x: Keep[int] = 1\n"
    )
    assert analysis.statements["x"].policy == "keep"
