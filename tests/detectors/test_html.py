"""A folder of pages is served as it is, unless a program or a generator makes something of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.detectors.reading import facts, notes, places, starts, values

PAGE = "<!doctype html>\n<title>Shop</title>\n<script src='./app.js'></script>\n"


@pytest.mark.parametrize(
    ("files", "folder", "place"),
    [
        ({"index.html": PAGE, "style.css": "a {}"}, ".", "index.html"),
        ({"public/index.html": PAGE}, "public", "public/index.html"),
        ({"Staticfile": "root: site\n", "site/index.html": PAGE, "index.html": PAGE}, "site", "Staticfile:1"),
        ({"Staticfile": "# here\nroot: ./site/\n", "site/index.html": PAGE}, "site", "Staticfile:2"),
        ({"Staticfile": "", "index.html": PAGE}, ".", "index.html"),
        ({"index.html": PAGE, "package.json": '{"devDependencies": {"prettier": "3"}}'}, ".", "index.html"),
    ],
)
def test_pages_are_served_from_the_folder_that_has_them(
    tmp_path: Path, files: dict[str, str | bytes], folder: str, place: str
) -> None:
    found = facts(tmp_path, files)
    assert (values(found, "language"), values(found, "output"), places(found, "output")) == ("html", folder, [place])
    assert f"a web server serves `{folder}` as it is" in notes(found)


@pytest.mark.parametrize("name", ["app.js", "main.js", "index.js", "server.js"])
def test_a_script_that_the_page_loads_starts_nothing(tmp_path: Path, name: str) -> None:
    page = f'<script defer src="/{name}?v=2"></script>'
    found = facts(tmp_path, {"index.html": page, name: "document.title = 'a'\n"})
    assert (values(found, "language"), starts(found)) == ("html", [])


@pytest.mark.parametrize(
    "files",
    [
        {"server.js": "require('http').createServer().listen(3000)\n"},
        {"package.json": json.dumps({"scripts": {"start": "node server.js"}}), "server.js": "//\n"},
        {"package.json": json.dumps({"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}})},
        {"app.py": "print(1)\n"},
        {"main.go": "package main\nfunc main() {}\n", "go.mod": "module a\n"},
        {"Dockerfile": "FROM nginx\n"},
    ],
)
def test_beside_a_program_a_page_is_no_language(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    found = facts(tmp_path, {"index.html": "<p>hello", **files})
    assert values(found, "language") != "html"
    assert "html" not in notes(found)


@pytest.mark.parametrize("sign", ["_config.yml", "hugo.toml", "composer.json", "Gemfile", "index.php", "mkdocs.yml"])
def test_what_a_generator_or_another_language_makes_pages_of_is_not_served_as_it_is(tmp_path: Path, sign: str) -> None:
    assert values(facts(tmp_path, {"index.html": PAGE, sign: "x\n"}), "language") is None


@pytest.mark.parametrize(
    "page", ["{{ title }}", "<script type=module src='/src/main.ts'></script>", "<link href='%PUBLIC_URL%/a.png'>"]
)
def test_a_template_is_no_page(tmp_path: Path, page: str) -> None:
    assert values(facts(tmp_path, {"index.html": page}), "language") is None


@pytest.mark.parametrize(
    ("settings", "missing"),
    [("", "404.html"), ("index_fallback: true\n", None), ("pushstate: enabled\n", None), ("pushstate: false\n", "404.html")],
)  # fmt: skip
def test_a_missing_page_is_an_error_unless_a_router_in_the_browser_gets_every_path(
    tmp_path: Path, settings: str, missing: str | None
) -> None:
    found = facts(tmp_path, {"Staticfile": settings, "index.html": PAGE})
    assert values(found, "error_page") == missing


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"Staticfile": "root: site\n", "site/a.html": PAGE}, "`site` has no `index.html`"),
        ({"Staticfile.auth": "bob:$1$x\n", "index.html": PAGE}, "nothing here asks for a password"),
    ],
)
def test_what_a_site_asks_for_and_does_not_get_is_told(
    tmp_path: Path, files: dict[str, str | bytes], said: str
) -> None:
    assert said in facts(tmp_path, files).doubts[0].value["said"]


def test_a_folder_that_is_not_there_or_lies_outside_is_not_served(tmp_path: Path) -> None:
    found = facts(tmp_path, {"Staticfile": "root: ../../etc\n", "index.html": PAGE})
    assert values(found, "output") == "."


def test_its_own_server_blocks_are_used(tmp_path: Path) -> None:
    found = facts(tmp_path, {"index.html": PAGE, "nginx.conf": "server {\n  listen 8081;\n}\n"})
    assert (values(found, "webserver"), [each["port"] for each in values(found, "ports")]) == ("nginx.conf", [8081])
