"""What services take of each other and of `defaults`: written once, meant in every block, placed where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.spec.raw import Raw
from kforge.errors import InputError
from kforge.spec.inherited import MOST, inherited
from kforge.spec.read import read
from kforge.spec.resolve import resolve
from tests.growth import LINEAR, growth

HEAD = "apiVersion: kforge.dev/v1\napp: shop\n"
API = """\
  api:
    source: ./api
    version: 2.0.0
    command: [gunicorn, app]
    port: 8000
    expose: {host: a.example.com}
    env: {A: "1", B: "2"}
    secrets: {KEY: {secret: api, key: key}}
    config: {path: /etc/api, files: {a.txt: one}}
    build: {packages: [curl], steps: [[make]]}
    scale: {min: 3}
    volumes: [{name: data, path: /data, size: 1Gi}]
    needs: [worker, db]
    egress: [{cidr: 10.0.0.0/8}]
    probes: {readiness: {path: /ready}}
    kubernetes: {Pod: {imagePullSecrets: [{name: cred}], tolerations: [{key: spot}]}}
"""
DB = "  db: {image: docker.io/library/postgres:18.6}\n"


def spec(services: str, rest: str = "") -> Raw:
    return inherited(read(f"{HEAD}{rest}services:\n{services}", "f"))


def block(text: str, rest: str = "", name: str = "worker") -> dict[str, Any]:
    data = spec(text, rest)
    resolve(data)
    found: dict[str, Any] = data.data["services"][name]
    return found


def messages(text: str, rest: str = "") -> list[str]:
    with pytest.raises(InputError) as error:
        resolve(spec(text, rest))
    return [problem.message for problem in error.value.problems]


def test_a_like_service_takes_what_its_program_is_and_reads_and_not_how_it_serves() -> None:
    assert block(f"{API}{DB}  worker: {{like: api, command: [celery]}}\n") == {
        "like": "api",
        "command": ["celery"],
        "source": "./api",
        "version": "2.0.0",
        "build": {"packages": ["curl"], "steps": [["make"]]},
        "env": {"A": "1", "B": "2"},
        "secrets": {"KEY": {"secret": "api", "key": "key"}},
        "config": {"path": "/etc/api", "files": {"a.txt": "one"}},
        "needs": ["db"],  # less itself
        "egress": [{"cidr": "10.0.0.0/8"}],
        "kubernetes": {"Pod": {"imagePullSecrets": [{"name": "cred"}]}},  # what pulling the image takes, and no more
    }


@pytest.mark.parametrize(
    ("own", "key", "value"),
    [
        ('env: {B: "3", C: "4"}', "env", {"A": "1", "B": "3", "C": "4"}),
        ("env: {A: null}", "env", {"B": "2"}),
        ("env: null", "env", None),
        ('env: {KEY: "x"}', "secrets", {}),  # a variable stands in one place: the service's own word
        ("secrets: {A: {secret: a, key: b}}", "env", {"B": "2"}),
        ("config: {path: /etc/api, files: {b.txt: two}}", "config", {"path": "/etc/api", "files": {"a.txt": "one", "b.txt": "two"}}),
        ("config: {path: /else, files: {b.txt: two}}", "config", {"path": "/else", "files": {"b.txt": "two"}}),
        ("config: null", "config", None),
        ("build: {packages: [git]}", "build", {"packages": ["git"], "steps": [["make"]]}),
        ("version: 3.0.0", "version", "3.0.0"),
        ("egress: [{cidr: 10.9.0.0/16}]", "egress", [{"cidr": "10.9.0.0/16"}, {"cidr": "10.0.0.0/8"}]),
        ("egress: null", "egress", None),
        ("source: ./other", "build", None),  # another image has its own build
        ("source: ./api/", "version", "2.0.0"),  # the same, said again
    ],
)  # fmt: skip
def test_own_keys_win_and_mappings_merge_by_key(own: str, key: str, value: object) -> None:
    assert block(f"{API}{DB}  worker: {{like: api, {own}}}\n").get(key) == value


def test_a_chain_takes_from_all_and_the_nearest_wins() -> None:
    chain = '  worker: {like: middle, env: {B: "w"}}\n  middle: {like: api, env: {A: "m", B: "m", C: "m"}}\n'
    assert block(f"{chain}{API}{DB}")["env"] == {"A": "m", "B": "w", "C": "m"}


def test_problems_are_told_once_and_where_they_stand() -> None:
    raw = spec('  api: {source: ./a, env: {X: 5, Y: "${services.no.url}"}}\n  worker: {like: api}\n')
    with pytest.raises(InputError) as error:
        resolve(raw)
    assert [(each.where.line, each.where.column) for each in error.value.problems if each.where] == [(4, 31), (4, 37)]


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ("  web: {like: weeb}\n  job: {source: ./a}\n", "`weeb` is not a service of this spec"),
        ("  web: {like: web}\n", "`web` has itself as `like`"),
        ("  a: {like: b}\n  b: {like: c}\n  c: {like: a}\n  d: {like: b}\n", "`like` leads in a circle: `a` → `b` → `c` → `a`"),
        ("  d: {like: b}\n  b: {like: c}\n  c: {like: b}\n", "`like` leads in a circle: `b` → `c` → `b`"),
        ("  web: {like: 5}\n", "`services.web.like` must be a string, not the number 5"),
        ("  web: {source: ./a}\n  job: {like: web, env: {GONE: null}}\n", "`services.job.env.GONE` is empty"),
    ],
)  # fmt: skip
def test_a_like_that_leads_nowhere_is_told_once(services: str, told: str) -> None:
    assert messages(services) == [told]


DEFAULTS = """\
defaults:
  env: {LOG: json, LEVEL: info}
  secrets: {DSN: {secret: shared, key: dsn}}
  resources: {memory: 256Mi, cpu: 50m}
  labels: {cost: shop}
  annotations: {example.com/owner: team-a}
"""


def test_programs_share_variables_and_all_share_labels() -> None:
    services = '  web: {source: ./web, env: {LOG: null, LEVEL: debug}, resources: {cpu: 1}}\n  own: {image: "ghcr.io/acme/own:1"}\n'
    data = spec(f"{services.replace('cpu: 1', 'cpu: 100m')}{DB}", DEFAULTS).data["services"]
    dsn = {"DSN": {"secret": "shared", "key": "dsn"}}
    assert (data["web"]["env"], data["web"]["resources"], data["web"]["secrets"]) == (
        {"LEVEL": "debug"},
        {"memory": "256Mi", "cpu": "100m"},
        dsn,
    )
    assert (data["own"]["env"], data["own"]["secrets"]) == ({"LOG": "json", "LEVEL": "info"}, dsn)
    assert data["db"].keys() == {"image", "labels", "annotations"}  # a store reads none of the app's variables


@pytest.mark.parametrize("image", ["docker.io/library/redis:8", "mirror.acme.internal/library/redis:8", "nginx:1.29"])
def test_a_known_image_gets_no_variable_of_the_programs(image: str) -> None:
    assert "env" not in spec(f'  cache: {{image: "{image}"}}\n', DEFAULTS).data["services"]["cache"]


@pytest.mark.parametrize("image", ["docker.io/library/alpine:3.22", "ghcr.io/acme/redis-exporter:1"])
def test_a_bare_or_unknown_image_is_a_program(image: str) -> None:
    assert spec(f'  tool: {{image: "{image}"}}\n', DEFAULTS).data["services"]["tool"]["env"]["LOG"] == "json"


def test_what_a_service_is_like_counts_before_what_all_share() -> None:
    services = "  api: {source: ./a, env: {LOG: text}}\n  worker: {like: api}\n"
    assert block(services, DEFAULTS)["env"] == {"LOG": "text", "LEVEL": "info"}


def test_a_service_leaves_out_what_the_one_it_is_like_leaves_out() -> None:
    services = "  api: {source: ./a, env: {LOG: null}}\n  worker: {like: api}\n"
    assert block(services, DEFAULTS)["env"] == {"LEVEL": "info"}


ENVIRONMENTS = """\
environments:
  prod:
    defaults: {env: {LOG: text, TRACE: "1"}}
    services:
      api: {version: 9.0.0, env: {A: "9", B: "9"}, scale: {min: 9}}
      worker: {env: {D: "d"}}
"""


def test_an_environment_is_taken_in_the_same_way_and_own_words_count_there_too() -> None:
    raw = spec(f"{API}{DB}  worker: {{like: api, env: {{B: own, LOG: own}}}}\n", f"{DEFAULTS}{ENVIRONMENTS}")
    resolve(raw)
    changed = raw.data["environments"]["prod"]["services"]
    assert changed["worker"] == {"version": "9.0.0", "env": {"A": "9", "D": "d", "TRACE": "1"}}
    assert changed["api"]["env"] == {"A": "9", "B": "9", "LOG": "text", "TRACE": "1"}
    assert "db" not in changed


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (("services", "worker", "env", "A"), ("services", "api", "env", "A")),
        (("services", "worker", "env", "B"), ("services", "worker", "env", "B")),
        (("services", "worker", "env", "LOG"), ("defaults", "env", "LOG")),
        (("services", "worker", "build", "steps"), ("services", "api", "build", "steps")),
        (("services", "worker", "egress", 1, "cidr"), ("services", "api", "egress", 0, "cidr")),
        (("services", "worker", "egress", 0, "cidr"), ("services", "worker", "egress", 0, "cidr")),
        (("services", "mate", "build", "packages"), ("services", "api", "build", "packages")),
        (("environments", "prod", "services", "worker", "env", "A"), ("environments", "prod", "services", "api", "env", "A")),
        (("environments", "prod", "services", "worker", "env", "TRACE"), ("environments", "prod", "defaults", "env", "TRACE")),
        (("services", "api", "env", "A"), ("services", "api", "env", "A")),
        (("services", "worker", "none"), ("services", "worker", "none")),
    ],
)  # fmt: skip
def test_what_is_taken_has_the_place_at_which_it_stands(path: tuple[str | int, ...], written: object) -> None:
    own = '  worker: {like: api, env: {B: "w"}, egress: [{cidr: 10.9.0.0/16}]}\n  mate: {source: api}\n'
    raw = spec(f"{API}{DB}{own}", f"{DEFAULTS}{ENVIRONMENTS}")
    assert raw.written_at(path) == written


def test_services_of_one_folder_build_as_the_main_one_says() -> None:
    services = "  alerts: {source: ., command: [a]}\n  web: {source: ., build: {packages: [curl]}}\n"
    assert block(services, name="alerts")["build"] == {"packages": ["curl"]}


@pytest.mark.parametrize("own", ["build: {packages: [git]}", "build: null"])
def test_a_build_of_its_own_stays(own: str) -> None:
    services = f"  alerts: {{source: ., command: [a], {own}}}\n  web: {{source: ., build: {{packages: [curl]}}}}\n"
    assert block(services, name="alerts").get("build") == ({"packages": ["git"]} if "git" in own else None)


def test_a_spec_without_sharing_stays_the_same_object() -> None:
    raw = read(f"{HEAD}services:\n{API}{DB}".replace("    build: {packages: [curl], steps: [[make]]}\n", ""), "f")
    assert inherited(raw) is raw


def test_what_all_take_together_has_a_bound() -> None:
    variables = ", ".join(f"V{number}: x" for number in range(2000))
    many = "".join(f"  s{number}: {{like: web}}\n" for number in range(MOST // 2000))
    with pytest.raises(InputError, match="inherit more than"):
        spec(f"  web: {{source: ./web, env: {{{variables}}}}}\n{many}")


@pytest.mark.parametrize("form", ["  s{0}: {{like: s{1}}}\n", "  s{0}: {{like: s0}}\n", "  s{0}: {{like: s{2}}}\n"])
def test_chains_and_circles_are_followed_in_time_in_proportion_to_them(form: str) -> None:
    def work(size: int) -> None:
        text = "".join(form.format(number, number + 1, (number + 1) % size) for number in range(size))
        messages(text)

    assert growth(work, 400) < LINEAR
