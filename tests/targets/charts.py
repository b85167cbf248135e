"""Examples with charts, and what Helm and kustomize make of them. Unaware of how kforge writes either."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.system import crd_schemas
from tests.conftest import copied, run

EXAMPLES = ("batch", "edge", "hello", "notes", "shop")
HELMS = ("helm3", "helm4")  # both, by these names; a lone `helm` stands for the one that it is
Identity = tuple[str, str]


def chart_of(name: str, folder: Path, kubernetes: str = "") -> Path:
    """An example, built with a chart, for another minor where one is said; the folder of the spec."""
    copied(name, folder)
    spec = folder / "app.kforge.yaml"
    text = spec.read_text()
    keys = [f'kubernetes: "{kubernetes}"'] if kubernetes else []
    keys.append("outputs: [dockerfile, kubernetes, helm]")
    spec.write_text(text.replace("\nservices:", "\n".join(["", *keys, "services:"]), 1))
    run("build", cwd=folder, code=0)
    return folder


def helm(which: str) -> str:
    """The program, or a skip that names it."""
    found = shutil.which(which)
    if found is None and (plain := shutil.which("helm")):
        said = subprocess.run([plain, "version", "--short"], capture_output=True, text=True, check=False).stdout
        found = plain if said.startswith(f"v{which[-1]}.") else None
    if found is None:
        pytest.skip(f"{which} is not here")
    return found


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here")
    return found


def environments(folder: Path) -> Mapping[str, str]:
    """Namespace by environment; "" is the base."""
    spec = yaml.safe_load((folder / "app.kforge.yaml").read_text())
    home = spec.get("namespace") or "default"
    home = home["name"] if isinstance(home, dict) else home
    return {"": home, **{name: block.get("namespace", home) for name, block in spec.get("environments", {}).items()}}


def folder_of(folder: Path) -> Path:
    """The chart's own folder."""
    return next((folder / "deploy/helm").iterdir())


def templated(program: str, folder: Path, environment: str, *flags: str, code: int = 0) -> str:
    """What `helm template` prints for an environment, its Namespace included; or what it refuses."""
    chart = folder_of(folder)
    values = ["-f", str(chart / f"values-{environment}.yaml")] if environment else []
    created = ["--set", "namespace.create=true"] if "\nnamespace:" in (chart / "values.yaml").read_text() else []
    version = re.findall(r">=([\d.]+)", (chart / "Chart.yaml").read_text())[0]
    words = ["template", chart.name, str(chart), "--namespace", environments(folder)[environment], *values, *created]
    done = subprocess.run(
        [program, *words, "--skip-tests", "--kube-version", version, *flags],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def linted(program: str, folder: Path) -> None:
    """`helm lint --strict` has nothing to say, with the values of any environment."""
    chart = folder_of(folder)
    for environment in environments(folder):
        values = ["-f", str(chart / f"values-{environment}.yaml")] if environment else []
        done = subprocess.run(
            [program, "lint", "--strict", str(chart), *values], capture_output=True, text=True, check=False
        )
        assert (done.returncode, "[WARNING]" in done.stdout) == (0, False), done.stdout


def objects(text: str) -> dict[Identity, Any]:
    """Objects by kind and name. No mapping has a key twice, and no container a variable."""
    found = [each for each in yaml.load_all(text, _Strict) if each]
    assert [name for each in found for name in _twice(each)] == []
    named = {(each["kind"], each["metadata"]["name"]): each for each in found}
    assert len(named) == len(found)
    return named


class _Strict(yaml.SafeLoader):
    """PyYAML takes the last of several entries with one key, and so do some of those that read what Helm renders."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        assert len(found) == len(node.value), f"a key is there twice: {[key.value for key, _ in node.value]}"
        return found


def _twice(data: Any) -> Iterator[str]:
    """Names of variables that a container has twice: a server-side apply is refused then."""
    if isinstance(data, dict):
        names = [each.get("name") for each in data.get("env") or () if isinstance(each, dict)]
        yield from sorted({str(name) for name in names if names.count(name) > 1})
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _twice(each)


def kustomized(folder: Path, environment: str) -> dict[Identity, Any]:
    where = folder / (f"deploy/overlays/{environment}" if environment else "deploy/kubernetes")
    done = subprocess.run([tool("kustomize"), "build", str(where)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return objects(done.stdout)


def without_helms_own(found: Mapping[Identity, Any]) -> dict[Identity, Any]:
    """The objects less what a chart has to say of itself: the labels of its version and of who manages the objects,
    and what keeps claims when a release is gone.
    """
    out = {}
    for identity, data in found.items():
        metadata = dict(data["metadata"])
        labels = {key: value for key, value in metadata.get("labels", {}).items() if key != "helm.sh/chart"}
        if labels.get("app.kubernetes.io/managed-by") == "Helm":
            labels["app.kubernetes.io/managed-by"] = "kforge"
        notes = {key: value for key, value in (metadata.get("annotations") or {}).items() if not _of_helm(key)}
        plain = {key: value for key, value in metadata.items() if key not in ("labels", "annotations")}
        said = {key: value for key, value in (("labels", labels), ("annotations", notes)) if value}
        out[identity] = {**data, "metadata": {**plain, **said}}
    return out


def _of_helm(key: str) -> bool:
    return key == "helm.sh/resource-policy" or key.startswith("helm.sh/hook")


HOOKS = {"notes": "migrate"}  # jobs of the examples that are hooks in a chart


def with_hooks(name: str, found: Mapping[Identity, Any]) -> Mapping[Identity, Any]:
    """What kustomize gives, with an example's job as Helm runs it: under its plain name, with nothing that says when it
    is done, and nothing that waits for that.
    """
    if name not in HOOKS:
        return found
    service, out = HOOKS[name], copy.deepcopy(dict(found))
    (job,) = [each for kind, each in out if kind == "Job" and each.startswith(f"{service}-")]
    pod = out["Job", service] = out.pop(("Job", job))
    pod["metadata"]["name"] = service
    for kind, each in (("ConfigMap", job), ("Role", service), ("RoleBinding", service)):
        del out[kind, each]
    spec = pod["spec"]["template"]["spec"]
    spec["containers"] = spec.pop("initContainers")
    spec["volumes"] = [each for each in spec["volumes"] if each["name"] != "kforge-token"]
    for (kind, _), each in out.items():
        if kind in ("Deployment", "StatefulSet"):
            spec = each["spec"]["template"]["spec"]
            spec["volumes"] = [each for each in spec["volumes"] if each["name"] != f"after-{service}"]
            for container in spec["containers"]:
                mounts = [each for each in container["volumeMounts"] if each["name"] != f"after-{service}"]
                container["volumeMounts"] = mounts
    return out


def every_environment(charts: Mapping[str, Path]) -> Iterator[tuple[Path, str]]:
    for folder in charts.values():
        for environment in environments(folder):
            yield folder, environment


def standalone_schemas(folder: Path, version: str, kinds: Mapping[str, str]) -> None:
    """The schemas that kubeconform reads, of kubernetes-validate's data: each with the definitions that it refers to. Those
    of the Gateway API are kforge's own.

    `kinds` has the API version of each kind.
    """
    import kubernetes_validate

    data = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    source = max(data.glob(f"v{version}.*-local-strict"))
    definitions = json.loads(_local((source / "_definitions.json").read_text()))["$defs"]
    folder.mkdir(exist_ok=True)
    for kind, api in kinds.items():
        group, _, minor = api.rpartition("/")
        name = "-".join(filter(None, (kind.lower(), group.partition(".")[0], minor)))
        if routed := crd_schemas.schema(api, kind):
            (folder / f"{name}.json").write_text(json.dumps(routed))
            continue
        held = json.loads(_local((source / f"{name}.json").read_text()))
        reached, open_ = {}, [held]
        while open_:
            for each in _REFERRED.findall(json.dumps(open_.pop())):
                if each not in reached:
                    reached[each] = definitions[each]
                    open_.append(definitions[each])
        text = json.dumps({**held, "$id": f"https://example.com/{name}", "$defs": reached})
        (folder / f"{name}.json").write_text(text)


def conforming(found: Mapping[Identity, Any], schemas: Path, version: str, folder: Path | None = None) -> None:
    """kubeconform takes all objects, or all files of a folder that holds just these."""
    checker = tool("kubeconform")
    standalone_schemas(schemas, version, {each["kind"]: each["apiVersion"] for each in found.values()})
    where = str(schemas / "{{ .ResourceKind }}{{ .KindSuffix }}.json")
    words = [checker, "-strict", "-summary", "-schema-location", where, *([str(folder)] if folder else [])]
    text = None if folder else yaml.safe_dump_all(found.values())
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    assert f"Valid: {len(found)}, Invalid: 0, Errors: 0, Skipped: 0" in done.stdout, done.stdout + done.stderr


_REFERRED = re.compile(r'"\$ref": "#/\$defs/([^"]+)"')


def _local(text: str) -> str:
    return re.sub(r'"\$ref": "[^"#]*#/', '"$ref": "#/', text)
