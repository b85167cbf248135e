"""Files beside kforge's: image components and what tools merge in, through every command and in every form."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kforge.domain.document import mark
from kforge.neighbouring_files import _roots
from tests.conftest import CURRENT, contents, edit, run, settle
from tests.domain.kubernetes.test_image_component import HEAD
from tests.growth import LINEAR, growth
from tests.trials import sample

COMPONENT = "deploy/images/prod/kustomization.yaml"
KUSTOMIZE = shutil.which("kustomize")
SURE = ("check", "check --full", "check --approved", "plan", "build")
EVIL = (
    'resources: [evil.yaml]\nimages: [{name: registry.acme.internal/shop-web, newName: evil.example/x, newTag: "1"}]\n'
)


def write(path: Path, text: str = "kind: Pod\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def current(folder: Path) -> bool:
    """Whether the short way of `check` knows that everything is as it should be."""
    from datetime import UTC, datetime

    from kforge.domain.spec.project import Project
    from kforge.fast_check import fast_check

    return fast_check(Project(folder / "app.kforge.yaml", folder), datetime.now(UTC).date()).current


@pytest.mark.parametrize("command", SURE)
def test_a_component_that_holds_more_than_images_stops_every_command(command: str, built_shop: Path) -> None:
    write(built_shop / COMPONENT, HEAD + EVIL)
    before = contents(built_shop)
    told = run(*command.split(), cwd=built_shop, code=1).err
    assert f"--> {COMPONENT}:3:1: resources" in told and f"--> {COMPONENT}:4:59: images[0].newName" in told
    assert contents(built_shop) == before


@pytest.mark.parametrize("environment", ["base", "staging", "prod"])
def test_the_component_of_every_environment_is_judged(environment: str, built_shop: Path) -> None:
    write(built_shop / "deploy" / "images" / environment / "kustomization.yaml", HEAD + "images: []\npatches: []\n")
    assert "error[image-component]" in run("check", cwd=built_shop, code=1).err


ODD = [
    ("images: &a []\n", f"{COMPONENT}:3:9"), ("images: []\nimages: []\n", f"{COMPONENT}:4:1"), ("images: [\n", COMPONENT),
    ("images: []\n---\na: 1\n", f"{COMPONENT}:4:1"), ("images:\n- name: a\u200b\n", f"{COMPONENT}:4:10"), ("images:\n- name: a\u200d\n", f"{COMPONENT}:4:10"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told", "command"), sample(((*odd, command) for odd in ODD for command in SURE), 3))
def test_a_component_that_is_no_plain_yaml_is_bad_input(text: str, told: str, command: str, built_shop: Path) -> None:
    write(built_shop / COMPONENT, HEAD + text)
    assert told in run(*command.split(), cwd=built_shop, code=2).err


@pytest.mark.parametrize(
    "content", [b"", b"# nothing\n", b"[]\n", b"x\n", b"\xff\n", b"a: " + b"[" * 100_000, b"#" * (600 << 10)]
)
def test_a_component_of_junk_is_named_and_not_shown(content: bytes, built_shop: Path) -> None:
    (built_shop / COMPONENT).write_bytes(content)
    told = run("check", cwd=built_shop, code=2).err
    assert COMPONENT in told and len(told) < 2000 and "spec" not in told


def test_a_component_that_is_a_link_or_a_pipe_is_not_read(built_shop: Path) -> None:
    place = built_shop / COMPONENT
    place.unlink()
    place.symlink_to("/etc/passwd")
    assert "symbolic link" in run("check", cwd=built_shop, code=2).err
    place.unlink()
    os.mkfifo(place)
    assert "not a regular file" in run("check", cwd=built_shop, code=2).err


def test_what_ci_sets_leaves_everything_current(built_shop: Path) -> None:
    write(built_shop / COMPONENT, HEAD + f"images:\n- name: registry.acme.internal/shop-web\n  newTag: {'4f' * 20}\n")
    assert current(built_shop) and CURRENT.fullmatch(run("check", "--full", cwd=built_shop, code=0).err)


def test_an_image_of_an_included_object_may_be_set(built_shop: Path) -> None:
    """No pod that kforge knows has it, but kustomize looks below `containers` of any object."""
    pod = "{containers: [{name: a, image: 'ghcr.io/acme/own:1'}]}"
    rollout = f"apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: own}}\nspec: {{template: {{spec: {pod}}}}}\n"
    write(built_shop / "deploy/extra/a.yaml", rollout)
    edit(built_shop / "app.kforge.yaml", "\nservices:", "\ninclude: [deploy/extra/*.yaml]\nservices:")
    run("build", cwd=built_shop, code=0)
    write(built_shop / COMPONENT, HEAD + "images:\n- {name: ghcr.io/acme/own, newTag: '2'}\n")
    assert CURRENT.fullmatch(run("check", cwd=built_shop, code=0).err)


MISTAKEN = {
    "a name of no image": ("registry.acme.internal/shop-wep", "no manifest names that image"),
    "a name that is a pattern": ("registry.acme.internal/shop.web", "no manifest names that image"),
    "the base's name": ("ghcr.io/acme/shop-web", "no manifest names that image"),
    "a short name": ("redis", "no manifest names that image"),
}


@pytest.mark.parametrize("name", MISTAKEN)
def test_a_name_that_no_image_of_the_environment_has_is_an_error_of_both_ways(name: str, built_shop: Path) -> None:
    image, told = MISTAKEN[name]
    write(built_shop / COMPONENT, HEAD + f"images:\n- {{name: {image}, newTag: '1'}}\n")
    assert not current(built_shop)
    for command in ("check", "check --full", "build"):
        assert told in run(*command.split(), cwd=built_shop, code=1).err


@pytest.mark.parametrize("escaped", [False, True])
def test_a_name_that_stands_for_another_image_as_well_is_an_error_of_both_ways(escaped: bool, built_shop: Path) -> None:
    image = r'"registry-acme-internal\u002fshop-web:1"' if escaped else "registry-acme-internal/shop-web:1"
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: own}}\nspec: {{containers: [{{name: a, image: {image}}}]}}\n"
    write(built_shop / "deploy/extra/a.yaml", pod)
    edit(built_shop / "app.kforge.yaml", "\nservices:", "\ninclude: [deploy/extra/*.yaml]\nhardening: none\nservices:")
    run("build", cwd=built_shop)
    write(built_shop / COMPONENT, HEAD + "images:\n- {name: registry.acme.internal/shop-web, newTag: '1'}\n")
    assert not current(built_shop)
    told = run("check", "--full", cwd=built_shop, code=1).err
    assert "kustomize would change `registry-acme-internal/shop-web` as well" in told


@pytest.mark.parametrize("tag", sample(("yes", "1_0", "0b1", "0o7", "1e3", "~", "off", "0x1F", ".5"), 2))
def test_a_tag_that_kustomize_takes_for_no_text_is_an_error(tag: str, built_shop: Path) -> None:
    write(built_shop / COMPONENT, HEAD + f"images:\n- {{name: registry.acme.internal/shop-web, newTag: {tag}}}\n")
    assert not current(built_shop) and "`images[0].newTag` is not a string" in run("check", cwd=built_shop, code=1).err


@pytest.mark.skipif(KUSTOMIZE is None, reason="kustomize is not here: `edit set image` is its own")
def test_what_kustomize_itself_sets_leaves_everything_current(built_shop: Path) -> None:
    name = "registry.acme.internal/shop-web"
    digest = "sha256:" + "b" * 64
    for images in (
        [f"{name}={name}:1"],
        [f"{name}={name}:2.0"],
        [f"{name}@{digest}"],
        [f"{name}={name}:1e3", f"docker.io/library/redis=docker.io/library/redis@{digest}"],
        [f"{name}=*:08"],
    ):
        subprocess.run(
            [str(KUSTOMIZE), "edit", "set", "image", *images], cwd=(built_shop / COMPONENT).parent, check=True
        )
        assert current(built_shop) and CURRENT.fullmatch(run("check", "--full", cwd=built_shop, code=0).err)


# --- files that tools merge in ---

STRAYS = (
    "docker-bake.override.hcl", "docker-bake.override.json", "docker-bake.json", "web/Dockerfile.dockerignore",
    "deploy/kubernetes/kustomization.yml", "deploy/overlays/prod/Kustomization", "deploy/images/prod/Kustomization",
    "deploy/kubernetes/evil.yaml", "deploy/kubernetes/web/evil.yml", "deploy/kubernetes/deep/er/evil.json", "deploy/overlays/evil.yaml", "deploy/images/prod/x.yaml",
)  # fmt: skip


@pytest.mark.parametrize("path", sample(STRAYS, 3))
def test_a_file_that_a_tool_merges_in_is_told_and_changes_no_verdict(path: str, built_shop: Path) -> None:
    assert current(built_shop)
    run("check", cwd=built_shop, code=0)  # leaves an index, which must not outlive the file
    write(built_shop / path)
    assert not current(built_shop)
    for command in SURE:
        told = run(*command.split(), cwd=built_shop, code=0).err
        assert told.count("warning[merged-file]") == 1 and f"--> {path}\n" in told, command


def test_every_form_of_output_tells_it(built_shop: Path) -> None:
    write(built_shop / "deploy/kubernetes/evil.yaml")
    for words in (["check"], ["check", "--full"]):
        (spec,) = json.loads(run(*words, "--format", "json", cwd=built_shop, code=0).out)["specs"]
        assert spec["strays"] == ["deploy/kubernetes/evil.yaml"] and spec["current"]
        assert [(item["rule"], item["level"], item["file"]) for item in spec["findings"]] == [
            ("merged-file", "warning", "deploy/kubernetes/evil.yaml")
        ]
        assert run(*words, "--format", "github", cwd=built_shop, code=0).out.startswith(
            "::warning file=deploy/kubernetes/evil.yaml,title=merged-file::"
        )
    for words in (["plan"], ["build"]):
        said = json.loads(run(*words, "--format", "json", cwd=built_shop, code=0).out)
        assert [item["rule"] for item in said["findings"]] == ["merged-file"]


@pytest.mark.parametrize(
    "path",
    [
        "deploy/evil.yaml",
        "docker-bake.override.hcl.bak",
        "web/x.dockerignore",
        "deploy/kubernetes/README.md",
        "compose.override.yaml",
        "kustomization.yaml",
    ],
)
def test_what_no_tool_reads_with_the_rest_is_the_users(path: str, built_shop: Path) -> None:
    write(built_shop / path)
    assert current(built_shop) and CURRENT.fullmatch(run("check", "--full", cwd=built_shop, code=0).err)


def test_a_waiver_with_a_reason_silences_one_file(built_shop: Path) -> None:
    edit(
        built_shop / "app.kforge.yaml",
        "\nservices:",
        '\nwaivers: [{rule: merged-file, target: docker-bake.override.hcl, reason: "local caches"}]\nservices:',
    )
    write(built_shop / "docker-bake.override.hcl")
    run("build", cwd=built_shop, code=0)
    assert current(built_shop)
    for command in SURE:
        assert "merged-file" not in run(*command.split(), cwd=built_shop, code=0).err
    write(built_shop / "docker-bake.json")
    assert not current(built_shop) and "`docker-bake.json`" in run("check", cwd=built_shop, code=0).err
    (built_shop / "docker-bake.json").unlink()
    (built_shop / "docker-bake.override.hcl").unlink()
    assert "warning[unused-waiver]" in run("plan", cwd=built_shop, code=0).err


def test_included_manifests_are_no_strays(built_shop: Path) -> None:
    write(built_shop / "deploy/kubernetes/own/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    edit(built_shop / "app.kforge.yaml", "\nservices:", '\ninclude: ["deploy/kubernetes/own/*.yaml"]\nservices:')
    run("build", cwd=built_shop, code=0)
    assert current(built_shop) and "merged-file" not in run("check", "--full", cwd=built_shop, code=0).err


def test_the_folder_of_a_name_is_told_when_it_comes_after_an_index(built_shop: Path) -> None:
    assert CURRENT.fullmatch(run("check", cwd=built_shop, code=0).err)
    write(built_shop / "deploy/kubernetes/web/new/folder/x.yaml")
    assert "new/folder/x.yaml" in run("check", cwd=built_shop, code=0).err


def test_a_mark_that_is_written_into_a_file_after_an_index_is_told(built_shop: Path) -> None:
    write(built_shop / "web/Dockerfile.dev", "FROM scratch\n# and more\n" + "# room\n" * 20)
    for _ in range(2):  # the second time, the index knows
        settle()
        run("check", cwd=built_shop, code=0)
    with (built_shop / "web/Dockerfile.dev").open("r+") as file:  # in place: the folder looks as before
        file.write(f"{mark('app.kforge.yaml')}\n")
    assert "`web/Dockerfile.dev` has kforge's mark" in run("check", cwd=built_shop, code=0).err


@pytest.mark.parametrize("name", ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"])
def test_a_compose_file_is_told_where_it_speaks_of_a_service_that_is_built(name: str, built_shop: Path) -> None:
    write(built_shop / name, "services: {redis: {image: redis}, mail: {image: x}}\n")
    assert current(built_shop)
    run("check", cwd=built_shop, code=0)
    write(built_shop / name, "services: {web: {build: {dockerfile: /tmp/evil}}}\n")
    assert not current(built_shop) and "`web`" in run("check", cwd=built_shop, code=0).err


@pytest.mark.parametrize("kind", ["link", "pipe", "large", "folder", "junk"])
def test_a_compose_file_that_cannot_be_read_is_told(kind: str, built_shop: Path) -> None:
    place = built_shop / "compose.yaml"
    match kind:
        case "link":
            place.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(place)
        case "large":
            place.write_bytes(b"#" * (2 << 20))
        case "folder":
            place.mkdir()
        case _:
            place.write_bytes(b"\xff{")
    assert "`compose.yaml`" in run("check", cwd=built_shop, code=0).err


def test_names_that_are_no_text_break_nothing(built_shop: Path) -> None:
    folder = os.fsencode(built_shop / "deploy" / "kubernetes")
    for name in (b"\xff\xfe.yaml", b"a\nb\x1b[31m.yaml", "\u202egnp.json".encode()):
        Path(os.fsdecode(folder + b"/" + name)).write_text("x")
    for words in (
        "check",
        "check --full",
        "check --format json",
        "check --format github",
        "plan --format json",
        "build",
    ):
        ended = run(*words.split(), cwd=built_shop, code=0)
        told = 3 if "json" in words or "github" in words else 1  # a text says once what holds for several
        assert (ended.out + ended.err).count("merged-file") >= told and "\x1b[31m" not in ended.out + ended.err


def test_roots_are_the_outermost_folders_that_hold_a_listed_file() -> None:
    roots = {"a", "a/b", "c"}
    assert _roots(roots, {"a/b/x.yaml", "ab/x.yaml", "c.yaml"}) == {"a"}


def test_where_manifests_lie_in_the_specs_own_folder_its_folders_are_the_roots() -> None:
    roots = {".", "deploy/overlays", "deploy/images"}
    listed = {"a/x.yaml", "deploy/overlays/x.yaml", "x.yaml", "../up/x.yaml", "a-b/c/x.yaml"}
    assert _roots(roots, listed) == {"a", "a-b", "deploy"}


def test_roots_are_found_in_time_in_proportion_to_the_list() -> None:
    roots = {".", "deploy/overlays", "deploy/images"}
    assert growth(lambda size: _roots(roots, {f"f{number}/x.yaml" for number in range(size)}), 10_000) < LINEAR
