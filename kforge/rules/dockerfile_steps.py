"""Instructions of Dockerfiles that kforge writes: unprivileged, without secrets, and with nothing unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.domain.dockerfiles import dockerfiles, last_user, numbered
from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule

SECRET_NAME = re.compile(r"(?i)(^|_)(secret|token|passwd|password|api_?key|private_?key|credentials?)(_|$)")
SECRET_FILE = re.compile(
    r"(?i)(^|/)(\.env(\..{0,255})?|id_(rsa|dsa|ecdsa|ed25519)\S{0,255}|[^\s/]*\.(pem|key|p12|pfx|tfstate)|\.npmrc|\.pypirc|\.netrc)$"
)
WEAK_WORDS = frozenset(
    {"sudo", "chpasswd", "--insecure", "--allow-untrusted", "--no-check-certificate", "--trusted-host", "--force-yes"}
)
FETCHERS = frozenset({"curl", "wget"})
SHELLS = frozenset({"sh", "bash", "/bin/sh", "/bin/bash"})
_KINDS = ("Dockerfile",)
_CHECKS = "https://docs.docker.com/reference/build-checks"
_HADOLINT = "https://github.com/hadolint/hadolint/wiki"


@rule(
    "dockerfile-user",
    "error",
    "pin `user:` to the number of an account other than root",
    kinds=_KINDS,
    sources=(f"{_HADOLINT}/DL3002",),
)
def dockerfile_user(documents: Documents) -> Iterator[Hit]:
    """The image runs as a number above 0.

    An image that names no user runs as root wherever a manifest does not say otherwise, and one that names an account
    does not start below `runAsNonRoot`: the kubelet cannot tell whether that is root.

    Wrong:
        USER node
    Right:
        USER 1000
    """
    for document, dockerfile in dockerfiles(documents):
        last, user = dockerfile.stages[-1], last_user(dockerfile)
        if not user.isdigit() or int(user) == 0:
            yield Hit(document, f"{last.name}.USER", f"the image runs as `{user or 'root'}`")


@rule(
    "dockerfile-secret",
    "error",
    "pass it when the container starts: `secrets:` in the spec",
    kinds=_KINDS,
    sources=(f"{_CHECKS}/secrets-used-in-arg-or-env/",),
    waivable=False,
)
def dockerfile_secret(documents: Documents) -> Iterator[Hit]:
    """No secret is part of an image.

    Every value of `ENV` and `ARG` and every file that is copied stays in the history of the image, and all who pull it
    can read them, also where a later step removes them.

    Wrong:
        ENV DB_PASSWORD=changeme
    Right:
        ENV DB_HOST=db
    """
    for document, dockerfile in dockerfiles(documents):
        for field, instruction in numbered(dockerfile, "ENV", "ARG", "LABEL"):
            for word in instruction.args:
                name = word.partition("=")[0]
                if SECRET_NAME.search(name):
                    yield Hit(document, field, f"`{name}` would stay in the image's history")
        for field, instruction in numbered(dockerfile, "COPY"):
            for path in instruction.args[:-1]:
                if SECRET_FILE.search(path):
                    yield Hit(document, field, f"`{path}` would stay in the image's history")


@rule(
    "dockerfile-command",
    "error",
    "write the step without running downloads unchecked and without extra rights",
    kinds=_KINDS,
    sources=(f"{_HADOLINT}/DL3004", "https://docs.docker.com/reference/dockerfile/#run---security"),
)
def dockerfile_command(documents: Documents) -> Iterator[Hit]:
    """No build step runs what it downloads, takes more rights, or trusts an unproven server.

    A script that is piped into a shell is another one for the next build, and no digest notices. `sudo` and
    `--security=insecure` are more than a build needs; `--insecure` and `--trusted-host` take files from any server that
    answers.

    Wrong:
        RUN curl https://example.com/install | sh
    Right:
        RUN curl --fail --output /tmp/tool https://example.com/tool-1.2
    """
    for document, dockerfile in dockerfiles(documents):
        for field, instruction in numbered(dockerfile, "RUN"):
            words = [word for argument in instruction.args for word in re.split(r"[\s;|&()]+", argument)]
            weak = sorted(WEAK_WORDS.intersection(words))
            if weak:
                yield Hit(document, field, f"a build step uses `{weak[0]}`")
            if FETCHERS.intersection(words) and SHELLS.intersection(words):
                yield Hit(
                    document,
                    field,
                    "a build step runs a download unchecked",
                    "download, check the digest, then run",
                )
            for flag in instruction.flags:
                if flag.startswith(("--security=insecure", "--network=host")):
                    yield Hit(document, field, f"a build step runs with `{flag}`")


@rule(
    "dockerfile-path",
    "error",
    "write absolute working directories, and copy from inside the source",
    kinds=_KINDS,
    sources=(f"{_CHECKS}/workdir-relative-path/",),
)
def dockerfile_path(documents: Documents) -> Iterator[Hit]:
    """Working directories are absolute, and what is copied lies inside the source.

    A relative directory depends on the base image's own. A path with `..` leaves the build context, and BuildKit
    refuses it.

    Wrong:
        WORKDIR app
    Right:
        WORKDIR /app
    """
    for document, dockerfile in dockerfiles(documents):
        for field, instruction in numbered(dockerfile, "WORKDIR"):
            for path in instruction.args[:1]:
                if not path.startswith("/"):
                    yield Hit(document, field, f"working directory `{path}` is relative to another")
        for field, instruction in numbered(dockerfile, "COPY"):
            for path in instruction.args:
                if ".." in path.split("/"):
                    yield Hit(document, field, f"`{path}` leaves its folder")


@rule(
    "dockerfile-start",
    "error",
    "write one command as an argument list",
    kinds=_KINDS,
    sources=(f"{_CHECKS}/json-args-recommended/", f"{_CHECKS}/multiple-instructions-disallowed/"),
)
def dockerfile_start(documents: Documents) -> Iterator[Hit]:
    """The image starts one program, as an argument list.

    A text runs in a shell, which does not pass SIGTERM on: a pod that is stopped then waits for its whole grace period
    and is killed, with its requests under way.

    Wrong:
        CMD node server.js
    Right:
        CMD ["node", "server.js"]
    """
    for document, dockerfile in dockerfiles(documents):
        last = dockerfile.stages[-1]
        for name in ("CMD", "ENTRYPOINT"):
            found = [item for item in last.instructions if item.name == name]
            if len(found) > 1:
                yield Hit(document, f"{last.name}.{name}", f"{name} is written {len(found)} times; the last one wins")
            if any(not item.json for item in found):
                yield Hit(
                    document, f"{last.name}.{name}", f"{name} runs in a shell, which keeps SIGTERM from the process"
                )


RULES = (dockerfile_user, dockerfile_secret, dockerfile_command, dockerfile_path, dockerfile_start)
