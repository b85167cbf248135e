"""What is said of a line that fits no block around it: the block whose line it is, and by how much it is off."""

from __future__ import annotations

import pytest

from kforge.errors import InputError
from kforge.spec.positions import pure_event_source
from kforge.spec.read import read, read_manifests
from kforge.spec.syntax import explain

HEAD = "apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web:\n    source: ./web\n"


def told(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text, "f")
    problem = caught.value.problems[-1]
    return f"{problem.message} ({problem.where.line}:{problem.where.column}): {problem.hint}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEAD + "   expose: {host: a.example}\n",
            "wrong indentation: `expose` is at column 4, its siblings at 5 (6:4): "
            "indent with 4 spaces, as `source` on line 5",
        ),
        (
            HEAD + "     expose: {host: a.example}\n",
            "wrong indentation: `expose` is at column 6, its siblings at 5 (6:6): "
            "indent with 4 spaces, as `source` on line 5",
        ),
        (
            HEAD + " api: {source: ./api}\n",
            "wrong indentation: `api` is at column 2, its siblings at 3 (6:2): indent with 2 spaces, as `web` on line 4",
        ),
        (
            " apiVersion: kforge.dev/v1\napp: shop\n",
            "wrong indentation: `app` is at column 1, its siblings at 2 (2:1): "
            "indent with 1 space, as `apiVersion` on line 1",
        ),
        (
            HEAD + " version: 1.4.2\nnamespace: shop\n  registry: ghcr.io/a\n",
            "wrong indentation: `version` is at column 2, its siblings at 3 (6:2): "
            "indent with 2 spaces, as `web` on line 4",
        ),
        (
            "app: shop\n  version: 1.4.2\n",
            "wrong indentation: `version` is at column 3, its siblings at 1 (2:3): "
            "begin at the start of the line, as `app` on line 1",
        ),
        (
            HEAD + "    needs:\n      - api\n     - cart\n",
            "wrong indentation: `-` is at column 6, its siblings at 7 (8:6): indent with 6 spaces, as `-` on line 7",
        ),
        (
            HEAD + "    needs:\n      - api\n    - cart\n",
            "wrong indentation: `-` is at column 5, its siblings at 7 (8:5): indent with 6 spaces, as `-` on line 7",
        ),
        (
            HEAD + "    ports:\n      - name: http\n       port: 80\n",
            "wrong indentation: `port` is at column 8, its siblings at 9 (8:8): "
            "indent with 8 spaces, as `name` on line 7",
        ),
        (
            HEAD + "    config:\n      files:\n        a: |\n          port: 80\n       path: /a\n",
            "wrong indentation: `path` is at column 8, its siblings at 9 (10:8): indent with 8 spaces, as `a` on line 8",
        ),
    ],
)
def test_a_shifted_line_is_told_with_the_column_of_its_siblings(text: str, said: str) -> None:
    assert told(text) == said


@pytest.mark.parametrize("line", ["\tport: 80", "    \tport: 80", "\t\tport: 80"])
def test_a_tab_in_the_indentation_is_told_as_one(line: str) -> None:
    assert "tab in the indentation (6:" in told(f"{HEAD}{line}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "services:\n  web\n    source: ./web\n",
            "a key without `:` (2:3): write `key:` above what belongs to it",
        ),
        (
            HEAD + "    requirements: 'it's fast'\n",
            "unexpected text after the value (6:23): put the whole value into one pair of quotes",
        ),
        (
            HEAD + "    requirements: fast: really\n",
            "`:` cannot stand here (6:23): quote a value that holds `: `, or add the `:` that the line above lacks",
        ),
    ],
)
def test_another_mistake_is_not_taken_for_indentation(text: str, said: str) -> None:
    assert told(text) == said


def test_a_key_that_may_be_part_of_a_value_is_not_repeated() -> None:
    said = told(HEAD + "    env:\n      PASSWORD: the long\n        hunter2 of mine: x\n")
    assert ("wrong indentation: this key is at column 9, its siblings at 7" in said, "hunter2" in said) == (True, False)


def test_no_key_of_a_file_that_may_be_any_is_repeated() -> None:
    with pytest.raises(InputError) as caught:
        read_manifests("hunter2:\n   hunter3: 1\n  hunter4: 2\n", "f")
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint) == (
        "wrong indentation: this key is at column 3, its siblings at 4",
        "indent with 3 spaces",
    )


@pytest.mark.parametrize("line", ["   expose: {}", "     expose: {}", " expose: {}"])
def test_the_parser_without_libyaml_is_explained_alike(line: str) -> None:
    text, fault = f"{HEAD}{line}\n", None
    event = pure_event_source(text)
    try:
        while event() is not None:
            pass
    except Exception as error:
        fault = error
    assert fault is not None
    assert "wrong indentation: `expose` is at column" in explain(fault, text, "f").message
