"""What is wanted, what was owned and what is there decide together what happens to a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from kforge.domain.change import Changes, WantedFile
from kforge.domain.document import mark
from kforge.domain.lock import Sums
from kforge.errors import InputError
from kforge.stages.compare import compare, marked, refuse

SPEC = "app.kforge.yaml"
OLD, NEW, HAND = (f"{mark(SPEC)}\n{text}\n".encode() for text in ("old", "new", "by hand"))
OTHER = f"{mark('other.kforge.yaml')}\nold\n".encode()
THEIRS = b"theirs\n"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def run(
    wanted: Mapping[str, WantedFile | bytes], disk: Mapping[str, bytes], owned: Sums | None = None, **more: Any
) -> Changes:
    files = {path: file if isinstance(file, WantedFile) else WantedFile(file) for path, file in wanted.items()}
    return compare(files, owned or Sums(), disk.get, SPEC, **more)


def status(*args: Any, **more: Any) -> str:
    (change,) = run(*args, **more).items
    return change.status


OWNED = Sums(files={"a": sha(OLD)})
OWNED_YAML = Sums(files={"a.yaml": sha(OLD)})


@pytest.mark.parametrize(
    ("there", "owned", "expected"),
    [
        (None, Sums(), "created"),
        (None, OWNED, "missing"),
        (NEW, Sums(), "unchanged"),
        (NEW, OWNED, "unchanged"),
        (OLD, OWNED, "changed"),
        (OLD, Sums(), "changed"),  # the sums are lost, but the mark is there
        (HAND, OWNED, "edited"),
        (THEIRS, Sums(), "foreign"),
        (THEIRS, OWNED, "edited"),
        (b"", OWNED, "missing"),  # a power cut took the content
        (b"\0\0\0", OWNED, "missing"),
        (b"", Sums(), "foreign"),
        (HAND, Sums(aggregates=("a",)), "changed"),
        (OTHER, Sums(), "foreign"),  # another spec's, or a copy of one
        (OTHER, Sums(files={"a": sha(OTHER)}), "changed"),  # the spec was given another name
        (THEIRS, Sums(seeds=("a",)), "foreign"),
    ],
)
def test_a_wanted_file_has_a_status(there: bytes | None, owned: Sums, expected: str) -> None:
    assert status({"a": NEW}, {} if there is None else {"a": there}, owned) == expected


@pytest.mark.parametrize(
    ("there", "owned", "expected"),
    [
        (OLD, OWNED_YAML, ["removed"]),
        (None, OWNED_YAML, ["removed"]),  # already gone; the sums still name it
        (HAND, OWNED_YAML, ["left"]),
        (b"", OWNED_YAML, ["left"]),  # what carries no mark may be anybody's
        (THEIRS, Sums(files={"a.yaml": sha(THEIRS)}), ["left"]),  # sums that name what kforge never wrote
        (HAND, Sums(aggregates=("a.yaml",)), ["removed"]),
        (THEIRS, Sums(aggregates=("a.yaml",)), ["left"]),
        (OTHER, Sums(files={"a.yaml": sha(OTHER)}), ["left"]),
        (OTHER, Sums(aggregates=("a.yaml",)), ["left"]),
        (OLD, Sums(seeds=("a.yaml",)), ["left"]),
        (OLD, Sums(), []),
    ],
)
def test_an_orphan_has_a_status(there: bytes | None, owned: Sums, expected: list[str]) -> None:
    assert [change.status for change in run({}, {} if there is None else {"a.yaml": there}, owned)] == expected


@pytest.mark.parametrize(("there", "expected"), [(NEW, [("removed", False)]), (THEIRS, [("left", True)])])
def test_a_seed_that_nothing_wants_goes_where_it_is_as_it_was_written(
    there: bytes, expected: list[tuple[str, bool]]
) -> None:
    changes = run({}, {"a.yaml": there}, Sums(seeds=("a.yaml",)), untouched=(NEW,))
    assert [(change.status, change.unused) for change in changes] == expected


def test_a_seed_of_another_spec_stays() -> None:
    held = run({}, {"a.yaml": NEW}, Sums(seeds=("a.yaml",)), untouched=(NEW,), others=lambda path: True)
    assert [change.status for change in held] == ["left"]


def test_a_seed_is_written_once_and_then_the_users() -> None:
    seed = {"a": WantedFile(NEW, seed=True)}
    assert [status(seed, {}), status(seed, {"a": THEIRS}, Sums(seeds=("a",))), status(seed, {"a": THEIRS})] == [
        "created",
        "unchanged",
        "unchanged",
    ]


def test_an_aggregate_is_made_again_whatever_a_merge_left_in_it() -> None:
    assert (
        status({"a": WantedFile(NEW, aggregate=True)}, {"a": b"<<<<<<< ours\n" + OLD}, Sums(aggregates=("a",)))
        == "changed"
    )


@pytest.mark.parametrize(
    "owned",
    [
        Sums(aggregates=("docker-bake.hcl",)),
        Sums(files={"docker-bake.hcl": sha(THEIRS)}),
        Sums(seeds=("docker-bake.hcl",)),
        Sums(),
    ],
)
def test_a_list_takes_no_file_over_that_carries_no_mark(owned: Sums) -> None:
    found = status(
        {"docker-bake.hcl": WantedFile(NEW, aggregate=True)},
        {"docker-bake.hcl": THEIRS},
        owned,
        pending={"docker-bake.hcl": (sha(THEIRS),)},
    )
    assert found in ("foreign", "edited")  # both are refused


@pytest.mark.parametrize(
    "path",
    [
        "pkg/__init__.py",
        "local.sh",
        "other/.gitkeep",
        "Makefile",
        "web/server.js",
        "settings.json",
        ".github/workflows/x.yml",
    ],
)
@pytest.mark.parametrize("content", [OLD, THEIRS, b""])
def test_a_list_removes_no_file_of_a_kind_that_kforge_does_not_write(path: str, content: bytes) -> None:
    for owned in (Sums(files={path: sha(content)}), Sums(aggregates=(path,)), Sums(seeds=(path,))):
        assert status({}, {path: content}, owned) == "left"
        assert status({}, {path: content}, owned, force=True) == "left"


@pytest.mark.parametrize("force", [True, False])
def test_a_list_removes_no_file_that_another_spec_has(force: bool) -> None:
    assert status({}, {"a.yaml": OLD}, OWNED_YAML, others={"a.yaml"}.__contains__, force=force) == "left"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("there", [{}, {"a": OLD}, {"a": NEW}, {"a": THEIRS}])
def test_a_file_that_another_spec_has_is_not_written(there: dict[str, bytes], force: bool) -> None:
    (change,) = run({"a": NEW}, there, rival=lambda path, listed: "b/app.kforge.yaml", force=force).items
    assert (change.status, change.before == change.after) == ("shared", True)


@pytest.mark.parametrize(("owned", "listed"), [(Sums(), False), (OWNED, True), (Sums(seeds=("a",)), True)])
def test_the_question_for_another_spec_says_whether_the_own_list_has_the_file(owned: Sums, listed: bool) -> None:
    asked: list[tuple[str, bool]] = []
    run({"a": NEW}, {}, owned, rival=lambda *asks: str(asked.append(asks) or ""))
    assert asked == [("a", listed)]


def test_a_refused_file_of_another_spec_names_both() -> None:
    changes = run({"a": NEW}, {}, rival=lambda path, listed: "b/app.kforge.yaml")
    with pytest.raises(InputError, match=r"`a` belongs to `b/app\.kforge\.yaml`, and `app\.kforge\.yaml` would"):
        refuse(changes, SPEC)


def test_no_other_spec_is_asked_about_a_file_that_stays() -> None:
    asked: list[str] = []
    owned = Sums(files={"a": sha(OLD), "b.yaml": sha(OLD), "c.yaml": sha(OLD)})
    run({"a": NEW}, {"a": OLD, "b.yaml": HAND, "c.yaml": OTHER}, owned, others=lambda path: bool(asked.append(path)))
    assert asked == []


@pytest.mark.parametrize(
    "line",
    [
        "# notes: how files Generated by kforge from here look",
        "# Generated by kforge from app.kforge.yaml",
        "Generated by kforge from app.kforge.yaml; change the spec, not this file.",
        "// Generated by kforge from app.kforge.yaml; change the spec, not this file.",
        "#  Generated by kforge from app.kforge.yaml; change the spec, not this file.",
        " # Generated by kforge from app.kforge.yaml; change the spec, not this file.",
        "# Generated by kforge from app.kforge.yaml; change the spec, not this file. But see below.",
        "",
    ],
)
def test_a_line_that_is_not_the_whole_mark_marks_nothing(line: str) -> None:
    content = f"{line}\nold\n".encode()
    assert [
        marked(content),
        marked(content, SPEC),
        status({}, {"a.yaml": content}, Sums(files={"a.yaml": sha(content)})),
    ] == [
        False,
        False,
        "left",
    ]


def test_the_mark_names_a_spec() -> None:
    assert [
        marked(OLD),
        marked(OLD, SPEC),
        marked(OTHER),
        marked(OTHER, SPEC),
        marked(OLD.replace(b"\n", b"\r\n"), SPEC),
    ] == [
        True,
        True,
        True,
        False,
        True,
    ]


def test_the_mark_counts_in_the_first_two_lines_only() -> None:
    below = b"#!/bin/sh\n\n" + OLD
    assert [status({"a": NEW}, {"a": b"# syntax=x\n" + OLD}), status({"a": NEW}, {"a": below})] == [
        "changed",
        "foreign",
    ]


def test_what_a_killed_build_wrote_is_no_edit() -> None:
    pending = {"a": (sha(OLD), sha(HAND))}
    assert status({"a": NEW}, {"a": HAND}, OWNED, pending=pending) == "changed"


def test_what_a_killed_build_left_behind_is_an_orphan() -> None:
    assert status({}, {"b.yaml": HAND}, pending={"b.yaml": (sha(HAND),)}) == "removed"


@pytest.mark.parametrize("content", [THEIRS, b"", b"\0\0"])
def test_a_list_of_a_killed_build_takes_over_nothing_without_the_mark(content: bytes) -> None:
    """The list lies in a folder that a pull request may bring along."""
    pending = {"b.yaml": (sha(content),)}
    assert status({}, {"b.yaml": content}, pending=pending) == "left"
    assert status({"b.yaml": NEW}, {"b.yaml": THEIRS}, pending={"b.yaml": (sha(THEIRS),)}) == "edited"


def test_what_a_killed_build_did_not_get_to_is_not_mentioned() -> None:
    assert run({}, {}, pending={"b.yaml": (sha(HAND),)}).items == ()


class TestOutdated:
    wanted = {"a": WantedFile(NEW, revision=2)}  # noqa: RUF012

    def test_a_file_by_an_older_renderer_stays_with_its_revision(self) -> None:
        changes = run(self.wanted, {"a": OLD}, OWNED, keep=lambda path: True)
        assert (changes.items[0].status, changes.current, changes.sums) == ("kept", True, OWNED)

    def test_an_upgrade_rewrites_it(self) -> None:
        changes = run(self.wanted, {"a": OLD}, OWNED, keep=lambda path: False)
        assert (changes.items[0].status, changes.sums.revisions) == ("changed", {"a": 2})

    def test_equal_bytes_keep_the_old_revision_until_the_upgrade(self) -> None:
        owned = Sums(files={"a": sha(NEW)})
        kept = run(self.wanted, {"a": NEW}, owned, keep=lambda path: True)
        upgraded = run(self.wanted, {"a": NEW}, owned)
        assert (kept.sums, upgraded.sums.revisions) == (owned, {"a": 2})

    def test_a_deleted_one_is_made_by_the_newer_renderer(self) -> None:
        changes = run(self.wanted, {}, OWNED, keep=lambda path: True)
        assert (changes.items[0].status, changes.items[0].after, changes.sums.revisions) == ("missing", NEW, {"a": 2})

    def test_an_edited_one_is_not_kept(self) -> None:
        assert status(self.wanted, {"a": HAND}, OWNED, keep=lambda path: True) == "edited"

    def test_a_file_by_a_newer_kforge_is_refused(self) -> None:
        with pytest.raises(InputError, match="a newer kforge rendered `a`"):
            run({"a": NEW}, {"a": OLD}, Sums(files={"a": sha(OLD)}, revisions={"a": 2}))


class TestForce:
    def test_takes_over_foreign_and_edited_files(self) -> None:
        changes = run({"a": NEW, "b": NEW}, {"a": HAND, "b": THEIRS}, OWNED, force=True)
        assert [change.status for change in changes] == ["changed", "changed"]

    def test_removes_edited_orphans(self) -> None:
        assert status({}, {"a.yaml": HAND}, OWNED_YAML, force=True) == "removed"

    @pytest.mark.parametrize("name", ["web/Dockerfile", "Dockerfile.dev", "api.Dockerfile"])
    def test_leaves_a_dockerfile_of_the_users(self, name: str) -> None:
        assert [
            status({name: NEW}, {name: THEIRS}, owned, force=True) for owned in (Sums(), Sums(files={name: sha(OLD)}))
        ] == [
            "foreign",
            "edited",
        ]

    def test_takes_over_an_edited_dockerfile_of_kforges(self) -> None:
        assert (
            status({"Dockerfile": NEW}, {"Dockerfile": HAND}, Sums(files={"Dockerfile": sha(OLD)}), force=True)
            == "changed"
        )

    def test_leaves_an_orphan_that_became_the_users_dockerfile(self) -> None:
        assert status({}, {"Dockerfile": THEIRS}, Sums(files={"Dockerfile": sha(OLD)}), force=True) == "left"


def test_every_file_in_the_way_is_named_with_the_way_out() -> None:
    owned = Sums(files={"edited": sha(OLD)})
    disk = {"edited": HAND, "foreign": THEIRS, "web/Dockerfile": THEIRS}
    with pytest.raises(InputError) as caught:
        refuse(run(dict.fromkeys(disk, NEW), disk, owned), SPEC)
    assert [(problem.message, problem.hint) for problem in caught.value.problems] == [
        (
            "`edited` was edited by hand",
            "write it in the spec (`kubernetes` fragments, `patches`), or run `kforge build --force` to drop the edit",
        ),
        ("`foreign` exists already and is not kforge's", "move it away, or run `kforge build --force` to overwrite it"),
        (
            "`web/Dockerfile` is a Dockerfile of yours",
            "kforge never overwrites it: move it away to get a generated one",
        ),
    ]


def test_nothing_in_the_way_is_no_refusal() -> None:
    refuse(run({"a": NEW}, {}), SPEC)


def test_the_sums_name_what_will_be_there() -> None:
    wanted = {"a": WantedFile(NEW, revision=3), "k": WantedFile(NEW, aggregate=True), "s": WantedFile(NEW, seed=True)}
    changes = run(wanted, {"old": OLD}, Sums(files={"old": sha(OLD)}))
    assert changes.sums == Sums(files={"a": sha(NEW)}, revisions={"a": 3}, aggregates=("k",), seeds=("s",))


def test_changes_come_in_order_and_say_what_a_build_does() -> None:
    changes = run(
        {"c": NEW, "a": NEW, "b": OLD}, {"b": OLD, "z.yaml": OLD}, Sums(files={"z.yaml": sha(OLD), "b": sha(OLD)})
    )
    assert [(change.path, change.status) for change in changes] == [
        ("a", "created"),
        ("b", "unchanged"),
        ("c", "created"),
        ("z.yaml", "removed"),
    ]
    assert ([change.path for change in changes.pending], changes.current) == (["a", "c", "z.yaml"], False)
