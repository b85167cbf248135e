"""A build ends with what matters: all of it the first time, then only what changed, and one line where nothing did."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.conftest import copied, edit, run, write
from tests.integration.conftest import commit, git
from tests.mutations import SPEC
from tests.terminal import CODES, PLAIN, on_a_terminal

REDIS = "docker.io/library/redis:8.8.3"


class Screen(SingleFileSnapshotExtension):
    """One text file a screen."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in PLAIN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "caches"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop, never built."""
    return copied("shop", tmp_path / "fresh")


def block(text: str, heading: str) -> list[str]:
    """Lines below a heading."""
    return [line.strip() for line in text.partition(f"{heading}\n")[2].partition("\n\n")[0].splitlines()]


def after(folder: Path, old: str, new: str) -> str:
    edit(folder / SPEC, old, new)
    return run("build", cwd=folder, code=0).out


def written(folder: Path, text: str) -> str:
    """Standard output of a build of a spec."""
    write(folder, {SPEC: f"apiVersion: kforge.dev/v1\napp: x\n{text}"})
    return run("build", cwd=folder, code=0).out


def screen(folder: Path, columns: int) -> str:
    """What a build leaves on a terminal, once the lines of its progress are gone."""
    raw = on_a_terminal(folder, "build", columns=columns).raw
    return CODES.sub("", raw.split("\x1b[2K")[-1]).replace("\r", "")


# --- whole screens ---


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_a_first_build_on_a_terminal(columns: int, shop: Path, snapshot: SnapshotAssertion) -> None:
    shown = screen(shop, columns)
    assert max(map(len, shown.split("\n"))) <= columns
    assert shown == snapshot(extension_class=Screen)


@pytest.mark.parametrize("columns", [80, 120])
def test_a_change_on_a_terminal(columns: int, built_shop: Path, snapshot: SnapshotAssertion) -> None:
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    edit(built_shop / SPEC, "{memory: 256Mi}", "{memory: 512Mi}")
    edit(built_shop / "web/server.js", "?? 3000", "?? 4000")
    edit(
        built_shop / SPEC,
        "      SESSION_KEY:",
        "      TOKEN: {secret: mail, key: token}\n      SESSION_KEY:",
    )
    assert screen(built_shop, columns) == snapshot(extension_class=Screen)


def test_nothing_to_do_is_one_line(built_shop: Path) -> None:
    assert run("build", cwd=built_shop, code=0)[1:] == ("", "shop: up to date (61 files)\n")


def test_warnings_of_before_are_counted(tmp_path: Path) -> None:
    write(tmp_path, {"web/app.py": "import os\nos.environ['LEDGER']\n", "web/requirements.txt": "flask==3.0.0\n"})
    written(tmp_path, "services: {web: {source: ./web, command: [python, app.py]}}\n")
    again = run("build", cwd=tmp_path, code=0)
    assert again.out == "" and "(9 files)" not in again.err
    assert again.err.count("\n") == 1 and "as before: `-v` shows" in again.err


def test_what_is_told_once_is_told_again_on_request(built_shop: Path) -> None:
    shown = run("build", "-v", cwd=built_shop, code=0).out
    assert "SERVICE" in shown and "needed from you" in shown and "kubectl apply -k" in shown


def test_several_specs_are_told_by_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = f"apiVersion: kforge.dev/v1\napp: {name}\nservices: {{cache: {{image: '{REDIS}'}}}}\n"
        write(tmp_path, {f"{name}/{SPEC}": text})
    shown = run("build", cwd=tmp_path, code=0).out
    assert shown.startswith("one\nSERVICE") and "\n\ntwo\nSERVICE" in shown


def test_the_readme_shows_what_a_first_build_shows(tmp_path: Path) -> None:
    shown = run("build", cwd=copied("hello", tmp_path / "hello"), code=0).out
    assert f"```\n{shown}```\n" in (Path(__file__).parents[2] / "README.md").read_text()


# --- what changed ---


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("max: 10, cpu: 70", "max: 12, cpu: 70", "~ web: maxReplicas 10 → 12 in the base (app.kforge.yaml:28); 1 file"),
        ("{memory: 256Mi}", "{memory: 512Mi}", "~ cache: memory 256Mi → 512Mi (app.kforge.yaml:60); 1 file"),
        ('"0 3 * * *"', '"0 4 * * *"', "~ nightly: schedule 0 3 * * * → 0 4 * * * (app.kforge.yaml:49); 1 file"),
        ("redis:8.8.3", "redis:8.8.4", ":8.8.3 → docker.io/library/redis:8.8.4 (app.kforge.yaml:58); 1 file"),
        ("POSTGRES_DB: shop", "POSTGRES_DB: main", "~ db: POSTGRES_DB shop → main (app.kforge.yaml:64); 1 file"),
    ],
)
def test_a_line_says_old_and_new_and_where(old: str, new: str, line: str, built_shop: Path) -> None:
    assert line in after(built_shop, old, new)


def test_a_new_port_of_the_source_is_told_with_its_line(built_shop: Path) -> None:
    edit(built_shop / "web/server.js", "?? 3000", "?? 4000")
    shown = run("build", cwd=built_shop, code=0).out
    assert "~ web: port 3000 → 4000 (web/server.js:9); " in shown


def test_a_new_port_of_a_dockerfile_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, {"job/Dockerfile": 'FROM busybox:1.36.1\nARG PORT=7000\nUSER 1000\nEXPOSE $PORT\nCMD ["/own"]\n'})
    written(tmp_path, "services: {job: {source: ./job, build: {dockerfile: job/Dockerfile}}}\n")
    edit(tmp_path / "job/Dockerfile", "7000", "7001")
    shown = run("build", cwd=tmp_path, code=0).out
    assert "job: port 7000 → 7001 (job/Dockerfile:2)" in shown


def test_services_that_stay_have_no_row(built_shop: Path) -> None:
    shown = after(built_shop, "{memory: 256Mi}", "{memory: 512Mi}")
    assert "\ncache " in shown and "\ndb " not in shown and "\nweb " not in shown


def test_a_new_service_and_one_that_is_gone_are_told(built_shop: Path) -> None:
    text = (built_shop / SPEC).read_text()
    begin, end = text.index("  nightly:"), text.index("  cache:")
    new = f"  queue: {{image: '{REDIS}'}}\n"
    (built_shop / SPEC).write_text(text[:begin] + new + text[end:])
    shown = run("build", cwd=built_shop, code=0).out
    assert "- nightly: no longer a service; 4 files\n" in shown and "\n+ queue: a new service; 4 files\n" in shown
    assert "\nqueue    redis:8.8.3" in shown


def test_a_field_that_is_pinned_now_has_its_old_value(built_shop: Path) -> None:
    shown = after(
        built_shop, "    scale: {min: 2, max: 10", "    resources: {memory: 1Gi}\n    scale: {min: 2, max: 10"
    )
    assert "~ web: memory 256Mi → 1Gi (app.kforge.yaml:28); 1 file" in shown


# --- what is needed ---


def test_only_new_needs_are_told_after_a_change(built_shop: Path) -> None:
    shown = after(built_shop, "      SESSION_KEY:", "      TOKEN: {secret: mail, key: token}\n      SESSION_KEY:")
    assert block(shown, "needed from you") == [
        "kubectl create secret generic mail -n shop --from-literal=token=VALUE",
        "kubectl create secret generic mail -n shop-staging \\",
        "--from-literal=token=VALUE",
    ]


def test_a_new_key_of_a_known_secret_is_new(built_shop: Path) -> None:
    shown = after(built_shop, "{secret: web-session, key: value}", "{secret: web-session, key: other}")
    assert "kubectl create secret generic web-session -n shop --from-literal=other=VALUE" in shown


def test_a_new_environment_needs_all_of_it(built_shop: Path) -> None:
    shown = after(built_shop, "  prod:\n", "  test: {namespace: shop-test}\n  prod:\n")
    told = block(shown, "needed from you")
    assert "kubectl create namespace shop-test" in told
    assert "kubectl create secret generic shop-db -n shop-test \\" in told
    assert not any("-n shop-staging" in line or "-n shop " in line for line in told)


def test_a_change_that_needs_nothing_says_nothing_of_needs(built_shop: Path) -> None:
    assert "needed from you" not in after(built_shop, "max: 10, cpu: 70", "max: 12, cpu: 70")


def test_secrets_of_fragments_and_patches_are_needed(tmp_path: Path) -> None:
    env = "[{name: K, valueFrom: {secretKeyRef: {name: by-fragment, key: k}}}]"
    shown = written(
        tmp_path,
        f"""namespace: x
services:
  cache:
    image: '{REDIS}'
    kubernetes: {{Deployment: {{spec: {{template: {{spec: {{containers: [{{name: cache, env: {env}}}]}}}}}}}}}}
patches:
  - {{target: Deployment/cache, path: spec.template.spec.imagePullSecrets, value: [{{name: by-patch}}], reason: private}}
""",
    )
    told = "\n".join(block(shown, "needed from you"))
    assert "kubectl create secret generic by-fragment -n x --from-literal=k=VALUE" in told
    assert "kubectl create secret docker-registry by-patch -n x" in told


def test_an_included_secret_is_not_needed(tmp_path: Path) -> None:
    write(tmp_path, {"own/s.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: ''}\n"})
    shown = written(
        tmp_path,
        f"include: [own/s.yaml]\nservices: {{cache: {{image: '{REDIS}', secrets: {{K: {{secret: s, key: k}}}}}}}}\n",
    )
    assert "needed from you" not in shown


def test_an_optional_secret_is_told_apart(tmp_path: Path) -> None:
    one = f"cache: {{image: '{REDIS}', secrets: {{K: {{secret: s, key: k, optional: true}}}}}}"
    assert block(written(tmp_path, f"services: {{{one}}}\n"), "needed from you") == ["optional: Secret s (k)"]


def test_many_commands_are_counted(tmp_path: Path) -> None:
    secrets = ", ".join(f"K{each}: {{secret: s{each}, key: k}}" for each in range(20))
    spec = f"services: {{cache: {{image: '{REDIS}', secrets: {{{secrets}}}}}}}\n"
    shown = written(tmp_path, spec)
    assert shown.count("kubectl create secret") == 12 and "and 8 more: `-v` shows all" in shown
    assert run("build", "-v", cwd=tmp_path, code=0).out.count("kubectl create secret") == 20


def test_some_commands_of_every_kind_are_shown_in_natural_order(tmp_path: Path) -> None:
    secrets = ", ".join(f"K{each}: {{secret: sec-{each}, key: k}}" for each in range(20))
    write(tmp_path, {"web/index.html": "<title>x</title>\n"})
    told = block(
        written(
            tmp_path,
            f"namespace: x\nregistry: ghcr.io/acme\nservices:\n"
            f"  web: {{source: ./web, expose: {{host: x.example.com}}}}\n  cache: {{image: '{REDIS}', secrets: {{{secrets}}}}}\n",
        ),
        "needed from you",
    )
    assert [*told[:3], "docker login ghcr.io" in told, any("secret tls web-tls" in line for line in told)] == [
        "kubectl create namespace x",
        *(f"kubectl create secret generic sec-{each} -n x --from-literal=k=VALUE" for each in range(2)),
        True,
        True,
    ]
    assert "sec-2 " in told[3] and "and 11 more: `-v` shows all" in told


def test_what_two_specs_need_is_told_once(tmp_path: Path) -> None:
    for app in ("one", "two"):
        keys = f"{{K: {{secret: both, key: k}}, L: {{secret: both, key: {app}}}}}"
        service = f"{{image: '{REDIS}', secrets: {keys}, port: 6379, expose: {{host: {app}.example.com}}}}"
        text = f"apiVersion: kforge.dev/v1\napp: {app}\nnamespace: shared\nservices: {{{app}: {service}}}\n"
        write(tmp_path, {f"{app}/{SPEC}": text})
    shown = run("build", "one", "two", cwd=tmp_path, code=0).out
    assert [shown.count(each) for each in ("namespace shared", "generic both", "a default IngressClass")] == [1, 1, 1]
    assert all(f"--from-literal={key}=VALUE" in shown for key in ("k", "one", "two"))


def test_a_default_class_is_new_only_once(tmp_path: Path) -> None:
    one = f"services:\n  cache:\n    image: '{REDIS}'\n    port: 6379\n    expose: {{host: x.example.com}}\n"
    told = "a default IngressClass, or name one: `routing: {ingressClass: …}`"
    assert told in written(tmp_path, one)
    assert told not in written(tmp_path, one + "    env: {A: b}\n")


def test_images_without_a_registry_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"web/index.html": "<title>x</title>\n"})
    shown = written(tmp_path, "services: {web: {source: ./web}}\n")
    assert "! no `registry` is named" in shown and block(shown, "next")[0] == "docker buildx bake"


# --- what comes next ---


def following(folder: Path, outputs: str, more: str = "") -> list[str]:
    """The commands after a first build of the shop with these outputs."""
    edit(folder / SPEC, "\nservices:", f"\noutputs: [dockerfile, {outputs}]{more}\nservices:")
    return block(run("build", cwd=folder, code=0).out, "next")


GITOPS = '\ngitops: {repository: "https://github.com/acme/shop"}'
OVERLAYS = ["kubectl apply -k deploy/overlays/staging", "kubectl apply -k deploy/overlays/prod"]


def test_overlays_are_applied_in_the_order_of_the_spec(shop: Path) -> None:
    assert following(shop, "kubernetes") == ["docker buildx bake --push", *OVERLAYS]


def test_rendered_files_are_applied_as_they_are(shop: Path) -> None:
    assert following(shop, "rendered")[1:] == [
        "kubectl apply -R -f deploy/rendered/staging",
        "kubectl apply -R -f deploy/rendered/prod",
    ]


def test_a_chart_is_installed_with_an_environments_values(shop: Path) -> None:
    assert following(shop, "helm")[1:3] == [
        "helm upgrade --install shop deploy/helm/shop -n shop-staging \\",
        "--create-namespace -f deploy/helm/shop/values-staging.yaml",
    ]


def test_a_chart_beside_overlays_is_the_other_way(shop: Path) -> None:
    told = following(shop, "kubernetes, helm")
    assert told[1:3] == OVERLAYS and told[3].startswith("# or as a chart: helm upgrade --install shop ")


@pytest.mark.parametrize(
    ("name", "command"),
    [("argocd", "kubectl apply -f deploy/argocd"), ("flux", "kubectl apply -R -f deploy/flux")],
)
def test_what_follows_the_repository_is_applied_once(name: str, command: str, shop: Path) -> None:
    git(shop, "init", "-q")
    assert following(shop, f"kubernetes, {name}", GITOPS)[-2:] == ["git push", command]


def test_a_workflow_builds_the_images(shop: Path) -> None:
    git(shop, "init", "-q")
    told = following(shop, "kubernetes, github-actions")
    assert told[:2] == ['git add . && git commit -m "Build shop"', "git push"]


def test_a_spec_below_is_built_and_committed_from_here(tmp_path: Path) -> None:
    copied("hello", tmp_path / "apps/hello")
    git(tmp_path, "init", "-q")
    assert block(run("build", cwd=tmp_path, code=0).out, "next") == [
        "(cd apps/hello && docker buildx bake --push)",
        'git add apps/hello && git commit -m "Build hello"',
        "kubectl apply -k apps/hello/deploy/kubernetes",
    ]


def test_images_are_built_again_only_where_they_change(built_shop: Path) -> None:
    assert "docker buildx" not in after(built_shop, "max: 10, cpu: 70", "max: 12, cpu: 70")
    edit(built_shop / "web/server.js", "?? 3000", "?? 4000")
    assert "docker buildx bake --push" in run("build", cwd=built_shop, code=0).out


def test_a_context_above_the_spec_is_allowed(tmp_path: Path) -> None:
    spec = "services: {web: {source: ../web, build: {context: ..}}}\n"
    write(tmp_path, {"web/index.html": "<title>x</title>\n"})
    git(tmp_path, "init", "-q")
    write(tmp_path, {f"deploy/{SPEC}": f"apiVersion: kforge.dev/v1\napp: x\nregistry: ghcr.io/acme\n{spec}"})
    told = block(run("build", cwd=tmp_path / "deploy", code=0).out, "next")
    assert told[:2] == [
        "docker buildx bake --allow=fs.read=.. --push",
        'git add . ../web && git commit -m "Build x"',
    ]


def test_the_commit_holds_every_file(tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    git(folder, "init", "-q")
    commit(folder)
    line = next(line for line in block(run("build", cwd=folder, code=0).out, "next") if line.startswith("git add"))
    words = "git -c user.name=a -c user.email=a@example.com commit"
    subprocess.run(["sh", "-c", line.replace("git commit", words)], cwd=folder, check=True, capture_output=True)
    left = subprocess.run(["git", "status", "--short"], cwd=folder, check=True, capture_output=True, text=True).stdout
    assert left == ""


# --- for machines ---


def told(folder: Path, *words: str, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("build", *words, "--format", "json", cwd=folder, code=code).out)
    return found


def test_json_has_decisions_files_findings_and_needs(shop: Path) -> None:
    assert told(shop).keys() == {"specs", "decisions", "files", "findings", "needs", "notes"}


def test_json_says_which_spec_each_thing_is_of(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = f"apiVersion: kforge.dev/v1\napp: {name}\nservices: {{cache: {{image: '{REDIS}'}}}}\n"
        write(tmp_path, {f"{name}/{SPEC}": text})
    git(tmp_path, "init", "-q")
    held = told(tmp_path)
    assert [each["app"] for each in held["specs"]] == ["one", "two"]
    assert {each["spec"] for each in held["decisions"]} == {f"one/{SPEC}", f"two/{SPEC}"}


def test_json_has_the_command_of_every_secret_in_one_line(shop: Path) -> None:
    commands = [each["command"] for each in told(shop)["needs"]["secrets"]]
    assert "kubectl create secret generic shop-db -n shop-staging --from-literal=password=VALUE" in commands
    assert not any("\\" in command or "\n" in command for command in commands)


def test_json_needs_are_the_same_where_nothing_is_written(shop: Path) -> None:
    first, second = told(shop), told(shop)
    assert first["needs"] == second["needs"] and not second["specs"][0]["written"]


def test_json_of_a_broken_spec_has_the_same_shape(shop: Path) -> None:
    edit(shop / SPEC, "app: shop", "ap: shop")
    held = told(shop, code=2)
    assert held.keys() == {"specs", "decisions", "files", "findings", "needs", "notes"} and held["decisions"] == []


def test_secrets_of_a_build_are_needed_by_variable_or_file(tmp_path: Path) -> None:
    given = "{NPM_TOKEN: {env: NPM_TOKEN}, NETRC: {file: secrets/netrc, target: /root/.netrc}}"
    spec = f"apiVersion: kforge.dev/v1\napp: x\nservices:\n  web:\n    source: ./web\n    build: {{secrets: {given}}}\n"
    program = {
        "web/server.js": "require('http').createServer().listen(3000)\n",
        "web/package.json": '{"name": "web"}\n',
    }
    write(tmp_path, {"app.kforge.yaml": spec, **program})
    first = run("build", cwd=tmp_path, code=0).out
    assert "to build images: file secrets/netrc (web), variable NPM_TOKEN (web)\n" in first
    needs = json.loads(run("build", "--format", "json", cwd=tmp_path, code=0).out)["needs"]["buildSecrets"]
    assert [(each["env"], each["file"], each["services"]) for each in needs] == [
        ("", "secrets/netrc", ["web"]),
        ("NPM_TOKEN", "", ["web"]),
    ]
    edit(tmp_path / "app.kforge.yaml", "{env: NPM_TOKEN}", "{env: OTHER}")
    assert "to build images: variable OTHER (web)\n" in run("build", cwd=tmp_path, code=0).out
