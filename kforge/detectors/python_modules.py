"""Names in a Python file → the file and the name where they are made. Unaware of what they are."""

from __future__ import annotations

from collections.abc import Iterable

from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, dotted

_MAX_IMPORTS = 4  # files that pass a name on


class PythonModules:
    """The files of a program by the dotted names that reach them."""

    def __init__(self, files: Iterable[CodeFile]) -> None:
        self._files: dict[str, CodeFile] = {}
        self._spans: dict[tuple[str, str], tuple[int, int]] = {}
        self._of: dict[str, CodeFile] = {}
        for file in sorted(files, key=lambda one: (one.path.count("/"), one.path)):
            parts = _parts(file.path)
            for number in range(len(parts)):
                self._files.setdefault(".".join(parts[number:]), file)
            for function in file.functions:
                self._of.setdefault(function.name, file)
                self._spans.setdefault((file.path, function.name), (function.line, function.end))

    def file(self, name: str, around: CodeFile) -> CodeFile | None:
        """The file of a module, by an absolute name or one with dots in front."""
        return self._files.get(_absolute(name, around))

    def where(self, name: str, file: CodeFile, depth: int = 0) -> tuple[CodeFile, str]:
        """(file, name there) of what a name stands for; the file itself and the name where nothing shows more."""
        root, _, rest = name.partition(".")
        if root == "self":
            return file, f".{rest.rpartition('.')[2]}"
        origin = file.imports.get(root, "")
        if not origin or depth > _MAX_IMPORTS:
            return file, name
        parts = [*_absolute(origin, file).split("."), *(rest.split(".") if rest else [])]
        for number in range(len(parts), 0, -1):
            found = self._files.get(".".join(parts[:number]))
            if found is not None and found is not file:
                left = ".".join(parts[number:])
                return self.where(left, found, depth + 1) if left and left not in found.assigned else (found, left)
        return file, name

    def made_by(self, call: Call, file: CodeFile) -> tuple[CodeFile, int, int] | None:
        """(file, first, last line) of the function of the source's own that a call names."""
        other, name = self.where(call.name, file)
        for held in (other, self._of.get(call.last)):
            span = self._spans.get((held.path, (name or call.last).rpartition(".")[2])) if held else None
            if held and span:
                return held, *span
        return None


def _parts(path: str) -> list[str]:
    parts = path.removesuffix(".py").split("/")
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts


def _absolute(name: str, file: CodeFile) -> str:
    """`.users` in `app/api/main.py` → `app.api.users`."""
    dots = len(name) - len(name.lstrip("."))
    if not dots:
        return name
    package = file.path.split("/")[:-1]
    above = package[: len(package) - dots + 1]
    return ".".join((*above, *(part for part in name.lstrip(".").split(".") if part)))


def called(expression: Expression | None) -> str:
    """The dotted name of an expression, or of what it calls."""
    return dotted(expression.callee if isinstance(expression, Call) else expression) if expression else ""
