"""What a message repeats of a spec's values: choices among its words, and never the user's own content."""

from __future__ import annotations

import pytest

from kforge.errors import InputError
from kforge.spec.read import read
from kforge.spec.resolve import resolve

HEAD = "apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web:\n    image: docker.io/library/redis:8.8.3\n"


def told(block: str) -> str:
    """Every message and way out for a service's block, or for the app's where it is not indented."""
    with pytest.raises(InputError) as caught:
        resolve(read(HEAD + block + "\n", "f"))
    return "\n".join(f"{problem.message}; {problem.hint}" for problem in caught.value.problems)


QUIET = [
    ("    env: hunter2hunter2", "a string of 14 characters"),
    ("    env: [hunter2]", "a list"),
    ("    env: {A: [hunter2]}", "a list"),
    ("    env: {A: {hunter2: b}}", "a mapping"),
    ("    env: {A: 20271234}", "a number"),
    ("    env: {A: 2027.1234}", "a number"),
    ("    env: {A: true}", "a boolean"),
    ("    secrets: {A: hunter2}", "a string of 7 characters"),
    ("    secrets: {A: {secret: Hunter2_, key: k}}", "a string of 8 characters"),
    ("    secrets: {A: {secret: 20271234, key: k}}", "a number"),
    ("    config: hunter2", "a string of 7 characters"),
    ("    config: {path: /etc/a, files: hunter2}", "a string of 7 characters"),
    ("    config: {path: /etc/a, files: {a: 20271234}}", "a number"),
    ("    config: {path: /etc/a, files: {a: [hunter2]}}", "a list"),
    ("    kubernetes: hunter2", "a string of 7 characters"),
    ("    kubernetes: {Pod: hunter2}", "a string of 7 characters"),
    ("    kubernetes: {ConfigMap: 20271234}", "a number"),
    ("    requirements: 20271234", "a number"),
    ("    refine: hunter2", "a string of 7 characters"),
    ("    expose: {host: a.example.com, annotations: {a: 20271234}}", "a number"),
    ("environments: {prod: {services: {web: {env: {A: 20271234}}}}}", "a number"),
    ("environments: {prod: {services: {web: {config: hunter2}}}}", "a string of 7 characters"),
    ("environments: {prod: {services: {web: {kubernetes: {Pod: hunter2}}}}}", "a string of 7 characters"),
]


@pytest.mark.parametrize(("block", "kind"), QUIET)
def test_of_content_the_kind_is_told_and_the_value_is_not(block: str, kind: str) -> None:
    said = told(block)
    assert (kind in said, [value for value in ("unter2", "2027", "true") if value in said.replace("`true`", "")]) == (
        True,
        [],
    )


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ("    port: eighty", "`eighty`"),
        ("    scale: 3", "the number 3"),
        ("    config: {path: etc, files: {a: b}}", "`etc`"),
        ("    hardening: restrictd", "did you mean `restricted`?"),
        ("kubernetes: 1.34", "the number 1.34"),
        ("environments: {prod: {kubernetes: 1.33}}", "the number 1.33"),
        ("patches: [{target: Deployment/web, op: sett, path: spec.a, reason: because}]", "`sett`"),
        ("description: [a]", "a list"),
    ],
)
def test_a_wrong_choice_beside_content_is_repeated(block: str, shown: str) -> None:
    assert shown in told(block)


@pytest.mark.parametrize(
    "block",
    [
        f"    port: '{'7' * 5000}'",
        f"    needs: {'a' * 5000}",
        f"registry: '{'a' * 5000}://b'",
        f"    hardening: {'a' * 5000}",
    ],
)
def test_a_long_value_is_told_by_its_length(block: str) -> None:
    said = told(block)
    assert ("characters" in said, len(said) < 1000) == (True, True)


@pytest.mark.parametrize(
    ("images", "said"),
    [
        ("distro", "`images` is `distro`, expected `debian`, `distroless`, `chainguard` or `dhi`"),
        ("{profile: alpine}", "`images.profile` is `alpine`, expected `debian`, `distroless`, `chainguard` or `dhi`"),
        ("{platforms: [windows/amd64]}", "`images.platforms[0]` is `windows/amd64`, which is not a platform"),
        ("{platforms: []}", "`images.platforms` is a list, expected at least 1 entry"),
        ("{pin: tags}", "`images.pin` is `tags`, expected `digests`"),
        ("{platfrms: [linux/amd64]}", "`platfrms` is not a key of `images`"),
    ],
)
def test_a_word_or_a_block_of_images_gets_one_message(images: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve(read(f"{HEAD}images: {images}\n", "f"))
    assert [problem.message for problem in caught.value.problems] == [said]
