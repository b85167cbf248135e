"""Whether lines of a .dockerignore keep a path out of the build context."""

from __future__ import annotations

import pytest

from kforge.domain.source.ignore_lines import excluding


@pytest.mark.parametrize(
    ("lines", "path", "why"),
    [
        (["coverage"], "coverage/index.html", "coverage"),
        (["coverage"], "src/coverage/index.js", ""),
        (["**/coverage"], "src/coverage/index.js", "**/coverage"),
        (["**/*.pem"], "certs/ca.pem", "**/*.pem"),
        (["**/*.pem", "!certs/ca.pem"], "certs/ca.pem", ""),
        (["**/*.pem", "!certs/ca.pem"], "certs/key.pem", "**/*.pem"),
        (["*", "!src"], "src/a/b.py", ""),
        (["*", "!src", "src/a"], "src/a/b.py", "src/a"),
        (["*", "!src"], "package.json", "*"),
        (["**", "!src/**"], "src/a.py", ""),
        (["/dist/"], "dist/x", "/dist/"),
        (["./dist"], "dist/x", "./dist"),
        (["docs/**/*.md"], "docs/a/b/c.md", "docs/**/*.md"),
        (["docs/**/*.md"], "docs/c.md", "docs/**/*.md"),
        (["a?c"], "abc", "a?c"),
        (["# *", "", "  "], "a", ""),
        (["."], "a", "."),
        (["*"], ".", ""),
        (["a/b"], "a", ""),
    ],
)
def test_the_last_line_that_matches_decides(lines: list[str], path: str, why: str) -> None:
    assert excluding(path, lines) == why
