"""What a Go program opens of its source while it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, values

MAIN = 'package main\n\nimport "net/http"\n\nfunc main() {{\n\t{line}\n\thttp.ListenAndServe(":8080", nil)\n}}\n'
FILES = {
    "go.mod": "module example.com/shop\n\ngo 1.26\n",
    "templates/index.html": "<p>",
    "static/app.css": "",
    "config/config.yaml": "a: 1\n",
    "migrations/1.sql": "select 1;",
    "internal/code.go": "package internal\n",
}


@pytest.mark.parametrize(
    ("line", "opened"),
    [
        ('router.LoadHTMLGlob("templates/*.html")', ["templates"]),
        ('router.LoadHTMLGlob("templates/**/*")', ["templates"]),
        ('template.Must(template.ParseFiles("templates/index.html"))', ["templates/index.html"]),
        ('router.Static("/assets", "static")', ["static"]),
        ('http.Handle("/", http.FileServer(http.Dir("./static")))', ["static"]),
        ('viper.AddConfigPath("./config")', ["config"]),
        ('os.ReadFile("config/config.yaml")', ["config/config.yaml"]),
        ('migrate.New("file://migrations", url)', ["migrations"]),
        ('fs.String("ui-path", "./static", "where the pages are")', ["static"]),
        # no folders of the source
        ('router.Static("/static", "public")', []),
        ('http.Handle("/static", handler)', []),
        ('os.ReadFile("/etc/shop/config.yaml")', []),
        ('os.ReadFile("../config/config.yaml")', []),
        ('http.Dir(".")', []),
        ('os.Open("internal/code.go")', []),
    ],
)  # fmt: skip
def test_a_path_that_a_program_opens_is_a_file_or_folder_of_its_source(
    tmp_path: Path, line: str, opened: list[str]
) -> None:
    assert values(facts(tmp_path, {**FILES, "main.go": MAIN.format(line=line)}), "opened") == opened
