"""`plan` shows what a build would change: values, reasons, refusals; `build --dry-run` is the same screen."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.conftest import contents, edit, run, write

SPEC = "app.kforge.yaml"
PLAIN = """\
apiVersion: kforge.dev/v1
app: {app}
services:
  web:
    image: docker.io/library/nginx:1.29.1
    port: {port}
    user: 101
"""


def changes(folder: Path, *words: str) -> list[dict[str, object]]:
    """The changes of a plan as machines get them."""
    found = json.loads(run("plan", *words, "--format", "json", cwd=folder, code=0).out)["changes"]
    assert isinstance(found, list)
    return found


def test_nothing_to_do_is_one_line(built_shop: Path) -> None:
    ended = run("plan", cwd=built_shop, code=0)
    assert (ended.out, ended.err) == ("", "shop: up to date (61 files)\n")


def test_a_decision_is_told_with_both_values_the_reason_and_the_line_of_the_source(built_shop: Path) -> None:
    edit(built_shop / "web/server.js", "?? 3000)", "?? 4000)")
    ended = run("plan", cwd=built_shop, code=0)
    assert ended.out == (
        "~ web/process\n    port  3000 → 4000  the source listens on 4000 and 9090, told by `PORT` (web/server.js:9)\n"
    )
    assert ended.err == "shop: a build would change 4 of 61 files\n"


def test_a_field_that_the_spec_changed_is_told_with_its_environments_and_line(built_shop: Path) -> None:
    edit(built_shop / SPEC, "scale: {min: 2, max: 10, cpu: 70}", "scale: {min: 2, max: 12, cpu: 70}")
    edit(built_shop / SPEC, "web: {scale: {min: 3, max: 20}}", "web: {scale: {min: 4, max: 20}}")
    told = [
        (each["field"], each["before"], each["after"], each["environments"], each["where"])
        for each in changes(built_shop)
    ]
    assert told == [
        ("spec.maxReplicas", 10, 12, ["the base"], f"{SPEC}:28"),
        ("spec.minReplicas", 3, 4, ["prod"], f"{SPEC}:79"),
    ]


def test_a_value_of_an_environment_is_told_against_the_one_it_has_from_the_base(built_shop: Path) -> None:
    prod = "db: {resources: {memory: 4Gi}}"
    more = "      orders: {scale: {min: 3}}\n      catalog: {env: {LOG: debug}, resources: {memory: 512Mi}}"
    edit(built_shop / SPEC, prod, f"{prod}\n{more}")
    told = [
        (each["subjects"], str(each["field"]).rpartition(".containers")[2], each["before"], each["after"])
        for each in changes(built_shop)
    ]
    assert told == [
        (["Deployment/catalog"], "[name=catalog].env[name=LOG]", None, {"name": "LOG", "value": "debug"}),
        (["Deployment/catalog"], "memory", "192Mi", "512Mi"),
        (["Deployment/orders"], "spec.replicas", 2, 3),
        (["Service/orders"], "spec.trafficDistribution", None, "PreferSameZone"),
    ]


def test_an_environment_that_says_no_more_what_the_base_says_now_is_not_told(built_shop: Path) -> None:
    edit(built_shop / SPEC, "web: {scale: {min: 3, max: 20}}", "web: {scale: {max: 20}}")
    edit(built_shop / SPEC, "scale: {min: 2, max: 10, cpu: 70}", "scale: {min: 3, max: 10, cpu: 70}")
    told = [(each["field"], each["before"], each["after"], each["environments"]) for each in changes(built_shop)]
    assert told == [
        ("spec.minReplicas", 2, 3, ["the base"]),
        ("spec.trafficDistribution", None, "PreferSameZone", ["the base"]),
    ]


def test_an_environment_of_another_name_is_two_rows(built_shop: Path) -> None:
    edit(built_shop / SPEC, "  staging:", "  qa:")
    lines = run("plan", cwd=built_shop, code=0).out.splitlines()
    assert lines[:2] == ["+ environment qa  new", "- environment staging  no longer in the spec"]
    assert [line for line in lines[2:] if "deploy/images/" not in line] == []


def test_a_check_tells_an_environment_that_goes_in_one_line(built_shop: Path) -> None:
    text = (built_shop / SPEC).read_text()
    start, end = text.index("  staging:"), text.index("  prod:")
    (built_shop / SPEC).write_text(text[:start] + text[end:])
    told = [line for line in run("check", cwd=built_shop, code=1).out.splitlines() if "images/" not in line]
    assert told == ["the app: environment staging goes; 11 files to rebuild"]


@pytest.mark.parametrize(
    ("old", "new", "name", "values"),
    [
        ("    registry: registry.acme.internal", "    registry: ghcr.io/acme/x", "prod", "registry.acme.internal"),
        (
            "    namespace: shop-staging",
            "    namespace: shop-staging\n    registry: ghcr.io/acme/x",
            "staging",
            "ghcr.io/acme",
        ),
    ],
)
def test_another_registry_of_an_environment_is_one_row(
    old: str, new: str, name: str, values: str, built_shop: Path
) -> None:
    edit(built_shop / SPEC, old, new)
    told = [(each["subjects"], each["field"], each["before"], each["after"]) for each in changes(built_shop)]
    assert told == [([f"environment {name}"], "registry", values, "ghcr.io/acme/x")]


def test_another_registry_of_the_app_is_no_news_of_an_environment_that_has_its_own(built_shop: Path) -> None:
    edit(built_shop / SPEC, "registry: ghcr.io/acme ", "registry: ghcr.io/other ")
    edit(built_shop / SPEC, "registries: [", "registries: [ghcr.io/other, ")
    assert [(each["subjects"], each["field"]) for each in changes(built_shop)] == [(["the app"], "registry")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("registry: ghcr.io/acme ", "registry: ghcr.io/other ", ("the app", "registry", "ghcr.io/acme", "ghcr.io/other", [])),
        ("namespace: shop-staging", "namespace: shop-staging\n    version: 1.5.0", ("environment staging", "version", None, "1.5.0", ["staging"])),
    ],
)  # fmt: skip
def test_another_registry_or_version_is_one_row_for_all_images(
    old: str, new: str, said: tuple[object, ...], built_shop: Path
) -> None:
    edit(built_shop / SPEC, "[ghcr.io/acme,", "[ghcr.io,")
    edit(built_shop / SPEC, old, new)
    told = changes(built_shop)
    keys = ("field", "before", "after", "environments")
    assert [(*each["subjects"], *(each[key] for key in keys)) for each in told] == [said]  # type: ignore[misc]


def test_an_environment_with_another_version_is_told_with_both(built_shop: Path) -> None:
    edit(built_shop / SPEC, "namespace: shop-staging", "namespace: shop-staging\n    version: 1.5.0")
    run("build", cwd=built_shop, code=0)
    edit(built_shop / SPEC, "version: 1.5.0", "version: 1.6.0")
    edit(built_shop / SPEC, "registry: registry.acme.internal", "registry: registry.acme.internal/x")
    edit(built_shop / SPEC, "[ghcr.io/acme, registry.acme.internal", "[ghcr.io/acme, registry.acme.internal/x")
    told = [(*each["subjects"], each["field"], each["before"], each["after"]) for each in changes(built_shop)]  # type: ignore[misc]
    assert told == [
        ("environment prod", "registry", "registry.acme.internal", "registry.acme.internal/x"),
        ("environment staging", "version", "1.5.0", "1.6.0"),
    ]


@pytest.mark.parametrize(
    ("pins", "later", "told"),
    [
        ("path: /r", "path: /r2", [("httpGet.path", "/r", "/r2")]),
        ("path: /r", "path: /r2, period: 9", [("readiness.period", 5, 9), ("httpGet.path", "/r", "/r2")]),
        ("command: [./r]", "command: [./r2]", [("exec.command[0]", "./r", "./r2")]),
        ("command: [./r]", "period: 9", [("exec", None, None), ("periodSeconds", 5, 9), ("tcpSocket", None, None)]),
    ],
)
def test_each_part_of_a_probe_that_is_pinned_otherwise_is_told(
    pins: str, later: str, told: list[tuple[str, object, object]], tmp_path: Path
) -> None:
    text = PLAIN.format(app="x", port=8080) + f"    probes: {{readiness: {{{pins}}}}}\n"
    run("build", cwd=write(tmp_path, {SPEC: text.replace("nginx", "acme/own")}), code=0)
    edit(tmp_path / SPEC, pins, later)
    found = changes(tmp_path)
    assert [str(each["field"]).removeprefix("spec.template.spec.containers[name=web].readinessProbe.") for each in found] == [field for field, _, _ in told]  # fmt: skip
    assert all(
        old is None or (each["before"], each["after"]) == (old, new)
        for each, (_, old, new) in zip(found, told, strict=True)
    )


def test_what_many_objects_have_in_common_is_one_row(built_shop: Path) -> None:
    edit(built_shop / SPEC, "version: 1.4.2", "version: 1.4.3")
    ended = run("plan", cwd=built_shop, code=0)
    assert ended.out == (
        "~ Deployment/catalog, CronJob/nightly, Deployment/orders and 1 more\n"
        f"    image  …:1.4.2 → …:1.4.3  version ({SPEC}:5)\n"
    )


def test_a_pin_is_told_with_its_former_value(built_shop: Path) -> None:
    edit(built_shop / SPEC, "memory: 256Mi", "memory: 512Mi")
    assert run("plan", cwd=built_shop, code=0).out.splitlines()[1].split() == [
        "memory",
        "256Mi",
        "→",
        "512Mi",
        "pinned",
        f"({SPEC}:60)",
    ]


def test_a_pin_that_is_taken_back_is_told_with_its_former_value(built_shop: Path) -> None:
    edit(built_shop / SPEC, "    resources: {memory: 256Mi} ", "    # ")
    (change,) = changes(built_shop)
    assert (change["field"], change["before"]) == ("memory", "256Mi")


def test_a_moved_address_of_a_neighbour_is_no_row_of_its_own(built_shop: Path) -> None:
    edit(built_shop / "catalog/main.py", "8000", "8001")
    assert {each["service"] for each in changes(built_shop)} == {"catalog"}


def test_a_first_plan_is_one_row_a_service(built_shop: Path) -> None:
    for name in ("kforge.lock", "kforge.sum"):
        (built_shop / name).unlink()
    lines = run("plan", cwd=built_shop, code=0).out.splitlines()
    assert [line.split()[1] for line in lines] == ["cache", "catalog", "db", "nightly", "orders", "web"]
    assert lines[-1] == "+ web  Node.js, Express: `node server.js`, 3000 http and 9090 http metrics, GET /readyz, 256Mi"


def test_a_service_that_comes_and_one_that_goes_are_a_row_each(built_shop: Path) -> None:
    edit(built_shop / SPEC, "  nightly:    ", "  daily:    ")
    edit(built_shop / SPEC, "    command: [python, nightly.py]", "    command: [python, daily.py]")
    edit(
        built_shop / SPEC,
        "    source: ./catalog\n    command: [python, daily.py]",
        "    source: ./jobs\n    command: [python, daily.py]",
    )
    write(built_shop, {"jobs/daily.py": "print('done')\n", "jobs/requirements.txt": ""})
    rows = [(each["service"], each["status"]) for each in changes(built_shop)]
    assert rows == [("daily", "added"), ("nightly", "removed")]


def test_files_are_listed_where_they_are_asked_for(built_shop: Path) -> None:
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    row = "deploy/kubernetes/web/horizontalpodautoscaler.yaml  change"
    assert row not in run("plan", cwd=built_shop, code=0).out
    assert row in run("plan", "-v", cwd=built_shop, code=0).out


def test_all_shows_what_stays_as_well(built_shop: Path) -> None:
    shown = run("plan", "--all", cwd=built_shop, code=0).out
    assert "  web/process  locked, heuristics\n" in shown and "web/Dockerfile" in shown
    assert "3000 http, 9090 http" in shown and "{" not in shown


def test_it_takes_paths_as_build_does(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for number, app in enumerate(("one", "two", "three")):
        write(tmp_path, {f"apps/{app}/{SPEC}": PLAIN.format(app=app, port=8080 + number)})
    told = {
        words: run("plan", *words, cwd=tmp_path, code=0).err
        for words in ((), ("apps/one",), ("apps/one", "apps/two"), ("-s", "apps/three"))
    }
    names = {words: re.findall(r"^(\w+): a build would", said, re.MULTILINE) for words, said in told.items()}
    assert [*names.values()] == [["one", "three", "two"], ["one"], ["one", "two"], ["three"]]


def test_one_wrong_spec_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(
        tmp_path, {f"one/{SPEC}": PLAIN.format(app="one", port=8080), f"two/{SPEC}": PLAIN.format(app="two", port="no")}
    )
    ended = run("plan", cwd=tmp_path, code=2)
    assert "+ web" in ended.out and "two/app.kforge.yaml:6:11" in ended.err


@pytest.mark.parametrize("flag", ["-n", "--dry-run"])
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("max: 10, cpu: 70", "max: 12, cpu: 70", []),
        ("max: 10, cpu: 70", "max: 12, cpu: 70", ["--locked"]),
        ("redis:8.8.3", "redis:latest", []),
        ("version: 1.4.2", "version: [", []),
        ("  db:\n", "  database:\n", []),
    ],
    ids=["a change", "locked", "a finding", "no spec", "lost data"],
)
def test_a_dry_run_ends_as_the_build_does_and_writes_nothing(
    flag: str, old: str, new: str, words: list[str], built_shop: Path
) -> None:
    edit(built_shop / SPEC, old, new)
    before = contents(built_shop)
    dry = run("build", flag, *words, cwd=built_shop)
    assert contents(built_shop) == before
    plan = run("plan", cwd=built_shop)
    assert words or dry == plan
    assert run("build", *words, cwd=built_shop).code == dry.code


def test_a_dry_run_takes_the_options_of_a_build(built_shop: Path) -> None:
    path = built_shop / "web/Dockerfile"
    path.write_text(path.read_text() + "# mine\n")
    assert "was edited by hand" in run("build", "-n", cwd=built_shop, code=2).err
    assert "would change 1 of 61 files" in run("build", "-n", "--force", cwd=built_shop, code=0).err
    assert path.read_text().endswith("# mine\n")


def test_errors_and_refusals_are_told_together(built_shop: Path) -> None:
    edit(built_shop / SPEC, "redis:8.8.3", "redis:latest")
    path = built_shop / "web/Dockerfile"
    path.write_text(path.read_text() + "# mine\n")
    for words in (["plan"], ["build"], ["check"]):
        said = run(*words, cwd=built_shop, code=1).err
        assert said.count("runs unpinned image") == 1 and said.count("`web/Dockerfile` was edited by hand") == 1


def test_machines_get_the_former_value_of_a_decision(built_shop: Path) -> None:
    edit(built_shop / "web/server.js", "?? 3000)", "?? 4000)")
    told = json.loads(run("plan", "--format", "json", cwd=built_shop, code=0).out)
    (one,) = [each for each in told["decisions"] if each["target"] == "web/process"]
    ports = [[port["port"] for port in side["ports"]] for side in (one["before"], one["value"])]
    assert ports == [[3000, 9090], [4000, 9090]]
    assert told["specs"] == [{"spec": SPEC, "code": 0, "current": False}]


def test_another_kubernetes_version_is_shown_and_not_written(built_shop: Path) -> None:
    before = contents(built_shop)
    shown = run("plan", "--upgrade", "kubernetes=1.37", cwd=built_shop, code=0)
    assert '"v1.36" → "v1.37"' in shown.out and "a build would write it and 1 file" in shown.err
    assert run("build", "-n", "--upgrade", "kubernetes=1.37", cwd=built_shop, code=0) == shown
    assert contents(built_shop) == before


def test_a_users_file_in_the_place_of_a_generated_one_is_shown_nowhere(built_shop: Path) -> None:
    path = built_shop / "deploy/kubernetes/web/service.yaml"
    path.write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: 10.9.8.7}\n")
    shown = run("build", "-n", "--force", "-v", cwd=built_shop, code=0)
    assert "10.9.8.7" not in shown.out + shown.err and "service.yaml  change" in shown.out


def test_new_files_that_are_no_objects_are_no_rows(tmp_path: Path) -> None:
    write(tmp_path, {SPEC: PLAIN.format(app="one", port=8080) + "outputs: [kubernetes, helm]\nnamespace: one\n"})
    assert run("plan", cwd=tmp_path, code=0).out.splitlines() == [
        "+ web  docker.io/library/nginx:1.29.1: 8080 http, 64Mi"
    ]


def test_a_file_of_one_of_several_specs_is_named_as_seen_from_here(tmp_path: Path) -> None:
    write(tmp_path, {f"{app}/{SPEC}": PLAIN.format(app=app, port=8080) for app in ("one", "two")})
    run("build", cwd=tmp_path, code=0)
    edit(tmp_path / "two" / SPEC, "app: two", "app: two\nnamespace: other")
    assert "~ two/deploy/kubernetes/kustomization.yaml" in run("plan", cwd=tmp_path, code=0).out.splitlines()


def test_files_are_named_as_seen_from_here(built_shop: Path) -> None:
    edit(built_shop / "web/server.js", "?? 3000", "?? 4000")
    shown = run("plan", "-v", "..", cwd=built_shop / "web", code=0).out
    assert "\n../deploy/kubernetes/web/service.yaml" in shown and "\nDockerfile " in shown


def written_otherwise(folder: Path, path: str, old: str, new: str) -> None:
    """A file as an earlier kforge wrote it: its content, and the digest that the sums have."""
    file, sums = folder / path, folder / "kforge.sum"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    edit(file, old, new)
    edit(sums, before, hashlib.sha256(file.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    ("path", "old", "new", "row"),
    [
        ("web/Dockerfile", "USER 1000:1000", "USER 1000", "USER  1000 → 1000:1000"),
        ("web/.dockerignore", "\n**/.env\n", "\n", "line  none → **/.env"),
    ],
)
def test_a_text_of_which_nothing_else_is_told_is_told_by_what_differs(
    path: str, old: str, new: str, row: str, built_shop: Path
) -> None:
    written_otherwise(built_shop, path, old, new)
    ended = run("plan", cwd=built_shop, code=0)
    assert ended.out == f"~ {path}\n    {row}\n"
    assert json.loads(run("plan", "--format", "json", cwd=built_shop).out)["changes"][0]["subjects"] == [path]


def test_a_text_that_follows_from_a_decision_is_no_row(built_shop: Path) -> None:
    written_otherwise(built_shop, "web/Dockerfile", "USER 1000:1000", "USER 1000")
    edit(built_shop / "web/server.js", "?? 3000)", "?? 4000)")
    assert "Dockerfile" not in run("plan", cwd=built_shop, code=0).out


def test_a_template_of_a_chart_is_told_by_what_differs(built_shop: Path) -> None:
    edit(built_shop / SPEC, "\nservices:\n", "\noutputs: [dockerfile, kubernetes, helm]\nservices:\n")
    run("build", cwd=built_shop, code=0)
    path = "deploy/helm/shop/templates/nightly/cronjob.yaml"
    line = next(each for each in (built_shop / path).read_text().splitlines() if "schedule:" in each).strip()
    written_otherwise(built_shop, path, line, "schedule: weekly")
    shown = run("plan", cwd=built_shop, code=0).out
    assert shown == f"~ {path}\n    schedule  weekly → {line.partition(': ')[2]}\n"
