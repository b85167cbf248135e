"""The outputs `argocd` and `flux`: what they deploy is there, what waits waits, what holds data stays, what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from kforge.system.schemas import validator
from tests.conftest import contents, copied, edit, run, write
from tests.domain.kubernetes.test_strategic import build, needs_kustomize

SPEC = """apiVersion: kforge.dev/v1
app: shop
version: 1.4.2
namespace: {name: shop, create: true}
outputs: [OUTPUT, argocd, flux]
gitops:
  repository: https://github.com/acme/shop
services:
  web: {image: "ghcr.io/acme/web:2.0", port: 8080, volumes: [{name: up, path: /up, size: 1Gi, shared: true}]}
  migrate: {like: web, command: [web, migrate], job: true, before: [web], volumes: []}
  once: {image: "ghcr.io/acme/web:2.0", command: [web, once], job: true}
environments:
  prod: {namespace: shop-prod}
  staging: {namespace: shop-staging}
"""
SOURCES = ("kubernetes", "rendered", "helm")
EVERY_CHECK = [["check"], ["check", "--full"]]
TTL = "ttlSecondsAfterFinished"


def spec(written: str = "kubernetes", /, **gitops: Any) -> str:
    said = {"repository": "https://github.com/acme/shop", **gitops}
    return SPEC.replace("OUTPUT", written).replace(
        "\n  repository: https://github.com/acme/shop", f" {json.dumps(said)}"
    )


def built(folder: Path, text: str) -> Path:
    run("build", cwd=write(folder, {"app.kforge.yaml": text}), code=0)
    return folder


def refused(folder: Path, text: str) -> str:
    told = run("build", cwd=write(folder, {"app.kforge.yaml": text}), code=2).err
    assert not (folder / "deploy").exists()
    return told


def loaded(folder: Path, path: str) -> Any:
    return yaml.safe_load((folder / path).read_text())


def objects(folder: Path, output: str) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "deploy" / output).rglob("*.yaml")):
        yield yaml.safe_load(path.read_text())


# ---- what is written -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("source", SOURCES)
def test_every_environment_is_deployed(source: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    held = contents(built(tmp_path, spec(source)))
    assert {
        path: text.decode() for path, text in held.items() if path.startswith(("deploy/argocd", "deploy/flux"))
    } == (snapshot)


@pytest.mark.parametrize("source", SOURCES)
def test_what_they_point_to_is_there(source: str, tmp_path: Path) -> None:
    folder = built(tmp_path, spec(source))
    for each in objects(folder, "argocd"):
        there = folder / each["spec"]["source"]["path"]
        assert (there / {"kubernetes": "kustomization.yaml", "rendered": "web", "helm": "Chart.yaml"}[source]).exists()
        assert all((there / name).exists() for name in each["spec"]["source"].get("helm", {}).get("valueFiles", ()))
    for each in objects(folder, "flux"):
        chart = each["spec"].get("chart", {}).get("spec", {}) if "spec" in each else {}
        paths = [each.get("spec", {}).get("path"), chart.get("chart"), *chart.get("valuesFiles", ())]
        assert all(path.startswith("./") and (folder / path).exists() for path in paths if path)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_what_was_built_is_current_and_an_edit_is_not(source: str, words: list[str], tmp_path: Path) -> None:
    folder = built(tmp_path, spec(source))
    run(*words, cwd=folder, code=0)
    edit(folder / "deploy/argocd/prod.yaml", "targetRevision: main", "targetRevision: mine")
    assert "`deploy/argocd/prod.yaml` was edited by hand" in run(*words, cwd=folder, code=1).err


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("acme/shop", "acme/store", "deploy/argocd/prod.yaml"),
        ("prod: {", "prod: {gitops: {revision: next}, ", "deploy/flux/prod/source.yaml"),
        ("namespace: shop-prod", "namespace: shop-live", "deploy/argocd/prod.yaml"),
        ("outputs: [kubernetes", "paths: {overlays: envs}\noutputs: [kubernetes", "deploy/flux/prod/sync.yaml"),
    ],
)
def test_a_change_of_the_spec_makes_them_stale(old: str, new: str, path: str, words: list[str], tmp_path: Path) -> None:
    folder = built(tmp_path, spec())
    edit(folder / "app.kforge.yaml", old, new)
    assert path in run(*words, "-v", cwd=folder, code=1).out


def test_they_are_no_part_of_the_manifests(tmp_path: Path) -> None:
    folder = built(tmp_path, spec("kubernetes, rendered, helm"))
    kept = {
        path: text for path, text in contents(folder).items() if not path.startswith(("deploy/argocd", "deploy/flux"))
    }
    assert not [path for path, text in kept.items() if path.startswith("deploy/") and b"repoURL" in text]


@pytest.mark.parametrize("name", ["batch", "hello", "notes", "shop"])
def test_every_object_for_the_examples_is_valid(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    copied(name, folder)
    said = "outputs: [dockerfile, kubernetes, argocd, flux]\ngitops: {repository: https://github.com/acme/x}\n"
    text = (folder / "app.kforge.yaml").read_text()
    said += "" if "\nnamespace:" in text else f"namespace: {name}\n"
    built(folder, text.replace("\nservices:", f"\n{said}services:", 1))
    found = [*objects(folder, "argocd"), *objects(folder, "flux")]
    assert found and [fault for each in found for fault in validator("1.34")(each) or ()] == []


# ---- where from, where to --------------------------------------------------------------------------------------
def test_an_environment_may_have_its_own_revision_cluster_project_and_way(tmp_path: Path) -> None:
    own = "gitops: {revision: refs/tags/v1.4.2, cluster: prod-eu, project: live, sync: manual}"
    folder = built(tmp_path, spec(project="shop", secret="git").replace("prod: {", f"prod: {{{own}, "))
    prod, staging = (loaded(folder, f"deploy/argocd/{name}.yaml")["spec"] for name in ("prod", "staging"))
    assert (prod["source"]["targetRevision"], prod["destination"], prod["project"]) == (
        "refs/tags/v1.4.2",
        {"name": "prod-eu", "namespace": "shop-prod"},
        "live",
    )
    assert "automated" not in prod["syncPolicy"] and staging["syncPolicy"]["automated"] == {
        "prune": True,
        "selfHeal": True,
    }
    assert (staging["project"], staging["destination"]["server"]) == ("shop", "https://kubernetes.default.svc")
    source, sync = (loaded(folder, f"deploy/flux/prod/{name}.yaml")["spec"] for name in ("source", "sync"))
    assert (source["ref"], source["secretRef"]) == ({"name": "refs/tags/v1.4.2"}, {"name": "git"})
    assert (sync["suspend"], sync["kubeConfig"]) == (True, {"secretRef": {"name": "prod-eu"}})


@pytest.mark.parametrize(
    ("revision", "reference"),
    [("main", {"branch": "main"}), ("refs/tags/v1", {"name": "refs/tags/v1"}), ("a" * 40, {"commit": "a" * 40})],
)
def test_flux_is_told_which_sort_of_revision_it_is(revision: str, reference: Mapping[str, str], tmp_path: Path) -> None:
    folder = built(tmp_path, spec(revision=revision))
    assert loaded(folder, "deploy/flux/prod/source.yaml")["spec"]["ref"] == reference


def test_the_first_of_kubernetes_rendered_and_helm_is_deployed_unless_the_spec_says_another(tmp_path: Path) -> None:
    found = []
    for number, (outputs, said) in enumerate([("helm, rendered", {}), ("kubernetes, helm", {"source": "helm"})]):
        folder = built(tmp_path / str(number), spec(outputs, **said))
        found.append(loaded(folder, "deploy/argocd/prod.yaml")["spec"]["source"]["path"])
    assert found == ["deploy/rendered/prod", "deploy/helm/shop"]


def test_the_spec_may_lie_below_the_repositorys_top(tmp_path: Path) -> None:
    folder = built(tmp_path, spec(path="apps/shop/"))
    assert loaded(folder, "deploy/argocd/prod.yaml")["spec"]["source"]["path"] == "apps/shop/deploy/overlays/prod"
    assert loaded(folder, "deploy/flux/prod/sync.yaml")["spec"]["path"] == "./apps/shop/deploy/overlays/prod"


def test_without_environments_the_base_is_deployed(tmp_path: Path) -> None:
    folder = built(tmp_path, spec().partition("environments:")[0])
    one = loaded(folder, "deploy/argocd/base.yaml")
    assert (one["metadata"]["name"], one["spec"]["source"]["path"]) == ("shop", "deploy/kubernetes")
    assert loaded(folder, "deploy/flux/base/sync.yaml")["spec"]["path"] == "./deploy/kubernetes"


def test_only_what_the_spec_names_is_deployed(tmp_path: Path) -> None:
    folder = built(tmp_path, spec(environments=["base", "prod"]))
    assert sorted(path.name for path in (folder / "deploy/argocd").iterdir()) == ["base.yaml", "prod.yaml"]


def test_a_patch_reaches_what_has_no_key(tmp_path: Path) -> None:
    patch = "patches: [{target: Application/shop-prod, path: spec.revisionHistoryLimit, value: 3, reason: few are enough}]\n"
    folder = built(tmp_path, spec() + patch)
    assert loaded(folder, "deploy/argocd/prod.yaml")["spec"]["revisionHistoryLimit"] == 3


def test_a_patch_that_argo_cd_would_refuse_is_refused(tmp_path: Path) -> None:
    patch = "patches: [{target: Application/shop-prod, path: spec.sincPolicy, value: 3, reason: a misspelt field}]\n"
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": spec() + patch}), code=1)
    told = run("build", cwd=tmp_path).err
    assert "unknown field `sincPolicy`" in told and "did you mean `syncPolicy`" in told


def test_objects_of_the_users_are_held_against_the_same_crds(tmp_path: Path) -> None:
    mine = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: shop}\nspec:\n  sourceRepo: ['*']\n"
    text = spec().replace("outputs:", "include: [mine/*.yaml]\noutputs:")
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text, "mine/project.yaml": mine}), code=1).err
    assert (
        "unknown field `sourceRepo`" in told
        and "mine/project.yaml:5:3" in told
        and "did you mean `sourceRepos`" in told
    )


# ---- one ApplicationSet ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("own", ["cluster: prod-eu", "cluster: https://10.0.0.1:6443", "revision: next, project: live"])
def test_an_application_set_makes_the_same_applications(own: str, source: str, tmp_path: Path) -> None:
    text = spec(source, environments=["prod", "staging", "base"]).replace("argocd, flux", "argocd")
    text = text.replace("prod: {", f"prod: {{gitops: {{{own}}}, ")
    apart = {each["metadata"]["name"]: each["spec"] for each in objects(built(tmp_path / "apart", text), "argocd")}
    joint = built(tmp_path / "set", text.replace('"environments"', '"applicationSet": true, "environments"', 1))
    (one,) = objects(joint, "argocd")
    (generator,) = one["spec"]["generators"]
    made = {each["name"]: filled(one["spec"]["template"]["spec"], each) for each in generator["list"]["elements"]}
    assert {name: plain(each) for name, each in made.items()} == {name: plain(each) for name, each in apart.items()}
    assert validator("1.34")(one) == ()


def filled(data: Any, values: Mapping[str, str]) -> Any:
    """What Argo CD makes of a template: each `{{.name}}` is the element's value, and a missing one is an error."""
    if isinstance(data, dict):
        return {key: filled(value, values) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value, values) for value in data]
    return re.sub(r"\{\{\.(\w+)\}\}", lambda match: values[match[1]], data) if isinstance(data, str) else data


def plain(application: Mapping[str, Any]) -> Any:
    """An Application with the cluster that Argo CD runs in under one of its two names, and its chart's own values named."""
    held = json.loads(json.dumps(application))
    if held["destination"].get("server") == "https://kubernetes.default.svc":
        held["destination"] = {"name": "in-cluster", "namespace": held["destination"]["namespace"]}
    if "helm" in held["source"]:
        held["source"]["helm"].setdefault("valueFiles", ["values.yaml"])
    return held


# ---- jobs, data ------------------------------------------------------------------------------------------------
def job(folder: Path, name: str) -> Any:
    return loaded(folder, f"deploy/kubernetes/{name}/job.yaml")


@pytest.mark.parametrize("outputs", ["argocd", "flux"])
def test_a_job_stays_until_the_repository_has_another(outputs: str, tmp_path: Path) -> None:
    text = spec().replace("argocd, flux", outputs)
    folder = built(tmp_path / "with", text)
    without = built(tmp_path / "without", text.replace(f", {outputs}", "").replace('gitops: {"repo', '#: {"repo'))
    found = [TTL in job(where, name)["spec"] for where in (folder, without) for name in ("migrate", "once")]
    assert found == [False, False, True, True]


def test_nothing_else_of_a_job_changes(tmp_path: Path) -> None:
    folder = built(tmp_path / "with", spec())
    without = built(
        tmp_path / "without", SPEC.replace("OUTPUT, argocd, flux", "kubernetes").replace("gitops:\n  rep", "#\n# ")
    )
    wanted = job(without, "migrate")
    del wanted["spec"][TTL]
    assert job(folder, "migrate") == wanted


def test_a_pinned_time_stays_and_is_told(tmp_path: Path) -> None:
    text = spec().replace("once: {", "once: {rollout: {keep: 60}, ")
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=0).err
    assert job(tmp_path, "once")["spec"][TTL] == 60 and "warning[returning-job]" in told


def annotations(folder: Path, path: str) -> Any:
    return loaded(folder, f"deploy/kubernetes/{path}.yaml")["metadata"].get("annotations") or {}


ARGO, FLUX = "argocd.argoproj.io/sync-options", "kustomize.toolkit.fluxcd.io/prune"
DATA = ("namespace", "web/persistentvolumeclaim-up")


@pytest.mark.parametrize(
    ("outputs", "notes"),
    [
        ("argocd", {ARGO: "Prune=false,Delete=false"}),
        ("flux", {FLUX: "disabled"}),
        ("argocd, flux", {ARGO: "Prune=false,Delete=false", FLUX: "disabled"}),
    ],
)
def test_what_holds_data_is_not_pruned(outputs: str, notes: Mapping[str, str], tmp_path: Path) -> None:
    folder = built(tmp_path, spec().replace("argocd, flux", outputs))
    assert [notes.items() <= annotations(folder, path).items() for path in DATA] == [True, True]


def test_what_tells_that_a_job_is_done_outlives_the_next_version_under_flux(tmp_path: Path) -> None:
    folder = built(tmp_path, spec())
    assert annotations(folder, "migrate/configmap-done") == {FLUX: "disabled"}


def test_under_argo_cd_it_is_pruned_last(tmp_path: Path) -> None:
    folder = built(tmp_path, spec().replace("argocd, flux", "argocd"))
    assert annotations(folder, "migrate/configmap-done") == {}
    assert "PruneLast=true" in loaded(folder, "deploy/argocd/prod.yaml")["spec"]["syncPolicy"]["syncOptions"]


@needs_kustomize
@pytest.mark.parametrize("path", ["deploy/overlays/prod", "deploy/rendered/prod"])
def test_what_waits_is_in_a_later_wave_than_the_job_and_all_that_the_job_needs(path: str, tmp_path: Path) -> None:
    folder = built(tmp_path, spec("kubernetes, rendered"))
    here = folder / path
    found = build(here) if "overlays" in path else [yaml.safe_load(each.read_text()) for each in here.rglob("*.yaml")]
    waves: dict[str, set[int]] = {}
    for each in found:
        service = each["metadata"].get("labels", {}).get("app.kubernetes.io/name", "")
        notes = each["metadata"].get("annotations") or {}
        waves.setdefault(service, set()).add(int(notes.get("argocd.argoproj.io/sync-wave", "0")))
    assert waves == {"": {0}, "migrate": {0}, "once": {0}, "web": {1}}


def test_a_release_waits_as_long_as_its_hooks_may_take(tmp_path: Path) -> None:
    text = spec("helm").replace("before: [web], volumes: []", "before: [web], rollout: {deadline: 5400}")
    text = text.replace(", volumes: [{name: up, path: /up, size: 1Gi, shared: true}]", "")
    folder = built(tmp_path, text)
    assert "helm.sh/hook" in (folder / "deploy/helm/shop/templates/migrate/job.yaml").read_text()
    assert loaded(folder, "deploy/flux/prod/release.yaml")["spec"]["timeout"] == "90m"


def test_what_failed_is_tried_again_and_what_was_changed_is_put_back(tmp_path: Path) -> None:
    release = loaded(built(tmp_path / "a", spec("helm")), "deploy/flux/prod/release.yaml")["spec"]
    assert release["install"]["strategy"] == release["upgrade"]["strategy"] == {"name": "RetryOnFailure"}
    assert release["driftDetection"] == {"mode": "enabled"}
    assert "remediation" not in {**release["install"], **release["upgrade"]}
    sync = loaded(built(tmp_path / "b", spec("kubernetes")), "deploy/flux/prod/sync.yaml")["spec"]
    assert (sync["retryInterval"], sync["prune"], sync["wait"]) == ("2m", True, True)
    application = loaded(tmp_path / "b", "deploy/argocd/prod.yaml")["spec"]
    assert application["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}


def test_a_charts_namespace_is_made_with_its_labels_before_its_hooks_run(tmp_path: Path) -> None:
    folder = built(tmp_path, spec("helm"))
    policy = loaded(folder, "deploy/argocd/prod.yaml")["spec"]["syncPolicy"]
    made = loaded(folder, "deploy/flux/prod/namespace.yaml")
    assert "CreateNamespace=true" in policy["syncOptions"] and made["metadata"]["name"] == "shop-prod"
    key = "pod-security.kubernetes.io/enforce"
    assert policy["managedNamespaceMetadata"]["labels"][key] == made["metadata"]["labels"][key] == "restricted"


def test_on_another_cluster_helm_makes_it(tmp_path: Path) -> None:
    folder = built(tmp_path, spec("helm", cluster="prod-eu"))
    assert loaded(folder, "deploy/flux/prod/release.yaml")["spec"]["install"]["createNamespace"] is True
    assert not (folder / "deploy/flux/prod/namespace.yaml").exists()


# ---- refused ---------------------------------------------------------------------------------------------------
WITHOUT = SPEC.replace("OUTPUT", "kubernetes").replace("gitops:\n  repository: https://github.com/acme/shop\n", "")
PROD = "prod: {namespace: shop-prod"
# What is wrong, what is said, and the text at whose beginning it is said.
REFUSED = {
    "no repository": (WITHOUT, "`argocd` needs `gitops`", "argocd"),
    "nothing to deploy": (spec("dockerfile"), "no output writes what Argo CD could deploy", "argocd"),
    "no namespace": (
        spec().replace("namespace: {name: shop, create: true}\n", "").replace(", before: [web]", ""),
        "Flux needs a namespace for the objects",
        "flux",
    ),
    "no output": (spec().replace("argocd, flux", "helm"), "`gitops` has no effect", "gitops"),
    "a password": (spec(repository="https://me:secret@github.com/acme/shop"), "holds a name or a password", '"https://me'),
    "no address": (spec(repository="../shop"), "which is not a repository address", '"../shop'),
    "an address that Flux does not take": (
        spec(repository="git@github.com:acme/shop"), "write it as an address: `ssh://git@github.com/acme/shop`", '"git@'
    ),
    "an output that is not written": (spec(source="helm"), "`helm` is not an output of the app", '"helm"'),
    "another source": (spec(source="docs"), "`docs`", '"docs"'),
    "a path that leaves": (spec(path="a/../../b"), "lies outside the repository", '"a/..'),
    "an unknown environment": (spec(environments=["prdo"]), "there is no environment `prdo`", '"prdo"'),
    "one twice": (spec(environments=["staging", "prod", "prod"]), "`prod` is listed twice", '"prod"]'),
    "none": (spec(environments=[]), "no environment is deployed", '"environments"'),
    "two in one place": (
        spec().replace(PROD, 'prod: {kubernetes: "1.33"').replace("{namespace: shop-staging}", '{version: "2"}'),
        "`prod` and `staging` go to the namespace `shop` of one cluster",
        "staging",
    ),
    "an environment that is not deployed": (
        spec(environments=["staging"]).replace(PROD, f"{PROD}, gitops: {{revision: next}}"), "has no effect", "gitops: {rev"
    ),
    "an environment alone": (
        WITHOUT.replace(", argocd, flux", "").replace(PROD, f"{PROD}, gitops: {{revision: next}}"),
        "the app has no `gitops`",
        "gitops: {rev",
    ),
    "a cluster's address, for Flux": (
        spec().replace(PROD, f"{PROD}, gitops: {{cluster: https://10.0.0.1}}"),
        "Flux cannot reach a cluster by its address",
        "https://10.0.0.1",
    ),
    "a set of two sorts of clusters": (
        spec(cluster="x", applicationSet=True)
        .replace(PROD, f"{PROD}, gitops: {{cluster: https://10.0.0.1}}")
        .replace(", flux", ""),
        "needs the names of all clusters",
        "true}\nservices",
    ),
    "a set that syncs in two ways": (
        spec(applicationSet=True).replace(PROD, f"{PROD}, gitops: {{sync: manual}}"),
        "has one `sync` for all environments",
        "true}\nservices",
    ),
    "a set without Argo CD": (
        spec(applicationSet=True).replace("argocd, ", ""), "`argocd` is no output", "true}\nservices"
    ),
    "an odd revision": (spec(revision="-x"), "write a branch, a tag", '"-x"'),
    "an unknown key": (spec(branch="main"), "`branch` is not a key of `gitops`", '"branch"'),
    "folders in each other": (
        spec().replace("gitops", "paths: {argocd: deploy/kubernetes/x}\ngitops"), "overlap", "deploy/kub"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message", "at"), REFUSED.values(), ids=[*REFUSED])
def test_it_is_refused_with_its_place(text: str, message: str, at: str, tmp_path: Path) -> None:
    told = refused(tmp_path, text)
    before = text[: text.index(at)]
    place = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    assert message in told and f"app.kforge.yaml:{place}\n" in told, told
    assert "secret@" not in told


def test_a_spec_below_the_top_of_its_repository_says_where(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "apps/shop"
    told = refused(folder, spec())
    assert "the spec lies in `apps/shop` of this repository" in told and "app.kforge.yaml:6:1" in told
    built(folder, spec(path="apps/shop"))
