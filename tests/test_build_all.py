"""Writing: all or nothing, nobody's files but kforge's, no data lost, and whole files whatever happens."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import contents, edit, run, tree, write
from tests.mutations import DEPLOYMENT, SPEC
from tests.trials import widths

PLAIN = """\
apiVersion: kforge.dev/v1
app: {app}
services:
  web:
    image: docker.io/library/nginx:1.29.1
    port: {port}
    user: 101
"""
STATEFUL = """\
apiVersion: kforge.dev/v1
app: store
services:
  db:
    image: docker.io/library/postgres:18.6
    secrets: {POSTGRES_PASSWORD: {secret: db, key: password}}
    volumes: [{name: data, path: /var/lib/postgresql, size: 20Gi}]
  files:
    image: docker.io/library/nginx:1.29.1
    port: 8080
    user: 101
    volumes: [{name: shared, path: /shared, size: 5Gi, shared: true}]
  web:
    image: docker.io/library/nginx:1.29.1
    port: 8080
    user: 101
"""


def plain(app: str, port: str = "8080") -> str:
    return PLAIN.format(app=app, port=port)


@pytest.fixture
def repository(tmp_path):
    """Three specs in one repository, nothing built."""
    (tmp_path / ".git").mkdir()
    return write(tmp_path, {f"apps/{name}/{SPEC}": plain(name) for name in ("one", "two", "three")})


@pytest.fixture
def store(tmp_path):
    """A StatefulSet, a Deployment with a claim, and one without; built."""
    write(tmp_path, {SPEC: STATEFUL})
    run("build", cwd=tmp_path, code=0)
    return tmp_path


# --- all or nothing ---


def test_a_build_finds_every_spec_of_the_repository(repository: Path) -> None:
    ended = run("build", cwd=repository / "apps" / "one", code=0)
    assert ended.out.count("kubectl apply -k ") == 3
    assert (repository / "apps/three/kforge.lock").exists()
    assert run("check", cwd=repository, code=0).err == "up to date: 3 specs\n"


def test_one_invalid_spec_keeps_all_from_being_written(repository: Path) -> None:
    write(repository, {f"apps/two/{SPEC}": plain("two", "no")})
    before = contents(repository)
    ended = run("build", cwd=repository, code=2)
    assert contents(repository) == before
    assert f"--> apps/two/{SPEC}:6:11" in ended.err
    assert "one: valid, but nothing was written since another spec is not (`--keep-going` writes it)" in ended.err


def test_keep_going_writes_the_valid_ones(repository: Path) -> None:
    write(repository, {f"apps/two/{SPEC}": plain("two", "no")})
    run("build", "--keep-going", cwd=repository, code=2)
    assert [(repository / f"apps/{name}/kforge.lock").exists() for name in ("one", "two", "three")] == [
        True,
        False,
        True,
    ]


def test_a_finding_that_is_an_error_keeps_all_from_being_written(built_shop: Path) -> None:
    edit(built_shop / SPEC, "    value: 10", "    value: ten")
    before = tree(built_shop)
    ended = run("build", cwd=built_shop, code=1)
    assert "error[schema]" in ended.err and "spec.minReadySeconds" in ended.err
    assert tree(built_shop) == before


def test_check_says_what_is_wrong_with_every_spec(repository: Path) -> None:
    run("build", cwd=repository, code=0)
    write(repository, {f"apps/two/{SPEC}": plain("two", "no"), f"apps/one/{SPEC}": plain("one", "9090")})
    ended = run("check", cwd=repository, code=2)
    assert "apps/one/app.kforge.yaml: web: port 80 → 9090 (apps/one/app.kforge.yaml:6)" in ended.out
    assert f"--> apps/two/{SPEC}:6:11" in ended.err


def test_json_tells_of_every_spec(repository: Path) -> None:
    write(repository, {f"apps/two/{SPEC}": plain("two", "no")})
    built = {
        each["spec"]: each
        for each in json.loads(run("build", "--keep-going", "--format", "json", cwd=repository, code=2).out)["specs"]
    }
    assert {spec: (each["code"], each["written"]) for spec, each in built.items()} == {
        f"apps/one/{SPEC}": (0, True),
        f"apps/two/{SPEC}": (2, False),
        f"apps/three/{SPEC}": (0, True),
    }
    checked = {
        each["spec"]: each for each in json.loads(run("check", "--format", "json", cwd=repository, code=2).out)["specs"]
    }
    assert {spec: each["current"] for spec, each in checked.items()} == {
        f"apps/one/{SPEC}": True,
        f"apps/two/{SPEC}": False,
        f"apps/three/{SPEC}": True,
    }


# --- what changes, and what does not ---


def test_a_second_build_writes_nothing(built_shop: Path) -> None:
    before = tree(built_shop)
    assert run("build", cwd=built_shop, code=0).out == ""
    assert tree(built_shop) == before


def test_a_build_touches_only_what_changes(built_shop: Path) -> None:
    before = tree(built_shop)
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    run("build", cwd=built_shop, code=0)
    after = tree(built_shop)
    assert {path for path in before if before[path] != after[path]} == {
        SPEC,
        "kforge.sum",
        "deploy/kubernetes/web/horizontalpodautoscaler.yaml",
    }


def test_check_diff_plan_and_explain_write_nothing(built_shop: Path) -> None:
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    before = tree(built_shop)
    for words in (
        ["check"],
        ["check", "--full"],
        ["diff"],
        ["plan"],
        ["explain", "web/probes"],
        ["detect", "web"],
        ["schema"],
    ):
        run(*words, cwd=built_shop)
    assert tree(built_shop) == before


def test_orphans_are_removed_with_their_folders(built_shop: Path) -> None:
    text = (built_shop / SPEC).read_text()
    begin, end = text.index("  nightly:"), text.index("  cache:")
    (built_shop / SPEC).write_text(text[:begin] + text[end:])
    assert (
        "deploy/kubernetes/nightly/cronjob.yaml is no longer generated; a build removes it"
        in run("check", "-v", cwd=built_shop, code=1).out
    )
    assert "removed  deploy/kubernetes/nightly/cronjob.yaml" in run("build", "-v", cwd=built_shop, code=0).out
    assert not (built_shop / "deploy/kubernetes/nightly").exists()
    assert not (built_shop / "deploy/overlays/prod/nightly").exists()
    run("check", "--full", cwd=built_shop, code=0)


def test_an_orphan_that_was_edited_stays_and_is_told(built_shop: Path) -> None:
    path = built_shop / "deploy/kubernetes/web/ingress.yaml"
    path.write_text(path.read_text() + "# mine\n")
    edit(built_shop / SPEC, "    expose: {host: shop.example.com, class: traefik}\n", "")
    edit(built_shop / SPEC, ", expose: {host: shop.staging.example.com}", "")
    ended = run("build", cwd=built_shop, code=0)
    assert (
        "`deploy/kubernetes/web/ingress.yaml` is no longer wanted and holds what this spec did not write: it stays"
        in ended.err
    )
    assert path.read_text().endswith("# mine\n")
    assert "has kforge's mark" in run("check", cwd=built_shop, code=0).err


# --- whose a file is ---


def test_a_foreign_file_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, {SPEC: plain("one"), DEPLOYMENT: "mine\n", "deploy/kubernetes/web/service.yaml": "mine\n"})
    before = contents(tmp_path)
    ended = run("build", cwd=tmp_path, code=2)
    for path in (DEPLOYMENT, "deploy/kubernetes/web/service.yaml"):
        assert f"`{path}` exists already and is not kforge's" in ended.err
    assert contents(tmp_path) == before


def test_force_takes_foreign_and_edited_files_over(built_shop: Path) -> None:
    before = contents(built_shop)
    write(built_shop, {DEPLOYMENT: before[DEPLOYMENT] + b"# mine\n"})
    assert f"`{DEPLOYMENT}` was edited by hand" in run("build", cwd=built_shop, code=2).err
    run("build", "--force", cwd=built_shop, code=0)
    assert contents(built_shop) == before


def test_not_even_force_takes_a_users_dockerfile(built_shop: Path) -> None:
    """It is read for facts instead, and the build is the user's from then on."""
    write(
        built_shop, {"orders/Dockerfile": 'FROM scratch\nCOPY api /api\nUSER 1000\nEXPOSE 8080\nENTRYPOINT ["/api"]\n'}
    )
    for words in (["build"], ["build", "--force"]):
        run(*words, cwd=built_shop)
        assert (built_shop / "orders/Dockerfile").read_text().startswith("FROM scratch\n")


def test_a_users_dockerfile_needs_no_other(tmp_path: Path) -> None:
    docker = (
        'FROM docker.io/library/python:3.13-slim\nCOPY app.py /\nUSER 1000\nEXPOSE 8000\nCMD ["python", "/app.py"]\n'
    )
    write(
        tmp_path,
        {
            SPEC: "apiVersion: kforge.dev/v1\napp: one\nservices: {web: {source: ./web}}\n",
            "web/Dockerfile": docker,
            "web/app.py": "print(1)\n",
        },
    )
    ended = run("build", "-v", cwd=tmp_path, code=0)
    assert "Dockerfile\n" not in ended.out and "own Dockerfile" in ended.out
    assert (tmp_path / "web/Dockerfile").read_text() == docker
    run("check", "--full", cwd=tmp_path, code=0)


# --- data ---


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (", path: /shared, size: 5Gi, shared: true}]", ", path: /shared, size: 5Gi}]", "PersistentVolumeClaim `files-shared` would be removed"),
        ("    volumes: [{name: shared, path: /shared, size: 5Gi, shared: true}]\n", "", "PersistentVolumeClaim `files-shared` would be removed"),
        ("    volumes: [{name: data, path: /var/lib/postgresql, size: 20Gi}]\n", "", "StatefulSet `db` would be removed"),
        ("size: 20Gi", "size: 30Gi", "claim `data` of StatefulSet `db` would change"),
        ("size: 5Gi", "size: 1Gi", "claim `files-shared` would shrink"),
        ("{name: data, path: /var", "{name: other, path: /var", "StatefulSet `db` would lose its claim `data`"),
        ("  db:\n", "  database:\n", "StatefulSet `db` would be removed"),
    ],
)  # fmt: skip
def test_data_is_not_lost_unless_told(old: str, new: str, says: str, store: Path) -> None:
    edit(store / SPEC, old, new)
    before = contents(store)
    ended = run("build", cwd=store, code=2)
    assert says in ended.err and "help: " in ended.err
    assert contents(store) == before
    assert run("check", cwd=store).code == 1
    run("build", "--allow-data-loss", cwd=store, code=0)
    run("check", "--full", cwd=store, code=0)


def test_a_service_with_a_volume_is_not_removed_unless_told(store: Path) -> None:
    text = (store / SPEC).read_text()
    (store / SPEC).write_text(text[: text.index("  db:")] + text[text.index("  files:") :])
    assert "StatefulSet `db` would be removed" in run("build", cwd=store, code=2).err
    run("build", "--allow-data-loss", cwd=store, code=0)


def test_a_claim_may_grow_and_a_service_without_data_may_go(store: Path) -> None:
    edit(store / SPEC, "size: 5Gi", "size: 6Gi")
    text = (store / SPEC).read_text()
    (store / SPEC).write_text(text[: text.index("  web:")])
    run("build", cwd=store, code=0)


# --- the lock ---


def test_locked_refuses_a_build_that_would_change_the_lock(built_shop: Path) -> None:
    run("build", "--locked", cwd=built_shop, code=0)
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    before = tree(built_shop)
    ended = run("build", "--locked", cwd=built_shop, code=1)
    assert f"the lock of `{SPEC}` would change, which `--locked` forbids" in ended.err
    assert tree(built_shop) == before


def test_locked_restores_files(built_shop: Path) -> None:
    before = contents(built_shop)
    (built_shop / DEPLOYMENT).unlink()
    run("build", "--locked", cwd=built_shop, code=0)
    assert contents(built_shop) == before


# --- several at once, and none to the end ---


def build(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kforge", "build"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_builds_at_once_both_succeed(tmp_path: Path) -> None:
    write(tmp_path, {SPEC: plain("one")})
    builds = [build(tmp_path), build(tmp_path)]
    ended = [process.communicate(timeout=60) for process in builds]
    assert [process.returncode for process in builds] == [0, 0], ended
    assert sorted(bool(out) for out, _ in ended) == [False, True]  # the second found nothing to do
    run("check", "--full", cwd=tmp_path, code=0)


@pytest.mark.parametrize("every", widths(8))
def test_killed_builds_heal(every: int, tmp_path: Path) -> None:
    """Whatever a killed build left, the next one ends where a clean one does."""
    chance = random.Random(0)
    specs = [plain("one"), plain("one", "9090"), plain("one") + "    scale: {min: 3}\n"]
    clean = []
    for number, text in enumerate(specs):
        folder = write(tmp_path / f"clean{number}", {SPEC: text})
        run("build", cwd=folder, code=0)
        clean.append(contents(folder))
    folder = tmp_path / "killed"
    began = time.monotonic()
    build(write(folder, {SPEC: specs[0]})).communicate(timeout=60)
    span = time.monotonic() - began
    for trial in range(0, 40, every):
        write(folder, {SPEC: specs[trial // every % 3]})
        process = build(folder)
        time.sleep(chance.uniform(0.3, 1.1) * span)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        following = chance.randrange(3)
        write(folder, {SPEC: specs[following]})
        run("build", cwd=folder, code=0)
        assert contents(folder) == clean[following], trial
        run("check", cwd=folder, code=0)


def test_a_copy_elsewhere_is_the_same_project(built_shop: Path, tmp_path: Path) -> None:
    """An index that was copied along must not vouch for other files."""
    run("check", cwd=built_shop, code=0)
    run("check", cwd=built_shop, code=0)
    other = Path(shutil.copytree(built_shop, tmp_path / "other"))
    run("check", cwd=other, code=0)
    (other / DEPLOYMENT).unlink()
    run("check", cwd=other, code=1)
