"""The output `rendered`: what lies in its folders, and that it is what kustomize builds, with the images of CI as well."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.domain.document import mark
from tests.conftest import contents, copied, edit, once, run, write
from tests.domain.kubernetes.test_strategic import build, needs_kustomize
from tests.targets.charts import EXAMPLES, conforming, environments

OUTPUTS = "outputs: [dockerfile, kubernetes, rendered]\n"
SPEC = f"""apiVersion: kforge.dev/v1
app: shop
version: 1.4.2
namespace: {{name: shop, create: true}}
registry: ghcr.io/acme
{OUTPUTS}include: [extra/*.yaml]
services:
  web: {{image: "ghcr.io/acme/web:2.0", port: 8080, env: {{MODE: live, URL: "http://$(MODE)"}}, expose: {{host: shop.example.com}}}}
  cache: {{image: "docker.io/library/redis:7.4"}}
  once: {{image: "ghcr.io/acme/web:2.0", command: [web, once], job: true}}
environments:
  staging: {{namespace: shop-staging, services: {{web: {{scale: {{min: 1, max: 3}}, env: {{MODE: test}}}}, cache: {{omit: true}}}}}}
  prod: {{registry: registry.acme.internal, patches: [{{target: Deployment/cache, path: "spec.template.spec.containers[0].image", value: "docker.io/library/redis:8.0", reason: newer there}}]}}
"""
EXTRA = """apiVersion: v1
kind: ServiceAccount
metadata: {name: reader}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "acme:Reader"}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "acme-reader"}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "acme:Reader"}
subjects: [{kind: ServiceAccount, name: reader, namespace: shop}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - {name: first, image: "ghcr.io/acme/web:2.0", securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
      containers:
        - {name: agent, image: "ghcr.io/acme/agent:1.0", securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
"""
EVERY_CHECK = [["check"], ["check", "--full"]]
Objects = Mapping[tuple[str, str], Any]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = write(tmp_path / "shop", {"app.kforge.yaml": SPEC, "extra/more.yaml": EXTRA})
    run("build", cwd=folder, code=0)
    return folder


def rendered(folder: Path, environment: str) -> Objects:
    """Objects by kind and name, of every file of an environment's folder."""
    files = sorted((folder / f"deploy/rendered/{environment or 'base'}").rglob("*.yaml"))
    return named([yaml.safe_load(path.read_text()) for path in files])


def kustomized(folder: Path, environment: str) -> Objects:
    return named(build(folder / (f"deploy/overlays/{environment}" if environment else "deploy/kubernetes")))


def named(found: list[Any]) -> Objects:
    held = {(each["kind"], each["metadata"]["name"]): each for each in found}
    assert len(held) == len(found)
    return held


def set_images(folder: Path, environment: str, *images: Mapping[str, str]) -> None:
    """What `kustomize edit set image` does in CI."""
    path = folder / f"deploy/images/{environment or 'base'}/kustomization.yaml"
    path.write_text(path.read_text().replace("images: []", yaml.safe_dump({"images": [*images]})))


# ---- what is written -------------------------------------------------------------------------------------------
def test_the_base_and_every_environment_have_a_folder_with_one_object_a_file(built: Path) -> None:
    held = {path.partition("rendered/")[2] for path in contents(built) if path.startswith("deploy/rendered/")}
    own = {path for path in held if path.startswith("staging/")}
    assert {path.partition("/")[0] for path in held} == {"base", "staging", "prod"}
    assert own == {
        f"staging/{name}.yaml"
        for name in (
            "_included/daemonset-agent", "_included/role-acme-reader", "_included/role-acme-reader-2",
            "_included/rolebinding-reader", "_included/serviceaccount-reader", "namespace",
            "once/job", "once/networkpolicy", "once/serviceaccount",
            "web/deployment", "web/horizontalpodautoscaler", "web/ingress", "web/networkpolicy",
            "web/poddisruptionbudget", "web/service", "web/serviceaccount",
        )
    }  # fmt: skip


def test_every_file_bears_the_mark(built: Path) -> None:
    files = [*(built / "deploy/rendered").rglob("*.yaml")]
    assert files and all(path.read_text().startswith(mark("app.kforge.yaml")) for path in files)


def test_it_needs_no_manifests_beside_it(tmp_path: Path) -> None:
    text = SPEC.replace(OUTPUTS, "outputs: [rendered]\n")
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text, "extra/more.yaml": EXTRA}), code=0)
    assert {path.split("/")[1] for path in contents(tmp_path) if path.startswith("deploy/")} == {"rendered"}
    assert [run(*words, cwd=tmp_path).code for words in EVERY_CHECK] == [0, 0]


def test_a_service_that_narrows_its_outputs_is_in_no_folder(tmp_path: Path) -> None:
    text = SPEC.replace('redis:7.4"}', 'redis:7.4", outputs: [kubernetes]}')
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text, "extra/more.yaml": EXTRA}), code=0)
    assert not (tmp_path / "deploy/rendered/base/cache").exists() and (tmp_path / "deploy/kubernetes/cache").exists()


def test_they_go_where_the_spec_says(tmp_path: Path) -> None:
    text = SPEC.replace(OUTPUTS, OUTPUTS + "paths: {rendered: final/}\n")
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text, "extra/more.yaml": EXTRA}), code=0)
    assert (tmp_path / "final/prod/web/deployment.yaml").exists()


def test_reviews_do_not_fold_what_is_there_to_be_read(built: Path) -> None:
    subprocess.run(["git", "init", "-q", str(built)], check=True)
    run("build", "--gitattributes", cwd=built, code=0)
    assert "rendered" not in (built / ".gitattributes").read_text()


# ---- equal to kustomize ----------------------------------------------------------------------------------------
def example_of(name: str, folder: Path) -> Path:
    copied(name, folder)
    edit(folder / "app.kforge.yaml", "\nservices:", f"\n{OUTPUTS}services:")
    run("build", cwd=folder, code=0)
    return folder


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, f"rendered-{request.param}", lambda folder: example_of(request.param, folder))


@needs_kustomize
def test_every_environment_of_an_example_is_object_for_object_what_kustomize_builds(example: Path) -> None:
    for environment in environments(example):
        assert rendered(example, environment) == kustomized(example, environment), environment


def test_kubeconform_takes_every_file(example: Path, tmp_path: Path) -> None:
    for environment in environments(example):
        folder = example / f"deploy/rendered/{environment or 'base'}"
        conforming(rendered(example, environment), tmp_path, "1.34", folder)


NAMING = """apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: plain}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: placed, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}
subjects: &subjects
- {kind: ServiceAccount, name: plain, namespace: shop}
- {kind: ServiceAccount, name: placed, namespace: shop}
- {kind: ServiceAccount, name: web, namespace: shop}
- {kind: ServiceAccount, name: web, namespace: other}
- {kind: ServiceAccount, name: default, namespace: shop}
- {kind: User, name: default}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: *subjects
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.x.example.com}
spec: {group: x.example.com, version: v1, groupPriorityMinimum: 10, versionPriority: 10, service: {name: x, namespace: x}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: v}
webhooks:
- {name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {name: web, namespace: shop}}}
- {name: b.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {name: x, namespace: shop}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: xs.example.com}
spec:
  group: example.com
  names: {kind: X, plural: xs}
  scope: Namespaced
  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {service: {name: x, namespace: x}}}}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
""".replace("&subjects", "").replace("*subjects", "[{kind: ServiceAccount, name: web, namespace: shop}]")


@needs_kustomize
def test_the_users_objects_name_the_namespaces_that_kustomize_gives_them(tmp_path: Path) -> None:
    spec = SPEC.replace("{name: shop, create: true}", "shop")
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": spec, "extra/more.yaml": NAMING}), code=0)
    for environment in ("", "staging", "prod"):
        assert rendered(tmp_path, environment) == kustomized(tmp_path, environment), environment


def test_another_namespace_of_the_users_is_refused_since_kustomize_would_rename_it(tmp_path: Path) -> None:
    other = "apiVersion: v1\nkind: Namespace\nmetadata: {name: monitoring}\n"
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC, "extra/other.yaml": other}), code=2).err
    assert "would rename `Namespace/monitoring` to `shop`" in told and "extra/other.yaml:3:18" in told


WEB, CACHE, AGENT = "ghcr.io/acme/web", "docker.io/library/redis", "ghcr.io/acme/agent"
SET = {
    "nothing": {},
    "a tag of the base": {"": ({"name": WEB, "newTag": "2.1"},)},
    "a tag of the base, and of an environment": {
        "": ({"name": WEB, "newTag": "2.1"},),
        "prod": ({"name": WEB, "newTag": "2.2"}, {"name": AGENT, "newTag": "1.1"}),
    },
    "a digest": {"staging": ({"name": WEB, "digest": f"sha256:{'a' * 64}"},)},
    "a tag where an environment has another": {"": ({"name": CACHE, "newTag": "7.5"},)},
    "another name": {"": ({"name": AGENT, "newName": "ghcr.io/other/agent"}, {"name": WEB, "newTag": "3"})},
}


@needs_kustomize
@pytest.mark.parametrize("images", SET.values(), ids=[*SET])
def test_images_that_ci_sets_are_where_kustomize_puts_them(images: Mapping[str, Any], built: Path) -> None:
    edit(built / "app.kforge.yaml", "  once: ", "  more: {like: cache}\n  once: ")
    run("build", cwd=built, code=0)
    for environment, entries in images.items():
        set_images(built, environment, *entries)
    run("build", cwd=built, code=0)
    for environment in ("", "staging", "prod"):
        assert rendered(built, environment) == kustomized(built, environment), environment
    assert [run(*words, cwd=built).code for words in EVERY_CHECK] == [0, 0]


@needs_kustomize
def test_a_tag_of_the_base_lives_on_beside_an_environments_registry(tmp_path: Path) -> None:
    folder = example_of("shop", tmp_path / "shop")
    set_images(folder, "", {"name": "ghcr.io/acme/shop-web", "newTag": "1.4.3"})
    run("build", cwd=folder, code=0)
    (container,) = rendered(folder, "prod")["Deployment", "web"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.acme.internal/shop-web:1.4.3"
    for environment in ("", "staging", "prod"):
        assert rendered(folder, environment) == kustomized(folder, environment), environment


# ---- checked ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_what_was_built_is_current(words: list[str], built: Path) -> None:
    run(*words, cwd=built, code=0)


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_an_edited_file_is_stale(words: list[str], built: Path) -> None:
    edit(built / "deploy/rendered/prod/web/deployment.yaml", "value: live", "value: dead")
    assert "`deploy/rendered/prod/web/deployment.yaml` was edited by hand" in run(*words, cwd=built, code=1).err


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_a_file_that_no_build_lists_is_told(words: list[str], built: Path) -> None:
    (built / "deploy/rendered/prod/web/more.yaml").write_text("kind: Secret\n")
    assert "`deploy/rendered/prod/web/more.yaml` is in a folder of kforge's manifests" in run(*words, cwd=built).err


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_an_image_that_ci_sets_makes_the_files_that_show_it_stale_and_no_others(words: list[str], built: Path) -> None:
    set_images(built, "prod", {"name": CACHE, "newTag": "8.1"})
    told = run(*words, "-v", cwd=built, code=1).out
    assert "rendered/prod/cache/deployment.yaml" in told
    assert "rendered/base" not in told and "rendered/prod/web" not in told


def test_an_image_that_ci_sets_is_told_of_its_environment(built: Path) -> None:
    set_images(built, "prod", {"name": CACHE, "newTag": "8.1"})
    assert "8.1 in prod" in run("check", cwd=built, code=1).out


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_an_image_that_is_set_back_makes_them_stale_again(words: list[str], built: Path) -> None:
    seed = (built / "deploy/images/prod/kustomization.yaml").read_bytes()
    set_images(built, "prod", {"name": CACHE, "newTag": "8.1"})
    run("build", cwd=built, code=0)
    (built / "deploy/images/prod/kustomization.yaml").write_bytes(seed)
    assert "rendered/prod/cache/deployment.yaml" in run(*words, "-v", cwd=built, code=1).out


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_a_changed_image_is_no_input_where_nothing_shows_it(words: list[str], tmp_path: Path) -> None:
    text = SPEC.replace(", rendered]", "]")
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text, "extra/more.yaml": EXTRA}), code=0)
    set_images(tmp_path, "prod", {"name": CACHE, "newTag": "8.1"})
    run(*words, cwd=tmp_path, code=0)


# ---- refused ---------------------------------------------------------------------------------------------------
def test_a_secret_of_the_users_is_not_copied(tmp_path: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: mine}\nstringData: {a: geheim}\n"
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC, "extra/mine.yaml": secret}), code=2).err
    assert "extra/mine.yaml:1" in told and "leave `rendered` out of `outputs`" in told and "geheim" not in told
    assert not (tmp_path / "deploy").exists()


@pytest.mark.parametrize(
    "paths", ["{rendered: deploy/kubernetes}", "{rendered: deploy/overlays/x}", "{images: deploy/rendered/base}"]
)
def test_a_folder_within_another_outputs_is_refused(paths: str, tmp_path: Path) -> None:
    text = SPEC.replace(OUTPUTS, f"{OUTPUTS}paths: {paths}\n")
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text, "extra/more.yaml": EXTRA}), code=2).err
    assert "give each its own folder" in told and "app.kforge.yaml:7" in told


def test_an_environment_called_base_is_refused(tmp_path: Path) -> None:
    text = SPEC.replace("  prod: ", "  base: ")
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text, "extra/more.yaml": EXTRA}), code=2).err
    assert "`base` is reserved" in told and "app.kforge.yaml:14" in told
