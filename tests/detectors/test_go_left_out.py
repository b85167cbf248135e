"""What a Go program is compiled with and opens although the user's own .dockerignore keeps it out: told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, values

MAIN = (
    'package main\n\nimport (\n\t_ "embed"\n\t"net/http"\n\t"os"\n\n\t"example.com/shop/internal/store"\n)\n\n'
    '//go:embed pages\nvar pages string\n\nfunc main() {\n\tos.ReadFile("config/app.yaml")\n\thttp.ListenAndServe(":8080", store.New())\n}\n'
)
FILES = {
    "go.mod": "module example.com/shop\n\ngo 1.24\n",
    "cmd/shop/main.go": MAIN,
    "cmd/shop/pages/a.html": "a",
    "cmd/shop/pages/b.html": "b",
    "internal/store/store.go": 'package store\n\nimport "example.com/shop/internal/deep"\n\nfunc New() any { return deep.X }\n',
    "internal/deep/deep.go": "package deep\n\nvar X any\n",
    "internal/unused/unused.go": "package unused\n",
    "config/app.yaml": "a: 1\n",
}


def told(root: Path, ignored: str, **files: str) -> list[tuple[str, str]]:
    found = facts(root, {**FILES, ".dockerignore": ignored, **files})
    said = [one["said"].split("`") for one in values(found, "doubts") if ".dockerignore" in one["said"]]
    where = [
        place
        for one, place in zip(values(found, "doubts"), places(found, "doubts"), strict=True)
        if ".dockerignore" in one["said"]
    ]
    return [(one[5], place) for one, place in zip(said, where, strict=True)]


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        ("internal/store\n", [("internal/store/store.go", "cmd/shop/main.go:8")]),
        ("internal/deep\n", [("internal/deep/deep.go", "internal/store/store.go:3")]),
        ("*\n!cmd\n!internal\n!go.mod\n", [("config/app.yaml", "cmd/shop/main.go:15")]),
        ("cmd/shop/pages\n", [("cmd/shop/pages/a.html", "cmd/shop/main.go:11")]),
        ("cmd/*/main.go\n", [("cmd/shop/main.go", "cmd/shop/main.go:1")]),
        ("config\n!config/app.yaml\n", []),
        ("cmd/shop/pages/a.html\ninternal/unused\n*.md\n", []),
    ],
)
def test_what_a_go_program_needs_and_its_list_keeps_out_is_told(
    tmp_path: Path, ignored: str, expected: list[tuple[str, str]]
) -> None:
    assert told(tmp_path, ignored) == expected


def test_who_writes_the_dockerfile_knows_what_it_copies(tmp_path: Path) -> None:
    assert told(tmp_path, "internal\n", Dockerfile="FROM scratch\nCOPY bin/shop /shop\n") == []
