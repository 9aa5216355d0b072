"""Who depends on whom: tables, and comparisons with the plainest possible answer on random graphs."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livescripts._core.graph import EVERYTHING, Components, Graph, Node, Offers, module_take


def node(holder="game", provides="", takes=(), *, open_ended=False):
    return Node(holder, frozenset(provides.split()), frozenset(takes), open_ended)


def game(**scripts):
    """A graph of merged scripts in one namespace: `a="A B < C"` provides A and B and takes C."""
    nodes = {}
    for path, text in scripts.items():
        provides, _, takes = text.partition("<")
        nodes[path] = node("game", provides, [("game", name) for name in takes.split()])
    return Graph(nodes)


# ------------------------------------------------------------------ what a node answers


@pytest.mark.parametrize(
    ("module", "take"),
    [("goblin", ("", "goblin")), ("game.goblin", ("game", "goblin")), ("game.x.goblin", ("game.x", "goblin"))],
)
def test_importing_a_module_takes_its_last_name_from_its_package(module, take):
    assert module_take(module) == take


MERGED = node("game.x", "Goblin Orc")
EMPTY = node("game.x")
MODULE = node("game.x.goblin", "Goblin", open_ended=True)
TOP = node("goblin", open_ended=True)


@pytest.mark.parametrize(
    ("script", "take", "offers", "renews"),
    [
        (MERGED, ("game.x", "Goblin"), True, True),
        (MERGED, ("game.x", "Elf"), False, False),
        (MERGED, ("game", "Goblin"), False, False),
        (MERGED, ("game.x.Goblin", "Goblin"), False, False),
        (MERGED, ("game.x", EVERYTHING), True, True),
        (MERGED, ("game", EVERYTHING), False, False),
        (MERGED, ("game", "x"), False, False),
        (EMPTY, ("game.x", EVERYTHING), False, False),
        (EMPTY, ("game.x", "Goblin"), False, False),
        (MODULE, ("game.x.goblin", "Goblin"), True, True),
        (MODULE, ("game.x.goblin", "anything"), True, True),
        (MODULE, ("game.x.goblin", EVERYTHING), True, True),
        (MODULE, ("game.x", "Goblin"), False, False),
        # A new version of a module is the same object: whoever only took that need not run again.
        (MODULE, ("game.x", "goblin"), True, False),
        (TOP, ("", "goblin"), True, False),
        (TOP, ("goblin", "anything"), True, True),
        (TOP, ("", "other"), False, False),
    ],
)
def test_what_a_script_offers_and_what_a_new_version_of_it_renews(script, take, offers, renews):
    assert script.offers(take) is offers
    assert script.renews(take) is renews


# ------------------------------------------------------------------ changing a graph


def test_replacing_nodes_puts_in_exchanges_and_takes_out_and_leaves_the_old_graph_alone():
    old = game(a="A", b="B", c="C")
    new = old.replace({"b": node("game", "B2"), "c": None, "d": node("game", "D"), "never": None})
    assert new == Graph({"a": old.nodes["a"], "b": node("game", "B2"), "d": node("game", "D")})
    assert old == game(a="A", b="B", c="C")
    assert Graph().replace({}) == Graph()


# ------------------------------------------------------------------ edges


def test_edges_join_taker_and_provider_by_name():
    graph = game(a="A < B C", b="B", c="C < B Missing", d="D")
    assert set(graph.edges()) == {
        ("a", ("game", "B"), "b"),
        ("a", ("game", "C"), "c"),
        ("c", ("game", "B"), "b"),
    }


def test_a_script_that_takes_its_own_name_has_no_edge_to_itself():
    assert not list(game(a="A < A").edges())


def test_importing_a_module_is_an_edge_to_its_script_and_so_is_a_name_of_it():
    graph = Graph(
        {
            "x/__init__.py": node("game.x", open_ended=True),
            "x/goblin.py": node("game.x.goblin", "Goblin", open_ended=True),
            "main.py": node(
                "game.main", takes=[("game", "x"), ("game.x", "goblin"), ("game.x.goblin", "Goblin")], open_ended=True
            ),
        }
    )
    assert set(graph.edges()) == {
        ("main.py", ("game", "x"), "x/__init__.py"),
        # It could as well be a name in __init__.py.
        ("main.py", ("game.x", "goblin"), "x/__init__.py"),
        ("main.py", ("game.x", "goblin"), "x/goblin.py"),
        ("main.py", ("game.x.goblin", "Goblin"), "x/goblin.py"),
    }


# ------------------------------------------------------------------ dependants


@pytest.mark.parametrize(
    ("graph", "changed", "expected"),
    [
        (game(a="A", b="B < A", c="C < B", d="D"), "a", "b c"),
        (game(a="A", b="B < A", c="C < B", d="D"), "b", "c"),
        (game(a="A", b="B < A", c="C < A B"), "a b", "c"),
        (game(a="A B", b="C < B"), "a", "b"),
        (game(a="A < B", b="B < A", c="C < A"), "a", "b c"),
        (game(a="A < A"), "a", ""),
        (game(a="A", b="< A", c="< B"), "a", "b"),
        (game(a="A", b="B < *", c="C < B"), "a", "b c"),
        (game(a="", b="B < *"), "a", ""),
        (game(a="A"), "", ""),
    ],
)
def test_dependants_are_those_that_take_something_directly_or_through_others(graph, changed, expected):
    assert graph.dependants({path: [graph.nodes[path]] for path in changed.split()}) == set(expected.split())


def test_a_name_of_the_old_version_counts_as_well_as_one_of_the_new():
    graph = game(a="Old", b="< Old", c="< New", d="< Other")
    assert graph.dependants({"a": [node("game", "Old"), node("game", "New")]}) == {"b", "c"}
    assert graph.dependants({"a": [node("game", "New")]}) == {"c"}
    assert graph.dependants({"a": []}) == set()


def test_a_name_asked_for_in_vain_is_followed_when_a_new_script_brings_it():
    assert game(a="A", b="< Mod").dependants({"new": [node("game", "Mod")]}) == {"b"}


def test_an_import_follows_a_module_that_comes_or_goes_but_not_its_new_versions():
    graph = Graph({"a": node("game.a", takes=[("game", "x")], open_ended=True)})
    assert graph.dependants({"x": [node("game.x", open_ended=True)]}) == set()
    assert graph.dependants({"": [node("game", "x")]}) == {"a"}


# ------------------------------------------------------------------ order


@pytest.mark.parametrize(
    ("graph", "paths", "expected"),
    [
        (game(a="A", b="B", c="C"), "c b a", "a b c"),
        (game(a="A < B", b="B < C", c="C"), "a b c", "c b a"),
        (game(a="A < Z", b="B", z="Z"), "a b z", "z a b"),
        (game(a="< D C", b="", c="C", d="D"), "a b c d", "c d a b"),
        (game(a="A < B", b="B < C", c="C"), "a c", "a c"),
        (game(a="A < B", b="B"), "a b unknown a", "b a unknown"),
        # Circles: the scripts in one, with what they need before them.
        (game(a="A < B", b="B < A"), "a b", "a b"),
        (game(a="A < B", b="B < A Z", z="Z"), "a b z", "z a b"),
        (game(b="B < C", c="C < B D", d="D < B"), "b c d", "b c d"),
        # `a` is first, wants Z, and so a load from scratch enters the circle at `z`.
        (game(a="< Z", y="Y < Z", z="Z < Y"), "a y z", "z y a"),
        (game(a="A < B", b="B < C A", c="C < D", d="D < C"), "a b c d", "c d a b"),
        (Graph(), "", ""),
    ],
)
def test_order_is_providers_first_then_alphabetical(graph, paths, expected):
    assert " ".join(graph.order(paths.split())) == expected


def test_a_chain_longer_than_the_stack_is_deep_is_ordered():
    count = 3 * sys.getrecursionlimit()
    graph = game(**{f"s{n:06}": f"N{n} < N{n + 1}" for n in range(count)})
    assert graph.order(graph.nodes) == tuple(sorted(graph.nodes, reverse=True))
    circle = graph.replace({"last": node("game", f"N{count}", [("game", "N0")])})
    assert circle.order(circle.nodes)[0] == "last"


# ------------------------------------------------------------------ random graphs

PATHS = "abcdefgh"
HOLDERS = st.sampled_from(["game", "game.x", "game.x.m", "x"])
NAMES = st.sampled_from(["x", "m", "P", "Q", "R"])
TAKES = st.tuples(st.sampled_from(["", "game", "game.x", "game.x.m", "x"]), NAMES | st.just(EVERYTHING))
NODES = st.builds(Node, HOLDERS, st.frozensets(NAMES, max_size=3), st.frozensets(TAKES, max_size=3), st.booleans())
GRAPHS = st.dictionaries(st.sampled_from(PATHS), NODES, max_size=len(PATHS)).map(Graph)
SOME_PATHS = st.lists(st.sampled_from(PATHS), max_size=len(PATHS))


@st.composite
def acyclic(draw):
    """Scripts that take only from those before them in a random order."""
    paths = draw(st.permutations(PATHS))
    earlier = {path: paths[:at] for at, path in enumerate(paths)}
    takes = {
        path: draw(st.frozensets(st.sampled_from(before), max_size=3)) if before else frozenset()
        for path, before in earlier.items()
    }
    return Graph({path: node("game", path.upper(), [("game", p.upper()) for p in takes[path]]) for path in PATHS})


@st.composite
def circular(draw):
    """Scripts that take from any others."""
    wanted = {path: draw(st.frozensets(st.sampled_from(PATHS), max_size=2)) for path in PATHS}
    return Graph({path: node("game", path.upper(), [("game", p.upper()) for p in wanted[path]]) for path in PATHS})


def reachable(graph):
    """Path -> all that it takes something from, through any number of others."""
    reach = {path: {path} for path in graph.nodes}
    for _ in graph.nodes:
        for taker, _, provider in graph.edges():
            reach[taker] |= reach[provider]
    return reach


@given(GRAPHS)
def test_edges_are_all_pairs_of_which_one_takes_what_the_other_offers(graph):
    edges = list(graph.edges())
    assert len(set(edges)) == len(edges)
    assert set(edges) == {
        (taker, take, provider)
        for taker, one in graph.nodes.items()
        for take in one.takes
        for provider, other in graph.nodes.items()
        if taker != provider and other.offers(take)
    }


@given(GRAPHS, st.dictionaries(st.sampled_from([*PATHS, "new", ""]), st.lists(NODES, max_size=2), max_size=3))
def test_dependants_are_the_transitive_closure(graph, changed):
    renewed = [each for nodes in changed.values() for each in nodes]
    expected = set()
    for _ in graph.nodes:
        for path, each in graph.nodes.items():
            sources = [*renewed, *(graph.nodes[other] for other in expected)]
            if path not in changed and any(source.renews(take) for take in each.takes for source in sources):
                expected.add(path)
    assert graph.dependants(changed) == expected


@given(acyclic(), SOME_PATHS)
def test_order_is_a_topological_order_of_what_was_asked_for(graph, paths):
    order = graph.order(paths)
    assert sorted(order) == sorted(set(paths))
    for taker, _, provider in graph.edges():
        if taker in order and provider in order:
            assert order.index(provider) < order.index(taker)


@given(GRAPHS | circular(), SOME_PATHS)
def test_only_within_a_circle_does_a_taker_come_before_its_provider(graph, paths):
    order = graph.order(paths)
    assert sorted(order) == sorted(set(paths))
    part = Graph({path: graph.nodes[path] for path in order if path in graph.nodes})
    reach = reachable(part)
    for taker, _, provider in part.edges():
        assert order.index(provider) < order.index(taker) or taker in reach[provider]


@given(circular())
def test_a_circle_begins_with_the_script_that_a_load_from_scratch_starts_with(graph):
    started = []

    def load(path):
        if path not in started:
            started.append(path)
            for provider in sorted({p for taker, _, p in graph.edges() if taker == path}):
                load(provider)

    for path in sorted(graph.nodes):
        load(path)
    order, reach = graph.order(graph.nodes), reachable(graph)
    for path in graph.nodes:
        circle = [other for other in order if path in reach[other] and other in reach[path]]
        assert circle == sorted(circle, key=started.index)


@given(circular(), st.randoms(use_true_random=False))
def test_order_does_not_depend_on_how_the_graph_was_built(graph, random):
    items = list(graph.nodes.items())
    random.shuffle(items)
    again = Graph({p: Node(n.holder, n.provides, frozenset(sorted(n.takes, reverse=True))) for p, n in items})
    assert again.order(dict(items)) == graph.order(sorted(graph.nodes))


def components(paths, links):
    found = Components(paths)
    for one, other in links:
        found.join(one, other)
    return found.parts()


@given(SOME_PATHS, st.lists(st.tuples(st.sampled_from(PATHS[:4]), st.sampled_from(PATHS)), max_size=8))
def test_components_are_the_connected_parts_in_order_of_their_first_path(paths, links):
    joined = [link for link in links if set(link) <= set(paths)]
    parts = {path: {path} for path in paths}
    for _ in paths:
        for one, other in joined:
            parts[one] = parts[other] = parts[one] | parts[other]
    expected = sorted({tuple(sorted(part)) for part in parts.values()})
    found = components(paths, links)
    assert [tuple(sorted(part)) for part in found] == [
        part for part in expected if not any(set(part) < set(other) for other in expected)
    ]


@pytest.mark.parametrize(
    ("paths", "links", "expected"),
    [
        ("", [], []),
        ("c a b", [], ["a", "b", "c"]),
        ("a b c d", ["db", "ca"], ["ac", "bd"]),
        ("a b c", ["ax", "xb", "cc"], ["a", "b", "c"]),
        ("a b c d", ["ab", "cd", "bc"], ["abcd"]),
        ("a b c", ["ab", "ac"], ["abc"]),
        ("a b c", ["ac", "bc"], ["abc"]),
    ],
)
def test_components_ignore_links_to_what_is_outside(paths, links, expected):
    assert components(paths.split(), [tuple(link) for link in links]) == tuple(map(frozenset, expected))


# ------------------------------------------------------------------ the index


@given(circular(), st.lists(st.tuples(st.sampled_from(PATHS), st.none() | st.sets(st.sampled_from(PATHS))), max_size=6))
def test_dependants_are_the_same_whether_a_graph_was_changed_or_made_anew(graph, changes):
    for path, wanted in changes:
        graph.dependants({})  # now there is an index
        changed = None if wanted is None else node("game", path.upper(), [("game", p.upper()) for p in wanted])
        before, graph = graph, graph.replace({path: changed})
        for one in (before, graph):
            for other, offered in one.nodes.items():
                assert one.dependants({other: [offered]}) == Graph(dict(one.nodes)).dependants({other: [offered]})


def test_takers_are_those_who_take_something_themselves():
    graph = game(a="A", b="B < A", c="C < B", d="D < A")
    assert graph.takers([graph.nodes["a"]]) == {"b", "d"}
    assert graph.takers([graph.nodes["a"], graph.nodes["b"]]) == {"b", "c", "d"}
    assert graph.takers([]) == frozenset()


def test_offers_tell_whom_several_takes_ask_for():
    offers = Offers(game(a="A X", b="B", c="C").nodes.items())
    assert list(offers) == ["a", "b", "c"]
    assert offers.of([("game", "X"), ("game", "B"), ("game", "A"), ("game", "Missing")]) == ["a", "b"]
    assert Offers(()).of([("game", "A")]) == []


def test_takers_are_those_that_take_something_directly():
    graph = Graph(
        {
            "base.py": Node("game", frozenset({"Base"})),
            "mid.py": Node("game", frozenset({"Mid"}), frozenset({("game", "Base")})),
            "leaf.py": Node("game", frozenset({"Leaf"}), frozenset({("game", "Mid")})),
        }
    )
    assert graph.takers([graph.nodes["base.py"]]) == {"mid.py"}
    assert graph.takers([graph.nodes["leaf.py"]]) == set()
    assert graph.takers([]) == set()


def test_offers_list_their_scripts_and_say_who_offers_any_of_several_names():
    offers = Offers(
        [("a.py", Node("game", frozenset({"A", "B"}))), ("b.py", Node("game.b", frozenset(), open_ended=True))]
    )
    assert list(offers) == ["a.py", "b.py"]
    assert offers.of([("game", "A"), ("game", "B"), ("game", "b"), ("game", "C")]) == ["a.py", "b.py"]
    assert offers.of([]) == []
    assert list(Offers([])) == Offers([]).of([("game", "A")]) == []
