"""Commands of a Python program's own command line that go on → workers, as a container starts them.

Click, Flask's command line and Typer make a command of a function by its decorator. It is a worker where its function goes
on for good, or bears the name of one and starts work; the words before its name are those of the groups that hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kforge.detectors.python_commands import label, lasts
from kforge.detectors.python_project import PythonProject
from kforge.detectors.python_roots import import_root
from kforge.detectors.python_servers import PythonStarts, dotted_name, main_line, run
from kforge.domain.commands.beside import BesideProcess, BesideRole
from kforge.domain.facts import Evidence
from kforge.syntax.code_file import CodeFile, Function
from kforge.syntax.expression import Call, Constant, Expression, Name, Text
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_LIBRARIES = ("click", "flask", "typer", "quart", "asyncclick", "rich-click", "flask-script")
_WORKERS = frozenset(("worker", "workers", "consumer", "consume", "work", "run-worker", "runworker", "worker-run", "listener", "subscriber"))  # fmt: skip
_SCHEDULERS = frozenset(("scheduler", "schedule", "beat"))
_STARTS = frozenset(
    ("work", "run", "start", "serve_forever", "run_forever", "start_consuming", "consume", "worker_main")
)
_DEEPEST = 4  # groups within groups
_MOST = 200  # commands that are looked at
_APPLICATION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(slots=True)
class _Groups:
    """Objects that hold commands, by their dotted names: what each is a part of, and its own name there."""

    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    roots: dict[str, tuple[str, ...]] = field(default_factory=dict)  # object → the words that start it


def beside(
    tree: Tree, project: PythonProject, names: SourceProgram, table: Mapping[str, Any], start: PythonStarts
) -> Iterator[tuple[BesideProcess, Evidence]]:
    """Each with the line of its function."""
    if not project.needs(*_LIBRARIES):
        return
    found = [
        (file, function, decorator)
        for file in names.files
        for function in file.functions
        for decorator in function.decorators[:3]
        if _called(decorator).endswith(".command")
    ][:_MOST]
    lasting = [(file, function, made) for file, function, made in found if _goes_on(file, function, made, table)]
    if not lasting:
        return
    own = project.needs("flask-script")
    groups = _groups(tree, project, names, start)
    for file, function, made in sorted(lasting, key=lambda one: (one[0].path, one[1].line)):
        words = _words(_dotted(_called(made).removesuffix(".command"), file, tree), groups)
        if words:
            name = _name(made, function, own)
            role: BesideRole = "scheduler" if {name} & _SCHEDULERS else "worker"
            why = f"`{file.path}` has a command `{name}` that goes on until it is stopped"
            yield BesideProcess(label(name), role, (*words, name), why), Evidence(file.path, function.line)


def _called(decorator: Expression) -> str:
    """What a decorator calls, or is: `manager.command`."""
    return decorator.name if isinstance(decorator, Call) else decorator.dotted if isinstance(decorator, Name) else ""


def _name(made: Expression, function: Function, own: bool = False) -> str:
    """As Click names a command, or as the function is called (`own`), by Flask-Script:
    https://click.palletsprojects.com/en/stable/commands-and-groups/
    """
    told = made.named.get("name", made.arguments[0] if made.arguments else None) if isinstance(made, Call) else None
    if isinstance(told, Text):
        return told.value
    if own:
        return function.name
    return re.sub(r"-(?:command|cmd|group|grp)$", "", function.name.lower().replace("_", "-"))


def _goes_on(file: CodeFile, function: Function, made: Expression, table: Mapping[str, Any]) -> bool:
    """Whether a function goes on for good, and asks for no words that only its caller knows."""
    if any(_insists(one) for one in function.decorators):
        return False
    within = [call for call in file.calls if function.line <= call.line <= function.end]
    for first, last in file.endless:
        ends = any(call.name in ("sys.exit", "exit", "os._exit") and first <= call.line <= last for call in within)
        if function.line <= first and last <= function.end and not ends:
            return True
    called = {_name(made, function).replace("_", "-")} & (_WORKERS | _SCHEDULERS)
    return any(
        lasts(call, file, table) or (called and call.last in _STARTS and "burst" not in call.named) for call in within
    )


def _insists(decorator: Expression) -> bool:
    if not isinstance(decorator, Call):
        return False
    if decorator.name.rpartition(".")[2] == "argument":
        optional = {"nargs", "default"} & decorator.named.keys()
        required = decorator.named.get("required")
        return not optional and not (isinstance(required, Constant) and required.word == "False")
    required = decorator.named.get("required")
    return isinstance(required, Constant) and required.word == "True"


def _dotted(name: str, file: CodeFile, tree: Tree) -> str:
    """A name of a file as the whole program knows it."""
    first, _, rest = name.partition(".")
    origin = file.imports.get(first, "")
    if origin.startswith("."):
        folders = file.path.split("/")[:-1]
        up = len(origin) - len(origin.lstrip(".")) - 1
        origin = ".".join([*folders[: len(folders) - up], origin.lstrip(".")])
    here = dotted_name(file.path, import_root(file, tree))
    base = origin or f"{here}.{first}"
    return f"{base}.{rest}" if rest else base


def _groups(tree: Tree, project: PythonProject, names: SourceProgram, start: PythonStarts) -> _Groups:
    groups = _Groups()
    for file in names.files:
        guard = main_line(file)
        for function in file.functions:
            for made in function.decorators[:3]:
                if isinstance(made, Call) and made.name.endswith(".group") and not made.name.startswith("click."):
                    held = _dotted(function.name, file, tree)
                    groups.held[held] = (_dotted(made.name.removesuffix(".group"), file, tree), _name(made, function))
        for call in file.calls:
            if call.last in ("add_command", "add_typer") and call.arguments:
                _take(call, file, tree, groups)
            elif guard and call.line > guard and not call.arguments and call.callee and call.name:
                root = _dotted(call.name.removesuffix(".run"), file, tree)  # Flask-Script: `manager.run()`
                groups.roots.setdefault(root, tuple(run(file.path, tree)))
    _of_scripts(tree, project, groups)
    application = next((word for words, _ in start.commands[:1] for word in words if _APPLICATION.fullmatch(word)), "")
    if application:
        groups.roots.setdefault(application.replace(":", ".") + ".cli", ("flask", "--app", application))
    return groups


def _take(call: Call, file: CodeFile, tree: Tree, groups: _Groups) -> None:
    """`manager.add_command(rq.manager, "rq")`, `app.add_typer(work, name="work")`."""
    held = call.arguments[0]
    told = call.named.get("name", call.arguments[1] if len(call.arguments) > 1 else None)
    if isinstance(held, Name) and isinstance(told, Text):
        owner = call.name.rpartition(".")[0]
        groups.held[_dotted(held.dotted, file, tree)] = (_dotted(owner, file, tree), told.value)


def _of_scripts(tree: Tree, project: PythonProject, groups: _Groups) -> None:
    """Programs that the manifest names: `shop = "shop.cli:manager"`."""
    text = tree.text("pyproject.toml") if project.scripts else ""
    for name in project.scripts:
        told = re.search(rf"^[ \t]*[\"']?{re.escape(name)}[\"']?\s*=\s*[\"']([\w.]+):(\w+)[\"']", text, re.MULTILINE)
        if told:
            groups.roots.setdefault(f"{told[1]}.{told[2]}", (name,))


def _words(owner: str, groups: _Groups) -> tuple[str, ...]:
    """The words before a command of a group; () where nothing starts the outermost."""
    found: list[str] = []
    for _ in range(_DEEPEST):
        if owner in groups.roots:
            return (*groups.roots[owner], *reversed(found))
        if owner not in groups.held:
            return ()
        owner, name = groups.held[owner]
        found.append(name)
    return ()
