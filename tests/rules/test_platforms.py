"""Rules of platforms: silent where the platform is another, and what they say where it is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.domain.kubernetes.platforms import PLATFORMS
from kforge.rules.platforms import RULES
from tests.conftest import run
from tests.rules.objects import GONE, documents

CONTAINER = "spec.template.spec.containers[0]"
CLAIM = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": {}}
SECOND = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "again"},
    "spec": {"selector": {"app.kubernetes.io/name": "x"}},
}


def found(
    platform: str, *spoils: tuple[str, str, object], extra: tuple[dict[str, object], ...] = ()
) -> list[tuple[str, str]]:
    held = documents(*spoils, extra=extra, platform=platform)
    return [(rule.id, hit.field) for rule in RULES for hit in rule.check(held)]


SPOILT = (
    ("Deployment/web", f"{CONTAINER}.livenessProbe", GONE),
    ("Deployment/web", f"{CONTAINER}.securityContext.runAsUser", 1000),
    ("Deployment/web", f"{CONTAINER}.resources", {"requests": {"cpu": "10m", "memory": "1Gi"}}),
    ("Deployment/web", "metadata.labels", {"kubernetes.azure.com/x": "y"}),
)


@pytest.mark.parametrize(
    ("platform", "rules"),
    [
        ("generic", set()),
        ("openshift", {"platform-user"}),
        ("aks-automatic", {"platform-probes", "platform-resources", "platform-label", "platform-selector"}),
        ("gke-autopilot", {"platform-resources"}),
        ("eks", {"platform-class"}),
    ],
)
def test_each_platform_has_its_own_faults(platform: str, rules: set[str]) -> None:
    again = {**SECOND, "metadata": {"name": "third"}}
    good = {rule for rule, _ in found(platform)}
    assert {rule for rule, _ in found(platform, *SPOILT, extra=(CLAIM, SECOND, again))} - good == rules - good


@pytest.mark.parametrize("amount", ["", "x", None, [], {}, -1, "1e99", "٣"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_odd_amounts_are_another_rules_matter(platform: str, amount: object) -> None:
    found(platform, ("Deployment/web", f"{CONTAINER}.resources", {"requests": {"cpu": amount, "memory": amount}}))


def test_a_claim_with_a_class_is_in_order() -> None:
    named = {**CLAIM, "spec": {"storageClassName": "gp3"}}
    before = len(found("eks"))
    assert len(found("eks", extra=(CLAIM,))) == before + 1
    assert len(found("eks", extra=(named,))) == before


# ---- a class for one environment alone -------------------------------------------------------------------------
SPEC = """\
apiVersion: kforge.dev/v1
app: shop
namespace: shop
outputs: [kubernetes, helm]
services:
  db:
    image: docker.io/library/postgres:18.6
    secrets: {POSTGRES_PASSWORD: {secret: db, key: password}}
    volumes: [{name: data, path: /var/lib/postgresql, size: 1Gi}]
environments:
  here: {namespace: here}
  aws: {namespace: aws, platform: eks%s}
"""
FIELD = "spec.volumeClaimTemplates[0].spec.storageClassName"


def test_an_environment_is_told_of_a_patch_which_does_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "app.kforge.yaml").write_text(SPEC % "")
    told = run("build", cwd=tmp_path, code=0).err
    patch = f"{{target: StatefulSet/db, path: '{FIELD}', value: gp3, reason: the class there}}"
    assert f"`environments.aws.patches: [{patch}]`" in told
    (tmp_path / "app.kforge.yaml").write_text(SPEC % f", patches: [{patch}]")
    assert "platform-class" not in run("build", cwd=tmp_path, code=0).err
    assert "storageClassName: gp3" in (tmp_path / "deploy/overlays/aws/db/statefulset.yaml").read_text()
    assert "className: gp3" in (tmp_path / "deploy/helm/shop/values-aws.yaml").read_text()
    assert "gp3" not in (tmp_path / "deploy/kubernetes/db/statefulset.yaml").read_text()


def test_the_application_is_told_of_the_key(tmp_path: Path) -> None:
    (tmp_path / "app.kforge.yaml").write_text(
        (SPEC % "").replace("namespace: shop\n", "namespace: shop\nplatform: eks\n")
    )
    assert "name a class that the cluster has: `class: gp3`" in run("build", cwd=tmp_path, code=0).err
