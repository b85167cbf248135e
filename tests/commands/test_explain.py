"""Every field of every object can say who decided it, why, from what, and at which line of the spec."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kforge.domain.origin import paths_of
from kforge.domain.spec.pins import leaves
from kforge.stages.explain import Explainable, explain
from kforge.stages.inputs import Inputs
from tests.conftest import copied, edit, run
from tests.golden.examples import EXAMPLES, outcome
from tests.mutations import SPEC

POD = "spec.template.spec"
BOX = f"{POD}.containers[0]"
SECURITY = f"{BOX}.securityContext"
# Target, field → who decided, and what the answer must hold.
STORIES = [
    ("Deployment/web", f"{BOX}.resources.limits.memory", ("256Mi", "enough for Node.js", "web/resources memory, decided by heuristics; in deploy/kubernetes/web/deployment.yaml:")),
    ("Deployment/web", f"{BOX}.readinessProbe.httpGet.path", ("web/probes readiness.path", "  /readyz")),
    ("Deployment/cache", f"{BOX}.resources.limits.memory", ("pinned in app.kforge.yaml:", "cache/resources memory", "  256Mi")),
    ("Deployment/catalog", f"{BOX}.image", ("the spec says it in app.kforge.yaml:", "  ghcr.io/acme/shop-catalog:1.4.2")),
    ("Deployment/web", "spec.minReadySeconds", ("the spec says it in app.kforge.yaml:", "the first requests after a start fill the connection pools", "  10")),
    ("CronJob/nightly", "spec.jobTemplate.spec.template.spec.tolerations[0].key", ("the spec says it in app.kforge.yaml:", "kubernetes", "  spot")),
    ("CronJob/nightly", "spec.schedule", ("the spec says it in app.kforge.yaml:", "schedule", "  0 3 * * *")),
    ("Deployment/web", f"{SECURITY}.allowPrivilegeEscalation", ("fixed by kforge: ", "  false")),
    ("Deployment/web", f"{POD}.automountServiceAccountToken", ("fixed by kforge: ", "  false")),
    ("HorizontalPodAutoscaler/web", "spec.maxReplicas", ("the spec says it in app.kforge.yaml:", "  10")),
    ("Ingress/web", "spec.rules[0].host", ("the spec says it in app.kforge.yaml:", "  shop.example.com")),
    ("Ingress/web", "secretName", ("  web-tls\n  kforge's default; `services.web.expose.tls` changes it\n",)),
    ("Ingress/web", "path", ("  kforge's default; `services.web.expose.path` changes it\n",)),
    ("Namespace/shop", 'metadata.labels["pod-security.kubernetes.io/enforce"]', ("  kforge's default; `hardening` changes it\n",)),
    ("StatefulSet/db", "storage", ("the spec says it in app.kforge.yaml:66",)),
    ("web/build", "recipe", ("web/build recipe  node", "decided by heuristics")),
    ("cache/resources", "memory", ("pinned in app.kforge.yaml:",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "field", "holds"), STORIES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_field_tells_its_story(target: str, field: str, holds: tuple[str, ...], built_shop: Path) -> None:
    out = run("explain", target, field, cwd=built_shop, code=0).out
    assert not [text for text in holds if text not in out], out
    assert len(out.splitlines()) <= 4


def test_details_are_told_where_they_are_wanted(built_shop: Path) -> None:
    out = run("explain", "-v", "Deployment/web", "limits.memory", cwd=built_shop, code=0).out
    told = [line.split()[0] for line in out.splitlines()]
    assert [name for name in ("value", "decision", "decided", "why", "file", "inputs") if name not in told] == []


# Words, and what the first line of the answer begins with.
WORDS = [
    (["web memory"], "web/resources memory  256Mi"),
    (["web.memory"], "web/resources memory  256Mi"),
    (["web/resources.memory"], "web/resources memory  256Mi"),
    (["web/probes", "readiness.path"], "web/probes readiness.path  /readyz"),
    (["web/probes.readiness.path"], "web/probes readiness.path  /readyz"),
    (["web.readiness.path"], "web/probes readiness.path  /readyz"),
    (["web.port"], "web/process ports  3000 http, 9090 http metrics"),
    (["web/process", "command"], "web/process command  node server.js"),
    (["retries"], "nightly/rollout retries  2"),
    (["web.scale.max"], "app.kforge.yaml services.web.scale.max  10"),
    (["registry"], "app.kforge.yaml registry  ghcr.io/acme"),
    (["deployment/web", "limits.memory"], "Deployment/web containers[0].resources.limits.memory  256Mi"),
    (["deploy/web", "limits.memory"], "Deployment/web containers[0].resources.limits.memory  256Mi"),
    (["hpa/web", "minReplicas"], "HorizontalPodAutoscaler/web spec.minReplicas  2"),
    (["sts/db", "limits.memory"], "StatefulSet/db containers[0].resources.limits.memory  1Gi"),
    (["web.deployment", "limits.memory"], "Deployment/web containers[0].resources.limits.memory  256Mi"),
    (["-e", "prod", "sts/db", "limits.memory"], "StatefulSet/db containers[0].resources.limits.memory  4Gi"),
    (["prod/db", "resources.memory"], "db/resources memory  4Gi"),
    (["prod"], "prod  changes "),
    (["prod", "web"], "prod  changes "),
    (["-e", "prod", "web"], "prod  changes "),
    (["web"], "web  ./web, Node.js, Express"),
    (["app.kforge.yaml:60"], "cache/resources memory  256Mi"),
    (["web/Dockerfile:18"], "web/process command  node server.js"),
    (["./web/Dockerfile:18:1"], "web/process command  node server.js"),
    (["-e", "staging", "pdb/catalog"], "PodDisruptionBudget/catalog"),
    (["-e prod registry"], "app.kforge.yaml registry  registry.acme.internal\n  the spec says it in app.kforge.yaml:77: environments.prod.registry\n"),
    (["-e prod services.web.scale.max"], "app.kforge.yaml services.web.scale.max  20\n"),
    (["-e prod web.scale"], "app.kforge.yaml services.web.scale  min 3, max 20, cpu 70\n"),
    (["-e prod web.scale.cpu"], "app.kforge.yaml services.web.scale.cpu  70\n  the spec says it in app.kforge.yaml:28\n"),
    (["-e staging namespace"], "app.kforge.yaml namespace  shop-staging\n"),
    (["-e staging Namespace"], "Namespace/shop-staging\n"),
    (["-e staging NAMESPACE metadata.name"], "Namespace/shop-staging metadata.name  shop-staging\n"),
    (["-e staging ns/shop"], "Namespace/shop\n"),
    (["Namespace"], "Namespace/shop\n"),
    (["hpa minReplicas"], "HorizontalPodAutoscaler/web spec.minReplicas  2\n"),
    (["hpa web"], "HorizontalPodAutoscaler/web\n"),
    (["-e staging namespace.name"], "app.kforge.yaml namespace.name  shop-staging\n"),
    (["-e prod version"], "app.kforge.yaml version  1.4.2\n"),
    (["-e prod deploy/kubernetes/web/horizontalpodautoscaler.yaml:21"], "HorizontalPodAutoscaler/web spec.maxReplicas  20\n"),
    (["-e prod deploy/kubernetes/db/statefulset.yaml limits.memory"], "StatefulSet/db containers[0].resources.limits.memory  4Gi\n"),
    (["web image"], "Deployment/web containers[0].image  ghcr.io/acme/shop-web:1.4.2\n"),
    (["-e prod web image"], "Deployment/web containers[0].image  registry.acme.internal/shop-web:1.4.2\n"),
    (["web replicas"], "app.kforge.yaml services.web.scale  min 2,"),
    (["-e prod web replicas"], "app.kforge.yaml services.web.scale  min 3,"),
    (["cache replicas"], "Deployment/cache spec.replicas  1\n"),
    (["web REDIS_URL"], "app.kforge.yaml services.web.env.REDIS_URL  redis://"),
    (["-e prod web SESSION_KEY"], "app.kforge.yaml services.web.secrets.SESSION_KEY  secret web-session"),
    (["web tls"], "Ingress/web tls\n"),
    (["web/Dockerfile CMD"], "web/process command  node server.js\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "begins"), WORDS, ids=str)
def test_words_name_what_they_say(words: list[str], begins: str, built_shop: Path) -> None:
    out = run("explain", *[part for word in words for part in word.split()], cwd=built_shop, code=0).out
    assert out.startswith(begins), out


def test_a_file_is_named_as_it_is_seen_from_the_working_directory(built_shop: Path) -> None:
    (built_shop / ".git").mkdir()
    out = run("explain", "Dockerfile:18", cwd=built_shop / "web", code=0).out
    assert "node server.js" in out and "in Dockerfile:18" in out


def test_a_command_that_only_the_image_has_leads_to_its_decision(built_shop: Path) -> None:
    out = run("explain", "Deployment/web", f"{BOX}.command", cwd=built_shop, code=0).out
    line = (built_shop / "web/Dockerfile").read_text().splitlines().index('CMD ["node", "server.js"]') + 1
    assert out.startswith("web/process command  node server.js") and f"in web/Dockerfile:{line}" in out
    assert "the image's CMD says it" in out


def test_a_service_is_one_screen(built_shop: Path) -> None:
    for service in ("web", "catalog", "orders", "nightly", "cache", "db"):
        assert len(run("explain", service, cwd=built_shop, code=0).out.splitlines()) < 24


def test_a_whole_decision_is_a_short_table(built_shop: Path) -> None:
    out = run("explain", "web/probes", cwd=built_shop, code=0).out
    assert len(out.splitlines()) == 5 and not re.search(r"[\[{\"]", out)


def test_reasons_that_are_equal_are_told_once(built_shop: Path) -> None:
    out = run("explain", "nightly/build", cwd=built_shop, code=0).out
    assert out.count("builds from the folder of `catalog`") == 1


def test_no_words_list_what_can_be_asked(built_shop: Path) -> None:
    out = run("explain", cwd=built_shop, code=0).out
    examples = [line.split()[2:] for line in out.splitlines() if line.startswith("  kforge explain ")]
    assert "web      build" in out and "prod, staging" in out and len(examples) == 5
    for words in examples:
        run("explain", *words, cwd=built_shop, code=0)


def test_an_environment_names_the_line_behind_each_change(built_shop: Path) -> None:
    told = json.loads(run("explain", "staging", "--format", "json", cwd=built_shop, code=0).out)
    assert all(each["where"] or each["why"] for each in told)
    assert [(each["before"], each["value"]) for each in told if each["field"] == "spec.maxReplicas"] == [(10, 2)]
    (namespace,) = [each for each in told if each["field"] == "metadata.namespace"]
    assert len(namespace["targets"]) > 20 and namespace["why"] == "environments.staging.namespace"


def test_an_environment_counts_the_rows_that_it_shows_and_no_application(built_shop: Path) -> None:
    spec = built_shop / "app.kforge.yaml"
    gitops = "outputs: [dockerfile, kubernetes, argocd]\ngitops: {repository: 'https://github.com/acme/shop.git'}\n"
    spec.write_text(spec.read_text() + gitops)
    title, *lines = run("explain", "prod", cwd=built_shop, code=0).out.splitlines()
    assert "Application" not in "".join(lines)
    assert f"changes {sum(line.startswith('  ') for line in lines)} things" in title


def test_a_path_below_one_spec_chooses_it(tmp_path: Path) -> None:
    for name in ("hello", "jobs"):
        run("build", cwd=copied("hello", tmp_path / name), code=0)
    out = run("explain", "jobs/deploy/kubernetes/web/deployment.yaml:1", cwd=tmp_path, code=0).out
    assert out.startswith("deploy/kubernetes/web/deployment.yaml:1\n")
    ended = run("explain", "web", cwd=tmp_path, code=2)
    assert "there are 2 specs here" in ended.err and "`kforge explain --spec hello …`" in ended.err
    assert "`kforge pin --spec hello …`" in run("pin", "web", cwd=tmp_path, code=2).err


def test_an_image_of_another_registry_names_the_registry(built_shop: Path) -> None:
    out = run("explain", "-e", "prod", "Deployment/web", "image", cwd=built_shop, code=0).out
    assert "environments.prod.registry" in out and "in deploy/overlays/prod/web/kustomization.yaml" in out


def test_lines_count_as_the_file_lies_on_the_disk(built_shop: Path) -> None:
    path = built_shop / "web/Dockerfile"
    path.write_text("# mine\n" + path.read_text())
    assert "node server.js" in run("explain", "web/Dockerfile:19", cwd=built_shop, code=0).out
    path.write_text(path.read_text().replace('["node", "server.js"]', '["node", "other.js"]'))
    ended = run("explain", "web/Dockerfile:19", cwd=built_shop, code=2)
    assert "is not what a build would write" in ended.err and "`kforge diff`" in ended.err


def test_a_pinned_field_names_its_line(built_shop: Path) -> None:
    lines = (built_shop / "app.kforge.yaml").read_text().splitlines()
    told = json.loads(run("explain", "cache/resources", "memory", "--format", "json", cwd=built_shop, code=0).out)
    _, line, column = told[0]["where"].split(":")
    assert lines[int(line) - 1][int(column) - 1 :].startswith("256Mi")


@pytest.mark.parametrize(
    ("pins", "field", "why"),
    [
        ("path: /ok", "path", "pinned in app.kforge.yaml:36"),
        ("path: /ok", "type", "follows from `path`, pinned in app.kforge.yaml:36"),
        ("path: /ok", "port", "decided beside the pinned `path`: the port that probes of this service ask"),
        ("path: /ok", "period", "decided beside the pinned `path`: three failures in a row are no hiccup"),
        ("period: 9", "type", "decided beside the pinned `period`: `/readyz` answers when it can serve"),
        ("period: 9", "failures", "decided beside the pinned `period`: three failures in a row are no hiccup"),
        ("command: [./ok]", "type", "follows from `command`, pinned in app.kforge.yaml:36"),
        ("command: [./ok]", "path", "unused, since the pinned `command` is run"),
    ],
)
def test_a_probe_that_is_pinned_in_part_says_which(pins: str, field: str, why: str, built_shop: Path) -> None:
    here = "    scale: {min: 2}\n\n  orders:"
    edit(built_shop / SPEC, here, f"    probes: {{readiness: {{{pins}}}}}\n{here}")
    out = run("explain", "catalog/probes", f"readiness.{field}", cwd=built_shop, code=0).out
    assert out.splitlines()[1].strip() == why
    assert (
        f"`{pins.split(':', maxsplit=1)[0]}` pinned in app.kforge.yaml:36, the rest is decided"
        in run("explain", "catalog", cwd=built_shop).out
    )


def test_an_environment_tells_its_own_values(built_shop: Path) -> None:
    lines = (built_shop / "app.kforge.yaml").read_text().splitlines()
    for target, field, value in (
        ("HorizontalPodAutoscaler/web", "spec.maxReplicas", 20),
        ("StatefulSet/db", f"{BOX}.resources.limits.memory", "4Gi"),
    ):
        (told,) = json.loads(
            run("explain", "-e", "prod", target, field, "--format", "json", cwd=built_shop, code=0).out
        )
        _, line, column = told["where"].split(":")
        assert told["value"] == value
        assert lines[int(line) - 1][int(column) - 1 :].startswith(str(value))
    out = run("explain", "-e", "staging", "Deployment/web", "metadata.namespace", cwd=built_shop, code=0).out
    assert out.startswith("Deployment/web metadata.namespace  shop-staging")


def test_a_whole_decision_tells_every_field(built_shop: Path) -> None:
    told = json.loads(run("explain", "web/probes", "--format", "json", cwd=built_shop, code=0).out)
    assert [each["field"] for each in told] == sorted(leaves(outcome("shop").settled.decisions["web", "probes"].value))
    assert all(each["why"] and each["decided"] == "heuristics" for each in told)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Deployment/wbe", "spec.replicas"], "did you mean `Deployment/web`"),
        (["web/probe"], "did you mean `web/probes`"),
        (["Deployment/web", "spec.template.spec.containers[0].resources.limit.memory"], "did you mean `spec.template.spec.containers[0].resources.limits.memory`"),
        (["Deployment/web", "spec.template.spec.containers[7].image"], "has no field"),
        (["Deployment/web", "spec..x"], "spec..x"),
        (["web/resources", "memroy"], "did you mean `memory`"),
        (["web", "path"], "say which: `liveness.path`"),
        (["port"], "`kforge explain web.port`"),
        (["web/Dockerfil:3"], "did you mean `web/Dockerfile:3`"),
        (["web/Dockerfile:99"], "it has 18 lines"),
        (["web/Dockerfile:0"], "`web/Dockerfile` has no line 0"),
        (["web/Dockerfile:-1"], "`web/Dockerfile` has no line -1"),
        (["web/Dockerfile", "VOLUME"], "`web/Dockerfile` has no `VOLUME`"),
        (["-e", "prod", "web/Dockerfile"], "ask without `-e`"),
        (["web/server.js"], "`kforge detect web` shows what is read there"),
        (["deploy/wbe"], "did you mean `Deployment/web`"),
        (["hpa", "wbe"], "did you mean `HorizontalPodAutoscaler/web`"),
        (["hpa", "minReplica"], "did you mean `spec.minReplicas`"),
        (["Deployment", "replicas"], "did you mean `Deployment/"),
        (["wbe"], "did you mean `web`"),
        (["prd"], "did you mean `prod`"),
        (["web", "scal"], "did you mean `web.scale`"),
        (["-e", "prd", "Deployment/web", "spec.replicas"], "there is no environment `prd`"),
        (["nonsense"], "there is no `nonsense`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_not_there_is_told_with_the_nearest_names(words: list[str], says: str, built_shop: Path) -> None:
    ended = run("explain", *words, cwd=built_shop, code=2)
    assert says in ended.err and "help: " in ended.err, ended.err


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_field_of_every_object_can_be_explained(name: str) -> None:
    worked = outcome(name)
    world = worked.loaded.world
    inputs = Inputs(world.raw, world.facts, worked.settled.values)
    silent = []
    for environment, documents in worked.documents.items():
        known = Explainable(documents.items, worked.settled.decisions, worked.loaded.raw.place, inputs.value)
        for document in documents.objects():
            for path in paths_of(document.data):
                for told in explain(known, document.target, path):
                    if not told.why or not told.decided:
                        silent.append(f"{environment} {document.target} {path}: {told.decided} {told.why!r}")
    assert silent == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_field_of_every_decision_has_a_reason(name: str) -> None:
    worked = outcome(name)
    world = worked.loaded.world
    known = Explainable(
        (),
        worked.settled.decisions,
        worked.loaded.raw.place,
        Inputs(world.raw, world.facts, worked.settled.values).value,
    )
    silent = [
        f"{service}/{topic}: {told.field}"
        for service, topic in worked.settled.decisions
        for told in explain(known, f"{service}/{topic}", "")
        if not told.why
    ]
    assert silent == []


def test_fields_that_kforge_fixes_say_more_than_that_it_does() -> None:
    """Hardening is argued for, not stated."""
    worked = outcome("shop")
    world = worked.loaded.world
    known = Explainable(
        worked.documents[""].items,
        worked.settled.decisions,
        worked.loaded.raw.place,
        Inputs(world.raw, world.facts, {}).value,
    )
    (told,) = explain(known, "Deployment/web", f"{SECURITY}.readOnlyRootFilesystem")
    assert told.decided == "kforge" and len(told.why.split()) > 5, told.why


def test_a_port_that_the_spec_says_is_pinned(built_shop: Path) -> None:
    edit(built_shop / SPEC, "    source: ./orders\n", "    source: ./orders\n    port: 8081\n")
    run("build", cwd=built_shop, code=0)
    shown = run("explain", "orders/process", "ports", cwd=built_shop, code=0).out
    assert shown.startswith("orders/process ports  8081 http\n  pinned in app.kforge.yaml:")
    assert (
        "heuristics, 1 pinned"
        in run("build", "-v", cwd=built_shop, code=0).out.partition("\norders")[2].partition("\n")[0]
    )
