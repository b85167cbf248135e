"""`check`, `check --full`, `plan` and `build` say the same of a spec, all of it, each once; and their advice works."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import CURRENT, contents, edit, run, write
from tests.trials import sample

SPEC = "app.kforge.yaml"
BAD = sorted((Path(__file__).parents[1] / "specs_bad").glob("*.yaml"))
WAYS = (["check"], ["check", "--full"], ["plan"], ["build"], ["build", "--dry-run"])
# Wrong only once sources are read, decisions made, objects finished or files compared.
LATER = {
    "a missing source and a wrong key": ("source: ./orders", "source: ./order\n    prot: 1"),
    "an unpinned image": ("redis:8.8.3", "redis:latest"),
    "two unpinned images": (
        "redis:8.8.3\n",
        "redis:latest\n    init: [{name: a, image: docker.io/library/busybox, command: [ls]}]\n",
    ),
    "a registry that may not be named": ("registries: [ghcr.io/acme, ", "registries: ["),
    "a patch that meets nothing": ("target: Deployment/web", "target: Deployment/wob"),
    "lost data": ("  db:\n", "  database:\n"),
}


def errors(said: str) -> list[str]:
    """The errors of a run, each with its place, in their order."""
    lines = said.splitlines()
    found = [number for number, line in enumerate(lines) if re.match(r"error(\[[a-z-]+\])?: ", line)]
    return ["\n".join(lines[number : number + 2]) for number in found]


def told(folder: Path) -> dict[str, list[str]]:
    before = contents(folder)
    found = {" ".join(words): errors(run(*words, cwd=folder).err) for words in WAYS}
    assert contents(folder) == before
    return found


@pytest.mark.parametrize("spec", sample(BAD, 12), ids=lambda spec: spec.stem)
def test_a_spec_that_cannot_be_read_has_one_set_of_problems(spec: Path, tmp_path: Path) -> None:
    write(tmp_path, {SPEC: spec.read_bytes()})
    found = told(tmp_path)
    first = found["check"]
    assert first and len(first) == len({*first})
    assert found == dict.fromkeys(found, first)


@pytest.mark.parametrize("change", LATER.values(), ids=LATER)
def test_what_is_wrong_later_is_one_set_as_well(change: tuple[str, str], built_shop: Path) -> None:
    edit(built_shop / SPEC, *change)
    found = told(built_shop)
    first = found["build"]
    assert first and len(first) == len({*first})
    assert found == dict.fromkeys(found, first)


# --- advice works ---


def _edited(folder: Path) -> None:
    path = folder / "web/Dockerfile"
    path.write_text(path.read_text() + "USER 5\n")


def _foreign(folder: Path) -> None:
    (folder / "kforge.sum").write_text(
        re.sub(r".*kubernetes/web/service\.yaml.*\n", "", (folder / "kforge.sum").read_text())
    )
    (folder / "deploy/kubernetes/web/service.yaml").write_text("kind: Service\n")


def _missing(folder: Path) -> None:
    (folder / "web/Dockerfile").unlink()


def _orphan(folder: Path) -> None:
    edit(folder / SPEC, "    expose: {host: shop.example.com, class: traefik}\n", "")
    edit(folder / SPEC, ", expose: {host: shop.staging.example.com}", "")


def _stale(folder: Path) -> None:
    edit(folder / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")


def _lost(folder: Path) -> None:
    edit(folder / SPEC, "  db:\n", "  database:\n")
    text = (folder / SPEC).read_text()
    (folder / SPEC).write_text(
        text.replace("services.db.", "services.database.").replace("      db: {", "      database: {")
    )


ADVICE = {
    "an edit by hand": (_edited, "kforge build --force"),
    "a file of the user's": (_foreign, "kforge build --force"),
    "a missing file": (_missing, "kforge build"),
    "an orphan": (_orphan, "kforge build"),
    "a stale file": (_stale, "kforge build"),
    "lost data": (_lost, "kforge build --allow-data-loss"),
}


@pytest.mark.parametrize(("change", "advice"), ADVICE.values(), ids=ADVICE)
def test_after_the_advice_everything_is_current(change: Callable[[Path], None], advice: str, built_shop: Path) -> None:
    change(built_shop)
    said = run("check", cwd=built_shop, code=1)
    assert f"`{advice}`" in said.err
    run(*advice.split()[1:], cwd=built_shop, code=0)
    assert CURRENT.fullmatch(run("check", "--full", cwd=built_shop, code=0).err)


def test_an_edit_may_be_said_in_the_spec_instead(built_shop: Path) -> None:
    path = built_shop / "deploy/kubernetes/web/deployment.yaml"
    path.write_text(path.read_text().replace("terminationGracePeriodSeconds: 35", "terminationGracePeriodSeconds: 60"))
    said = run("check", cwd=built_shop, code=1).err
    assert "(`kubernetes` fragments, `patches`)" in said
    edit(
        built_shop / SPEC,
        "\npatches:\n",
        "\npatches:\n  - {target: Deployment/web, path: spec.template.spec.terminationGracePeriodSeconds, value: 60, reason: slow}\n",
    )
    run("build", "--force", cwd=built_shop, code=0)
    assert "terminationGracePeriodSeconds: 60" in path.read_text()
    assert CURRENT.fullmatch(run("check", "--full", cwd=built_shop, code=0).err)


def test_a_dockerfile_of_the_users_takes_the_place_of_the_generated_one(built_shop: Path) -> None:
    (built_shop / "web/Dockerfile").write_text(
        'FROM docker.io/library/node:24-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER 1000\nEXPOSE 3000\nCMD ["node", "server.js"]\n'
    )
    said = run("check", cwd=built_shop).err
    run("build", cwd=built_shop, code=0)
    assert CURRENT.search(run("check", "--full", cwd=built_shop, code=0).err), said
    assert "npm ci" in (built_shop / "web/Dockerfile").read_text()


def test_an_orphan_that_stays_is_told_and_then_the_users_own(built_shop: Path) -> None:
    path = built_shop / "deploy/kubernetes/web/ingress.yaml"
    path.write_text(path.read_text() + "# mine\n")
    _orphan(built_shop)
    told = "no longer generated, and edited by hand or not this spec's: a build leaves it"
    assert told in run("check", cwd=built_shop, code=1).out and told in run("plan", cwd=built_shop, code=0).out
    run("build", cwd=built_shop, code=0)
    path.unlink()
    assert CURRENT.fullmatch(run("check", "--full", cwd=built_shop, code=0).err)


# --- what changed is told once ---


def test_a_change_is_one_line_with_its_values(built_shop: Path) -> None:
    edit(built_shop / "web/server.js", "?? 3000)", "?? 4000)")
    said = run("check", cwd=built_shop, code=1)
    assert said.out == "web: port 3000 → 4000 (web/server.js:9); 4 files to rebuild\n"
    assert said.err == "not current: shop; run `kforge build` and commit what it writes\n"


def test_the_files_are_listed_where_they_are_asked_for(built_shop: Path) -> None:
    edit(built_shop / "web/server.js", "?? 3000)", "?? 4000)")
    assert "web/Dockerfile is stale\n" in run("check", "-v", cwd=built_shop, code=1).out


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("version: 1.4.2", "version: 1.4.3", f"the app: image …:1.4.2 → …:1.4.3 ({SPEC}:5); 5 files to rebuild"),
        ("FEATURES: /etc/web/features.json", "FEATURES: /etc/web/f.json", f"web: FEATURES /etc/web/features.json → /etc/web/f.json ({SPEC}:20); 1 file to rebuild"),
        ("value: 10\n", "value: 11\n", f"web: minReadySeconds 10 → 11 ({SPEC}:83); 1 file to rebuild"),
        ("memory: 256Mi", "memory: 512Mi", f"cache: memory 256Mi → 512Mi ({SPEC}:60); 1 file to rebuild"),
        ("labels: {team: shop}", "labels: {team: store}", f"the app: team shop → store ({SPEC}:9); 31 files to rebuild"),
    ],
)  # fmt: skip
def test_what_the_spec_changed_is_one_line_as_well(old: str, new: str, line: str, built_shop: Path) -> None:
    edit(built_shop / SPEC, old, new)
    assert run("check", cwd=built_shop, code=1).out == f"{line}\n"


def test_a_service_whose_files_stay_is_not_told_beside_one_that_changes(tmp_path: Path) -> None:
    program = 'package main\n\nimport "net/http"\n\nfunc main() {\n\thttp.ListenAndServe(":8080", nil)\n}\n'
    spec = "apiVersion: kforge.dev/v1\napp: x\nservices:\n  web: {source: ./web}\n  mig: {source: ./web, job: true}\n"
    write(tmp_path, {SPEC: spec, "web/main.go": program, "web/go.mod": "module example.com/web\n\ngo 1.25\n"})
    run("build", cwd=tmp_path, code=0)
    edit(tmp_path / "web/main.go", "8080", "9090")
    told = run("check", cwd=tmp_path, code=1).out
    assert told == "web: port 8080 → 9090 (web/main.go:6); 3 files to rebuild\n"


def test_a_pin_of_the_same_value_says_so(built_shop: Path) -> None:
    run("pin", "orders/resources", "memory", cwd=built_shop, code=0)
    told = run("check", cwd=built_shop, code=1).out
    assert re.fullmatch(rf"orders: memory 64Mi pinned \({SPEC}:\d+\)\n", told)


def test_a_service_that_goes_has_files_to_remove(built_shop: Path) -> None:
    _gone(built_shop)
    assert "nightly: no longer a service; 4 files to remove\n" in run("check", cwd=built_shop, code=1).out


def test_of_a_single_line_a_service_that_goes_counts_its_own_files(tmp_path: Path) -> None:
    one = "  one: {image: 'docker.io/library/redis:8.8.3'}\n"
    text = f"apiVersion: kforge.dev/v1\napp: x\nservices:\n{one}{one.replace('one', 'two')}"
    run("build", cwd=write(tmp_path, {SPEC: text}), code=0)
    count = len([*(tmp_path / "deploy/kubernetes/two").iterdir()])
    edit(tmp_path / SPEC, one.replace("one", "two"), "")
    told = run("check", cwd=tmp_path, code=1).out
    assert told == f"two: no longer a service; {count} files to remove\n"


def test_a_pin_of_an_environment_is_told_with_its_line(built_shop: Path) -> None:
    edit(built_shop / SPEC, "memory: 4Gi", "memory: 5Gi")
    told = run("check", cwd=built_shop, code=1).out
    assert told == f"db: memory 4Gi → 5Gi in prod ({SPEC}:80); 1 file to rebuild\n"


def _gone(folder: Path) -> None:
    text = (folder / SPEC).read_text()
    (folder / SPEC).write_text(text[: text.index("  nightly:")] + text[text.index("  cache:") :])


def test_every_way_of_checking_says_that_all_is_current_in_the_same_words(built_shop: Path) -> None:
    said = {
        run(*words, cwd=built_shop, code=0).err
        for words in (["check"], ["check"], ["check", "."], ["check", "--full"], ["plan"])
    }
    assert said == {"shop: up to date (61 files)\n"}
