"""Raw: a spec's text as plain data, with the places of its keys and values. Light: no pydantic, no YAML.

Unaware of what the keys mean. Places are worked out when the first one is asked for: a spec without a problem, which
is nearly every run of `check`, never pays for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from kforge.errors import Place

Path = tuple[str | int, ...]  # ("services", "web", "ports", 0, "port")


class Missing:
    """What `dig` gives where there is nothing: unlike None it cannot be in a spec."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()


class Mark(NamedTuple):
    """Where a key or a value stands: line and column are one-based, start and end count characters of the text."""

    line: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of all keys and values by path; a mapping or list without brackets ends where it begins."""

    keys: Mapping[Path, Mark]
    values: Mapping[Path, Mark]


class Raw:
    """A spec as read: `data` holds only dict, list, str, int, float, bool and None; every key is a string."""

    def __init__(
        self,
        data: dict[str, Any],
        file: str,
        text: str,
        mark: Callable[[], Marks],
        written: Callable[[Path], Path] | None = None,
    ) -> None:
        self.data, self.file, self.text = data, file, text
        self._mark, self._written = mark, written

    @property
    def meant(self) -> bool:
        """Whether the data holds more than the text: what services take from elsewhere in it."""
        return self._written is not None

    def as_meant(self, data: dict[str, Any], written: Callable[[Path], Path]) -> Raw:
        """The same text with other data; `written` says where that stands in the text which is at a path of the data."""
        return Raw(data, self.file, self.text, self._mark, written)

    def written_at(self, path: Path) -> Path:
        """Where in the text that stands which is at a path: elsewhere where a service takes it."""
        return self._written(path) if self._written else path

    @cached_property
    def marks(self) -> Marks:
        return self._mark()

    def place(self, path: Path = ()) -> Place:
        """Best known place of a path: the scalar itself, the key of a mapping or list, else the nearest around it."""
        path = self.written_at(path)
        for length in range(len(path), 0, -1):
            near = path[:length]
            key, value = self.marks.keys.get(near), self.marks.values.get(near)
            mark = key if key and (length < len(path) or isinstance(self.dig(near), (dict, list))) else value or key
            if mark:
                return Place(self.file, mark.line, mark.column)
        return Place(self.file, 1, 1) if self.data else Place(self.file)

    def key_place(self, path: Path) -> Place:
        """Place of the key that a path ends in; as `place` where that is no key."""
        mark = self.marks.keys.get(self.written_at(path))
        return Place(self.file, mark.line, mark.column) if mark else self.place(path)

    def written(self, path: Path) -> str:
        """The value as it stands in the text (`1.10`, `"3000"`), "" where there is none."""
        mark = self.marks.values.get(self.written_at(path))
        return self.text[mark.start : mark.end] if mark else ""

    def dig(self, path: Path) -> Any:
        return dig(self.data, path)


def dig(data: Any, path: Path) -> Any:
    """The value below the keys and indices of a path, MISSING where the path leads nowhere."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part, MISSING)
        elif isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data):
            data = data[part]
        else:
            return MISSING
    return data


def dotted(path: Path) -> str:
    """A path as messages show it: `services.web.ports[0].port`, `files["features.yaml"]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.replace("_", "").replace("-", "").isalnum():
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text
