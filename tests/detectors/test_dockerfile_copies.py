"""What COPY and ADD lines put where, as BuildKit places it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.detectors.dockerfile_copies import copied_to
from kforge.detectors.dockerfile_lines import instructions
from tests.detectors.reading import facts


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("FROM a\nCOPY a.yaml /etc/a.yaml\n", ("/etc/a.yaml",)),
        ("FROM a\nCOPY a.yaml ./config/\n", ("/config", "/config/a.yaml")),
        ("FROM a\nWORKDIR /srv\nWORKDIR x\nCOPY --chown=1:1 a b .\n", ("/srv/x", "/srv/x/a", "/srv/x/b")),
        ("FROM a\nARG D=/opt\nADD a.yaml ${D}/a.yaml\n", ("/opt/a.yaml",)),
        ("FROM a AS one\nCOPY a /a\nFROM one\nCOPY b /b\n", ("/a", "/b")),
        ("FROM a AS one\nCOPY a /a\nFROM b\nCOPY --from=one /a /c\n", ("/c",)),
        ('FROM a\nCOPY ["x y", "/z/"]\n', ("/z", "/z/x y")),
        ("FROM a\nCOPY\n", ("/",)),
        ("", ()),
    ],
)
def test_paths_in_the_image(text: str, paths: tuple[str, ...]) -> None:
    assert copied_to(*instructions(text)) == paths


def test_a_stage_that_is_named_is_looked_at() -> None:
    assert copied_to(*instructions("FROM a AS One\nCOPY a /a\nFROM b\nCOPY b /b\n"), target="one") == ("/a",)


NEEDS = {
    "go.mod": "module x\n\ngo 1.24\n",
    "main.go": """package main

import (
\t"errors"
\t"os"
)

var errNoConfig = errors.New("configuration file not found")

func main() {
\tif _, err := os.ReadFile("config/config.yaml"); err != nil {
\t\tpanic(errNoConfig)
\t}
}
""",
}


@pytest.mark.parametrize(
    ("end", "path"),
    [
        ("WORKDIR /srv\n", ["/srv/config/config.yaml"]),
        ("", ["/config/config.yaml"]),
        ("COPY sample.yaml /config/config.yaml\n", []),
        ("COPY --from=one /src/config ./config\n", []),
        ("COPY sample.yaml ./config/other.yaml\n", ["/config/config.yaml"]),
        ("COPY . .\n", ["/config/config.yaml"]),
    ],
)
def test_a_file_that_the_program_needs_is_looked_for_where_the_dockerfile_starts_it(
    tmp_path: Path, end: str, path: list[str]
) -> None:
    text = f'FROM golang AS one\nWORKDIR /src\nCOPY . .\nFROM scratch\n{end}CMD ["/x"]\n'
    found = facts(tmp_path, {**NEEDS, "Dockerfile": text, "sample.yaml": ""})
    assert [one["path"] for one in found.value("configured")] == path
