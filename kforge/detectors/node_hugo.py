"""A site of Hugo that npm installs and builds → the folder that it fills, and what its build needs besides.

https://gohugo.io/configuration/all/
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from kforge.detectors import node_builds
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Tree

PATH = "package.json"
TOOLS = ("hugo-extended", "hugo-bin")  # packages that bring the program
_STEMS = ("hugo", "config", "config/_default/hugo", "config/_default/config")
_SUFFIXES = (".toml", ".yaml", ".yml", ".json")
_FOLDER = re.compile(r"^[ \t]*+\"?publishDir\"?[ \t]*+[:=][ \t]*+[\"']?([\w./-]{1,200})", re.MULTILINE | re.IGNORECASE)
_HISTORY = re.compile(r"^[ \t]*+\"?enableGitInfo\"?[ \t]*+[:=][ \t]*+true\b", re.MULTILINE | re.IGNORECASE)
# Modules of Hugo are modules of Go, which Hugo has Go fetch: https://gohugo.io/hugo-modules/use-modules/#prerequisite
_MODULES = ("ca-certificates", "git", "golang-go")


def output(tree: Tree, project: NodeProject, tool: str, script: str) -> tuple[str, Evidence]:
    """The folder that a script of package.json builds the site into."""
    for words in node_builds.commands(script, project.scripts):
        told = [after for word, after in pairwise(words) if word in ("-d", "--destination")]
        told += [word.partition("=")[2] for word in words if word.startswith("--destination=")]
        if words[0].rpartition("/")[2] == "hugo" and told:
            return told[0].removeprefix("./").rstrip("/"), Evidence(PATH, project.line(f'"{script}"'))
    for path in _settings(tree):
        text = tree.text(path)
        if found := _FOLDER.search(text):
            return found[1].removeprefix("./").rstrip("/"), Evidence(path, text.count("\n", 0, found.start()) + 1)
    return "public", project.place(tool)


def need(tree: Tree, project: NodeProject) -> None:
    """Sees what fetches modules, and that no history of git is asked for: no build context holds `.git`."""
    if "go.mod" in project.files:
        for package in _MODULES:
            project.seen.see("native build", package, "go.mod", 1)
    for path in _settings(tree):
        text = tree.text(path)
        if found := _HISTORY.search(text):
            said = {"name": "HUGO_ENABLEGITINFO", "value": "false"}
            project.seen.see("install_variables", said, path, text.count("\n", 0, found.start()) + 1)


def _settings(tree: Tree) -> list[str]:
    names = (stem + suffix for stem in _STEMS for suffix in _SUFFIXES)
    return [path for path in names if path in tree.files]
