"""What a chart holds, without Helm: its files, its values and their schema, what `check` sees, what is refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from kforge.domain.document import mark
from kforge.domain.spec.chart_types import OWN_VALUES
from kforge.render.helm import schema as forms
from kforge.render.helm.values import difference
from kforge.stages.compare import marked
from tests.conftest import contents, edit, run, write
from tests.targets.drawn_values import drawn, outside
from tests.trials import sample

CHART = "deploy/helm/shop"
SPEC = """apiVersion: kforge.dev/v1
app: shop
description: Sells {{ things }}.
version: 1.4.2
namespace: {name: shop, create: true}
registry: ghcr.io/acme
outputs: [helm]
labels: {team: shop}
services:
  web-shop:
    image: ghcr.io/acme/web:2.0
    port: 8080
    command: [serve, "--template={{ .Name }}"]
    expose: {host: shop.example.com}
    scale: {min: 2, max: 5}
    env: {MODE: live, URL: "http://$(USER_NAME)@db"}
    secrets: {USER_NAME: {secret: web, key: user}}
    config: {path: /etc/web, files: {a.txt: "{{ text }}\\n"}}
    annotations: {example.com/owner: shop}
  db:
    image: docker.io/library/postgres:18.6
    secrets: {POSTGRES_PASSWORD: {secret: db, key: password}}
    volumes: [{name: data, path: /var/lib/postgresql, size: 1Gi}]
environments:
  staging:
    namespace: shop-staging
    services:
      db: {omit: true}
      web-shop: {scale: {min: 1, max: 1}, env: {MODE: test}, expose: {host: staging.example.com, tls: false}}
"""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = write(tmp_path / "shop", {"app.kforge.yaml": SPEC})
    run("build", cwd=folder, code=0)
    return folder


def values(folder: Path, environment: str = "") -> Any:
    """Values as Helm merges them: mappings by key, and `null` takes a key out."""
    found = yaml.safe_load((folder / CHART / "values.yaml").read_text())
    if not environment:
        return found
    return merged(found, yaml.safe_load((folder / CHART / f"values-{environment}.yaml").read_text()))


def merged(one: Any, other: Any) -> Any:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    out = {**one, **{key: merged(one.get(key), value) for key, value in other.items()}}
    return {key: value for key, value in out.items() if key not in other or other[key] is not None}


def faults(folder: Path, held: Mapping[str, Any]) -> list[str]:
    schema = json.loads((folder / CHART / "values.schema.json").read_text())
    return [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(held)]


# ---- what is written -------------------------------------------------------------------------------------------
def test_the_chart_of_a_small_application(built: Path, snapshot: SnapshotAssertion) -> None:
    held = {path: text.decode() for path, text in contents(built).items() if path.startswith(CHART)}
    assert held == snapshot


def test_it_needs_no_manifests_beside_it(built: Path) -> None:
    assert {path.split("/")[1] for path in contents(built) if path.startswith("deploy/")} == {"helm"}


def test_every_file_bears_the_mark(built: Path) -> None:
    assert not [
        path
        for path in (built / CHART).rglob("*")
        if path.is_file() and not marked(path.read_bytes(), "app.kforge.yaml")
    ]


@pytest.mark.parametrize("environment", ["", "staging"])
def test_the_schema_takes_the_values_of_every_environment(environment: str, built: Path) -> None:
    assert faults(built, values(built, environment)) == []


def test_every_value_is_described(built: Path) -> None:
    schema = json.loads((built / CHART / "values.schema.json").read_text())
    described = {**schema["properties"], **schema["definitions"]}
    assert [key for key, each in described.items() if not each.get("description")] == []


def test_a_key_that_no_template_reads_is_in_no_schema(built: Path) -> None:
    held = values(built)
    held["services"]["db"]["ingress"] = {"enabled": True}
    assert faults(built, held)


def test_a_blank_line_stands_before_every_service_of_the_notes(tmp_path: Path) -> None:
    """An action with `{{-` takes away what stands above it, so the blank line stands below."""
    closed = re.sub(r"    expose: .*\n", "", SPEC[: SPEC.index("environments:")])
    for text, services in ((SPEC, ["web-shop", "web-shop"]), (closed, ["db", "web-shop"])):
        folder = write(tmp_path / str(len(text)), {"app.kforge.yaml": text})
        run("build", cwd=folder, code=0)
        held = (folder / CHART / "templates/NOTES.txt").read_text()
        found = re.findall(r"\}\}\n\n([a-z-]+):", held)
        assert found == services, held


def test_an_image_is_written_in_the_order_in_which_it_is_read(built: Path) -> None:
    held = values(built)
    assert (
        [*held["tests"]["image"]] == [*held["services"]["db"]["image"]] == ["registry", "repository", "tag", "digest"]
    )


def test_values_of_an_environment_and_of_claims_stand_in_the_order_in_which_they_are_read(tmp_path: Path) -> None:
    text = SPEC.replace("scale: {min: 1, max: 1}", "scale: {min: 1, max: 3}")
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=0)
    held = yaml.safe_load((tmp_path / CHART / "values-staging.yaml").read_text())["services"]["web-shop"]
    assert [*held["autoscaling"]] == ["minReplicas", "maxReplicas"]
    assert [*held["ingress"]] == ["host", "tls"] and [*held].index("autoscaling") < [*held].index("ingress")
    assert [*values(tmp_path)["services"]["db"]["storage"]["data"]] == ["size", "className"]


def test_the_readme_shows_the_entries_of_what_is_too_long_for_a_line(tmp_path: Path) -> None:
    more = 'env: {MODE: live, LONG: "' + "x" * 60 + '", URL: '
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC.replace("env: {MODE: live, URL: ", more, 1)}), code=0)
    rows = (tmp_path / CHART / "README.md").read_text().splitlines()
    assert '| `services.web-shop.env.MODE` | `"live"` |' in rows
    assert '| `services.db.image.tag` | `"18.6"` |' in rows and not [row for row in rows if "`…`" in row]


@pytest.mark.parametrize(
    ("declared", "where"),
    [("namespace: {name: shop, create: true}\n", " --namespace shop"), ("", "")],
)
def test_an_environment_without_a_namespace_is_said_to_go_where_the_base_goes(
    declared: str, where: str, tmp_path: Path
) -> None:
    text = SPEC.replace("namespace: {name: shop, create: true}\n", declared) + "  prod: {version: 1.4.1}\n"
    text = text if declared else text.replace("    namespace: shop-staging\n", "")
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=0)
    assert (
        f"helm upgrade --install shop .{where} -f values-prod.yaml\n"
        in (tmp_path / CHART / "values-prod.yaml").read_text()
    )
    readme = (tmp_path / CHART / "README.md").read_text()
    assert f"| `prod` | `-f values-prod.yaml` | {'`shop`' if where else ''} |\n" in readme
    assert f"| `staging` | `-f values-staging.yaml` | {'`shop-staging`' if where else ''} |\n" in readme


@pytest.mark.parametrize(
    ("base", "other", "users"),
    [("generic", "eks", "fixed"), ("generic", "openshift", "switched"), ("openshift", "openshift", "assigned")],
)
def test_a_test_runs_as_the_user_that_a_platform_assigns(base: str, other: str, users: str, tmp_path: Path) -> None:
    text = SPEC[: SPEC.index("environments:")].replace("labels:", f"platform: {base}\nlabels:", 1)
    text += f"environments:\n  other: {{platform: {other}}}\n"
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=0)
    held = (tmp_path / CHART / "templates/tests/web-shop.yaml").read_text()
    assert ("runAsUser: 65534" in held) == (users != "assigned")
    assert ("if not $.Values.assignedUsers" in held) == (users == "switched")


def test_the_readme_names_the_secrets_that_have_to_exist(tmp_path: Path) -> None:
    more = "secrets: {A: {secret: web, key: other}, B: {secret: may, key: be, optional: true}, "
    text = SPEC.replace("secrets: {USER_NAME", f"{more}USER_NAME", 1)
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=0)
    rows = (tmp_path / CHART / "README.md").read_text().split("## Secrets that have to exist")[1].split("##")[0]
    assert re.findall(r"^\| `.*", rows, re.MULTILINE) == [
        "| `db` | `password` | db |",
        "| `web` | `other`, `user` | web-shop |",
    ]
    without = re.sub(r"    secrets: .*\n", "", SPEC)
    run("build", cwd=write(tmp_path / "without", {"app.kforge.yaml": without}), code=0)
    assert "Secrets that have" not in (tmp_path / "without" / CHART / "README.md").read_text()


def test_an_environment_says_only_what_differs(built: Path) -> None:
    assert yaml.safe_load((built / CHART / "values-staging.yaml").read_text()) == {
        "services": {
            "db": {"enabled": False},
            "web-shop": {
                "autoscaling": {"enabled": False},
                "disruptionBudget": {"enabled": False},
                "env": {"MODE": "test"},
                "ingress": {"host": "staging.example.com", "tls": {"enabled": False}},
                "replicas": 1,
            },
        }
    }


def test_traffic_that_an_environment_keeps_near_is_a_value_and_no_other_chart_has_it(tmp_path: Path) -> None:
    few = SPEC.replace("      db: {omit: true}", "      db: {}").replace(
        "scale: {min: 1, max: 1}", "scale: {min: 3, max: 9}"
    )
    folder = write(tmp_path / "near", {"app.kforge.yaml": few})
    run("build", cwd=folder, code=0)
    assert values(folder)["services"]["web-shop"]["trafficDistribution"] == ""
    near = values(folder, "staging")
    assert near["services"]["web-shop"]["trafficDistribution"].startswith("Prefer")
    assert faults(folder, near) == [] and faults(
        folder, merged(near, {"services": {"web-shop": {"trafficDistribution": "x"}}})
    )
    assert "trafficDistribution" not in values(folder)["services"]["db"]
    assert (
        "{{- with $service.trafficDistribution }}" in (folder / CHART / "templates/web-shop/service.yaml").read_text()
    )


def test_the_same_spec_gives_the_same_bytes_under_any_hash_seed(built: Path, tmp_path: Path) -> None:
    again = write(tmp_path / "again", {"app.kforge.yaml": SPEC})
    words = [sys.executable, "-m", "kforge", "build"]
    subprocess.run(
        words, cwd=again, check=True, capture_output=True, env={"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)}
    )
    assert contents(again) == contents(built)


@pytest.mark.parametrize(
    ("base", "other", "said"),
    [
        ({"env": {"A": "1", "B": "2"}}, {"env": {"A": "1"}}, {"env": {"B": None}}),
        ({"resources": {"limits": {"cpu": "1"}}}, {"resources": {}}, {"resources": {"limits": None}}),
        ({"ingress": {"enabled": True, "host": "a"}}, {"ingress": {"enabled": False}}, {"ingress": {"enabled": False}}),
        ({"tolerations": [{"key": "a"}]}, {"tolerations": []}, {"tolerations": []}),
        ({"replicas": 1}, {"replicas": 1}, {}),
    ],
)
def test_what_turns_values_into_others_is_what_helm_merges(base: Any, other: Any, said: Any) -> None:
    assert difference(base, other) == said


@pytest.mark.parametrize("number", sample(range(60), 6))
def test_the_schema_takes_what_is_drawn_from_it_and_nothing_else(number: int, built: Path) -> None:
    schema = json.loads((built / CHART / "values.schema.json").read_text())
    held = drawn(schema, number)
    assert faults(built, held) == []
    assert [place for place, wrong in outside(held, schema, number) if not faults(built, wrong)] == []


# ---- what a spec says of its chart -------------------------------------------------------------------------------
SAID = """chart:
  version: 0.3.0-rc.1
  keywords: [shop]
  home: https://shop.example.com
  maintainers: [{name: team shop, email: shop@example.com}]
  annotations: {example.com/tier: "1"}
services:
  web"""


def test_a_chart_says_of_itself_what_the_spec_says(tmp_path: Path) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC.replace("services:\n  web", SAID, 1)}), code=0)
    assert yaml.safe_load((tmp_path / CHART / "Chart.yaml").read_text()) == {
        "apiVersion": "v2",
        "name": "shop",
        "description": "Sells {{ things }}.",
        "type": "application",
        "version": "0.3.0-rc.1",
        "appVersion": "1.4.2",
        "kubeVersion": ">=1.36.0-0",
        "keywords": ["shop"],
        "home": "https://shop.example.com",
        "maintainers": [{"name": "team shop", "email": "shop@example.com"}],
        "annotations": {"example.com/tier": "1"},
    }


@pytest.mark.parametrize(("tag", "version"), [("v2.0.1", "2.0.1"), ("2026-11", "0.1.0"), ("1.2", "0.1.0")])
def test_a_charts_version_is_the_applications_where_that_is_semantic(tag: str, version: str, tmp_path: Path) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC.replace("version: 1.4.2", f'version: "{tag}"')}), code=0)
    held = yaml.safe_load((tmp_path / CHART / "Chart.yaml").read_text())
    assert (held["version"], held["appVersion"]) == (version, tag)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('version: "1.4"', "`chart.version` is `1.4`, which is not a semantic version"),
        ("home: ftp://x", "begins with `https://`"),
        ("maintainers: [{name: x, email: y}]", "write NAME@DOMAIN"),
        ("maintainer: x", "did you mean `maintainers`?"),
    ],
)
def test_what_a_chart_cannot_say_of_itself_is_refused(key: str, said: str, tmp_path: Path) -> None:
    text = SPEC.replace("services:\n  web", f"chart: {{{key}}}\nservices:\n  web", 1)
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=2).err
    assert said in told and "app.kforge.yaml:9" in told


@pytest.mark.parametrize("words", [["check"], ["check", "--full"]], ids=" ".join)
def test_another_word_about_the_chart_makes_it_stale(words: list[str], tmp_path: Path) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC.replace("services:\n  web", SAID, 1)}), code=0)
    edit(tmp_path / "app.kforge.yaml", "keywords: [shop]", "keywords: [store]")
    assert f"{CHART}/Chart.yaml" in run(*words, "-v", cwd=tmp_path, code=1).out


# ---- other charts that are installed with it -----------------------------------------------------------------------
SUBCHARTS = """chart:
  dependencies:
    - {name: store, version: ~1.2.0, repository: "file://../../../charts/store", alias: db, enabled: false, values: {size: 8Gi, tags: [{a: 1}]}}
    - {name: queue, version: ">=2.0.0 <3", repository: "oci://registry.example.com/charts"}
services:
  web"""


def test_a_subchart_has_its_condition_and_its_values_below_its_key(tmp_path: Path) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC.replace("services:\n  web", SUBCHARTS, 1)}), code=0)
    store = {"name": "store", "version": "~1.2.0", "repository": "file://../../../charts/store", "alias": "db"}
    queue = {"name": "queue", "version": ">=2.0.0 <3", "repository": "oci://registry.example.com/charts"}
    assert yaml.safe_load((tmp_path / CHART / "Chart.yaml").read_text())["dependencies"] == [
        {**store, "condition": "db.enabled"},
        {**queue, "condition": "queue.enabled"},
    ]
    held = values(tmp_path)
    assert (held["db"], held["queue"]) == ({"enabled": False, "size": "8Gi", "tags": [{"a": 1}]}, {"enabled": True})
    assert faults(tmp_path, held) == []
    assert faults(tmp_path, {**held, "db": {"enabled": "no"}}) and faults(tmp_path, {**held, "dbs": {"enabled": True}})
    assert "| `db` | store ~1.2.0 | `db.enabled` | `false` |" in (tmp_path / CHART / "README.md").read_text()


def test_what_helm_fetches_stays_and_is_not_judged(tmp_path: Path) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": SPEC.replace("services:\n  web", SUBCHARTS, 1)}), code=0)
    fetched = {f"{CHART}/charts/store-1.2.3.tgz": "x", f"{CHART}/Chart.lock": "dependencies: []\n"}
    write(tmp_path, fetched)
    run("check", "--full", cwd=tmp_path, code=0)
    run("build", cwd=tmp_path, code=0)
    assert {*fetched} <= contents(tmp_path).keys()
    assert "/*.tgz" in (tmp_path / CHART / ".helmignore").read_text().splitlines()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("{name: image, version: '1', repository: 'https://x.example'}", "`image` is a key of the chart's own values"),
        (
            "{name: a, version: '1', repository: 'https://x.example', values: {enabled: true}}",
            "write it next to `values`",
        ),
        (
            "{name: a, version: latest, repository: 'https://x.example'}",
            "is `latest`, which is not a version of a chart",
        ),
        ("{name: a, version: '1', repository: 'http://x.example'}", "a repository is `https://HOST/PATH`"),
        ("{name: a, version: '1', repository: 'https://user:word@x.example'}", "a repository is `https://HOST/PATH`"),
        ("{name: a, version: '1', repository: 'file:///srv/a'}", "a repository is `https://HOST/PATH`"),
        ("{name: a, version: '1', repository: 'file://../../../../a'}", "lies outside the repository"),
        ("{name: a, version: '1', repository: 'https://x.example', condition: x}", "`condition`"),
        ("{name: a, version: '1'}", "`repository`"),
        ("[5]", "`chart.dependencies[0]` must be a mapping, not a list"),
    ],
)
def test_a_subchart_that_cannot_be_is_refused_with_its_place(key: str, said: str, tmp_path: Path) -> None:
    text = SPEC.replace("services:\n  web", f"chart:\n  dependencies:\n    - {key}\nservices:\n  web", 1)
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=2).err
    assert said in told and "app.kforge.yaml:11" in told, told


def test_two_subcharts_below_one_key_are_refused(tmp_path: Path) -> None:
    text = SPEC.replace("services:\n  web", SUBCHARTS.replace("name: queue", "name: db"), 1)
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=2).err
    assert "two dependencies have their values below `db`" in told and "app.kforge.yaml:12" in told


def test_no_subchart_takes_a_key_of_the_charts_own_values() -> None:
    assert {*OWN_VALUES} == {*forms.CHART, "services", "global"}


# ---- manifests of the user's own -----------------------------------------------------------------------------------
OWN = "apiVersion: v1\nkind: {kind}\nmetadata: {{name: extra}}\n{field}: {{a: 'YSB7eyBi'}}\n"


def including(folder: Path, manifest: str, code: int = 0) -> str:
    text = SPEC.replace("services:\n  web", "include: [own/*.yaml]\nservices:\n  web", 1)
    return run("build", cwd=write(folder, {"app.kforge.yaml": text, "own/extra.yaml": manifest}), code=code).err


def test_a_manifest_of_the_users_is_in_the_chart_as_it_is_in_the_releases_namespace(tmp_path: Path) -> None:
    including(tmp_path, OWN.format(kind="ConfigMap", field="data").replace("YSB7eyBi", "a {{ b }}"))
    text = (tmp_path / CHART / "templates/included/configmap-extra.yaml").read_text()
    assert "  namespace: {{ $.Release.Namespace }}\n" in text and 'a: "a {{ "{{" }} b }}"' in text


def test_a_secret_of_the_users_is_in_no_chart(tmp_path: Path) -> None:
    told = including(tmp_path, OWN.format(kind="Secret", field="data"), code=2)
    assert "`Secret/extra` would be copied into the chart" in told and "own/extra.yaml" in told and "YSB7" not in told


# ---- jobs that others wait for -----------------------------------------------------------------------------------
WAITING = """apiVersion: kforge.dev/v1
app: shop
namespace: shop
network: strict
outputs: [helm]
services:
  web: {image: "ghcr.io/acme/shop:1", port: 8000, user: 1000}
  migrate: {image: "ghcr.io/acme/shop:1", user: 1000, command: [migrate], job: true, before: [web, seed]NEEDS}
  seed: {image: "ghcr.io/acme/shop:1", user: 1000, command: [seed], job: true, before: [web]}
  db: {image: "docker.io/library/postgres:18.6", secrets: {POSTGRES_PASSWORD: {secret: db, key: password}}}
"""


def waiting(folder: Path, needs: str = "") -> dict[str, str]:
    run("build", cwd=write(folder, {"app.kforge.yaml": WAITING.replace("NEEDS", needs)}), code=0)
    start = f"{CHART}/templates/"
    return {
        path.removeprefix(start): text.decode() for path, text in contents(folder).items() if path.startswith(start)
    }


def test_a_job_that_needs_nothing_of_the_release_is_a_hook_before_those_that_wait_for_it(tmp_path: Path) -> None:
    held = waiting(tmp_path)
    weights = {
        path: re.findall(r'hook-weight: "(-?[0-9]+)"', text) for path, text in held.items() if "pre-install" in text
    }
    assert weights == {
        **{
            f"migrate/{each}.yaml": [weight]
            for each, weight in (("job", "0"), ("networkpolicy", "-100"), ("serviceaccount", "-100"))
        },
        **{
            f"seed/{each}.yaml": [weight]
            for each, weight in (("job", "1"), ("networkpolicy", "-99"), ("serviceaccount", "-99"))
        },
    }


def test_nothing_waits_for_a_hook_and_it_tells_no_one(tmp_path: Path) -> None:
    text = "".join(waiting(tmp_path).values())
    assert not [word for word in ("after-", "kforge-done", "kforge-token", "kubectl patch", "6443") if word in text]


_URL = ", secrets: {DATABASE_URL: {secret: db, key: url}}"


@pytest.mark.parametrize(
    ("more", "text", "hook"),
    [
        ("", WAITING, True),
        (_URL, WAITING, False),
        (_URL, WAITING[: WAITING.index("  db:")], True),
        (_URL, WAITING.replace("docker.io/library/postgres:18.6", "ghcr.io/acme/mailer:1"), True),
        (_URL, WAITING[: WAITING.index("  db:")].replace("services:\n  web", SUBCHARTS, 1), False),
        ("", WAITING.replace("services:\n  web", SUBCHARTS.replace("alias: db", "alias: kept"), 1), True),
    ],
)
def test_a_job_that_may_reach_a_store_of_the_release_is_no_hook(
    more: str, text: str, hook: bool, tmp_path: Path
) -> None:
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text.replace("NEEDS", more)}), code=0)
    held = (tmp_path / CHART / "templates/migrate/job.yaml").read_text()
    assert ("helm.sh/hook:" in held) == hook
    deployment = (tmp_path / CHART / "templates/web/deployment.yaml").read_text()
    assert ("after-migrate" in deployment) != hook


def test_a_job_that_needs_a_service_of_the_release_stays_among_the_rest(tmp_path: Path) -> None:
    held = waiting(tmp_path, ", needs: [db]")
    assert not [path for path, text in held.items() if 'helm.sh/hook: "pre' in text]
    assert 'include "shop.migrate.job" $' in held["web/deployment.yaml"] and "kforge-done" in held["seed/job.yaml"]


# ---- what `check` sees -----------------------------------------------------------------------------------------
EVERY_CHECK = [["check"], ["check", "--full"]]


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_what_was_built_is_current(words: list[str], built: Path) -> None:
    assert run(*words, cwd=built).code == 0


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
@pytest.mark.parametrize(
    "path",
    ["values.yaml", "values-staging.yaml", "values.schema.json", "Chart.yaml", "templates/_helpers.tpl", "templates/db/statefulset.yaml", ".helmignore"],
)  # fmt: skip
def test_an_edited_file_is_stale(path: str, words: list[str], built: Path) -> None:
    with (built / CHART / path).open("a") as file:
        file.write("\n")
    told = run(*words, cwd=built, code=1)  # a list of all files belongs to no edit: it is only stale
    assert f"{path} is stale" in told.out or f"{path}` was edited by hand" in told.err


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_another_description_makes_the_chart_stale(words: list[str], built: Path) -> None:
    edit(built / "app.kforge.yaml", "Sells", "Buys")
    assert f"{CHART}/Chart.yaml" in run(*words, "-v", cwd=built, code=1).out


@pytest.mark.parametrize("words", EVERY_CHECK, ids=" ".join)
def test_taken_out_of_the_outputs_it_is_left_over_and_a_build_removes_it(words: list[str], built: Path) -> None:
    edit(built / "app.kforge.yaml", "outputs: [helm]\n", "")
    assert f"{CHART}/values.schema.json" in run(*words, "-v", cwd=built, code=1).out
    run("build", cwd=built, code=0)
    assert not (built / CHART).exists()


def test_a_file_of_that_name_without_the_mark_is_the_users(tmp_path: Path) -> None:
    folder = write(tmp_path, {"app.kforge.yaml": SPEC, f"{CHART}/values.schema.json": "{}\n"})
    assert f"{CHART}/values.schema.json" in run("build", cwd=folder, code=2).err


# ---- what a chart cannot say -------------------------------------------------------------------------------------
PATCH = """    patches: [{target: Deployment/web-shop, path: spec.minReadySeconds, value: 3, reason: because}]
    namespace: shop-staging
"""
BUDGET = """    services:
      db: {kubernetes: {StatefulSet: {spec: {podManagementPolicy: Parallel}}}}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    namespace: shop-staging\n", PATCH, "`spec.minReadySeconds` of `Deployment/web-shop` differs in environment `staging`"),
        ("    services:\n      db: {omit: true}\n", BUDGET, "`spec.podManagementPolicy` of `StatefulSet/db`"),
    ],
)  # fmt: skip
def test_what_no_value_says_is_refused_with_its_place_and_the_way_out(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    text = SPEC.replace(old, new)
    assert text != SPEC
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=2).err
    line = next(
        number for number, each in enumerate(text.splitlines(), 1) if "minReady" in each or "podManagement" in each
    )
    assert said in told and f"app.kforge.yaml:{line}" in told and "leave `helm` out of `outputs`" in told
    assert not (tmp_path / CHART).exists()


@pytest.mark.parametrize(
    "paths",
    ["{helm: deploy/kubernetes}", "{helm: deploy/kubernetes/charts}", "{overlays: deploy/helm/shop}", "{helm: .}"],
)
def test_a_chart_within_another_outputs_folder_is_refused(paths: str, tmp_path: Path) -> None:
    text = SPEC.replace("services:\n  web", f"paths: {paths}\nservices:\n  web", 1)
    told = run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=2).err
    assert "give each its own folder" in told and "app.kforge.yaml:9" in told


def test_the_chart_goes_where_the_spec_says(tmp_path: Path) -> None:
    text = SPEC.replace("services:\n  web", "paths: {helm: charts}\nservices:\n  web", 1)
    run("build", cwd=write(tmp_path, {"app.kforge.yaml": text}), code=0)
    assert (tmp_path / "charts/shop/Chart.yaml").read_text().startswith(mark("app.kforge.yaml"))


def test_braces_of_the_spec_are_no_actions(built: Path) -> None:
    text = (built / CHART / "templates/web-shop/deployment.yaml").read_text()
    assert '- "--template={{ "{{" }} .Name }}"' in text
