"""What bundles a front end → the folder that its build fills: a flag of the script, a setting of its file, or its default."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from kforge.detectors import node_builds, node_hugo
from kforge.domain.facts import Evidence
from kforge.syntax import javascript as syntax
from kforge.syntax.expression import Text

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Tree

STANDALONE = ".next/standalone"  # a server with its own few dependencies
# Dependency → folder of its build: what a bundler leaves when neither its own file nor the script says another.
STATIC = {
    "hugo-extended": "public", "hugo-bin": "public", "hexo": "public",
    "react-scripts": "build", "@vue/cli-service": "dist", "@angular/cli": "dist", "vite": "dist", "astro": "dist", "parcel": "dist",
    "gatsby": "public", "@docusaurus/core": "build", "@11ty/eleventy": "_site", "@rsbuild/core": "dist", "webpack": "dist",
}  # fmt: skip
# Dependency → its files and the keys that name the folder there.
_FILES = {
    "vite": (("vite.config.ts", "vite.config.js", "vite.config.mts", "vite.config.mjs"), ("outDir",)),
    "@vue/cli-service": (("vue.config.js", "vue.config.cjs", "vue.config.ts"), ("outputDir",)),
    "astro": (("astro.config.mjs", "astro.config.ts", "astro.config.js"), ("outDir",)),
    "@angular/cli": (("angular.json",), ("outputPath",)),
    "@rsbuild/core": (("rsbuild.config.ts", "rsbuild.config.js", "rsbuild.config.mjs"), ("root",)),
    "webpack": (("webpack.config.js", "webpack.config.cjs", "webpack.config.ts", "webpack.prod.js", "webpack.config.prod.js"), ("path",)),
}  # fmt: skip
_NEXT = ("next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs")
_VITE = frozenset(
    ("plugins", "root", "build", "base", "server", "resolve")
)  # keys of its configuration, not of a part of it
_FLAGS = ("--outDir", "--out-dir", "--outdir", "--dist-dir", "--output-path", "--dest", "--dir")
_FILE_FLAGS = ("--outfile", "--file")
# What writes one file that `-o` names: a style sheet, a bundle.
_WRITES_ONE = ("postcss", "tailwindcss", "@tailwindcss/cli", "rollup", "browserify", "stylus", "sass")
_JOINED = re.compile(
    r"(?:path\.)?(?:resolve|join)\(\s{0,20}+(?:__dirname|import\.meta\.dirname|process\.cwd\(\))((?:\s{0,20}+,\s{0,20}+[\"'][^\"'\n]{1,200}[\"']){1,9})"
)
_STRING = re.compile(r"[\"']([^\"'\n]{1,200})[\"']")


def configured(tree: Tree, path: str, key: str) -> tuple[str, Evidence] | None:
    """A setting of a file that is JavaScript, or JSON with comments; "" and whole paths name no folder of the source."""
    text = tree.text(path) if path in tree.files else ""
    if not text:
        return None
    # JSON becomes an expression within brackets, which JavaScript reads with comments and trailing commas.
    found = syntax.read(path, f"({text})" if path.endswith(".json") else text)
    for held in found.objects:
        value = held.get(key)
        if isinstance(value, Text) and (folder := value.value.removeprefix("./").rstrip("/")):
            return folder, Evidence(path, value.line)
    return None


def bundled(tree: Tree, project: NodeProject, bundler: str, script: str) -> tuple[str, Evidence]:
    """The folder that a script of package.json fills by a bundler. It may lie outside of the source: `../api/static`."""
    if bundler in node_hugo.TOOLS:
        return node_hugo.output(tree, project, bundler, script)
    if told := flagged(project, script):
        return told
    names, keys = _FILES.get(bundler, ((), ()))
    roots = [_root(tree, path) for path in names] if bundler == "vite" else []
    root = next((each for each in roots if each), "")
    for path in names:
        for key in keys:
            if found := configured(tree, path, key):
                folder, place = _modern(tree, found) if bundler == "@angular/cli" else found
                return posixpath.normpath(posixpath.join(root, folder)), place
            if whole := _joined(tree, path, key):  # of the source's folder, whatever Vite's root is
                return whole
    return posixpath.join(root, STATIC[bundler]), project.place(bundler)


def _root(tree: Tree, path: str) -> str:
    """The folder of pages that Vite's other folders are below: https://vite.dev/config/shared-options.html#root"""
    text = tree.text(path) if path in tree.files else ""
    held = (
        next(
            (one for one in syntax.read(path, text).objects if not _VITE.isdisjoint(key for key, _ in one.items)), None
        )
        if text
        else None
    )
    value = held.get("root") if held else None
    if isinstance(value, Text):
        folder = posixpath.normpath(value.value)
        return "" if folder == "." or folder.startswith("/") else folder
    joined = _joined(tree, path, "root") if value is not None else None
    return joined[0] if joined else ""


def flagged(project: NodeProject, script: str) -> tuple[str, Evidence] | None:
    """What a flag of the script's last command names: `vite build --outDir=../api/static`."""
    for words in reversed(list(node_builds.commands(script, project.scripts))):
        for number, word in enumerate(words):
            flag, given, value = word.partition("=")
            told = value if given else "".join(words[number + 1 : number + 2])
            files = (*_FILE_FLAGS, *(("-o", "--output") if not {*words[:number]}.isdisjoint(_WRITES_ONE) else ()))
            if not told or told.startswith(("-", "/")) or flag not in (*_FLAGS, *files):
                continue
            folder = told.rpartition("/")[0] if flag in files else told
            if words[0] == "tsc" or not folder:
                continue
            return folder.removeprefix("./").rstrip("/"), Evidence("package.json", project.line(f'"{script}"'))
    return None


def _joined(tree: Tree, path: str, key: str) -> tuple[str, Evidence] | None:
    """`path: path.resolve(__dirname, "../static/dist")`."""
    text = tree.text(path) if path in tree.files else ""
    for found in re.finditer(rf"(?<!\w){re.escape(key)}[\"']?\s{{0,20}}+:\s{{0,20}}+", text):
        if joined := _JOINED.match(text, found.end()):
            folder = "/".join(_STRING.findall(joined[1])).removeprefix("./").rstrip("/")
            return folder, Evidence(path, text.count("\n", 0, found.start()) + 1)
    return None


def _modern(tree: Tree, found: tuple[str, Evidence]) -> tuple[str, Evidence]:
    modern = re.search(
        r"@angular[/-]devkit/build-angular:application|@angular/build:application", tree.text("angular.json")
    )
    return (f"{found[0]}/browser" if modern else found[0]), found[1]


def of_next(tree: Tree, project: NodeProject) -> tuple[tuple[str, Evidence], str]:
    """The folder that Next.js fills, and `next` where that holds files alone: `output: "export"`."""
    for path in _NEXT:
        kind, folder = configured(tree, path, "output"), configured(tree, path, "distDir")
        if kind and kind[0] == "export":
            return (folder or ("out", kind[1])), "next"
        if kind and kind[0] == "standalone" and not folder:
            return (STANDALONE, kind[1]), ""
        if folder:
            return folder, ""
    return (".next", project.place("next")), ""
