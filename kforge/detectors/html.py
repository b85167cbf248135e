"""A folder of pages → facts: the folder that a web server serves as it is, and what it answers where a page is missing.

A source that a program or a generator makes pages of is none. `Staticfile` is that of Cloud Foundry and of Railpack:
https://docs.cloudfoundry.org/buildpacks/staticfile/, https://railpack.com/languages/staticfile
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING

from kforge.detectors.dockerfile import own_dockerfile
from kforge.detectors.node_outputs import STATIC
from kforge.domain.artifact import Detector
from kforge.domain.facts import Evidence, Fact, Facts, Many

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

PAGE, SETTINGS, MISSING = "index.html", "Staticfile", "404.html"
_FOLDERS = ("", "public", "www", "htdocs", "html")
# Files that say that pages are made of something, or that a program serves them.
_OTHERS = frozenset((
    "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "composer.json", "Gemfile",
    "requirements.txt", "pyproject.toml", "setup.py", "Pipfile", "manage.py", "mix.exs", "deno.json", "deno.jsonc", "pubspec.yaml",
    "Package.swift", "CMakeLists.txt", "Makefile", "_config.yml", "mkdocs.yml", "hugo.toml", "hugo.yaml", "config.toml", "book.toml", "conf.py",
    "angular.json", "vite.config.js", "vite.config.ts", "webpack.config.js", "astro.config.mjs", "next.config.js", "gatsby-config.js",
))  # fmt: skip
_CODE = (
    ".py",
    ".go",
    ".php",
    ".rb",
    ".java",
    ".rs",
    ".cs",
    ".csproj",
    ".jsp",
    ".pl",
    ".cgi",
    ".ts",
    ".tsx",
    ".jsx",
    ".vue",
    ".svelte",
)
_RUNS = ("start", "build", "serve", "prod", "production")  # scripts of a package.json that make a program or pages
_PAIR = re.compile(r"^[^\S\n]*+([\w-]{1,40})[^\S\n]*+:[^\S\n]*+[\"']?([^\"'\n#]{1,200}+)", re.MULTILINE)
_SCRIPT = re.compile(r"<script\b[^>]{0,300}?\bsrc\s?=\s?[\"']?(?:\./|/)?([\w./-]{1,200})", re.IGNORECASE)
_MADE = re.compile(r"src\s?=\s?[\"'][^\"'\n]{0,200}\.(?:tsx?|jsx|vue|svelte)[\"']|%PUBLIC_URL%|\{\{|\{%|<\?php", re.IGNORECASE)  # fmt: skip
_ON = ("true", "enabled", "on", "yes")
_UNSERVED = {
    "Staticfile.auth": "names who may see the pages, and nothing here asks for a password",
    "Staticfile.conf": "holds settings of a buildpack's own nginx, which are not taken over",
}


def detect(tree: Tree) -> Facts | None:
    files = frozenset(tree.files)
    if files & _OTHERS or own_dockerfile(tree)[1] or any("/" not in path and path.endswith(_CODE) for path in files):
        return None
    told = _settings(tree)
    folder, place = _folder(told, files)
    page = posixpath.normpath(posixpath.join(folder, PAGE))
    if not place or _MADE.search(tree.text(page)) or _runs(tree, files):
        return None
    router = next((at for key, value, at in told if key in ("index_fallback", "pushstate") and value in _ON), None)
    return Facts(
        detector="html",
        revision=1,
        language=Fact("html", (Evidence(page if page in files else SETTINGS),)),
        output=Fact(folder or ".", (place,)),
        error_page=None if router else Fact(MISSING, (Evidence(page if page in files else SETTINGS),)),
        doubts=tuple(_doubts(page, folder, files)),
        notes=(Fact(f"a web server serves `{folder or '.'}` as it is, no program runs", (place,)),),
    )


def loaded_by_page(tree: Tree, path: str) -> bool:
    """Whether the page of a source loads a script: it then runs in browsers, and nothing starts it."""
    if PAGE not in tree.files:
        return False
    return any(posixpath.normpath(found[1]) == path for found in _SCRIPT.finditer(tree.text(PAGE)))


def _settings(tree: Tree) -> list[tuple[str, str, Evidence]]:
    text = tree.text(SETTINGS) if SETTINGS in tree.files else ""
    return [
        (found[1].lower(), found[2].strip(), Evidence(SETTINGS, text.count("\n", 0, found.start()) + 1))
        for found in _PAIR.finditer(text[:20_000])
    ]


def _folder(told: list[tuple[str, str, Evidence]], files: frozenset[str]) -> tuple[str, Evidence | None]:
    """The folder that is served, "" for the source itself, and what says so; None where nothing does."""
    for key, value, at in told:
        folder = posixpath.normpath(value.removeprefix("/"))
        if key == "root" and any(folder == "." or path.startswith(f"{folder}/") for path in files):
            return folder if folder != "." else "", at
    for folder in _FOLDERS:
        path = f"{folder}/{PAGE}".lstrip("/")
        if path in files:
            return folder, Evidence(path)
    return "", Evidence(SETTINGS) if SETTINGS in files else None


def _runs(tree: Tree, files: frozenset[str]) -> bool:
    """Whether something of the source runs: a script of package.json, a bundler, a file that no page loads."""
    if "package.json" not in files:
        starts = [path for path in files if path in ("server.js", "app.js", "index.js", "main.js")]
        return any(not loaded_by_page(tree, path) for path in starts)
    try:
        table = json.loads(tree.text("package.json") or "{}")
    except (ValueError, RecursionError):
        return True
    held = [table.get(key) for key in ("dependencies", "devDependencies")] if isinstance(table, dict) else []
    names = {name for each in held if isinstance(each, dict) for name in each}
    scripts = table.get("scripts") if isinstance(table, dict) else None
    return bool(names & STATIC.keys()) or any(name in _RUNS for name in scripts or ())


def _doubts(page: str, folder: str, files: frozenset[str]) -> Many:
    found = [Fact({"said": f"`{path}` {said}", "hint": "write the nginx.conf that it needs"}, (Evidence(path),))
             for path, said in _UNSERVED.items() if path in files]  # fmt: skip
    if page not in files:
        said = f"`{folder or '.'}` has no `{PAGE}`, so nothing answers `/`"
        found.append(
            Fact(
                {"said": said, "hint": f"name the folder of the pages in `{SETTINGS}`: `root: …`"},
                (Evidence(SETTINGS),),
            )
        )
    return tuple(found)


DETECTOR = Detector("html", 1, detect)
