"""Helm itself makes of the charts of all examples what kustomize makes of their overlays, and finds nothing to say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import once
from tests.targets.charts import (
    EXAMPLES,
    HELMS,
    chart_of,
    environments,
    folder_of,
    helm,
    kustomized,
    objects,
    templated,
    without_helms_own,
)


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, f"chart-{request.param}", lambda folder: chart_of(request.param, folder))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "chart-shop", lambda folder: chart_of("shop", folder))


@pytest.mark.parametrize("which", HELMS)
def test_every_environment_is_object_for_object_what_kustomize_gives(which: str, example: Path) -> None:
    program = helm(which)
    for environment in environments(example):
        found = without_helms_own(objects(templated(program, example, environment)))
        assert found == kustomized(example, environment), environment


@pytest.mark.parametrize("which", HELMS)
def test_a_strict_lint_has_nothing_to_say(which: str, example: Path) -> None:
    program, chart = helm(which), folder_of(example)
    for environment in environments(example):
        values = ["-f", str(chart / f"values-{environment}.yaml")] if environment else []
        done = subprocess.run(
            [program, "lint", "--strict", str(chart), *values], capture_output=True, text=True, check=False
        )
        assert (done.returncode, "[WARNING]" in done.stdout) == (0, False), done.stdout


@pytest.mark.parametrize("which", HELMS)
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("services.web.replicas=-1", "/services/web/replicas"),
        ("services.web.resources.limits.memory=much", "/services/web/resources/limits/memory"),
        ("services.web.env.A=1", "/services/web/env/A"),
        ("services.web.env.1A=x", "/services/web/env"),
        ("services.web.image.tag=a b", "/services/web/image/tag"),
        ("services.web.ingress.host=", "/services/web/ingress/host"),
        ("services.web.replica=2", "/services/web"),
        ("services.wbe.replicas=2", "/services"),
        ("services.cache.ingress.enabled=true", "/services/cache"),
        ("services.db.storage.data.size=big", "/services/db/storage/data/size"),
        ("services.web.image=null", "/services/web"),
        ("images.registry=x", "additional"),
        ("services.web.autoscaling.minReplicas=50", "minReplicas is more than maxReplicas"),
    ],
)
def test_a_value_that_no_template_takes_is_refused(which: str, flags: str, said: str, shop: Path) -> None:
    assert said in templated(helm(which), shop, "", "--set", flags, code=1)
