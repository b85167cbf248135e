"""A disk on which the process dies at the k-th operation, in whatever command it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kforge.system.disk import Disk

OPERATIONS = ("make_folder", "write", "replace", "link", "remove", "remove_folder", "settle")


class Death(BaseException):
    """The process is gone: nothing it would still have done happens."""


def dying(monkeypatch: pytest.MonkeyPatch, at: int | None = None) -> list[str]:
    """Let every disk die at call `at` and do nothing from then on, a write after half of its bytes; the calls so far."""
    calls: list[str] = []

    def patched(name: str, real: Callable[..., None]) -> Callable[..., None]:
        def operation(self: Disk, *words: Any, **options: Any) -> None:
            calls.append(f"{name} {words[0]}")
            if at is not None and len(calls) > at:
                if name == "write" and len(calls) == at + 1:
                    real(self, words[0], words[1][: len(words[1]) // 2], *words[2:], **options)
                raise Death
            real(self, *words, **options)

        return operation

    for name in OPERATIONS:
        monkeypatch.setattr(Disk, name, patched(name, getattr(Disk, name)))
    return calls
