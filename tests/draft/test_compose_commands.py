"""What Compose starts counts where an image would not start it, and not where it serves development."""

from __future__ import annotations

import shlex

import pytest

from kforge.draft.compose_commands import script_of


@pytest.mark.parametrize(
    ("command", "script"),
    [
        ("npm start", "start"),
        ("npm run worker", "worker"),
        ("npm run-script --silent worker", "worker"),
        ("yarn worker", "worker"),
        ("yarn run worker", "worker"),
        ("pnpm worker", "worker"),
        ("bun run worker", "worker"),
        ("npm install", ""),
        ("npm exec thing", ""),
        ("npm", ""),
        ("npm run", ""),
        ("node worker.js", ""),
        ("make run", ""),
        ("", ""),
    ],
)
def test_the_script_of_a_package_managers_command(command: str, script: str) -> None:
    assert script_of(shlex.split(command)) == script
