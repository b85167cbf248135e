"""A configuration file that a program cannot do without: in a mount, by a variable, or told."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Documents
from tests.rules.families import family
from tests.rules.test_wiring import workload
from tests.worlds import facts

(RULE,) = family("wiring_config_file")
NEED = {"path": "/app/config/web.yaml", "env": ["WEB_CONFIG"], "example": "web.example.yaml"}


def hits(env: tuple[str, ...] = (), **container: Any) -> list[tuple[str, str]]:
    assert RULE.id == "missing-config-file"
    known = {"web": facts(configured=[NEED])}
    return [
        (hit.message, hit.hint)
        for hit in RULE.check(Documents(items=(workload("web", env, **container),), facts=known))
    ]


def test_a_file_that_nothing_brings_is_told_with_the_way_out() -> None:
    assert hits() == [
        (
            "the source needs the file `/app/config/web.yaml` (main.py:12), and it is neither in the image nor mounted",
            "add `services.web.config: {path: /app/config, files: {web.yaml: …}}`, or set another path by `WEB_CONFIG`;"
            " `web.example.yaml` shows its form",
        )
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"env": ("WEB_CONFIG",)},
        {"volumeMounts": [{"name": "config", "mountPath": "/app/config/web.yaml", "subPath": "web.yaml"}]},
        {"volumeMounts": [{"name": "config", "mountPath": "/app/config"}]},
    ],
)
def test_a_mount_or_a_variable_brings_it(given: dict[str, Any]) -> None:
    assert hits(**given) == []


def test_a_mount_of_another_folder_does_not() -> None:
    assert len(hits(volumeMounts=[{"name": "tmp", "mountPath": "/app/conf"}])) == 1
