from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.spec.tree import DEEPEST, Leaf, Line, Node, folder_tree, heaviest_first, lines, runs, steps
from tests.examples import examples


def outline(*templates: str) -> list[str]:
    """Two blanks for each level, and the family's number."""
    nodes = folder_tree(Leaf(str(place), template) for place, template in enumerate(templates))
    return [f"{'  ' * (len(line.last) - 1)}{line.node.name} {line.node.family or ''}".rstrip() for line in lines(nodes)]


def test_a_folder_with_one_thing_in_it_is_no_level_of_its_own() -> None:
    assert outline("s3/a/b/{x}", "s3/a/b/{y}.png", "s3/c/{z}") == [
        "s3/",
        "  a/b/",
        "    {x} 0",
        "    {y}.png 1",
        "  c/{z} 2",
    ]


def test_a_slash_in_a_field_is_no_folder() -> None:
    assert outline("{a/b}/c", "{a/b}/d", "{a/x}/c") == ["{a/b}/", "  c 0", "  d 1", "{a/x}/c 2"]


def test_a_file_and_a_folder_of_one_name_are_two_things() -> None:
    assert outline("a/b", "a/b/c", "a/b/d") == ["a/", "  b 0", "  b/", "    c 1", "    d 2"]


def test_slashes_at_either_end_and_side_by_side() -> None:
    assert outline("/a", "//a", "//a/", "b/") == ["/", "  a 0", "  /", "    a 1", "    a/ 2", "b/ 3"]
    assert outline("a/b/", "a/b/c") == ["a/", "  b/ 0", "  b/c 1"]


def test_templates_that_share_nothing_stand_side_by_side_in_the_order_of_the_document() -> None:
    assert outline("b", "a/{x}", "{c}") == ["b 0", "a/{x} 1", "{c} 2"]


def test_the_heaviest_comes_first_on_every_level() -> None:
    nodes = folder_tree([Leaf("p", "a/p", 1, 5), Leaf("q", "a/q", 1, 9), Leaf("r", "r", 1, 20), Leaf("s", "s", 2, 20)])
    assert [line.node.name for line in lines(heaviest_first(nodes))] == ["s", "r", "a/", "q", "p"]


def test_no_document_nests_without_end() -> None:
    nodes = folder_tree(Leaf(str(depth), "a/" * depth + "x") for depth in range(500))
    depths = [len(line.last) for line in lines(nodes)]
    assert max(depths) == DEEPEST + 1
    assert depths.count(DEEPEST + 1) == 500 - DEEPEST


STEP = st.sampled_from(["a", "b", "{x}", "{x/y}", "a{x}", "", "{", "}"])
TEMPLATE = st.lists(STEP, min_size=1, max_size=6).map("/".join).filter(bool)
LEAVES = st.lists(TEMPLATE, unique=True, max_size=12).map(
    lambda templates: [Leaf(str(place), text, place, 10 * place) for place, text in enumerate(templates)]
)


def _paths(node: Node, above: str = "") -> list[tuple[str, str]]:
    here = above + node.name
    if node.family is not None:
        return [(node.family, here)]
    return [path for child in node.children for path in _paths(child, here)]


def _sums_agree(node: Node) -> bool:
    children = node.children
    held = sum(child.objects for child in children), sum(child.size for child in children)
    return node.family is not None or (held == (node.objects, node.size) and all(map(_sums_agree, children)))


@settings(max_examples=examples(100), deadline=None)
@given(LEAVES)
def test_every_family_lies_at_the_end_of_its_template_and_every_folder_is_the_sum_of_its_children(
    leaves: list[Leaf],
) -> None:
    nodes = folder_tree(leaves)
    found = [path for node in nodes for path in _paths(node)]
    assert sorted(found) == sorted((leaf.family, leaf.template) for leaf in leaves)
    assert all(map(_sums_agree, nodes))
    assert all(len(line.node.children) != 1 for line in lines(nodes))
    assert sorted(_names(lines(heaviest_first(nodes)))) == sorted(_names(lines(nodes)))


def _names(tree: object) -> list[str]:
    return [line.node.name for line in tree if isinstance(line, Line)]  # type: ignore[attr-defined]


@given(st.text(st.sampled_from("a/{}x ")))
def test_steps_and_runs_lose_nothing(text: str) -> None:
    assert "".join(steps(text)) == text
    assert "".join(run for _, run in runs(text)) == text


def test_many_fields_in_one_folder_take_no_time() -> None:
    assert list(steps("{a}" * 5_000)) == ["{a}" * 5_000]
    assert len(list(steps("{" * 5_000))) == 1
