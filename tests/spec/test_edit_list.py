"""A list gets an item or loses one, and nothing else in the text moves."""

import pytest

from kforge.errors import InputError
from kforge.spec.edit_list import append_item, drop_item
from kforge.spec.read import read

PATH = ("services", "web", "refine")
HEAD = "# top\nservices:\n  web:\n"
TAIL = "  db: {image: postgres}   # kept\n"
CASES = {
    "no list": (f"{HEAD}    source: ./web   # here\n{TAIL}", []),
    "braces": ("services: {web: {source: ./web}}    # one line\n", []),
    "an empty list": (f"{HEAD}    refine: []   # none yet\n    source: ./web\n{TAIL}", []),
    "brackets": (f"{HEAD}    refine: [a, 'b c']   # said\n    source: ./web\n{TAIL}", ["a", "b c"]),
    "brackets on lines": (f"{HEAD}    refine: [\n      a,   # one\n      b    # two\n    ]\n    source: ./web\n{TAIL}", ["a", "b"]),
    "dashes": (f"{HEAD}    refine:\n      - a   # one\n      # between\n      - b   # two\n    source: ./web\n{TAIL}", ["a", "b"]),
    "dashes at the key": (f"{HEAD}    refine:\n    - a\n    - b\n    source: ./web\n{TAIL}", ["a", "b"]),
    "dashes at the end": (f"{HEAD}    source: ./web\n    refine:\n      - a", ["a"]),
    "blocks": (f"{HEAD}    refine:\n      - >\n        long\n        text\n      - |\n        more\n    source: ./web\n{TAIL}", ["long text\n", "more\n"]),
    "carriage returns": (f"{HEAD}    refine:\n      - a\n      - b\n    source: ./web\n".replace("\n", "\r\n"), ["a", "b"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("said", ["short", 'a: "b" # c', "no", "ünïcode, [brackets]", "x" * 300])
def test_an_item_more_and_the_same_item_less_is_the_text_as_it_was(name, said):
    text, items = CASES[name]
    more = append_item(text, PATH, said)
    assert read(more, "f").data["services"]["web"]["refine"] == [*items, said]
    back = drop_item(more, PATH, len(items))
    if name == "an empty list":
        assert "refine" not in read(back, "f").data["services"]["web"]
    else:
        assert back == text


@pytest.mark.parametrize("name", CASES)
def test_comments_and_other_lines_stay(name):
    text, _ = CASES[name]
    more = append_item(text, PATH, "said")
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in more.splitlines() if "#" in line] == comments
    assert len(set(text.splitlines()) - set(more.splitlines())) <= 1


@pytest.mark.parametrize(
    ("name", "index"), [(name, index) for name, (_, items) in CASES.items() for index in range(len(items))]
)
def test_any_item_can_go(name, index):
    text, items = CASES[name]
    left = read(drop_item(text, PATH, index), "f").data["services"]["web"].get("refine", [])
    assert left == [*items[:index], *items[index + 1 :]]


def test_nothing_can_be_taken_from_nothing():
    with pytest.raises(InputError, match="there is nothing to undo"):
        drop_item(CASES["no list"][0], PATH, 0)
