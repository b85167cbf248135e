"""The charts of all examples on a real control plane, by Helm 3 and 4: installed, changed, rolled back, tested, removed.

No container runs here: pods become ready by themselves, and the test plays the kubelet for those of `helm test` alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster import programs
from tests.cluster.controlplane import ControlPlane
from tests.cluster.manifests import parse
from tests.cluster.rollout import make_disks, make_namespace, templates, wait
from tests.conftest import once
from tests.targets.charts import EXAMPLES, HELMS, chart_of, folder_of, helm, templated
from tests.targets.drawn_values import drawn

MINOR = programs.version().removeprefix("v").rpartition(".")[0]  # Helm holds a chart to the cluster's
DRAWN = 8  # sets of values for each example
SOON = 60.0  # seconds, far above what any step takes


@dataclass(frozen=True, slots=True)
class Release:
    """A chart, the program that installs it, and where."""

    plane: ControlPlane
    program: str
    folder: Path
    namespace: str

    @property
    def name(self) -> str:
        return folder_of(self.folder).name

    def helm(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(self._words(*words), capture_output=True, text=True, env=self._environment, check=False)
        assert done.returncode == 0, f"helm {' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done

    def started(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._words(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self._environment
        )

    def stands(self) -> None:
        wait(self.plane, parse(self.helm("get", "manifest", self.name).stdout), self.namespace)

    def _words(self, *words: str) -> list[str]:
        return [self.program, *words, "--namespace", self.namespace]

    @property
    def _environment(self) -> dict[str, str]:
        home = str(self.plane.folder)
        return {"PATH": os.environ["PATH"], "HOME": home, "KUBECONFIG": str(self.plane.kubeconfig)}


@pytest.fixture(scope="module", params=[(which, name) for name in EXAMPLES for which in HELMS], ids="-".join)
def release(
    request: pytest.FixtureRequest, plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Release]:
    which, name = request.param
    program = helm(which)
    folder = once(tmp_path_factory, f"chart-{name}", lambda folder: chart_of(name, folder, MINOR))
    where = f"chart-{name}-{which}"
    make_namespace(plane, where)
    make_disks(plane, parse(templated(program, folder, "")))
    yield Release(plane, program, folder, where)
    plane.kubectl("delete", "namespace", where, "--wait=false")


def test_a_release_is_installed_changed_rolled_back_tested_and_removed(release: Release) -> None:
    chart = str(folder_of(release.folder))
    said = release.helm("install", release.name, chart).stdout
    release.stands()
    assert f"is release {release.name} in namespace {release.namespace}." in said
    before = templates(release.plane, release.namespace)

    release.helm("upgrade", release.name, chart, "--set", "image.tag=9.9.9")
    release.stands()
    changed = templates(release.plane, release.namespace)
    built = {name for name, text in before.items() if f"/{release.name}-" in text}
    assert {name for name in before if before[name] != changed[name]} == built

    release.helm("rollback", release.name, "1")
    release.stands()
    assert templates(release.plane, release.namespace) == before

    run_its_tests(release)

    claims = {each["metadata"]["name"] for each in release.plane.get("persistentvolumeclaims", "-n", release.namespace)}
    release.helm("uninstall", release.name)
    assert not templates(release.plane, release.namespace)
    kept = {each["metadata"]["name"] for each in release.plane.get("persistentvolumeclaims", "-n", release.namespace)}
    assert kept == claims


def run_its_tests(release: Release) -> None:
    """`helm test`, with pods that end as soon as they are there; all of them are run."""
    wanted = {path.stem for path in (folder_of(release.folder) / "templates/tests").glob("*.yaml")}
    ran, end = set[str](), time.monotonic() + SOON
    with release.started("test", release.name) as running:
        while running.poll() is None:
            assert time.monotonic() < end, ran
            ran |= ended(release)
            time.sleep(0.2)
        said = running.stdout.read() if running.stdout else ""
    assert (running.returncode, ran) == (0, wanted), said


def ended(release: Release) -> set[str]:
    """Tests whose pods are there, and are ended well."""
    found = set()
    for pod in release.plane.get("pods", "-n", release.namespace):
        name, phase = pod["metadata"]["name"], pod["status"]["phase"]
        if "helm.sh/hook" in pod["metadata"].get("annotations", {}) and phase != "Succeeded":
            patch = ("--subresource=status", "--type=merge", '--patch={"status":{"phase":"Succeeded"}}')
            release.plane.kubectl("patch", "pod", name, *patch, "-n", release.namespace, ok=(0, 1))
            found.add(name.removesuffix("-test"))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_api_server_takes_what_is_drawn_from_the_schema(
    name: str, plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """As Helm 4 installs it: by server-side apply, which takes no name twice in a list."""
    folder = once(tmp_path_factory, f"chart-{name}", lambda folder: chart_of(name, folder, MINOR))
    schema = json.loads((folder_of(folder) / "values.schema.json").read_text())
    where, values = f"drawn-{name}", tmp_path / "values.json"
    make_namespace(plane, where)
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts", "-n", where)
    for number in range(DRAWN):
        values.write_text(json.dumps(drawn(schema, number), ensure_ascii=False))
        text = templated(helm(HELMS[-1]), folder, "", "-f", str(values), "--namespace", where)
        plane.kubectl(*words, "-f", "-", stdin=text)
    plane.kubectl("delete", "namespace", where, "--wait=false")
