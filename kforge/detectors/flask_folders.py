"""`app.root_path` and `app.instance_path` of Flask and Quart → the folders that they stand for, as fields of the program;
so are the keys that `app.config` is given.

https://flask.palletsprojects.com/en/stable/config/#instance-folders
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from kforge.domain.source.sightings import WORKDIR
from kforge.syntax.expression import Call, Expression, Text, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kforge.domain.artifact import Tree
    from kforge.syntax.code_file import CodeFile
    from kforge.syntax.program import SourceProgram

_MAKERS = frozenset(("Flask", "Quart"))
_CONFIG = "app.config"
_MAPPED = (f"{_CONFIG}.from_mapping", f"{_CONFIG}.update")
_ROOT, _INSTANCE = "root_path", "instance_path"


def take(tree: Tree, names: SourceProgram) -> None:
    """Gives the two fields their values, where an application is made and the code gives them none of its own."""
    packages = {posixpath.dirname(path) for path in tree.files if posixpath.basename(path) == "__init__.py"}
    for file in names.files:
        for key, value in _configured(file):
            names.fields.setdefault(key, []).append((file, value))
        for call in file.calls:
            own = call.argument(0, "import_name")
            if call.last not in _MAKERS or own is None or dotted(own) != "__name__":
                continue
            folder = posixpath.dirname(file.path)
            above = _above(folder, packages)
            _give(_ROOT, call, folder, file, names)
            _give(_INSTANCE, call, posixpath.join(above, "instance"), file, names)


def _configured(file: CodeFile) -> Iterator[tuple[str, Expression]]:
    """What the configuration is given: `app.config["KEY"] = …`, `app.config.from_mapping(KEY=…)`."""
    for call in file.calls:
        if call.name.endswith(_MAPPED):
            yield from call.named.items()
    kept = {
        (one.line, one.key.value)
        for one in file.stored
        if dotted(one.owner).endswith(_CONFIG) and isinstance(one.key, Text)
    }
    for each in file.objects if kept else ():
        yield from ((key, value) for key, value in each.items if (each.line, key) in kept)


def _above(folder: str, packages: set[str]) -> str:
    """The folder that holds the outermost package of a module."""
    while folder in packages and folder:
        folder = posixpath.dirname(folder)
    return folder


def _give(name: str, call: Call, folder: str, file: CodeFile, names: SourceProgram) -> None:
    usual: Expression = Text(call.line, posixpath.join(WORKDIR, folder).rstrip("/"))
    names.fields.setdefault(name, [(file, call.named.get(name, usual))])
