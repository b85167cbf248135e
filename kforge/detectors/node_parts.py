"""What starts several processes at once (`concurrently`, `npm-run-all --parallel`, PM2 with its file) → each of them.

https://pm2.keymetrics.io/docs/usage/application-declaration/
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.commands.program_table import called
from kforge.domain.facts import Evidence
from kforge.syntax import javascript as syntax
from kforge.syntax import yaml_data
from kforge.syntax.expression import Constant, Expression, Many, Number, Pairs, Text

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_PM2 = ("pm2", "pm2-runtime", "pm2-docker")
_CONFIG = re.compile(r"\S*\.(?:json5?|[cm]?js|ya?ml)")
_NAMED = re.compile(
    r"(?:.*/)?(?:ecosystem|pm2|process|processes|apps)(?:\.[\w-]+)*\.\w+|.*\.config\.[cm]?js|.*\.(?:json5?|ya?ml)"
)
_MOST = 20


class NodePart(NamedTuple):
    """One process: its name, a line of a shell, and where that stands."""

    name: str
    line: str
    place: Evidence


def of_pm2(words: Sequence[str], tree: Tree) -> list[NodePart]:
    """The processes that a command of PM2 starts by a file; none for another command."""
    if not words or called(words[0]) not in _PM2:
        return []
    free = [word for word in words[1:] if not word.startswith("-") and word not in ("start", "startOrReload", "startOrRestart", "reload")]  # fmt: skip
    path = next((word.removeprefix("./") for word in free if _CONFIG.fullmatch(word) and _NAMED.fullmatch(word)), "")
    if path not in tree.files:
        return _command(words, free)
    wanted = _value(words, "--only").split(",") if _value(words, "--only") else []
    suffix = f"env_{_value(words, '--env') or 'production'}"
    found = [_part(app, suffix, path) for app in _apps(tree, path)[:_MOST]]
    return [one for one in found if one and (not wanted or one.name in wanted)]


def _command(words: Sequence[str], free: Sequence[str]) -> list[NodePart]:
    """`pm2 start npm --name x -- run serve`, `pm2-runtime "npm run serve"`."""
    first = free[0] if free else ""
    if first in ("npm", "yarn", "pnpm") and "--" in words:
        line = shlex.join([first, *words[words.index("--") + 1 :]])
    elif " " in first:
        line = first
    else:
        return []
    return [NodePart(_value(words, "--name") or _value(words, "-n"), line, Evidence("package.json"))]


def _value(words: Sequence[str], option: str) -> str:
    for number, word in enumerate(words):
        if word == option:
            return "".join(words[number + 1 : number + 2])
        if word.startswith(f"{option}="):
            return word[len(option) + 1 :]
    return ""


def _apps(tree: Tree, path: str) -> list[dict[str, Any]]:
    """The applications of a file: `{"apps": […]}`, a list of them, or one."""
    text = tree.text(path)
    if path.endswith((".yml", ".yaml")):
        data = yaml_data.read(text)
        listed = data.get("apps") if isinstance(data, dict) and "apps" in data else data
    else:
        read = syntax.read(path, f"({text})" if path.endswith((".json", ".json5")) else text)
        held = next((one for one in read.objects if one.get("apps")), None)
        own = [one for one in read.objects if one.get("script")]
        listed = _data(held.get("apps")) if held else [_data(one) for one in own]
    every = listed if isinstance(listed, list) else [listed]
    return [one for one in every if isinstance(one, dict) and isinstance(one.get("script"), str)]


def _data(value: Expression | None) -> Any:
    """Plain data of what is written out; None for what only running the file would tell."""
    match value:
        case Text(value=text) | Number(value=text) | Constant(word=text):
            return text
        case Many(items=items):
            return [_data(item) for item in items]
        case Pairs(items=pairs, line=line):
            return {**{key: _data(held) for key, held in pairs}, "": line}
    return None


def _part(app: dict[str, Any], suffix: str, path: str) -> NodePart:
    """The process of an application as a line: folder, variables, interpreter, script, arguments."""
    script, given = str(app["script"]), app.get("args")
    arguments = [str(one) for one in given if one is not None] if isinstance(given, list) else _split(given)
    options = _split(app.get("node_args") or app.get("nodeArgs") or app.get("interpreter_args"))
    interpreter = str(app.get("interpreter") or app.get("exec_interpreter") or "")
    first = script.split(" ", 1)[0].rpartition("/")[2]
    plain = interpreter in ("none", "") and (
        first in ("npm", "yarn", "pnpm", "npx", "bun") or not re.search(r"\.\w+$", first)
    )
    head = [] if plain else [interpreter if interpreter not in ("", "none") else _by_ending(first)]
    words = [*head, *options, *(_split(script) if plain else [script]), *arguments]
    variables = {**_variables(app.get("env")), **_variables(app.get(suffix))}
    assigned = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    folder = str(app.get("cwd") or "").removeprefix("./").rstrip("/")
    enter = f"cd {shlex.quote(folder)} && " if folder not in ("", ".") and not folder.startswith("/") else ""
    line = app.get("", 0)
    return NodePart(str(app.get("name") or ""), f"{enter}{assigned} {shlex.join(words)}".strip(), Evidence(path, line if isinstance(line, int) else 0))  # fmt: skip


def _by_ending(name: str) -> str:
    ends = {".py": "python", ".sh": "sh", ".ts": "tsx"}
    return next((program for end, program in ends.items() if name.endswith(end)), "node")


def _split(value: Any) -> list[str]:
    try:
        return shlex.split(value) if isinstance(value, str) else []
    except ValueError:
        return []


def _variables(value: Any) -> dict[str, str]:
    held: Iterator[tuple[Any, Any]] = iter(value.items() if isinstance(value, dict) else ())
    return {str(name): str(said) for name, said in held if isinstance(said, str) and re.fullmatch(r"[A-Za-z_]\w*", str(name))}  # fmt: skip
