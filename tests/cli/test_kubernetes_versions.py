"""`check` and `build` about the Kubernetes version of a spec: out of support, and another one."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from kforge.check_cache import remembered
from kforge.domain.spec.project import Project
from kforge.fast_check import fast_check
from tests.conftest import run

SPEC = """\
apiVersion: kforge.dev/v1
app: shop
kubernetes: "1.30"   # what our cluster runs
services:
  web:
    image: ghcr.io/acme/web:1.0.0
    process: {writable: [/tmp]}
    ports: [{name: http, port: 8080}]
    scale: {min: 3, max: 6}
    resources: {memory: 256Mi}
environments:
  older: {kubernetes: "1.29"}
  newer: {kubernetes: "1.37"}
"""
TOLD = "info[kubernetes-support]: Kubernetes 1.30 gets no fixes since 2025-07-15"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "app.kforge.yaml").write_text(SPEC)
    assert run("build", cwd=tmp_path).code == 0
    return tmp_path


@pytest.mark.parametrize("way", [(), ("--full",), ()])
def test_check_says_that_a_version_is_out_of_support_and_ends_with_0(way: tuple[str, ...], built: Path) -> None:
    for _ in range(2):  # a check that remembers the first one's verdict as well
        ended = run("check", *way, cwd=built)
        assert ended.code == 0 and ": up to date (" in ended.err
        assert ended.err.count("info[kubernetes-support]") == 2 and TOLD in ended.err
        assert "app.kforge.yaml:3:13" in ended.err and "(environment older)" in ended.err


def test_machines_are_told_as_well(built: Path) -> None:
    ended = run("check", "--format", "json", cwd=built)
    (spec,) = json.loads(ended.out)["specs"]
    told = [each for each in spec["findings"] if each["rule"] == "kubernetes-support"]
    assert ended.code == 0 and [each["level"] for each in told] == ["info", "info"]
    assert told[0]["where"] == "app.kforge.yaml:3:13"
    assert "`kforge build --upgrade kubernetes`" in told[0]["hint"]
    assert told[1]["hint"] == "write a newer one there; `kforge diff` shows what it changes"


def test_the_day_decides_and_nothing_else_does(built: Path) -> None:
    project = Project(built / "app.kforge.yaml", built)
    last = fast_check(project, date(2025, 2, 28))
    assert last.current and last.notes == ()
    after = fast_check(project, date(2025, 3, 1))
    assert after.current and [note.environment for note in after.notes] == ["older"]
    told: list[str] = []
    assert remembered(project, date(2025, 3, 1), lambda notes: told.extend(each.message for each in notes) or True)
    assert told == ["Kubernetes 1.29 gets no fixes since 2025-02-28"]
    assert not remembered(project, date(2025, 3, 1), lambda notes: False)


def test_a_version_that_no_spec_names_is_not_spoken_of(tmp_path: Path) -> None:
    plain = "".join(line for line in SPEC.splitlines(True) if "1.3" not in line and "1.29" not in line)
    (tmp_path / "app.kforge.yaml").write_text(plain.replace("environments:\n", ""))
    run("build", cwd=tmp_path)
    project = Project(tmp_path / "app.kforge.yaml", tmp_path)
    assert fast_check(project, date(2099, 1, 1)).notes == ()


def test_an_upgrade_writes_the_version_and_shows_each_field_with_its_reason(built: Path) -> None:
    ended = run("build", "--upgrade", "kubernetes", cwd=built)
    assert ended.code == 0, ended.err
    assert "shop: Kubernetes 1.30 → 1.36" in ended.out
    assert "Service/web" in ended.out and '(none) → "PreferSameZone"' in ended.out and "every zone" in ended.out
    assert "environment `older` stays at 1.29" in ended.err
    text = (built / "app.kforge.yaml").read_text()
    assert text == SPEC.replace('kubernetes: "1.30"', 'kubernetes: "1.36"')
    assert "trafficDistribution: PreferSameZone" in (built / "deploy/kubernetes/web/service.yaml").read_text()
    assert run("check", "--full", cwd=built).code == 0
    again = run("build", "--upgrade", "kubernetes", cwd=built)
    assert again.code == 0 and "is at Kubernetes 1.36 already" in again.err


def test_an_upgrade_to_a_version_of_the_users_choice(built: Path) -> None:
    assert run("build", "--upgrade", "kubernetes=1.37", cwd=built).code == 0
    assert 'kubernetes: "1.37"' in (built / "app.kforge.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--upgrade", "kubernetes=1.99"), "no schemas of Kubernetes 1.99"),
        (("--upgrade", "kubernetes", "--locked"), "`--locked` forbids it"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(words: tuple[str, ...], message: str, built: Path) -> None:
    before = {path: path.read_bytes() for path in built.rglob("*") if path.is_file() and ".kforge" not in path.parts}
    ended = run("build", *words, cwd=built)
    assert ended.code == 2 and message in ended.err and "help:" in ended.err
    assert {path: path.read_bytes() for path in before} == before


def test_a_spec_that_a_newer_version_would_break_stays_as_it_is(built: Path) -> None:
    spec = built / "app.kforge.yaml"
    held = SPEC.replace('"1.30"', '"1.26"') + "include: [deploy/extra/old.yaml]\n"
    (built / "deploy/extra").mkdir()
    (built / "deploy/extra/old.yaml").write_text(
        "apiVersion: storage.k8s.io/v1beta1\nkind: CSIStorageCapacity\nmetadata: {name: mine}\nstorageClassName: fast\n"
    )
    spec.write_text(held)
    ended = run("build", "--upgrade", "kubernetes", cwd=built)
    assert ended.code == 1 and "`storage.k8s.io/v1beta1` has no CSIStorageCapacity in Kubernetes 1.36" in ended.err
    assert spec.read_text() == held


def test_a_service_of_that_name_is_what_is_upgraded(tmp_path: Path) -> None:
    (tmp_path / "app.kforge.yaml").write_text(SPEC.replace("  web:", "  kubernetes:"))
    run("build", cwd=tmp_path)
    ended = run("build", "--upgrade", "kubernetes", cwd=tmp_path)
    assert ended.code == 0 and "up to date" in ended.err
    assert 'kubernetes: "1.30"' in (tmp_path / "app.kforge.yaml").read_text()
