"""Go → a static program in an image with nothing but certificates, time zones and a user; no shell, no packages.

Programs that link C libraries get a Debian around them. Where `registries` leaves only the empty image, certificates
and time zones are copied from the build stage.
"""

from __future__ import annotations

import posixpath

from kforge.domain.build_inputs import arguments, secret_mounts
from kforge.domain.document import Dockerfile, Instruction, Stage
from kforge.domain.images import SCRATCH, bare
from kforge.domain.instructions import (
    TMP,
    account,
    cache,
    copy,
    ending,
    env,
    folders,
    for_production,
    run,
    system_packages,
    within,
    workdir,
)
from kforge.domain.kubernetes.names import ports
from kforge.domain.source.layout import layout
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.domain.view import View
from kforge.recipes.front_ends import built_files, front_stages

CACHES = ("/go/pkg/mod", "/root/.cache/go-build")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
ZONES = "/usr/local/go/lib/time/zoneinfo.zip"  # every Go distribution has it, and time.LoadLocation reads it
VENDORED = "modules.txt"  # of modules that lie in the repository: nothing is downloaded, private ones least of all
DATA = "/data.d"  # folders that an image without a shell cannot make itself


def stages(view: View) -> Dockerfile:
    runtime = view.decided(BUILD, "runtime")
    return Dockerfile((*front_stages(view), _build(view, runtime), _runtime(view, runtime)))


def _build(view: View, runtime: str) -> Stage:
    image, manifests = view.decided(BUILD, "base"), list(view.fact("manifests"))
    packages = view.decided(BUILD, "buildPackages")
    place = layout(view, "/src")
    body: list[Instruction] = [
        *place.prepared(),
        env({"CGO_ENABLED": "1" if _links_c(view) else "0"}, origin="kforge: a static program runs in any image"),
        *system_packages(image, packages, "build.buildPackages"),
        *arguments(view),
    ]
    secrets = secret_mounts(view)
    pinned = any(posixpath.basename(path) == "go.mod" for path in manifests)
    body += place.manifests(manifests if pinned else ())
    if pinned and not any(posixpath.basename(path) == VENDORED for path in manifests):
        body.append(run(["go", "mod", "download"], caches=[cache(CACHES[0]), *secrets]))
    body += [*place.content(), *built_files(view, place)]
    loose = (
        ""
        if pinned
        else "Nothing pins the dependencies: two builds may take different versions. Commit a go.mod and a go.sum."
    )
    steps = view.decided(BUILD, "steps")
    caches = [*(cache(path) for path in CACHES), *secrets]
    body.append(run(*steps, caches=caches, origin="build.steps", comment=loose))
    inside = _inside(view) if bare(runtime) else []
    if inside:
        body.append(run(["mkdir", "-p", *(f"{DATA}{path}" for path in inside)], origin="process.writable"))
    why = "Compiles; modules and compiled packages stay in caches, outside the image."
    return Stage("build", image, tuple(body), origin="build.base", comment=why)


def _runtime(view: View, image: str) -> Stage:
    user = view.decided(PROCESS, "user")
    body: list[Instruction] = [workdir("/app"), *for_production(view.fact("production"))]
    if image == SCRATCH:
        body += [
            env({"ZONEINFO": "/zoneinfo.zip", "HOME": TMP}),
            copy([CERTIFICATES], CERTIFICATES, "build"),
            copy([ZONES], "/zoneinfo.zip", "build"),
        ]
    elif not bare(image):
        names = sorted({"ca-certificates", "tzdata", *view.decided(BUILD, "packages")})
        body += [
            *system_packages(image, names, "build.packages"),
            env({"HOME": TMP}),
            *account(image, user, view.languages.accounts.values()),
        ]
    body.append(copy(["/out/"], "./", "build"))
    body += _opened(view)
    if not bare(image):
        body += folders(view.decided(PROCESS, "writable"), user)
    elif _inside(view):
        body.append(copy([f"{DATA}/"], "/", "build", owner=user))
    body += ending(ports(view), user, view.decided(PROCESS, "command"))
    why = (
        "What runs: the program alone, owned by root."
        if bare(image)
        else "What runs: the program and the libraries it links."
    )
    return Stage("runtime", image, tuple(body), origin="build.runtime", comment=why)


def _opened(view: View) -> list[Instruction]:
    """What the program opens of its source lies beside it, as it does where the program is run by hand."""
    place, paths = layout(view, "/src"), view.fact("opened")
    inner = [path for path in paths if not any(within(path, other) for other in paths if other != path)]
    return [copy([place.at(path)], f"./{path}", "build") for path in sorted(inner)]


def _links_c(view: View) -> bool:
    return bool(view.decided(BUILD, "packages") or view.decided(BUILD, "buildPackages"))


def _inside(view: View) -> list[str]:
    return [path for path in view.decided(PROCESS, "writable") if path != "/" and not within(path, TMP)]
