"""A module of an application → the folder that its imports begin in, which has to be on Python's path.

That is the folder of a Django project's `manage.py`; else the one of all above the module in which most of what it imports
lies, the nearest to the source's root among equals; `src` where nothing is imported.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kforge.domain.source.build_context import upwards

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.syntax.code_file import CodeFile

_SOURCES = ("src", "source")
_DEEPEST = 6  # folders above a module that are looked at
_MOST = 200  # imports that are looked for
MANAGE = "manage.py"


def import_root(module: CodeFile, tree: Tree) -> str:
    """The folder, a path from the source; "" for its root."""
    folders = _above(module.path)
    files = frozenset(tree.files)
    if managed := next((folder for folder in folders if _in(folder, MANAGE) in files), None):
        return managed
    plain = folders[1] if len(folders) > 1 and folders[1] in _SOURCES else ""
    if plain and f"{plain}/__init__.py" in files:
        plain = ""
    own = module.path.rpartition("/")[0]
    relative = any(origin.startswith(".") for origin in module.imports.values())
    names = [origin.partition(".")[0] for origin in [*module.imports.values()][:_MOST] if not origin.startswith(".")]
    # `shop/celery.py` imports the library, not itself
    known = {*_modules(tree)} - {module.path.removesuffix(".py")}
    counted = [(sum(_in(folder, name) in known for name in {*names}), folder) for folder in folders]
    most = max((count for count, folder in counted if not (relative and folder == own)), default=0)
    best = next((folder for count, folder in counted if count == most and not (relative and folder == own)), "")
    return best if most else plain


def _above(path: str) -> list[str]:
    """The folders that a file lies in, from the root: "", "a", "a/b"."""
    return [*reversed(upwards("/".join(path.split("/", _DEEPEST)[:-1])))]


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _modules(tree: Tree) -> Collection[str]:
    """Paths of modules without their ending, and of folders that hold one, as deep as roots are looked for."""
    found: set[str] = set()
    for path in tree.files:
        if path.endswith(".py"):
            found.update(_above(path), (path.removesuffix(".py"),))
    return found
