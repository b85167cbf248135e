"""What a spec says comes out of kustomize as it was said: values, files, names, images, numbers of replicas."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.domain.digest import canonical
from tests.conftest import run, write
from tests.domain.kubernetes.test_strategic import build, needs_kustomize
from tests.domain.test_yaml_text import kubectl

HEAD = "apiVersion: kforge.dev/v1\napp: depot\nversion: 2.3.0\n"
REDIS = "docker.io/library/redis:8.8.3"
SOURCE = {
    "web/main.py": 'import http.server\nhttp.server.HTTPServer(("", 7102), http.server.SimpleHTTPRequestHandler).serve_forever()\n'
}


def built(folder: Path, spec: str, path: str = "deploy/kubernetes") -> dict[str, Any]:
    """Objects by kind and name, as kustomize hands them on."""
    write(folder, {**SOURCE, "app.kforge.yaml": HEAD + spec})
    run("build", cwd=folder, code=0)
    return objects(folder / path)


def objects(folder: Path) -> dict[str, Any]:
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in build(folder)}


def container(found: dict[str, Any], target: str) -> dict[str, Any]:
    held = found[target]["spec"]["template"]["spec"]["containers"][0]
    assert isinstance(held, dict)
    return held


needs_kubectl = pytest.mark.skipif(kubectl() is None, reason="kubectl is not here: nothing reads as the cluster does")


def as_go_reads(folder: Path, kind: str) -> Any:
    """The only object of a kind, through kustomize and by the parser of the cluster's tools: PyYAML breaks lines elsewhere."""
    env = {"KUBECONFIG": os.devnull, "HOME": str(folder), "PATH": os.environ["PATH"]}
    done = subprocess.run([str(kubectl()), "kustomize", "deploy/kubernetes"], cwd=folder, env=env, capture_output=True, check=True)  # fmt: skip
    (text,) = [one for one in done.stdout.split(b"\n---\n") if b"\nkind: " + kind.encode() + b"\n" in one]
    words = [str(kubectl()), "patch", "--local", "-f", "-", "--type=merge", "-p", "{}", "-o", "json"]
    return json.loads(subprocess.run(words, cwd=folder, env=env, input=text, capture_output=True, check=True).stdout)


def quoted(data: Any) -> str:
    """JSON as YAML: libyaml takes no pairs of surrogates, and breaks lines where YAML 1.2 does not."""
    return json.dumps(data, ensure_ascii=False).replace("\u2028", "\\u2028")


VALUES = (
    "on", "NO", "y", "~", "null", "0755", "0o17", "0xFF", "0b11", "1e3", "1_000", ".5", "+7", ".inf", "-.NaN", "12:30:45", "2024-02-30", "2001-12-14t21:59:43Z",
    "<<", "=", "*a", "&a", "!a", "%a", "@a", "`a", "a: b", "a #b", "#a", "- a", "? a", "[a", "{a", "a:", " a", "a ", "\ta", "", "---", "...", "1.10", "-0",
    "é 中 🎉", "a\u00a0b", "\u2028a", "a\nb\n", "a\\nb", "'\"'", "x" * 400,
)  # fmt: skip


@needs_kubectl
def test_a_variable_has_the_value_that_the_spec_quotes(tmp_path: Path) -> None:
    given = {f"V{at}": value for at, value in enumerate(VALUES)}
    spec = f"{HEAD}services:\n  cache: {{image: {REDIS}, env: {quoted(given)}}}\n"
    write(tmp_path, {"app.kforge.yaml": spec})
    run("build", cwd=tmp_path, code=0)
    env = container({"it": as_go_reads(tmp_path, "Deployment")}, "it")["env"]
    assert {one["name"]: one.get("value", "") for one in env if one["name"] in given} == given


FILES = {
    "crlf.ini": "a=1\r\nb=2\r\n", "blanks.txt": "a \nb\t\n", "open.txt": "no end", "ends.txt": "x\n\n\n", "begins.txt": "\n\n x\n",
    "line.txt": "\n", "nothing.txt": "", "makefile": "all:\n\techo $(X) $$\n", "words.txt": "café 中 🎉 \u2028 z\n", "cr.txt": "a\rb\r", "long.txt": "y" * 3000,
    "looks.yaml": "on: yes\n# a\n---\n- 0755\n",
}  # fmt: skip


@needs_kubectl
def test_a_configuration_file_has_every_byte_that_the_spec_has(tmp_path: Path) -> None:
    files = quoted(FILES)
    write(tmp_path, {"app.kforge.yaml": f"{HEAD}services:\n  cache: {{image: {REDIS}, config: {{path: /etc/depot, files: {files}}}}}\n"})  # fmt: skip
    run("build", cwd=tmp_path, code=0)
    assert as_go_reads(tmp_path, "ConfigMap")["data"] == FILES


@pytest.mark.parametrize("text", ["a\u0007b", "a\u007fb", "\ufeffa"], ids=ascii)
def test_a_character_that_manifests_would_lose_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    spec = f"{HEAD}services:\n  cache:\n    image: {REDIS}\n    env: {{A: {json.dumps(text)}}}\n"
    write(tmp_path, {"app.kforge.yaml": spec})
    told = run("build", cwd=tmp_path, code=2).err
    assert "app.kforge.yaml:7:" in told and "leave it out" in told


LONG = "a" * 53
VOLUME = "volumes: [{name: d, path: /data, size: 1Gi}]"


@pytest.mark.parametrize("more", [VOLUME, "job: true", 'schedule: "0 3 * * *"'])
def test_a_name_that_kubernetes_lengthens_into_a_label_has_at_most_52_characters(more: str, tmp_path: Path) -> None:
    told = []
    for name in (LONG, LONG[1:]):
        write(tmp_path, {"app.kforge.yaml": f"{HEAD}services:\n  {name}: {{image: {REDIS}, {more}}}\n"})
        told.append(run("build", cwd=tmp_path).err)
    assert ["use at most 52" in each for each in told] == [True, False]


def test_a_deployment_may_have_a_longer_name(tmp_path: Path) -> None:
    write(tmp_path, {"app.kforge.yaml": f"{HEAD}services:\n  {LONG}: {{image: {REDIS}}}\n"})
    assert "use at most" not in run("build", cwd=tmp_path, code=0).err


@pytest.mark.parametrize("version", ["1.0.0-", "v1_", "1" * 100, "_x", "2024.01.02", "1.4.2-rc.1"])
def test_a_version_is_the_tag_and_no_label_that_the_api_server_would_refuse(version: str, tmp_path: Path) -> None:
    write(tmp_path, {**SOURCE, "app.kforge.yaml": f'apiVersion: kforge.dev/v1\napp: depot\nversion: "{version}"\nservices:\n  web: {{source: ./web}}\n'})  # fmt: skip
    run("build", cwd=tmp_path, code=0)
    text = (tmp_path / "deploy/kubernetes/web/deployment.yaml").read_text()
    assert container({"it": yaml.safe_load(text)}, "it")["image"].endswith(f"depot-web:{version}")
    assert text.count(version) == 1


@pytest.mark.parametrize("version", ["1.10", "2", "1e3"])
def test_a_version_that_yaml_takes_for_a_number_is_refused_with_the_quotes_to_write(
    version: str, tmp_path: Path
) -> None:
    text = f"apiVersion: kforge.dev/v1\napp: depot\nversion: {version}\nservices:\n  cache: {{image: {REDIS}}}\n"
    write(tmp_path, {"app.kforge.yaml": text})
    told = run("build", cwd=tmp_path, code=2).err
    assert "app.kforge.yaml:3:" in told and f'"{version}"' in told


@pytest.mark.parametrize("name", ["8080", "a--b", "a-name-too-long-1", "x-", "-x", "Http", "a_b", "a.b"])
def test_a_name_of_a_port_that_the_api_server_refuses_is_refused(name: str, tmp_path: Path) -> None:
    text = f"{HEAD}services:\n  cache: {{image: {REDIS}, ports: [{{name: '{name}', port: 6379, protocol: tcp}}]}}\n"
    write(tmp_path, {"app.kforge.yaml": text})
    told = run("build", cwd=tmp_path, code=2).err
    assert f"`{name}`" in told and "app.kforge.yaml:5:" in told


@needs_kustomize
@pytest.mark.parametrize("name", ["h2", "7a", "a-name-of-15-ch", "x"])
def test_a_name_of_a_port_that_it_takes_reaches_container_and_service(name: str, tmp_path: Path) -> None:
    found = built(tmp_path, f"services:\n  cache: {{image: {REDIS}, ports: [{{name: {name}, port: 6379, protocol: tcp}}]}}\n")  # fmt: skip
    ports = [*container(found, "Deployment/cache")["ports"], *found["Service/cache"]["spec"]["ports"]]
    assert [port["name"] for port in ports] == [name, name]


DIGEST = f"sha256:{'ab' * 32}"


@needs_kustomize
@pytest.mark.parametrize(
    "image",
    [
        "redis:8.8.3", "docker.io/redis:8.8.3", "localhost:5000/redis:8.8.3", "registry.corp.example:5000/team/a/b:1", f"ghcr.io/acme/b@{DIGEST}",
        f"ghcr.io/acme/b:1@{DIGEST}", f"registry.corp.example:5000/b@{DIGEST}",
    ],
)  # fmt: skip
def test_an_image_is_run_by_the_reference_that_the_spec_has_in_every_environment(image: str, tmp_path: Path) -> None:
    spec = f"services:\n  cache: {{image: '{image}', port: 6379, user: 999}}\nenvironments: {{prod: {{registry: 'mirror.example:5000/x', services: {{cache: {{scale: {{min: 2}}}}}}}}}}\n"
    base = built(tmp_path, spec)
    prod = objects(tmp_path / "deploy/overlays/prod")
    assert [container(found, "Deployment/cache")["image"] for found in (base, prod)] == [image, image]
    assert prod["Deployment/cache"]["spec"]["replicas"] == 2


@pytest.mark.parametrize("image", ["redis", "redis:latest", "Redis:8", "redis:8:9", "redis@sha256:12", "https://docker.io/redis:8", "[::1]:5000/a:1"])  # fmt: skip
def test_an_image_that_moves_or_that_no_engine_takes_is_refused(image: str, tmp_path: Path) -> None:
    write(tmp_path, {"app.kforge.yaml": f"{HEAD}services:\n  cache: {{image: '{image}', port: 6379, user: 999}}\n"})
    assert run("build", cwd=tmp_path).code in (1, 2)


@needs_kustomize
def test_an_environment_has_images_of_its_registry_and_version_where_the_base_s_registry_has_a_port(
    tmp_path: Path,
) -> None:
    spec = (
        "registry: registry.corp.example:5000/team\n"
        "services:\n  web: {source: ./web}\n  tidy: {like: web, job: true, ports: [], command: [python, tidy.py]}\n"
        "environments:\n"
        "  stage: {registry: 'stage.example:5001', version: 2.4.0}\n"
        "  prod: {registry: prod.example/x/y, services: {web: {version: 3.0.0}}}\n"
        "  test: {version: 2.4.0}\n"
    )
    base = built(tmp_path, spec)
    images = {
        name: container(found, "Deployment/web")["image"]
        for name, found in {"": base, **{each: objects(tmp_path / "deploy/overlays" / each) for each in ("stage", "prod", "test")}}.items()
    }  # fmt: skip
    assert images == {
        "": "registry.corp.example:5000/team/depot-web:2.3.0",
        "stage": "stage.example:5001/depot-web:2.4.0",
        "prod": "prod.example/x/y/depot-web:3.0.0",
        "test": "registry.corp.example:5000/team/depot-web:2.4.0",
    }


@needs_kustomize
def test_an_environment_says_the_number_of_replicas_only_where_no_autoscaler_does(tmp_path: Path) -> None:
    spec = (
        f"services:\n  fixed: {{image: '{REDIS}', scale: {{min: 3}}}}\n  grows: {{image: '{REDIS}', scale: {{min: 2, max: 5}}}}\n"
        "environments:\n"
        "  prod: {services: {fixed: {scale: {min: 2, max: 6, cpu: 60}}, grows: {scale: {min: 4}}}}\n"
        "  dev: {services: {fixed: {scale: {min: 1}}, grows: {scale: {min: 1, max: 1}}}}\n"
    )
    found = {
        "": built(tmp_path, spec),
        **{each: objects(tmp_path / "deploy/overlays" / each) for each in ("prod", "dev")},
    }
    told = {
        f"{environment}/{name}": (
            held[f"Deployment/{name}"]["spec"].get("replicas"),
            _bounds(held.get(f"HorizontalPodAutoscaler/{name}")),
            f"PodDisruptionBudget/{name}" in held,
        )
        for environment, held in found.items()
        for name in ("fixed", "grows")
    }
    assert told == {
        "/fixed": (3, None, True),
        "/grows": (None, (2, 5), True),
        "prod/fixed": (None, (2, 6), True),
        "prod/grows": (None, (4, 5), True),
        "dev/fixed": (1, None, False),
        "dev/grows": (1, None, False),
    }, canonical(told)


def _bounds(autoscaler: dict[str, Any] | None) -> tuple[int, int] | None:
    return (autoscaler["spec"]["minReplicas"], autoscaler["spec"]["maxReplicas"]) if autoscaler else None
