"""Raw → Spec, or all that is wrong. The messages themselves are snapshots: `tests/specs_bad`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.near_words import ADVISED
from kforge.domain.secrets import credentials
from kforge.domain.spec import patterns
from kforge.domain.spec.patterns import IN_WORDS
from kforge.domain.spec.raw import Raw
from kforge.domain.spec.types import Spec
from kforge.errors import InputError
from kforge.spec import validate_references
from kforge.spec.key_types import keys_of, model_at
from kforge.spec.read import read
from kforge.spec.requires import satisfies
from kforge.spec.resolve import MOST, KnownNames, resolve
from kforge.spec.synonyms import NOTES, SYNONYMS
from tests.growth import LINEAR, growth

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "specs").glob("*/*.kforge.yaml"))
EVERY_KEY = Path(__file__).with_name("every_key.yaml")
BAD = sorted((ROOT / "tests/specs_bad").glob("*.yaml"))


def raw(services: str, rest: str = "") -> Raw:
    return read(f"apiVersion: kforge.dev/v1\napp: shop\n{rest}services:\n  web: {{source: ./web{services}}}\n", "f")


def messages(tree: Raw, known: KnownNames | None = None) -> list[str]:
    try:
        resolve(tree, known or KnownNames())
    except InputError as error:
        return [problem.message for problem in error.problems]
    return []


@pytest.mark.parametrize("spec", [*EXAMPLES, EVERY_KEY], ids=lambda spec: spec.parent.name)
def test_a_good_spec_has_no_problem(spec: Path) -> None:
    assert isinstance(resolve(read(spec.read_bytes(), spec.name)), Spec)


def test_requirements_and_refine_are_kept_for_a_model() -> None:
    web = resolve(raw(', requirements: "drains for 30 s", refine: [use Alpine]')).services["web"]
    assert (web.requirements, web.refine) == ("drains for 30 s", ["use Alpine"])


def test_a_good_spec_never_works_out_places() -> None:
    tree = read(EVERY_KEY.read_bytes(), "f")
    resolve(tree)
    assert "marks" not in tree.__dict__


@pytest.mark.parametrize("spec", BAD, ids=lambda spec: spec.stem)
def test_problems_come_in_the_order_of_the_text_and_none_comes_twice(spec: Path) -> None:
    try:
        resolve(read(spec.read_bytes(), spec.name))
    except InputError as error:
        places = [(problem.where.line, problem.where.column) for problem in error.problems if problem.where]
        assert places == sorted(places) and len(set(error.problems)) == len(error.problems)


@pytest.mark.parametrize("folder", ["", ".", "apps/shop"])
def test_a_source_may_lie_anywhere_in_the_repository_and_nowhere_else(folder: str) -> None:
    up = "../" * len(folder.strip(".").split("/")) if folder.strip(".") else ""
    inside = read(f"apiVersion: kforge.dev/v1\napp: a\nservices: {{web: {{source: {up}./web}}}}\n", "f")
    outside = read(f"apiVersion: kforge.dev/v1\napp: a\nservices: {{web: {{source: {up}../web}}}}\n", "f")
    known = KnownNames(folder=folder)
    assert messages(inside, known) == [] and messages(outside, known) == [f"`{up}../web` lies outside the repository"]


@pytest.mark.parametrize(
    "fragment",
    [
        '{Pod: {a: null}}', '{Deployment: {spec: {replicas: 3}}}', '{PersistentVolumeClaim: {spec: {x: ~}}}',
        '{Pod: {kubernetes: {a: null}, value: null}}',
    ],
)  # fmt: skip
def test_a_fragment_may_hold_anything_null_too(fragment: str) -> None:
    assert messages(raw(f", kubernetes: {fragment}")) == []


def test_a_python_name_of_a_field_is_no_key() -> None:
    assert messages(raw(", expose: {host: a.example.com, class_: nginx}")) == [
        "`class_` is not a key of `services.web.expose`"
    ]


def test_one_place_has_one_message_for_all_alternatives_of_its_type() -> None:
    assert messages(raw("", "namespace: [a]\n")) == ["`namespace` must be a mapping or a string, not a list"]
    assert messages(raw("", "namespace: {create: true}\n")) == ["`namespace` lacks `name`"]
    assert messages(raw("", "namespace: Shop\n")) == ["`namespace` is `Shop`, which is not a valid name"]


@pytest.mark.parametrize(
    ("version", "requires", "fits"),
    [
        ("0.1.0", ">=0.1", True), ("0.1.0", ">=0.1.0,<1", True), ("0.1.0", ">0.1", False), ("0.1.0", "==0.1", True),
        ("0.1.3", "==0.1.*", True), ("0.2.0", "==0.1.*", False), ("0.2.0", "!=0.1.*", True), ("1.5", "~=1.4", True),
        ("2.0", "~=1.4", False), ("1.4.9", "~=1.4.2", True), ("1.5.0", "~=1.4.2", False), ("1.0rc1", ">=1.0", False),
        ("1.0rc1", ">=1.0a2", True), ("1.0.dev1", "<1.0a1", True), ("10.0", ">=9.0", True), ("0.10.0", "<0.9", False),
        ("1.0", "<=1.0.0", True), ("1.0", "~=1", True), ("0.9", "~=1", False),
    ],
)  # fmt: skip
def test_requires_compares_versions_as_pep_440_does(version: str, requires: str, fits: bool) -> None:
    assert satisfies(version, requires) is fits


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("./-", "means standard input to buildx"), ("-", "means standard input to buildx"), ("./a/../-", "means standard input to buildx"),
        ("./git@evil.example:x/y", "means an address to buildx"), ("git@x", "means an address to buildx"), ("./target:web", "means an address to buildx"),
        ("./github.com/evil/x", "means an address to buildx"), ("https://evil.example/x", "means an address to buildx"),
        ("docker-image://evil", "means an address to buildx"), ("oci-layout://x", "means an address to buildx"), ("cwd://x", "means an address to buildx"),
        ("./a@b.example:c", "means an address to buildx"), ("ssh://x", "means an address to buildx"),
    ],
)  # fmt: skip
def test_a_source_that_buildx_takes_for_something_else_is_refused(source: str, said: str) -> None:
    tree = read(f"apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web: {{source: '{source}'}}\n", "f")
    assert messages(tree) == [f"`{source}` {said}"]


@pytest.mark.parametrize(
    "source", ["./-x", "./a/-", "./@acme/web", "./x/git@y:z", "./github.com", "./a.github.com/x", "../web", "."]
)
def test_another_odd_name_of_a_source_is_a_folder(source: str) -> None:
    tree = read(f"apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web: {{source: '{source}'}}\n", "f")
    assert messages(tree, KnownNames(folder="apps")) == []


NINES = "9" * 5000  # Python refuses to read more than 4,300 digits


@pytest.mark.parametrize(
    "tree",
    [
        raw("", f'requires: ">=0.{NINES}"\n'),
        raw("", f'requires: ">=0a{NINES}"\n'),
        raw("", 'requires: ">=0.\u0663"\n'),
        raw("", 'requires: ">=0\\n"\n'),
        raw("", 'requires: "==1.0a1.*"\n'),
        read(f"apiVersion: kforge.dev/v{NINES}\napp: shop\nservices: {{web: {{source: ./web}}}}\n", "f"),
        raw(f', schedule: "0 0 {NINES} * *"'),
        raw(f', schedule: "*/{NINES} * * * *"'),
        raw(f', schedule: "0-{NINES} * * * *"'),
        raw(', schedule: "\u00b2 * * * *"'),
        raw(f', resources: {{memory: "{NINES}"}}'),
        raw(f', resources: {{memory: "0.{NINES}Gi"}}'),
        raw(', resources: {memory: "1e9999"}'),
        raw("", f'waivers: [{{rule: image-tag, reason: abc, until: "{NINES}"}}]\n'),
        raw("", 'waivers: [{rule: image-tag, reason: abc, until: "\u0662\u0660\u0662\u0669-01-01"}]\n'),
    ],
    ids=lambda tree: tree.text[26:60].replace("\n", " "),
)
def test_numbers_of_any_length_and_script_are_refused_at_one_place(tree: Raw) -> None:
    with pytest.raises(InputError) as caught:
        resolve(tree)
    assert [problem.where is not None and problem.where.line for problem in caught.value.problems] in ([1], [3], [4])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"), ("SECRET_KEY_BASE", "abc"), ("apiKey", "abc"), ("JWT_SECRET", "s3cr3t"),
        ("GITHUB_TOKEN", "abc"), ("AWS_SECRET_ACCESS_KEY", "abc"), ("password", "abc"), ("DB_PASSWORD_2", "abc"),
        ("SESSION_KEY", "abc"), ("ADMIN_PASS", "abc"), ("credentials", "user:pw"),
    ],
)  # fmt: skip
def test_a_literal_under_a_credentials_name_is_told(name: str, value: str) -> None:
    assert credentials.names_one(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASSWORD_FILE", "/run/secrets/pw"), ("GOOGLE_APPLICATION_CREDENTIALS", "/etc/key.json"), ("TOKEN_TTL", "15m"),
        ("DB_PASSWORD", "$(DB_PASSWORD_FROM_SECRET)"), ("DB_PASSWORD", ""), ("REQUIRE_PASSWORD", "true"),
        ("ALLOW_EMPTY_PASSWORD", "yes"), ("MAX_TOKEN", "4096"), ("TOKEN_URL", "https://auth.example.com/token"),
        ("AUTH_TOKEN", "https://auth.example.com/token"), ("SECRET_NAME", "web-session"), ("KEY", "abc"),
        ("PARTITION_KEY", "customer"), ("PUBLIC_KEY", "abc"), ("MONKEY", "abc"), ("COMPASS", "north"),
        ("BYPASS", "none"), ("PASSWORD_HASHER", "argon2"), ("TOKENIZERS_PARALLELISM", "x"), ("PASS", "1"),
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_credential_is_not_told(name: str, value: str) -> None:
    assert not credentials.names_one(name, value)


@pytest.mark.parametrize(
    ("url", "carries"),
    [
        ("postgres://shop:hunter2@db/shop", True), ("redis://:hunter2@cache:6379", True), ("https://a:b@c", True),
        ("postgres://shop@db/shop", False), ("redis://cache:6379", False), ("postgres://shop:$(PW)@db/shop", False),
        ("https://a.example.com:8080/x@y", False), ("mailto:a@b.example.com", False), ("http://a/b:c@d", False),
        ("postgres://shop:<password>@db", False), ("postgres://${services.db.host}:5432/shop", False),
    ],
)  # fmt: skip
def test_a_password_in_a_url_is_told_and_a_port_is_none(url: str, carries: bool) -> None:
    assert credentials.userinfo(url) is carries


def test_known_forms_of_credentials_are_found_and_ordinary_words_are_not() -> None:
    planted = [
        "AKIAABCDEFGHIJKLMNOP",
        "ghp_" + "a1B2" * 9,
        "sk-ant-" + "x" * 24,
        "xoxb-1234567890-abc",
        "sk_live_" + "a1" * 12,
    ]
    assert [kind for text in planted for _, kind in credentials.known(f"a: {text} # b")] == [
        "an AWS access key",
        "a GitHub token",
        "an Anthropic key",
        "a Slack token",
        "a Stripe key",
    ]
    ordinary = "ghcr.io/acme/task-sk-runner@sha256:" + "0" * 64 + " disk-size risk-averse SKU SG.x eyJ hooks.slack.com"
    assert list(credentials.known(ordinary)) == []


def test_every_synonym_leads_to_a_key_that_exists() -> None:
    models = {name: model for name, model in _models().items() if name in (*SYNONYMS, *NOTES)}
    assert set(models) == {*SYNONYMS, *NOTES}
    lost = [
        (name, put)
        for name, words in SYNONYMS.items()
        for put in words.values()
        if put.split(".")[0] not in models[name].model_fields and put != "class"
    ]
    assert lost == []
    taken = [
        (name, word)
        for name in models
        for word in (*SYNONYMS.get(name, {}), *NOTES.get(name, {}))
        if word in keys_of(models[name])
    ]
    assert taken == []


def _models() -> dict[str, Any]:
    paths: list[tuple[str | int, ...]] = [
        (),
        ("namespace",),
        ("paths",),
        ("model",),
        ("routing",),
        ("patches", 0),
        ("waivers", 0),
        ("environments", "e"),
        ("services", "s"),
    ]
    service = ("expose", "scale", "config", "build", "process", "probes", "resources", "rollout")
    paths += [("services", "s", key) for key in service]
    paths += [("services", "s", key, 0) for key in ("ports", "volumes", "allowFrom", "egress")]
    paths += [
        ("services", "s", "secrets", "A"),
        ("services", "s", "expose", "verify"),
        ("services", "s", "probes", "readiness"),
    ]
    return {model.__name__: model for model in map(model_at, paths) if model}


def test_every_form_is_said_in_words() -> None:
    forms = {
        value
        for name, value in vars(patterns).items()
        if name.isupper() and isinstance(value, str) and value.startswith("^")
    }
    assert forms == set(IN_WORDS)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 70000)
    | st.text("a${}.:/-A1", max_size=8)
    | st.just("${services.web.url}")
)
KEYS = st.sampled_from(
    [
        "source",
        "image",
        "env",
        "port",
        "ports",
        "scale",
        "min",
        "max",
        "expose",
        "host",
        "job",
        "schedule",
        "needs",
        "config",
        "files",
        "path",
        "secrets",
        "volumes",
        "kubernetes",
        "Pod",
        "x",
        "egress",
        "cidr",
        "probes",
        "outputs",
        "process",
        "build",
    ]
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
TOP = st.sampled_from(
    [
        "services",
        "environments",
        "patches",
        "waivers",
        "include",
        "paths",
        "namespace",
        "labels",
        "registries",
        "registry",
        "bases",
        "outputs",
        "kubernetes",
        "requires",
        "model",
        "apiVersion",
        "app",
    ]
)
NAMED = st.dictionaries(st.sampled_from(["web", "api", "base", "X"]), TREES, max_size=3)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TOP, TREES | NAMED | st.lists(TREES, max_size=3), max_size=6))
def test_no_tree_of_any_shape_breaks_a_check(data: dict[str, Any]) -> None:
    assert all(messages(read(json.dumps({"app": "shop", **data}), "f")))


def services(number: int, block: str) -> Raw:
    lines = "".join(f"  s{each}: {{image: 'a.b/c:1', {block.format(each)}}}\n" for each in range(number))
    return read(f"apiVersion: kforge.dev/v1\napp: shop\nservices:\n{lines}", "f")


SLIPS = (
    "env: {{A: '${{services.t{}.url}}'}}",
    "env: {{A: '${{services.s{}.urll}}'}}",
    "needs: [t{}]",
    "imagge: a{}",
    "hardening: restrictd{}",
    "kubernetes: {{Deploymint: {{a: b}}}}",
    "build: {{recipe: pyton{}}}",
)


@pytest.mark.parametrize("block", SLIPS)
def test_slips_are_told_in_time_in_proportion_to_them(block: str) -> None:
    known = KnownNames(recipes=("python", "node"))
    made = {size: services(size, block) for size in (100, 800)}
    assert growth(lambda size: messages(made[size], known), 800) < LINEAR


def test_services_that_an_environment_omits_are_looked_up() -> None:
    def work(size: int) -> None:
        omitted = ", ".join(f"s{each}: {{omit: true}}" for each in range(0, size, 2))
        named = {f"s{each}": {"image": "a.b/c:1", "env": {"A": "${services.s0.url}"}} for each in range(size)}
        data = {"services": named, "environments": read(f"a: {{services: {{{omitted}}}}}\n", "f").data}
        assert len(list(validate_references.problems(data))) == size // 2

    assert growth(work, 1000) < LINEAR


def test_what_a_misspelt_word_is_near_to_is_told_of_the_first_ones() -> None:
    with pytest.raises(InputError) as caught:
        resolve(services(ADVISED + 10, "needs: [s{}x]"))
    near = [problem.hint.startswith("did you mean") for problem in caught.value.problems]
    assert near == [True] * ADVISED + [False] * 10


def test_of_many_problems_the_first_are_told_and_one_says_that_there_are_more() -> None:
    with pytest.raises(InputError) as caught:
        resolve(services(MOST + 10, "needs: [t{}]"))
    assert (len(caught.value.problems), caught.value.problems[-1].message) == (
        MOST + 1,
        "more than 1000 problems: the rest is not shown",
    )
