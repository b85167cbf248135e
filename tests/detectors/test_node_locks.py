"""Which lock file of a Node source fits its package.json, and what is said of the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.detectors.reading import facts, values
from tests.detectors.test_node import package

WANTS = {"left-pad": "^1.3.0", "@org/kit": "2.0.0"}
NPM = json.dumps({
    "lockfileVersion": 3,
    "packages": {"": {}, "node_modules/left-pad": {"version": "1.3.0"}, "node_modules/@org/kit": {"version": "2.0.0"}},
})  # fmt: skip
NPM_OLD = json.dumps({"dependencies": {"left-pad": {"version": "1.3.0"}, "@org/kit": {"version": "2.0.0"}}})
YARN = '# yarn lockfile v1\n\n"@org/kit@2.0.0":\n  version "2.0.0"\n\nleft-pad@^1.1.0, left-pad@^1.3.0:\n  version "1.3.0"\n'
BERRY = (
    '__metadata:\n  version: 8\n\n"@org/kit@npm:2.0.0":\n  version: 2.0.0\n\n"left-pad@npm:^1.3.0":\n  version: 1.3.0\n'
)
PNPM = (
    "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      '@org/kit':\n        specifier: 2.0.0\n"
    "        version: 2.0.0\n      left-pad:\n        specifier: ^1.3.0\n        version: 1.3.0\n\npackages:\n\n  left-pad@1.3.0:\n    {}\n"
)
PNPM_OLD = "lockfileVersion: 5.4\n\nspecifiers:\n  '@org/kit': 2.0.0\n  left-pad: ^1.3.0\n\ndependencies:\n  '@org/kit': 2.0.0\n  left-pad: 1.3.0\n"
BUN = '{"lockfileVersion": 1, "workspaces": {"": {"dependencies": {"left-pad": "^1.3.0", "@org/kit": "2.0.0",},},},}'
LOCKS = [
    ("package-lock.json", NPM), ("package-lock.json", NPM_OLD), ("yarn.lock", YARN), ("yarn.lock", BERRY),
    ("pnpm-lock.yaml", PNPM), ("pnpm-lock.yaml", PNPM_OLD), ("bun.lock", BUN),
]  # fmt: skip


def said(found: object) -> list[str]:
    return [doubt["said"] for doubt in values(found, "doubts") or ()]  # type: ignore[arg-type]  # Facts


@pytest.mark.parametrize(("lock", "text"), LOCKS)
def test_a_lock_that_fits_is_used_without_a_word(tmp_path: Path, lock: str, text: str) -> None:
    found = facts(tmp_path, {"package.json": package(dependencies=WANTS), lock: text})
    assert (values(found, "lockfile"), said(found)) == (lock, [])


@pytest.mark.parametrize(("lock", "text"), LOCKS)
def test_a_lock_without_a_dependency_is_told_by_the_name_that_it_lacks(tmp_path: Path, lock: str, text: str) -> None:
    found = facts(tmp_path, {"package.json": package(dependencies={**WANTS, "express": "^4"}), lock: text})
    assert (values(found, "lockfile"), len(said(found))) == (lock, 1)
    assert said(found)[0].startswith(f"`{lock}` does not have `express` as package.json asks for it")


@pytest.mark.parametrize(("lock", "text"), LOCKS[:3] + LOCKS[4:])
def test_a_lock_with_an_older_range_is_told(tmp_path: Path, lock: str, text: str) -> None:
    found = facts(tmp_path, {"package.json": package(dependencies={**WANTS, "left-pad": "^2.0.0"}), lock: text})
    assert "does not have `left-pad`" in said(found)[0]


def test_of_several_locks_the_one_that_fits_is_taken(tmp_path: Path) -> None:
    files = {"yarn.lock": "# yarn lockfile v1\n", "package-lock.json": NPM, "package.json": package(dependencies=WANTS)}
    found = facts(tmp_path, {**files})
    assert (values(found, "package_manager"), values(found, "lockfile")) == ("npm", "package-lock.json")
    assert said(found) == [
        "`yarn.lock` of yarn, which lacks `@org/kit` of package.json is not used: `package-lock.json` is"
    ]


def test_the_declared_manager_counts_before_another_lock_that_fits(tmp_path: Path) -> None:
    keys = {"dependencies": WANTS, "packageManager": "yarn@1.22.22"}
    found = facts(tmp_path, {"yarn.lock": YARN, "package-lock.json": NPM, "package.json": package(**keys)})
    assert (values(found, "package_manager"), values(found, "lockfile")) == ("yarn", "yarn.lock")


def test_a_lock_that_fits_counts_before_the_declared_managers_that_does_not(tmp_path: Path) -> None:
    keys = {"dependencies": WANTS, "packageManager": "yarn@1.22.22"}
    files = {"yarn.lock": "# yarn lockfile v1\n", "package-lock.json": NPM, "package.json": package(**keys)}
    found = facts(tmp_path, {**files})
    assert values(found, "package_manager") == "npm"
    assert "`packageManager` names yarn, and what fits is `package-lock.json` of npm: npm installs" in said(found)


def test_the_manager_is_also_read_of_dev_engines(tmp_path: Path) -> None:
    keys = {"devEngines": {"packageManager": {"name": "pnpm", "version": "9"}}}
    assert values(facts(tmp_path, {"package.json": package(**keys)}), "package_manager") == "pnpm"
