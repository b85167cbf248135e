"""Lines of charts, of rendered objects, of Argo CD's and of a workflow are explained like those of manifests."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kforge.domain.spec.project import Project
from kforge.explanations.explainer import Explainer
from kforge.explanations.files import explain_line
from kforge.outcome import Options
from kforge.pipeline import run
from kforge.stages.explain import Explanation
from tests.conftest import copied, edit

OUTPUTS = "outputs: [dockerfile, kubernetes, helm, rendered, argocd, flux, github-actions]\ngitops: {repository: 'https://github.com/acme/shop.git'}\n"
CHART = "deploy/helm/shop"


@lru_cache
def known() -> Explainer:
    with TemporaryDirectory() as place:
        folder = copied("shop", Path(place).resolve() / "shop")
        edit(folder / "app.kforge.yaml", "registry: ghcr.io/acme  ", f"{OUTPUTS}registry: ghcr.io/acme  ")
        return Explainer(run(Project(folder / "app.kforge.yaml", folder), Options(date(2026, 1, 2))))


def told(path: str, begins: str, nth: int = 0) -> tuple[Explanation, ...]:
    """What a line that begins so is explained by."""
    lines = known().text(path).split("\n")
    numbers = [number for number, line in enumerate(lines, 1) if line.strip().startswith(begins)]
    return explain_line(known(), path, numbers[nth], lambda path: known().text(path))


FOLDERS = ("deploy/helm/", "deploy/rendered/prod/", "deploy/argocd/", "deploy/flux/", ".github/")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_line_is_explained(folder: str) -> None:
    silent = []
    for path in sorted(known().outcome.files):
        lines = known().text(path).split("\n") if path.startswith(folder) else []
        for number, line in enumerate(lines, 1):
            if line.strip():
                found = explain_line(known(), path, number, lambda path: known().text(path))
                if not found or not all(each.decided and (each.decision or each.where or each.why) for each in found):
                    silent.append(f"{path}:{number}: {line}")
    assert silent == []


@pytest.mark.parametrize(
    ("path", "begins", "behind"),
    [
        (f"{CHART}/templates/web/deployment.yaml", "minReadySeconds:", "patches[0]"),
        (f"{CHART}/templates/web/deployment.yaml", "containerPort: 3000", "web/process: ports"),
        (f"{CHART}/templates/web/deployment.yaml", "resources:", "web/resources"),
        (f"{CHART}/templates/web/deployment.yaml", "image:", "version"),
        (f"{CHART}/templates/catalog/deployment.yaml", "replicas:", "services.catalog.scale.min"),
        (f"{CHART}/Chart.yaml", "appVersion:", "version"),
        (f"{CHART}/values.yaml", "registry: ghcr.io/acme", "registry"),
        (f"{CHART}/values-prod.yaml", "memory: 4Gi", "environments.prod.services.db.resources"),
        ("deploy/rendered/prod/web/horizontalpodautoscaler.yaml", "maxReplicas: 20", "environments.prod.services.web.scale.max"),
        ("deploy/rendered/staging/web/deployment.yaml", "namespace: shop-staging", "environments.staging.namespace"),
        ("deploy/rendered/base/db/statefulset.yaml", "memory: 1Gi", "db/resources: memory"),
        (".github/workflows/kforge-shop.yaml", "runs-on:", "outputs[6]"),
    ],
)  # fmt: skip
def test_a_line_leads_to_what_is_behind_it(path: str, begins: str, behind: str) -> None:
    found = told(path, begins)
    assert [each for each in found if (each.decision or each.why).startswith(behind)], found


def test_a_template_names_the_value_that_changes_it() -> None:
    (found,) = told(f"{CHART}/templates/catalog/deployment.yaml", "replicas:")
    assert "`services.catalog.replicas` of the chart's values" in found.note
