"""Which files tools read by themselves, by the files that kforge lists."""

from __future__ import annotations

import pytest

from kforge.render.merged_files import companions, compose_files, composed


def paths(*listed: str, bake: str = "") -> list[str]:
    return sorted(stray.path for stray in companions(listed, bake))


def test_an_ignore_file_of_its_own_goes_before_that_of_the_folder() -> None:
    assert paths("web/Dockerfile", "../api/Dockerfile", "Dockerfile", "web/.dockerignore") == [
        "../api/Dockerfile.dockerignore",
        "Dockerfile.dockerignore",
        "web/Dockerfile.dockerignore",
    ]


def test_a_folder_has_one_kustomization() -> None:
    assert paths("deploy/a/kustomization.yaml", "deploy/a/service.yaml") == [
        "deploy/a/Kustomization",
        "deploy/a/kustomization.yml",
    ]


@pytest.mark.parametrize(
    ("bake", "others"),
    [
        ("docker-bake.hcl", ["docker-bake.json", "docker-bake.override.hcl", "docker-bake.override.json"]),
        ("ci/docker-bake.override.hcl", ["ci/docker-bake.hcl", "ci/docker-bake.json", "ci/docker-bake.override.json"]),
        ("build.hcl", []), ("", []),
    ],
)  # fmt: skip
def test_buildx_merges_the_names_that_it_looks_for_and_no_other(bake: str, others: list[str]) -> None:
    assert paths(bake, bake=bake) == others
    assert len(compose_files(bake)) == (4 if others else 0)


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ({"web", "db"}, "`web`"),
        ({"db"}, ""),
        (set(), ""),
        (None, "its services are not known"),
        ({f"s{n}" for n in range(9)}, "and 4 more"),
    ],
)
def test_a_compose_file_matters_where_it_speaks_of_a_target(services: set[str] | None, said: str) -> None:
    stray = composed("compose.yaml", services, {"web", *(f"s{n}" for n in range(9))}, "docker-bake.hcl")
    assert (said in stray.why) if stray else said == ""
