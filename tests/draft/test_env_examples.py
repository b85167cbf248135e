"""Committed examples of files of variables: what of them `kforge init` drafts, and what it never does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.draft.env_examples import nearest
from kforge.system.example_files import example_files
from kforge.system.skipped_names import DENIED, EXAMPLES
from kforge.system.tree import SourceTree
from tests.conftest import run
from tests.detectors.reading import lay


def drafted(top: Path, names: str, files: dict[str, str]) -> tuple[dict[str, Any], str, str]:
    """The block of a service that needs some variables, the text of its spec, and what `init` says."""
    folder = top / "shop"
    (folder / ".git").mkdir(parents=True)
    code = "".join(f"if (!process.env.{name}) throw new Error('{name}');\n" for name in names.split())
    lay(
        folder,
        {
            "package.json": '{"name": "shop", "scripts": {"start": "node s.js"}}',
            "s.js": f"{code}require('http').createServer().listen(3000)\n",
            **files,
        },
    )
    ended = run("init", cwd=folder, code=0)
    text = (folder / "app.kforge.yaml").read_text()
    return yaml.safe_load(text)["services"]["shop"], text, ended.err


@pytest.mark.parametrize(
    "name",
    [".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults", ".env.local.example", "example.env",
     ".example.env", "sample.env", "env.sample", ".env-example", "app.env.example", "dotenv.example", ".ENV.EXAMPLE"],
)  # fmt: skip
def test_a_variable_that_a_program_needs_has_the_value_of_an_example_with_its_line(tmp_path: Path, name: str) -> None:
    block, text, said = drafted(tmp_path, "SHOP_TITLE", {name: "# what it is called\nSHOP_TITLE=Corner shop\n"})
    assert block["env"] == {"SHOP_TITLE": "Corner shop"}
    assert f'      SHOP_TITLE: "Corner shop"   # {name}:2\n' in text
    assert f"`SHOP_TITLE` of `shop` has its value from `{name}`: check it" in said


@pytest.mark.parametrize(
    "name",
    [".env", ".env.local", ".env.production", ".env.development", ".env.test", "prod.env", ".env.example.local",
     ".env.sample.production", ".env.vault", ".env.bak", ".env.old", ".env.example.bak", "example.env.local", ".env.test.example"],
)  # fmt: skip
def test_files_that_are_no_examples_stay_closed(tmp_path: Path, name: str) -> None:
    block, _, said = drafted(tmp_path, "SHOP_TITLE", {name: "SHOP_TITLE=Corner shop\n"})
    assert "env" not in block
    assert "`shop` needs `SHOP_TITLE`" in said


def test_no_name_of_a_file_of_secrets_is_that_of_an_example() -> None:
    closed = (
        ".env",
        ".env.production",
        "server.pem",
        "tls.key",
        "id_rsa",
        ".npmrc",
        "terraform.tfstate",
        "kubeconfig",
        ".netrc",
    )
    assert all(DENIED.fullmatch(name) and not EXAMPLES.fullmatch(name) for name in closed)


def test_what_a_program_can_do_without_is_not_drafted(tmp_path: Path) -> None:
    block, _, _ = drafted(
        tmp_path, "", {"b.js": "console.log(process.env.SHOP_TITLE || 'x')\n", ".env.example": "SHOP_TITLE=y\n"}
    )
    assert "env" not in block


def test_a_credential_becomes_a_reference_and_its_value_is_in_nothing(tmp_path: Path) -> None:
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    example = f"ADMIN_PASSWORD=hunter2hunter2\nUPLOADS={key}\nSHOP=x\nBACKUPS=https://joe:hunter2hunter2@files.example.com\nRUN=3f2a9c1e7b\n"
    block, text, said = drafted(tmp_path, "ADMIN_PASSWORD UPLOADS BACKUPS RUN", {".env.example": example})
    assert block["secrets"].keys() == {"ADMIN_PASSWORD", "UPLOADS", "BACKUPS", "RUN"}
    assert "env" not in block
    assert not any(each in text + said for each in ("hunter2", key, "3f2a9c1e7b"))


def test_a_store_is_wired_and_not_found_where_the_example_has_it(tmp_path: Path) -> None:
    files = {
        "package.json": '{"name": "shop", "scripts": {"start": "node s.js"}, "dependencies": {"pg": "8.0.0"}}',
        ".env.example": "DATABASE_URL=postgres://me:pw@localhost:5432/mine\nPAGE_SIZE=20\n",
    }
    block, text, _ = drafted(tmp_path, "DATABASE_URL PAGE_SIZE", files)
    assert "${services.db.address}" in block["env"]["DATABASE_URL"]
    assert block["env"]["PAGE_SIZE"] == "20"
    assert "localhost" not in text


def test_what_compose_leaves_to_the_author_s_own_file_comes_from_its_example(tmp_path: Path) -> None:
    compose = "services:\n  shop:\n    build: .\n    environment:\n      SHOP_TITLE: ${SHOP_TITLE}\n      SHOP_HOST: ${SHOP_HOST}\n"
    files = {"compose.yaml": compose, ".env.example": "SHOP_TITLE=Corner shop\nSHOP_HOST=shop.acme.dev\n"}
    block, _, said = drafted(tmp_path, "SHOP_TITLE", files)
    assert block["env"] == {"SHOP_TITLE": "Corner shop"}
    assert "`shop` needs `SHOP_HOST`" in said


def test_the_nearest_file_counts_and_one_of_a_developer_last() -> None:
    files = [
        (".env.example", "A=top\nB=top\n"),
        ("api/.env.local.example", "A=own-local\nC=own-local\n"),
        ("api/.env.example", "A=own\n"),
        ("api/docker/env.sample", "D=docker\nA=docker\n"),
        ("web/.env.example", "E=other\n"),
        ("api/src/.env.example", "F=inside\n"),
    ]
    found = {name: (one.value, f"{one.file}:{one.line}") for name, one in nearest(files, "api").items()}
    assert found == {
        "A": ("own", "api/.env.example:1"),
        "B": ("top", ".env.example:2"),
        "C": ("own-local", "api/.env.local.example:2"),
        "D": ("docker", "api/docker/env.sample:1"),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b", "b"), ("export A=b", "b"), ("  A = b  ", "b"), ("A='b c' # d", "b c"), ('A="b c"', "b c"), ("A=b # c", "b"), ("A=b#c", "b#c"),
        ("A=\nA=b", "b"), ("A=# none", ""), ("A= # none", ""), ("# A=b", None), ("A", None), ("A: b", None), ("\tA=b\r", "b"),
        ("B='one\nA=x\ntwo'\nA=b", "b"), ("B='never ends\nA=x", None), ("A.B=c", None), ("$A=b", None), ("A=`id`", "id"),
    ],
)  # fmt: skip
def test_lines_are_read_as_the_libraries_of_such_files_do(text: str, value: str | None) -> None:
    found = nearest([(".env.example", text)], "").get("A")
    assert (found.value if found else None) == value


def test_examples_are_read_bounded_through_no_link_and_only_where_git_has_them(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    lay(
        tmp_path,
        {
            "a/.env.example": "A=1",
            ".gitignore": "mine/",
            "mine/.env.example": "B=1",
            ".env": "C=1",
            "d/.env.sample": "\0",
        },
    )
    (tmp_path / "big.env.example").write_text("A=1\n" * 100_000)
    (tmp_path / ".env.example").symlink_to(".env")
    (tmp_path / "b").symlink_to("a")
    os.mkfifo(tmp_path / ".env.dist")  # opening one would wait for a writer
    assert [*example_files(SourceTree(tmp_path, tmp_path), tmp_path)] == [("a/.env.example", "A=1")]


def test_no_detector_sees_an_example(tmp_path: Path) -> None:
    lay(tmp_path, {".env.example": "A=1", "a.js": ""})
    tree = SourceTree(tmp_path)
    assert (tree.files, tree.text(".env.example"), tree.closed) == (("a.js",), "", (".env.example",))


def test_a_hostile_example_brings_in_nothing(tmp_path: Path) -> None:
    hostile = {
        "A1": "$(touch /tmp/x)", "A2": "${services.db.url}", "A3": "`id`", "A4": "a\\nb: c", "A5": "evil.example.net", "A6": "ghcr.io/evil/image:1",
        "A7": "https://evil.dev/x", "A8": "10.1.2.3", "A9": "x\u202ey", "B1": "x\u200by", "B2": "../../etc/passwd", "B3": "/etc/passwd", "B4": "{a: b}",
        "B5": "&x", "B6": "!!python/object", "B7": "x; rm -rf", "B8": "a|b", "B9": "%{x}", "C1": "{{ x }}", "C2": "me@evil.dev", "C3": "evil:80", "C4": "-Dx=y",
        "C5": "--require=x", "C6": "x" * 5000, "C7": "<script>", "C8": "~/.ssh/id", "C9": "C:\\\\x", "D1": "@file", "D2": "[a]",
        "NODE_OPTIONS": "max", "LD_PRELOAD": "x", "PATH": "x", "SHOP_HOST": "evil", "SHOP_IMAGE": "nginx", "DB_PROXY": "evil", "BASH_ENV": "x",
    }  # fmt: skip
    text = "".join(f"{name}={value}\n" for name, value in hostile.items()) + "services=x\n  evil: {image: x}\n"
    block, spec, _ = drafted(tmp_path, " ".join(hostile), {".env.example": text})
    assert "env" not in block
    assert "evil" not in spec


def test_a_file_s_name_cannot_end_the_comment_that_tells_it(tmp_path: Path) -> None:
    block, text, _ = drafted(
        tmp_path, "TITLE", {"api\n    image: evil/.env.example": "TITLE=x\n", ".env.example": "TITLE=shop\n"}
    )
    assert block["env"] == {"TITLE": "shop"}
    assert "image: evil" not in text


def test_a_user_whose_password_is_a_secret_s_is_in_the_same_secret(tmp_path: Path) -> None:
    names = "FIRST_SUPERUSER FIRST_SUPERUSER_PASSWORD NOTES_USERNAME NOTES_PASSWORD SMTP_USER SMTP_PASS"
    block, _, said = drafted(tmp_path, names, {})
    assert block["secrets"] == {
        name: {"secret": "shop-shop", "key": name.lower().replace("_", "-")} for name in names.split()
    }
    assert "needs" not in said


@pytest.mark.parametrize(
    "names", ["SMTP_HOST SMTP_PASSWORD", "CACHE_MODE CACHE_PASSWORD", "ADMIN_USER", "ADMIN_USER OTHER_PASSWORD", "PLAN PLAN_PASSWORD"]
)  # fmt: skip
def test_what_is_no_user_of_a_login_is_asked_for(tmp_path: Path, names: str) -> None:
    block, _, said = drafted(tmp_path, names, {})
    assert names.split(maxsplit=1)[0] not in block.get("secrets", {})
    assert f"`shop` needs `{names.split(maxsplit=1)[0]}`" in said


@pytest.mark.parametrize("name", ["APP_NAME", "PROJECT_NAME", "SITE_NAME", "APP_TITLE"])
def test_what_a_program_calls_itself_is_the_application_s_name_and_told(tmp_path: Path, name: str) -> None:
    block, _, said = drafted(tmp_path, name, {})
    assert block["env"] == {name: "shop"}
    assert f"`{name}` of `shop` is set to the name of the application" in said


def test_what_a_program_calls_itself_is_what_an_example_says(tmp_path: Path) -> None:
    block, _, said = drafted(
        tmp_path, "APP_NAME SERVICE_NAME", {".env.example": "APP_NAME=Corner shop\nSERVICE_NAME=corner\n"}
    )
    assert block["env"] == {"APP_NAME": "Corner shop", "SERVICE_NAME": "corner"}
    assert "is set to the name of the application" not in said


@pytest.mark.parametrize("name", ["COMPOSE_PROJECT_NAME", "BUCKET_NAME", "HOST_NAME", "NAME", "DISPLAY_NAME"])
def test_names_of_other_things_are_asked_for(tmp_path: Path, name: str) -> None:
    block, _, _ = drafted(tmp_path, name, {})
    assert "env" not in block
