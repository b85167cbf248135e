"""The user's `config.toml` → its settings, each with its line. A wrong key, a wrong type and a credential are errors."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from kforge.domain.model.machine import Setting, Weights
from kforge.domain.near_words import near_words
from kforge.domain.secrets import credentials
from kforge.errors import InputError, Place, Problem

_LIMIT = 1 << 20
# key of the file → its type and the meaning that a message gives
KEYS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "provider": (str, 'a string: `"ollama"`'),
    "model": (str, 'a string: `"qwen2.5-coder:14b"`'),
    "base_url": (str, 'a string: `"http://127.0.0.1:8080/v1"`'),
    "allow_remote": ((bool, list), '`true`, `false` or a list of hosts: `["api.openai.com"]`'),
    "gpu": (str, 'a string: `"off"`, `"nvidia"`, `"0,1"`'),
    "parallel": (int, "a whole number above 0"),
    "together": (int, "a whole number above 0"),
    "context": (int, "a whole number above 0"),
    "requests_per_minute": (int, "a whole number above 0"),
    "tokens_per_minute": (int, "a whole number above 0"),
    "files": (dict, 'a table of names and GGUF files: `files = {"qwen2.5-coder:14b" = "~/models/qwen.gguf"}`'),
}
_SECRETIVE = re.compile(r"key|token|secret|passw|auth|credential|bearer", re.IGNORECASE)


class ConfigFile:
    """The user's configuration, checked; empty where there is none."""

    def __init__(self, path: Path, shown: str) -> None:
        self.shown = shown
        self._text = _read(path, shown)
        self.data = _parsed(self._text, shown)
        problems = tuple(sorted(self._problems(), key=lambda problem: problem.where.line if problem.where else 0))
        if problems:
            raise InputError(problems)

    def setting(self, key: str) -> Setting | None:
        value = self.data.get(key)
        return Setting(value.strip(), self.shown, self.place(key)) if isinstance(value, str) and value.strip() else None

    def number(self, key: str) -> int:
        return int(self.data.get(key, 0))

    def files(self, home: Path, folder: Path) -> tuple[Weights, ...]:
        held = self.data.get("files", {})
        return tuple(
            Weights(name, str(expanded(path, home, folder)), where=self.place(name))
            for name, path in sorted(held.items())
        )

    def place(self, key: str) -> Place:
        """The line that a key begins: tomllib tells none, so the text is searched for it."""
        at = re.search(
            rf"""^[ \t]*+(?:\[?[ \t]*+|.{{0,1000}}[{{,][ \t]*+)["']?{re.escape(key)}["']?[ \t]*+[=\].]""",
            self._text,
            re.MULTILINE,
        )
        return Place(self.shown, self._text.count("\n", 0, at.end()) + 1 if at else 0)

    def _problems(self) -> list[Problem]:
        found = [
            Problem(f"this looks like {kind}", Place(self.shown, self._text.count("\n", 0, start) + 1), _NO_KEYS)
            for start, kind in credentials.known(self._text)
        ]
        for key, value in self.data.items():
            if key not in KEYS:
                found.append(self._unknown(key))
            elif not _typed(value, KEYS[key][0]):
                found.append(Problem(f"`{key}` has the wrong type", self.place(key), f"expected {KEYS[key][1]}"))
        for name, path in self.data.get("files", {}).items() if isinstance(self.data.get("files"), dict) else ():
            if not isinstance(path, str) or not path.lower().endswith(".gguf"):
                found.append(
                    Problem(f"`files` has no GGUF file for `{name}`", self.place(name), f"expected {KEYS['files'][1]}")
                )
        return found

    def _unknown(self, key: str) -> Problem:
        if _SECRETIVE.search(key):
            return Problem(f"`{key}` must not be in a file", self.place(key), _NO_KEYS)
        near = near_words(key, KEYS)
        hint = f"did you mean `{near[0]}`?" if near else f"keys are {', '.join(f'`{each}`' for each in KEYS)}"
        return Problem(f"`{key}` is not a key of the configuration", self.place(key), hint)


_NO_KEYS = "set keys in the environment only: KFORGE_API_KEY, OPENAI_API_KEY, ANTHROPIC_API_KEY and the like"


def _typed(value: Any, expected: type | tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return expected is not int and isinstance(value, expected)
    if isinstance(value, list):
        return isinstance(value, expected) and all(isinstance(each, str) for each in value)
    return isinstance(value, expected) and (not isinstance(value, int) or value > 0)


def _read(path: Path, shown: str) -> str:
    try:
        if not path.exists():
            return ""
        with path.open("rb") as stream:
            text = stream.read(_LIMIT + 1)
        if len(text) > _LIMIT:
            raise InputError(
                "the configuration is larger than 1 MiB", Place(shown), "keep it to a few lines of settings"
            )
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("the configuration is not UTF-8", Place(shown), "save it as UTF-8") from error
    except OSError as error:
        raise InputError(
            f"the configuration cannot be read: {(error.strerror or 'error').lower()}", Place(shown)
        ) from error


def _parsed(text: str, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        place = Place(shown, int(at[1]), int(at[2])) if at else Place(shown)
        why = re.sub(r" \(at [^()]*\)$", "", str(error))
        raise InputError(
            f"the configuration is not valid TOML: {why[:1].lower()}{why[1:]}", place, "see https://toml.io"
        ) from None


def expanded(path: str, home: Path, folder: Path) -> Path:
    """A path, from a folder where it is relative."""
    return Path(os.path.abspath(home / path[2:] if path.startswith("~/") else folder / path))  # noqa: PTH100 - a link stays one
