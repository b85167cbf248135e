"""Scripts of package.json that build → the programs that they run, and whether those fill one folder alone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

# Programs that write into the folder that they are told, check, or tidy up.
TIDY = frozenset((
    "tsc", "vue-tsc", "tsc-alias", "tsup", "nest", "next", "nuxt", "nuxi", "vite", "astro", "react-scripts", "vue-cli-service", "ng",
    "gatsby", "parcel", "eslint", "prettier", "biome", "rimraf", "rm", "del-cli", "shx", "echo", "tspc", "swc", "babel", "svelte-check", "svelte-kit",
    "docusaurus", "eleventy", "rsbuild", "react-router", "remix", "node-gyp", "true", "copyfiles", "cpx",
))  # fmt: skip
# Those of them that make what starts.
COMPILERS = frozenset((
    "tsc", "vue-tsc", "tsc-alias", "tsup", "nest", "next", "nuxt", "nuxi", "vite", "astro", "tspc", "swc", "babel", "svelte-kit", "react-router",
    "prisma", "graphql-codegen", "remix", "webpack", "rollup", "esbuild", "unbuild", "tsdown", "rspack", "ncc", "ng", "gatsby", "parcel", "react-scripts", "vue-cli-service",
))  # fmt: skip
# Scripts that an install of the whole project runs of its own: https://docs.npmjs.com/cli/using-npm/scripts#npm-ci
LIFECYCLE = ("preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare")
_RUNNERS = ("npm", "pnpm", "yarn", "bun")
_CHAINS = ("npm-run-all", "npm-run-all2", "run-s", "run-p", "concurrently")
_ENGINE = re.compile(r"\b(?:docker|podman)\b")
_PARTS = re.compile(r"&&|\|\||;|&")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+=\S*+")
_PASSED = ("cross-env", "env", "npx", "exec", "dotenv", "--", "bunx", "pnpx")
_DEEPEST = 6
_LONGEST = 2000  # characters of a command
_MOST = 100  # commands of one build


def drives_engine(name: str, text: str) -> bool:
    """Whether a script that is called after a container has an engine make or run one, and is none for the image."""
    return "docker" in name and _ENGINE.search(text) is not None


def commands(script: str, scripts: Mapping[str, str], depth: int = 0) -> Iterator[list[str]]:
    """Words of every command that a script comes to, those of other scripts that it runs among them."""
    before, after = scripts.get(f"pre{script}", ""), scripts.get(f"post{script}", "")
    for text in (before, scripts.get(script, ""), after):
        for words in simple_parts(text):
            others = _run(words, scripts)
            if not others or depth >= _DEEPEST:
                yield words
            for other in others if depth < _DEEPEST else ():
                yield from commands(other, scripts, depth + 1)


def simple_parts(text: str) -> Iterator[list[str]]:
    """Words of every command of a line, without what stands before its program."""
    parts = (_words(part) for part in _PARTS.split(text[:_LONGEST])[:_MOST])
    return (words for words in parts if words)


def scatters(script: str, scripts: Mapping[str, str]) -> bool:
    """Whether a build runs what may write anywhere in its source: a script of the project's own, a generator."""
    for number, words in enumerate(commands(script, scripts)):
        if words[0].removeprefix("./").removeprefix("node_modules/.bin/") not in TIDY or number >= _MOST:
            return True
    return False


def _words(part: str) -> list[str]:
    try:
        words = shlex.split(part.strip("() \t"))
    except ValueError:
        return ["?"]
    while words and (_ASSIGNMENT.fullmatch(words[0]) or words[0] in _PASSED):
        words = words[1:]
    return words


def _run(words: list[str], scripts: Mapping[str, str]) -> list[str]:
    """Names of the scripts that a command runs."""
    if words[0] in _CHAINS:
        named = [word.removeprefix("npm:").strip("\"'") for word in words[1:] if not word.startswith("-")]
        return [name for pattern in named for name in scripts if name == pattern or _starred(pattern, name)]
    if words[0] not in _RUNNERS or len(words) < 2:
        return []
    name = words[2] if words[1] in ("run", "run-script") and len(words) > 2 else words[1]
    return [name] if name in scripts else []


def _starred(pattern: str, name: str) -> bool:
    return pattern.endswith("*") and name.startswith(pattern.rstrip("*"))
