"""Files by the names of secrets: what is public by its name comes into the image, a word is said about the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.detectors.closed_files import public
from kforge.domain.facts import Facts
from tests.detectors.reading import facts

PUBLIC = (
    "ca.pem", "ca-bundle.pem", "root.pem", "global-bundle.pem", "rds-combined-ca-bundle.pem", "jwt_public.pem", "public_key.pem", "public.pem",
    "fullchain.pem", "AmazonRootCA1.root.pem", "isrgrootx1.chain.pem", "trust.pem", "key.pub.pem",
)  # fmt: skip
NOT_PUBLIC = (
    "server.pem", "key.pem", "ca-key.pem", "ca.key", "private.pem", "root-private.pem", "cert.pem", "chain.p12", "ca.pem.bak", ".env", "secret-ca.pem",
    "jwtRS256.key", "capital.pem",
)  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_a_certificate_of_an_authority_or_a_public_key_is_public(name: str) -> None:
    assert public(f"certs/{name}")


@pytest.mark.parametrize("name", NOT_PUBLIC)
def test_any_other_name_is_not(name: str) -> None:
    assert not public(name)


SOURCES = {
    "python": {"requirements.txt": "x", "app/main.py": 'print(open("{path}").read())\n'},
    "node": {"package.json": "{}", "app/index.js": 'require("fs").readFileSync("{path}")\n'},
    "go": {
        "go.mod": "module example.com/x\n\ngo 1.24\n",
        "app/main.go": 'package main\n\nimport "os"\n\nfunc main() { os.ReadFile("{path}") }\n',
    },
}


def read(root: Path, language: str, path: str, *there: str) -> Facts:
    files = {name: text.replace("{path}", path) for name, text in SOURCES[language].items()}
    return facts(root, {**files, **dict.fromkeys(there, "x")})


def said(found: Facts, name: str = "doubts") -> list[str]:
    return [one["said"] for one in found.value(name) if "secret" in one["said"]]


@pytest.mark.parametrize("language", SOURCES)
@pytest.mark.parametrize(
    ("path", "there"),
    [("certs/ca.pem", "certs/ca.pem"), ("../certs/ca.pem", "certs/ca.pem"), ("/app/ca.pem", "app/ca.pem")],
)
def test_a_public_one_that_code_opens_is_needed(tmp_path: Path, language: str, path: str, there: str) -> None:
    found = read(tmp_path, language, path, there)
    assert (found.value("needed"), said(found)) == ([there], [])
    assert found.value("opened") == ([there] if language == "go" else [])


@pytest.mark.parametrize("language", SOURCES)
def test_another_one_is_told(tmp_path: Path, language: str) -> None:
    found = read(tmp_path, language, "certs/server.pem", "certs/server.pem")
    assert found.value("needed") == []
    assert said(found) == [
        "`certs/server.pem` is opened, and stays out of the image, since its name is that of a secret"
    ]


@pytest.mark.parametrize("language", SOURCES)
@pytest.mark.parametrize("name", [".env.production", "config/.env.defaults"])
def test_a_file_of_variables_that_code_opens_by_its_name_is_told(tmp_path: Path, name: str, language: str) -> None:
    assert said(read(tmp_path, language, name, name)) == [
        f"`{name}` is opened, and stays out of the image, since its name is that of a secret"
    ]


@pytest.mark.parametrize("name", [".env", ".env.local", ".env.example", ".env.test"])
def test_a_file_of_a_developer_s_variables_is_not(tmp_path: Path, name: str) -> None:
    assert said(read(tmp_path, "python", name, name)) == []


@pytest.mark.parametrize("language", SOURCES)
def test_what_is_not_there_or_git_ignores_is_mounted_by_others(tmp_path: Path, language: str) -> None:
    assert said(read(tmp_path / "a", language, "certs/server.pem")) == []
    assert said(read(tmp_path / "b", language, ".env", ".env")) == []
    (tmp_path / "c").mkdir()
    (tmp_path / "c/.gitignore").write_text("*.pem\n")
    (tmp_path / "c/.git").mkdir()
    found = read(tmp_path / "c", language, "certs/ca.pem", "certs/ca.pem")
    assert (found.value("needed"), said(found)) == ([], [])


def embedding(root: Path, pattern: str, *there: str) -> Facts:
    main = f'package main\n\nimport _ "embed"\n\n//go:embed {pattern}\nvar pem []byte\n\nfunc main() {{}}\n'
    return facts(root, {"go.mod": "module example.com/x\n\ngo 1.24\n", "main.go": main, **dict.fromkeys(there, "x")})


@pytest.mark.parametrize("pattern", ["certs/root.pem", "certs/*.pem", "certs", "all:certs"])
def test_an_embedded_public_one_is_there_while_it_compiles(tmp_path: Path, pattern: str) -> None:
    found = embedding(tmp_path, pattern, "certs/root.pem", "certs/a.txt")
    assert (found.value("needed"), found.value("faults")) == (["certs/root.pem"], [])


def test_an_embedded_secret_is_a_fault_of_its_line(tmp_path: Path) -> None:
    found = embedding(tmp_path, "server.key", "server.key")
    assert said(found, "faults") == [
        "`//go:embed server.key` takes a file that no image is built with, since its name is that of a secret"
    ]
