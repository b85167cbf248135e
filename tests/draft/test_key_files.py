"""`kforge init` mounts Secrets where a program reads keys, and says which files are the user's to bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.draft.key_files import key_file
from tests.conftest import run
from tests.detectors.reading import lay

SIGNS = {
    "sign/requirements.txt": "flask\ngunicorn\n",
    "sign/app.py": "import os\nfrom flask import Flask\napp = Flask(__name__)\nkey = open(os.environ['PRIV_KEY_PATH']).read()\npub = open(os.environ['PUB_KEY_PATH']).read()\n",
}
VERIFIES = {
    "web/package.json": '{"name": "web", "scripts": {"start": "node s.js"}}',
    "web/s.js": "const key = require('fs').readFileSync(process.env.PUB_KEY_PATH)\nrequire('http').createServer().listen(3000)\n",
}
GO = {
    "api/go.mod": "module example.com/api\n\ngo 1.24\n",
    "api/main.go": 'package main\nimport (\n\t"net/http"\n\t"os"\n)\nfunc main() {\n\t_, err := os.ReadFile(os.Getenv("TLS_CA_FILE"))\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\thttp.ListenAndServe(":8080", nil)\n}\n',
}


def drafted(folder: Path, files: dict[str, str]) -> tuple[dict[str, Any], str]:
    (folder / ".git").mkdir(parents=True)
    lay(folder, files)
    said = run("init", "--name", "shop", cwd=folder, code=0).err
    return dict(yaml.safe_load((folder / "app.kforge.yaml").read_text())["services"]), said


def test_both_halves_of_a_pair_lie_in_one_secret_and_each_service_mounts_what_it_reads(tmp_path: Path) -> None:
    services, said = drafted(tmp_path, SIGNS | VERIFIES)
    assert services["web"]["env"]["PUB_KEY_PATH"] == "/run/secrets/key/pub-key"
    assert services["web"]["kubernetes"]["Pod"] == {
        "volumes": [{"name": "key", "secret": {"secretName": "shop-key", "items": [{"key": "pub-key", "path": "pub-key"}]}}],
        "containers": [{"name": "web", "volumeMounts": [{"name": "key", "mountPath": "/run/secrets/key", "readOnly": True}]}],
    }  # fmt: skip
    assert [item["key"] for item in services["sign"]["kubernetes"]["Pod"]["volumes"][0]["secret"]["items"]] == [
        "priv-key",
        "pub-key",
    ]
    assert "make the Secret `shop-key` with `priv-key`, `pub-key`" in said


def test_another_file_of_a_credential_lies_in_the_service_s_own_secret(tmp_path: Path) -> None:
    services, said = drafted(tmp_path, GO)
    assert services["api"]["env"]["TLS_CA_FILE"] == "/run/secrets/secret-files/tls-ca"
    assert services["api"]["kubernetes"]["Pod"]["volumes"][0]["secret"]["secretName"] == "shop-api"
    assert "make the Secret `shop-api` with `tls-ca`" in said


def test_what_is_drafted_builds_with_the_mount_and_without_a_warning_about_the_variable(tmp_path: Path) -> None:
    drafted(tmp_path, VERIFIES)
    spec = tmp_path / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("registry.example.com", "ghcr.io/acme"))
    said = run("build", cwd=tmp_path, code=0).err
    pod = yaml.safe_load((tmp_path / "deploy/kubernetes/web/deployment.yaml").read_text())["spec"]["template"]["spec"]
    assert {"name": "key", "mountPath": "/run/secrets/key", "readOnly": True} in pod["containers"][0]["volumeMounts"]
    assert "PUB_KEY_PATH" not in said


def test_a_file_that_is_no_credential_is_the_user_s_to_mount(tmp_path: Path) -> None:
    services, said = drafted(
        tmp_path, {"web/package.json": VERIFIES["web/package.json"], "web/s.js": VERIFIES["web/s.js"].replace("PUB_KEY_PATH", "RULES_FILE")}
    )  # fmt: skip
    assert "kubernetes" not in services["web"]
    assert "`RULES_FILE` of `web` is the path of a file: mount the file" in said


@pytest.mark.parametrize(
    ("name", "opened", "key"),
    [
        ("PUB_KEY_PATH", False, "pub-key"),
        ("JWT_PRIVATE_KEY_FILE", False, "jwt-private-key"),
        ("TLS_CERT_FILE", False, "tls-cert"),
        ("JWT_PRIVATE_KEY", True, "jwt-private-key"),
        ("DB_PASSWORD_FILE", True, "db-password"),
        ("GOOGLE_APPLICATION_CREDENTIALS", True, "google-application-credentials"),
        ("JWT_PRIVATE_KEY", False, None),  # the key itself
        ("CERT_PATH", False, None),  # perhaps a folder
        ("TOKEN_PATH", False, None),  # perhaps of a URL
        ("RULES_FILE", True, None),
        ("PATH", True, None),
    ],
)
def test_a_variable_names_a_file_of_a_secret_by_its_name_or_by_what_reads_it(
    name: str, opened: bool, key: str | None
) -> None:
    found = key_file(name, "shop", "web", {name} if opened else ())
    assert (found.key if found else None) == key
