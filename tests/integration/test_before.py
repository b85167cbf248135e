"""`before`: pods of this version start when the Job of this version is done. Which names must agree, and do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import edit, run, write

SPEC = """\
apiVersion: kforge.dev/v1
app: shop
version: 1.0.0
namespace: shop
registry: ghcr.io/acme
network: strict
services:
  web: {source: ., expose: {host: a.example.com}, scale: {min: 1, max: 3}}
  worker: {like: web, command: [python, worker.py], schedule: "0 3 * * *"}
  migrate: {like: web, command: [python, migrate.py], job: true, before: [web, load]}
  load: {like: web, command: [python, load.py], job: true, before: [worker]}
  other: {source: ./other}
environments:
  prod: {namespace: shop-prod, version: 2.0.0}
  bare: {namespace: shop-bare, services: {migrate: {omit: true}, load: {omit: true}}}
"""
PROGRAM = (
    "import http.server\nhttp.server.HTTPServer(('', 8000), http.server.SimpleHTTPRequestHandler).serve_forever()\n"
)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    scripts = dict.fromkeys(("migrate.py", "load.py", "worker.py"), "x = 1\n")
    write(tmp_path, {"app.kforge.yaml": SPEC, "main.py": PROGRAM, "other/main.py": PROGRAM, **scripts})
    run("build", cwd=tmp_path, code=0)
    return tmp_path


def loaded(folder: Path, path: str, root: str = "deploy/kubernetes") -> Any:
    return yaml.safe_load((folder / root / path).read_text())


def job(folder: Path, name: str = "migrate", root: str = "deploy/kubernetes") -> str:
    return str(loaded(folder, f"{name}/job.yaml", root)["metadata"]["name"])


def awaited(pod: Any) -> dict[str, str]:
    """Where a pod mounts what it waits for → the ConfigMap."""
    names = {volume["name"]: volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume}
    mounts = pod["containers"][0]["volumeMounts"]
    return {mount["mountPath"]: names[mount["name"]] for mount in mounts if mount["name"] in names}


def test_everything_is_named_for_this_version_of_the_job(built: Path) -> None:
    name = job(built)
    assert loaded(built, "migrate/configmap-done.yaml")["metadata"]["name"] == name
    assert loaded(built, "migrate/role.yaml")["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [name], "verbs": ["get", "patch"]}
    ]
    assert loaded(built, "migrate/rolebinding.yaml")["subjects"] == [
        {"kind": "ServiceAccount", "name": "migrate", "namespace": "shop"}
    ]
    web = loaded(built, "web/deployment.yaml")["spec"]["template"]["spec"]
    assert awaited(web) == {"/run/kforge/after/migrate": name}
    assert web["automountServiceAccountToken"] is False


def test_only_the_container_that_says_done_has_a_key_to_the_api_server(built: Path) -> None:
    pod = loaded(built, "migrate/job.yaml")["spec"]["template"]["spec"]
    (program,), (marker,) = pod["initContainers"], pod["containers"]
    assert (program["name"], program["command"], marker["name"]) == ("migrate", ["python", "migrate.py"], "kforge-done")
    token = next(volume["name"] for volume in pod["volumes"] if "projected" in volume)
    mounts = [{mount["name"] for mount in each.get("volumeMounts", ())} for each in (program, marker)]
    assert ([token in each for each in mounts], pod["automountServiceAccountToken"]) == ([False, True], False)
    assert marker["securityContext"]["readOnlyRootFilesystem"] is True


def test_a_job_may_wait_for_a_job_and_a_schedule_for_that(built: Path) -> None:
    load = loaded(built, "load/job.yaml")["spec"]["template"]["spec"]
    waits = {volume["name"]: volume["configMap"]["name"] for volume in load["volumes"] if "configMap" in volume}
    assert waits == {"after-migrate": job(built)}
    worker = loaded(built, "worker/cronjob.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert awaited(worker) == {"/run/kforge/after/load": job(built, "load")}


def test_argo_cd_applies_what_waits_in_the_wave_after(built: Path) -> None:
    def wave(path: str) -> str | None:
        return (loaded(built, path)["metadata"].get("annotations") or {}).get("argocd.argoproj.io/sync-wave")

    web = sorted((built / "deploy/kubernetes/web").glob("*.yaml"))
    assert len(web) > 5 and {wave(f"web/{path.name}") for path in web} == {"1"}
    assert [wave("migrate/job.yaml"), wave("load/job.yaml"), wave("worker/cronjob.yaml"), wave("other/deployment.yaml")] == [None, "1", "2", None]  # fmt: skip


def test_with_a_strict_network_only_the_job_may_reach_the_api_server(built: Path) -> None:
    def ports(name: str) -> list[int]:
        rules = loaded(built, f"{name}/networkpolicy.yaml")["spec"].get("egress", ())
        return [port["port"] for rule in rules if "to" not in rule for port in rule["ports"]]

    assert {name: ports(name) for name in ("web", "worker", "migrate")} == {
        "web": [],
        "worker": [],
        "migrate": [443, 6443],
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1.0.0", "version: 1.0.1"),
        ("python, migrate.py", "python, migrate.py, --all"),
        ("job: true, before: [web, load]", 'job: true, before: [web, load], kubernetes: {Pod: {tolerations: [{key: a, operator: Exists}]}}'),
        ("environments:", "patches: [{target: Job/migrate*, path: spec.template.spec.priorityClassName, value: low, reason: urgent}]\nenvironments:"),
        ("namespace: shop\n", "namespace: shop\ndefaults: {kubernetes: {Pod: {priorityClassName: low}}}\n"),
    ],
)  # fmt: skip
def test_another_template_of_the_job_is_another_name_everywhere(old: str, new: str, built: Path) -> None:
    before, load = job(built), job(built, "load")
    edit(built / "app.kforge.yaml", old, new)
    run("build", cwd=built, code=0)
    after = job(built)
    assert before != after and load != job(built, "load")  # which waits for it
    test_everything_is_named_for_this_version_of_the_job(built)
    test_a_job_may_wait_for_a_job_and_a_schedule_for_that(built)
    run("check", "--full", cwd=built, code=0)


def test_an_environment_with_another_image_waits_for_its_own_job(built: Path) -> None:
    name = job(built, root="deploy/overlays/prod")
    assert name != job(built)
    web = loaded(built, "web/deployment.yaml", "deploy/overlays/prod")["spec"]["template"]["spec"]
    assert name in [volume.get("configMap", {}).get("name") for volume in web["volumes"]]
    assert loaded(built, "migrate/role.yaml", "deploy/overlays/prod")["rules"][0]["resourceNames"] == [name]
    subjects = loaded(built, "migrate/rolebinding.yaml", "deploy/overlays/prod")["subjects"]
    assert subjects[0]["namespace"] == "shop-prod"


def test_where_the_job_is_omitted_nothing_waits(built: Path) -> None:
    text = (built / "deploy/overlays/bare/web/deployment.yaml").read_text()
    assert '"$patch": delete' in text and "annotations: null" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [("before: [web, load]", "before: [load]"), ("before: [web, load]", "before: [web, load, other]")],
)
def test_a_check_in_a_fresh_clone_knows_who_waits(old: str, new: str, built: Path) -> None:
    run("check", cwd=built, code=0)
    edit(built / "app.kforge.yaml", old, new)
    run("check", cwd=built, code=1)
    run("build", cwd=built, code=0)
    run("check", cwd=built, code=0)


def test_a_job_that_is_tried_for_long_says_why(built: Path) -> None:
    told = run("explain", "migrate/rollout", "retries", cwd=built, code=0).out
    assert "6" in told and "others wait for it" in told


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("before: [web, load]}", "before: [web, load], kubernetes: {Job: {spec: {suspend: true}}}}", "suspended-job"),
        ("scale: {min: 1, max: 3}", "rollout: {strategy: recreate}", "stopped-before-job"),
        ("scale: {min: 1, max: 3}", "volumes: [{name: data, path: /data, size: 1Gi}]", "stopped-before-job"),
    ],
)
def test_what_would_not_wait_as_meant_is_told(old: str, new: str, rule: str, built: Path) -> None:
    edit(built / "app.kforge.yaml", old, new)
    assert f"[{rule}]" in run("build", "--allow-data-loss", cwd=built).err


@pytest.mark.parametrize(
    ("images", "told"),
    [
        ("{name: ghcr.io/acme/shop-web, newTag: 1.4.3}", True),
        ("{name: ghcr.io/acme/shop-web, newTag: 1.0.0}", False),
        ("{name: ghcr.io/acme/shop-other, newTag: 1.4.3}", False),
        ("{name: registry.k8s.io/kubectl, newTag: v1.35.0}", True),
    ],
)
def test_an_image_of_the_job_that_ci_sets_is_an_error(images: str, told: bool, built: Path) -> None:
    edit(built / "deploy/images/base/kustomization.yaml", "images: []", f"images: [{images}]")
    assert ("[job-image]" in run("check", cwd=built, code=1 if told else 0).err) == told


@pytest.mark.parametrize("line", ["bases: {kubectl: ghcr.io/acme/kubectl:v1.34.9}\n", ""])
def test_kubectl_comes_from_an_allowed_registry(line: str, built: Path) -> None:
    allowed = "registries: [ghcr.io/acme, docker.io/library]\n"
    edit(built / "app.kforge.yaml", "network: strict\n", f"{allowed}{line}network: strict\n")
    said = run("build", cwd=built, code=0 if line else 1).err
    assert ("image-registry" in said) == (not line)
    if line:
        assert "image: ghcr.io/acme/kubectl:v1.34.9" in (built / "deploy/kubernetes/migrate/job.yaml").read_text()
        run("check", cwd=built, code=0)
