"""Images and where they run → the text of a workflow that builds, pushes and signs them, and proposes their digests.

Nothing runs for a pull request, and no job has a right that its steps do not use. Names and folders reach scripts as
variables or as words of a pattern without special characters: text in a `run` block would be run as a script. Actions are
pinned by commit (actions.json). What deploys is a pull request for an image component: a person who merges it deploys.
Files that show the images are made by kforge itself, in a job that can write nothing, since it installs what it runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kforge import __version__
from kforge.domain.document import mark
from kforge.domain.images import qualified
from kforge.domain.own_files import SUMS_FILE

GITHUB_REGISTRY = "ghcr.io"  # the one that takes the workflow's own token
NATIVE = "linux/amd64"  # what GitHub's runners build without an emulator
RUNNER = "ubuntu-24.04"
KFORGE = f"git+https://github.com/kforge-dev/kforge@v{__version__}"  # by which the rendered files are made
_EXPRESSION = "${{"


class Workflow(NamedTuple):
    """What a workflow is made of. Paths are relative to the repository's top."""

    app: str
    folder: str  # the spec's; "." for the top
    bake: str  # the bake file, relative to the spec's folder
    images: str  # the folder of the image components, relative to the spec's folder
    registries: tuple[str, ...]  # hosts that are pushed to or pulled from with a login
    platforms: tuple[str, ...]
    secrets: tuple[str, ...]  # variables that builds take as secrets
    above: bool  # whether a build context lies above the spec's folder
    # environment, in the spec's order → names of images as its manifests have them, for what may be set there
    environments: Mapping[str, tuple[str, ...]]
    rendered: str = ""  # the folder of rendered files, relative to the spec's folder; "" where none are written


@cache
def pinned() -> dict[str, str]:
    """Actions, each as it is used: with its commit, and its version in a comment."""
    data: dict[str, Any] = json.loads(Path(__file__).with_name("actions.json").read_text(encoding="utf-8"))
    return {name: f"{name}@{one['commit']} # {one['version']}" for name, one in data["actions"].items()}


def workflow(made: Workflow, spec: str) -> str:
    """The file's text. `spec` is the name of the spec's file."""
    lines = [mark(spec), *_head(made), "", "jobs:", *_build(made)]
    if made.environments:
        lines += ["", *(_changed(made) if made.rendered else ()), *_deploy(made)]
    return "\n".join(lines) + "\n"


def _head(made: Workflow) -> Iterator[str]:
    place = "" if made.folder == "." else f"{made.folder}/"
    yield f"name: images of {made.app}"
    yield "on:"
    yield "  push:"
    proposed = [f"{made.images}/**", *([f"{made.rendered}/**", SUMS_FILE] if made.rendered else ())]
    ignored = ", ".join(_text(f"{place}{each}") for each in proposed)
    yield f"    paths-ignore: [{ignored}] # a merged proposal builds nothing again"
    yield "  workflow_dispatch:"
    if made.environments:
        yield "    inputs:"
        yield "      environment:"
        yield "        description: whose images are set"
        yield "        type: choice"
        yield f"        options: [{', '.join(made.environments)}]"
    yield "permissions: {}"
    yield "concurrency:"
    yield f"  group: kforge-{made.app}"
    yield "  cancel-in-progress: false"


def _build(made: Workflow) -> Iterator[str]:
    github = GITHUB_REGISTRY in made.registries
    yield "  images:"
    yield "    name: build, push and sign"
    yield "    if: github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"
    yield f"    runs-on: {RUNNER}"
    yield "    timeout-minutes: 60"
    yield "    permissions:"
    yield "      contents: read"
    yield "      id-token: write # the identity that cosign signs with"
    if github:
        yield f"      packages: write # pushes to {GITHUB_REGISTRY}"
    yield "    outputs:"
    yield "      images: ${{ steps.sign.outputs.images }}"
    yield "    steps:"
    yield from _uses("actions/checkout", "persist-credentials: false")
    if any(platform != NATIVE for platform in made.platforms):
        yield from _uses("docker/setup-qemu-action")
    yield from _uses("docker/setup-buildx-action", "cache-binary: false")
    for host in made.registries:
        yield from _login(host)
    yield from _uses("sigstore/cosign-installer")
    yield "      - name: Build and push"
    yield f"        working-directory: {_text(made.folder)}"
    yield "        env:"
    yield f"          BAKE_FILE: {_text(made.bake)}"
    yield "          IMAGE_REVISION: ${{ github.sha }}"
    yield "          IMAGE_SOURCE: ${{ github.server_url }}/${{ github.repository }}"
    for name in made.secrets:
        yield f"          {name}: ${{{{ secrets.{name} }}}}"
    allow = ' --allow "fs.read=$GITHUB_WORKSPACE"' if made.above else ""
    yield from _run(
        "SOURCE_DATE_EPOCH=$(git log -1 --pretty=%ct)",
        "export SOURCE_DATE_EPOCH",
        f'docker buildx bake --file "$BAKE_FILE"{allow} --push --metadata-file "$RUNNER_TEMP/images.json"',
    )
    yield "      - name: Sign what was pushed"
    yield "        id: sign"
    yield from _run(
        f'jq -r {_quote(PUSHED)} "$RUNNER_TEMP/images.json" | sort -u > "$RUNNER_TEMP/pushed"',
        'test -s "$RUNNER_TEMP/pushed"',
        "while read -r image; do",
        '  cosign sign --yes "$image"',
        'done < "$RUNNER_TEMP/pushed"',
        "{",
        "  echo 'images<<END'",
        '  cat "$RUNNER_TEMP/pushed"',
        "  echo END",
        '} >> "$GITHUB_OUTPUT"',
    )


# What buildx writes of every target: its names, and the digest that the registry has for all of them.
PUSHED = (
    'to_entries[].value | objects | select(."containerimage.digest") | ."containerimage.digest" as $digest'
    ' | ."image.name" | split(",")[] | sub(":[^:/]*$"; "") + "@" + $digest'
)


def _changed(made: Workflow) -> Iterator[str]:
    """A job that only reads: it makes the change with kforge, and hands it on as a patch."""
    yield "  change:"
    yield "    name: set the digests and render"
    yield "    needs: images"
    yield f"    runs-on: {RUNNER}"
    yield "    timeout-minutes: 10"
    yield "    permissions:"
    yield "      contents: read"
    yield "    outputs:"
    yield "      changed: ${{ steps.patch.outputs.changed }}"
    yield "      patch: ${{ steps.patch.outputs.patch }}"
    yield from _chosen(made)
    yield "    steps:"
    yield from _uses("actions/checkout", "persist-credentials: false")
    yield "      - name: See that what is committed is current"
    yield f"        working-directory: {_text(made.folder)}"
    yield from _run(
        'python3 -I -m venv "$RUNNER_TEMP/kforge"',
        f'"$RUNNER_TEMP/kforge/bin/python" -I -m pip --isolated install --quiet {_quote(KFORGE)}',
        '"$RUNNER_TEMP/kforge/bin/kforge" check',
    )
    yield from _set(made)
    yield "      - name: Render them"
    yield f"        working-directory: {_text(made.folder)}"
    yield from _run('"$RUNNER_TEMP/kforge/bin/kforge" build --offline')
    yield "      - name: Hand the change on"
    yield "        id: patch"
    yield "        env:"
    for name, path in (("IMAGES_AT", made.images), ("RENDERED_AT", made.rendered), ("SUMS_AT", SUMS_FILE)):
        yield f"          {name}: {_text(_from_top(made, path))}"
    others = " ".join(f'":(exclude,literal)${name}"' for name in ("IMAGES_AT", "RENDERED_AT", "SUMS_AT"))
    yield from _run(
        "git add --all",
        f'git diff --cached --name-only -- . {others} > "$RUNNER_TEMP/others"',
        'if test -s "$RUNNER_TEMP/others"; then cat "$RUNNER_TEMP/others"; exit 1; fi',  # no part of a proposal
        'git diff --cached --binary > "$RUNNER_TEMP/patch"',
        'if test -s "$RUNNER_TEMP/patch"; then changed=true; else changed=false; fi',
        'gzip --best --no-name --force "$RUNNER_TEMP/patch"',  # the next job has it in its environment, of 128 KiB
        'patch=$(base64 --wrap=0 "$RUNNER_TEMP/patch.gz")',
        '{ echo "changed=$changed"; echo "patch=$patch"; } >> "$GITHUB_OUTPUT"',
    )
    yield ""


def _chosen(made: Workflow) -> Iterator[str]:
    first = next(iter(made.environments))
    yield "    env:"
    yield f"      ENVIRONMENT: ${{{{ inputs.environment || '{first}' }}}}"


def _deploy(made: Workflow) -> Iterator[str]:
    first = next(iter(made.environments))
    yield "  propose:"
    yield "    name: propose the digests"
    yield f"    needs: {'change' if made.rendered else 'images'}"
    yield f"    runs-on: {RUNNER}"
    yield "    timeout-minutes: 10"
    yield "    permissions:"
    yield "      contents: write # pushes the branch of the proposal"
    yield "      pull-requests: write # opens it"
    yield from _chosen(made)
    yield "    steps:"
    yield from _uses("actions/checkout", "persist-credentials: false")
    if made.rendered:
        yield "      - name: Take the change"
        yield "        env:"
        yield "          CHANGED: ${{ needs.change.outputs.changed }}"
        yield "          PATCH: ${{ needs.change.outputs.patch }}"
        yield from _run(
            'case "$CHANGED" in',
            '  true) base64 --decode <<< "$PATCH" | gunzip | git apply --index ;;',
            "  false) ;;",
            "  *) exit 1 ;;",  # what did not arrive is no change that is none
            "esac",
        )
    else:
        yield from _set(made)
    yield "      - name: Open the change"
    yield "        env:"
    yield "          GH_TOKEN: ${{ github.token }}"
    yield f"          BRANCH: kforge/{made.app}-images-${{{{ inputs.environment || '{first}' }}}}"
    yield from _run(
        "git diff --quiet HEAD && exit 0",
        "git config user.name 'github-actions[bot]'",
        "git config user.email '41898282+github-actions[bot]@users.noreply.github.com'",
        'git switch --create "$BRANCH"',
        f'git commit --all --message "Set the images of {made.app} in $ENVIRONMENT"',
        "gh auth setup-git",
        'git push --force origin "$BRANCH"',
        'test "$(gh pr list --head "$BRANCH" --state open --json number --jq length)" != 0 ||',
        '  gh pr create --head "$BRANCH" --fill',
    )


def _set(made: Workflow) -> Iterator[str]:
    yield "      - name: Set the images"
    yield "        env:"
    yield "          IMAGES: ${{ needs.images.outputs.images }}"
    yield f"          FOLDER: {_text(_from_top(made, made.images))}"
    yield from _run(
        'case "$ENVIRONMENT" in',
        *(f"  {name}) names={_quote(' '.join(map(_named, images)))} ;;" for name, images in made.environments.items()),
        "  *) exit 1 ;;",
        "esac",
        'cd -- "$FOLDER/$ENVIRONMENT"',
        "for name in $names; do",  # NAME, or NAME=WHOLE where buildx says more than the manifests do
        '  image=$(awk -v name="${name#*=}@" \'index($0, name) == 1\' <<< "$IMAGES")',
        '  test -n "$image"',
        '  kustomize edit set image "${name%=*}=$image"',
        "done",
    )


def _from_top(made: Workflow, path: str) -> str:
    """A path of the spec's folder, seen from the repository's top."""
    return path if made.folder == "." else f"{made.folder}/{path}"


def _named(image: str) -> str:
    return image if qualified(image) == image else f"{image}={qualified(image)}"


def _uses(action: str, *inputs: str) -> Iterator[str]:
    yield f"      - uses: {pinned()[action]}"
    if inputs:
        yield "        with:"
        yield from (f"          {line}" for line in inputs)


def _login(host: str) -> Iterator[str]:
    if host == GITHUB_REGISTRY:
        user, password = "${{ github.actor }}", "${{ github.token }}"
    else:
        name, secret = login(host)  # GitHub drops an output in which a secret stands, as the name may in an image
        user, password = f"${{{{ vars.{name} }}}}", f"${{{{ secrets.{secret} }}}}"
    yield from _uses("docker/login-action", f"registry: {host}", f"username: {user}", f"password: {password}")


def login(host: str) -> tuple[str, str]:
    """Names of the repository's variable and secret by which a host is logged in to: `REGISTRY_ACME_INTERNAL_USERNAME`."""
    name = re.sub(r"[^A-Z0-9]", "_", host.upper())
    name = name if name[:1].isalpha() else f"R_{name}"
    return f"{name}_USERNAME", f"{name}_PASSWORD"


def _run(*lines: str) -> Iterable[str]:
    """A script. bash ends at the first command that fails, in a pipe too: that is what GitHub's `shell: bash` does."""
    return ("        shell: bash", "        run: |", *(f"          {line}" for line in lines))


def _text(value: str) -> str:
    """A text of the spec as a YAML string that GitHub reads as it stands: what would open an expression is one itself."""
    return json.dumps(value.replace(_EXPRESSION, f"{_EXPRESSION} '{_EXPRESSION}' }}}}"), ensure_ascii=False)


def _quote(words: str) -> str:
    """A text as one word of a shell; none here holds a quote of that kind."""
    return f"'{words}'"
