"""A native sidecar runs beside the program, also where that is an init container itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kforge import pipeline
from kforge.domain.document import Document, pod_spec
from kforge.domain.spec.project import Project
from kforge.outcome import Options
from kforge.stages.sidecars import sidecars_first

SPEC = """\
apiVersion: kforge.dev/v1
app: shop
namespace: shop
services:
  web: {image: "ghcr.io/acme/web:1.0.0", process: {writable: [/tmp]}, port: 8080}
  migrate:
    image: ghcr.io/acme/web:1.0.0
    process: {writable: [/tmp]}
    command: [migrate]
    job: true
    before: [web]
    kubernetes:
      Pod:
        initContainers:
          - {name: wait, image: "ghcr.io/acme/wait:1.0.0"}
          - {name: proxy, image: "ghcr.io/acme/proxy:1.0.0", restartPolicy: Always}
"""


def test_a_sidecar_of_a_job_that_others_wait_for_starts_before_its_program(tmp_path: Path) -> None:
    (tmp_path / "app.kforge.yaml").write_text(SPEC)
    documents = pipeline.run(Project(tmp_path / "app.kforge.yaml", tmp_path), Options(date(2026, 11, 30))).documents[""]
    (job,) = documents.objects("Job")
    path, spec = pod_spec(job) or ("", {})
    assert [each["name"] for each in spec["initContainers"]] == ["proxy", "migrate", "wait"]
    # What a field comes from has moved with it.
    assert job.origins[f"{path}.initContainers[1].image"] == "spec.image"
    assert job.origins[f"{path}.initContainers[0]"].startswith("spec.kubernetes.Pod")


@pytest.mark.parametrize(
    "held", [None, {}, "x", [1, None], [{"name": "web"}], [{"name": "x", "restartPolicy": "Always"}]]
)
def test_any_other_pod_stays_as_it_is(held: Any) -> None:
    document = Document(path="a", artifact="x", service="web", data={"kind": "Pod", "spec": {"initContainers": held}})
    assert sidecars_first(document) is document
