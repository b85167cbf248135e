"""What differs between two texts that kforge wrote: instructions, keys, lines."""

from __future__ import annotations

import pytest

from kforge.stages.text_changes import TextChange, text_changes


def of(path: str, old: str, new: str) -> list[tuple[str, str | None, str | None]]:
    return [(each.field, each.old, each.new) for each in text_changes(path, old, new)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("FROM a\nCMD x\n", "FROM b\nCMD x\n", [("FROM", "a", "b")]),
        ("FROM a\nRUN x && \\\n    y\n", "FROM a\nRUN x && \\\n    z\n", [("RUN", "x && y", "x && z")]),
        ("FROM a\n# one\nUSER 1\n", "FROM a\n\n# two\nUSER 1\n", []),
        ("FROM a\nUSER 1\n", "FROM a\nENV A=1\nUSER 1\n", [("ENV", None, "A=1")]),
        ("FROM a\nENV A=1\nUSER 1\n", "FROM a\nUSER 1\n", [("ENV", "A=1", None)]),
        ("COPY a ./\nRUN x\n", "RUN y\n", [("COPY", "a ./", None), ("RUN", "x", "y")]),
        ("RUN x\n", "COPY a ./\n", [("RUN", "x", None), ("COPY", None, "a ./")]),
    ],
)
def test_a_dockerfile_differs_by_instruction(old: str, new: str, told: list[tuple[str, str, str]]) -> None:
    assert of("web/Dockerfile", old, new) == of("deploy/web.Dockerfile", old, new) == told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'variable "TAG" {\n  default = "1"\n}\n',
            'variable "TAG" {\n  default = "2"\n}\n',
            [("default", '"1"', '"2"')],
        ),
        ('  "a" = "x"\n', '  "a" = "y"\n', [("a", '"x"', '"y"')]),
        ("  replicas: {{ .a }}\n", "  replicas: {{ .b }}\n", [("replicas", "{{ .a }}", "{{ .b }}")]),
        ("{{- if .a }}\n", "{{- if .b }}\n", [("", "{{- if .a }}", "{{- if .b }}")]),
        ("*\n!web\n", "*\n!web\n!lib\n", [("", None, "!lib")]),
    ],
)
def test_another_text_differs_by_key_or_line(old: str, new: str, told: list[tuple[str, str, str]]) -> None:
    assert of("docker-bake.hcl", old, new) == told


@pytest.mark.parametrize("text", ["", "\n", "\\", "FROM", "RUN \\\n", "a: b: c", "é = ü"])
def test_a_text_does_not_differ_from_itself_and_any_is_read(text: str) -> None:
    assert of("Dockerfile", text, text) == of("x.hcl", text, text) == []
    assert all(isinstance(each, TextChange) for each in text_changes("Dockerfile", text, f"{text}\nUSER 1\n"))
