"""Lines of a .gitignore: which one decides, and that what they may take is counted before it is taken."""

from __future__ import annotations

import time

import pytest

from kforge.system.ignore import MAX_TABLES, STEPS, MatchBudget, parse

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def seconds(text: str, path: str) -> float:
    """Of one question, by the processor's clock: the least of several."""
    ignore, name = parse(text), path.rpartition("/")[2]
    taken = []
    for _ in range(3):
        began = time.process_time()
        for _ in range(4):
            ignore.verdict(path, name, folder=False)
        taken.append((time.process_time() - began) / 4)
    return min(taken)


@pytest.mark.parametrize(
    ("text", "path", "verdict"),
    [
        ("a", "a", True),
        ("a", "b/a", True),
        ("/a", "b/a", None),
        ("b/a", "b/a", True),
        ("b/a", "c/b/a", None),
        ("*.log", "b/x.log", True),
        ("*.log", ".log", True),
        ("*.log", "log", None),
        ("tmp*", "b/tmp1", True),
        ("tmp*", "b/atmp", None),
        ("**/a", "b/c/a", True),
        ("**/b/a", "c/b/a", True),
        ("a*a", "a", None),
        ("a*a", "aa", True),
        ("a*?b", "ab", None),
        ("*a*b*c", "xaxbxc", True),
        ("*a*b*c", "xaxc", None),
        ("[z-ab]", "b", True),
        ("[z-a]", "z", None),
        ("[!z-a]", "q", True),
        ("a[+-9]b/c", "a/b/c", None),
        ("*.log\n!keep.log", "keep.log", False),
        ("!keep.log\n*.log", "keep.log", True),
        ("a?\n!ab\n*b", "ab", True),
        ("*b\n!a?\nb*", "ab", False),
        ("a/", "a", None),
        ("!", "!", None),
        ("\\!a", "!a", True),
    ],
)
def test_the_last_line_that_fits_decides_as_in_git(text: str, path: str, verdict: bool | None) -> None:
    assert parse(text).verdict(path, path.rpartition("/")[2], folder=False) is verdict


def test_lines_with_a_slash_at_their_end_are_of_folders_only() -> None:
    ignore = parse("a/\n!*b\n*c*d/")
    assert [ignore.verdict(name, name, folder) for name in ("a", "cd") for folder in (False, True)] == [
        None,
        True,
        None,
        True,
    ]


def test_names_ends_and_starts_cost_the_same_however_many_there_are() -> None:
    few, many = (
        parse("".join(f"name{number:04}\n*.end{number:04}\nbegin{number:04}*\n/a/{number:04}\n" for number in range(n)))
        for n in (10, 400)
    )
    assert few.steps("a/b", "b", folder=True) == many.steps("a/b", "b", folder=True)


def test_other_wildcards_cost_as_many_steps_as_there_are_lines() -> None:
    few, many = (parse("".join(f"*{number:04}a*b*c\n" for number in range(n))) for n in (500, 1000))
    grown = many.steps("f.txt", "f.txt", folder=False) / few.steps("f.txt", "f.txt", folder=False)
    assert 1.9 < grown < 2.1


HARD = {
    "a star and a long chunk": "".join(f"*{'a' * 127}b{number}*\n" for number in range(30)),
    "a star and any characters": "".join(f"*{'?' * 100}b{number}*\n" for number in range(30)),
    "a star and classes": "".join(f"*{'[!b]' * 80}b{number}*\n" for number in range(30)),
    "many stars": "".join(f"{'*a' * 120}b{number}\n" for number in range(30)),
    "folders after any folders": "".join(f"**/{'*a/' * 30}b{number}\n" for number in range(30)),
    "any folders between folders": "".join(f"**/{'a/**/' * 30}b{number}\n" for number in range(30)),
    "signs that change": "".join(f"*{number}b*c\n!*{number}c*d\n" for number in range(100)),
    "ends of every length": "".join(f"*{'x' * number}\n" for number in range(1, 250)),
}


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("path", ["a" * 255, "a/" * 120 + "a", "aa/" * 120 + "a", ("a" * 250 + "/") * 8 + "a"])
def test_no_glob_takes_many_times_what_is_counted_for_it(name: str, path: str) -> None:
    ignore, text = parse(HARD[name]), "".join(f"*{number}a*b*c\n" for number in range(200))
    usual = seconds(text, "a" * 255) / parse(text).steps("", "a" * 255, folder=False)
    steps = ignore.steps(path, path.rpartition("/")[2], folder=False)
    assert seconds(HARD[name], path) / steps < 6 * usual


def test_classes_that_take_long_to_compile_are_left_out_beyond_a_number() -> None:
    line = "".join(f"[\u0100-{chr(0x7000 + number)}]" for number in range(10))
    ignore = parse("".join(f"{line}{letter}\n" for letter in ALPHABET[: MAX_TABLES // 10 + 1]))
    name = "\u0200" * 10
    assert [ignore.verdict(name + letter, name + letter, False) for letter in ALPHABET[9:11]] == [True, None]


def test_a_budget_ends_where_more_is_asked_than_there_is() -> None:
    budget = MatchBudget(10)
    assert [budget.spend(6), budget.spend(4), budget.spend(1)] == [True, True, False]


def test_a_run_has_time_for_the_names_of_a_large_repository() -> None:
    usual = "*.py[cod]\n[Bb]in/\n[Oo]bj/\n*~\n*.log\nnode_modules/\ndist\n/build\n*foo*\n!keep.txt\n**/Packages/*\n.env*.local\n"
    path = "src/components/component-name.tsx"
    assert 300_000 * parse(usual).steps(path, "component-name.tsx", folder=False) < STEPS
