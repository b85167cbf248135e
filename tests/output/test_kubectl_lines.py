"""Commands that make what is needed: what kubectl takes, in lines that fit a narrow terminal."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.output.kubectl_lines import command_lines, namespace_command, secret_command
from kforge.stages.cluster_needs import NamespaceNeed
from kforge.stages.secret_needs import SecretNeed
from tests.conftest import run

SECRETS = {
    "literals": SecretNeed("db", "shop", literals=("password", "user.name")),
    "files": SecretNeed("keys", "shop", files=("a.pem",)),
    "both": SecretNeed("mixed", "", literals=("k",), files=("f",)),
    "variables": SecretNeed("all", "shop", whole=("env",)),
    "folder": SecretNeed("all", "shop", whole=("files",)),
    "login": SecretNeed("pull", "shop", "docker-registry", about=("ghcr.io",)),
}


def kubectl() -> str | None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kforge-cluster"
    built = [path for path in (cache / "tools/kubectl", cache / "bin/kubectl") if path.exists()]
    return str(built[0]) if built else shutil.which("kubectl")


performed = pytest.mark.skipif(kubectl() is None, reason="kubectl is not here: no command is performed")


def made(command: str, folder: Path) -> dict[str, Any]:
    """What kubectl makes of a command that a shell reads, without a cluster."""
    (folder / "FILE").write_text("KEY=value\n")
    line = f"{command} --dry-run=client -o yaml".replace("kubectl ", f"{shlex.quote(kubectl() or '')} ", 1)
    done = subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    held: dict[str, Any] = yaml.safe_load(done.stdout)
    return held


@performed
@pytest.mark.parametrize("need", SECRETS.values(), ids=SECRETS)
def test_kubectl_makes_the_secret_with_its_keys(need: SecretNeed, tmp_path: Path) -> None:
    held = made("\n".join(command_lines(secret_command(need))), tmp_path)
    assert (held["metadata"]["name"], held["metadata"].get("namespace", "")) == (need.name, need.namespace)
    assert held["data"].keys() == {*need.keys} or need.whole


@performed
def test_kubectl_makes_the_namespace(tmp_path: Path) -> None:
    assert made(namespace_command(NamespaceNeed("shop"))[0], tmp_path)["metadata"]["name"] == "shop"


@performed
def test_kubectl_takes_every_command_of_the_shop(built_shop: Path, tmp_path: Path) -> None:
    needs = json.loads(run("build", "--format", "json", cwd=built_shop, code=0).out)["needs"]
    for one in needs["secrets"]:
        if one["type"] == "generic":
            assert [*made(one["command"], tmp_path)["data"]] == one["keys"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here: it makes the certificate")
@performed
def test_kubectl_makes_the_secret_of_a_certificate(tmp_path: Path) -> None:
    files = ["-keyout", "a.example.com.key", "-out", "a.example.com.crt"]
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a", *files]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    need = SecretNeed("a-tls", "shop", "tls", about=("a.example.com",))
    held = made("\n".join(command_lines(secret_command(need))), tmp_path)
    assert held["type"] == "kubernetes.io/tls" and held["data"].keys() == {*need.keys}


def test_a_login_to_several_registries_leaves_the_registry_open() -> None:
    need = SecretNeed("pull", "", "docker-registry", about=("docker.io", "ghcr.io"))
    assert "--docker-server=REGISTRY" in secret_command(need)


def test_a_name_that_a_shell_would_read_is_quoted() -> None:
    assert secret_command(SecretNeed("a;rm -rf", literals=("$(x)",))) == [
        "kubectl create secret generic 'a;rm -rf'",
        "--from-literal='$(x)'=VALUE",
    ]


def test_a_long_command_goes_on_below_and_is_the_same_to_a_shell() -> None:
    parts = secret_command(SecretNeed("a-secret", "a-namespace", literals=tuple(f"key-{each}" for each in range(9))))
    lines = command_lines(parts)
    assert max(map(len, lines)) <= 78
    assert "\n".join(lines).replace(" \\\n   ", "") == " ".join(parts)


def test_a_short_command_is_one_line() -> None:
    assert command_lines(["kubectl create secret generic shop-db", "-n shop", "--from-literal=password=VALUE"]) == [
        "kubectl create secret generic shop-db -n shop --from-literal=password=VALUE"
    ]
