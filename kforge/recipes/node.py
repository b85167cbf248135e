"""Node.js → dependencies in one stage, what runs in another. A source that is compiled gets a stage for that.

Without build steps only production dependencies are ever installed. With steps, everything is installed, the steps
run, and development dependencies are pruned where they lie: generators such as Prisma's leave code in node_modules,
which a second, clean installation would not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kforge.domain.build_inputs import arguments, secret_mounts
from kforge.domain.commands.started import start_variables
from kforge.domain.document import Instruction, Stage
from kforge.domain.images import bare
from kforge.domain.instructions import (
    TMP,
    account,
    cache,
    copy,
    ending,
    env,
    folders,
    for_production,
    made_folders,
    no_entrypoint,
    run,
    started_with,
    system_packages,
    taken_folders,
    workdir,
)
from kforge.domain.kubernetes.names import ports
from kforge.domain.near_words import listed
from kforge.domain.source.layout import ImageLayout, layout
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.domain.view import View
from kforge.recipes.node_workspace import chosen, workspace_package
from kforge.recipes.node_workspace import prune as workspace_prune

BuiltFiles = Callable[[View, ImageLayout], list[Instruction]]
# https://github.com/GoogleContainerTools/distroless/blob/main/nodejs/nodejs.bzl: its entry point, and no folder of PATH
DISTROLESS_NODE = "/nodejs/bin"
STANDALONE = ".next/standalone"  # Next.js with `output: "standalone"`: a server with its own few dependencies
COREPACK = "corepack@0.36.0"  # brings the pnpm or yarn that package.json names; Node.js 25 and later come without it
BUN = "bun@1.4.5"
# What starts a program and is neither in an image nor among its dependencies.
STARTERS = {"bun": BUN, "srvx": "srvx@1.0.8"}
CACHES = {
    "bun": "/root/.bun/install/cache",
    "npm": "/root/.npm",
    "pnpm": "/root/.local/share/pnpm/store",
    "yarn": "/usr/local/share/.cache/yarn",
    "berry": "/root/.yarn/berry/cache",
}
INSTALL = {
    "bun": ["bun", "install", "--frozen-lockfile"],
    "npm": ["npm", "ci"],
    "pnpm": ["pnpm", "install", "--frozen-lockfile"],
    "yarn": ["yarn", "install", "--frozen-lockfile"],
    "berry": ["yarn", "install", "--immutable"],
}
UNLOCKED = {
    "bun": ["bun", "install"],
    "npm": ["npm", "install"],
    "pnpm": ["pnpm", "install"],
    "yarn": ["yarn", "install"],
    "berry": ["yarn", "install"],
}
PRODUCTION = {"bun": ["--production"], "npm": ["--omit=dev"], "pnpm": ["--prod"], "yarn": ["--production"]}
PRUNE = {
    "bun": (["rm", "-rf", "node_modules"], ["bun", "install", "--production"]),  # it has no command that prunes
    "npm": (["npm", "prune", "--omit=dev"],),
    "pnpm": (["pnpm", "prune", "--prod"],),
    "yarn": (["yarn", "install", "--production", "--ignore-scripts", "--prefer-offline"],),
    "berry": (["yarn", "workspaces", "focus", "--production", "--all"],),
}


def own_stages(view: View, front: BuiltFiles) -> tuple[Stage, ...]:
    """The stages of the project itself; `front` gives COPY of what front ends of other folders leave."""
    image, writable = view.decided(BUILD, "runtime"), view.decided(PROCESS, "writable")
    made = made_folders(view.decided(BUILD, "base"), writable) if bare(image) else ()
    if view.decided(BUILD, "steps") or workspace_package(view):
        return (build_stage(view, front=front), *made, _runtime(view, "build", front, made))
    if view.fact("manifests"):
        return (_dependencies(view), *made, _runtime(view, "deps", front, made))
    return (*made, _runtime(view, "", front, made))


def _dependencies(view: View) -> Stage:
    needed = view.fact("unpruned")
    body = [*_prepared(view), _install(view, production=not needed)]
    why = "Installs the dependencies of production; package managers' caches and compilers stay behind here."
    if needed:
        why = f"Installs the dependencies, those of development as well: the start needs {listed(needed)}."
    return Stage("deps", view.decided(BUILD, "base"), tuple(body), origin="build.base", comment=why)


def build_stage(view: View, prune: bool = True, front: BuiltFiles = lambda view, place: []) -> Stage:
    """Everything is installed, the source is built, and what only building needs is pruned again."""
    manager = _manager(view)
    place, package = layout(view), workspace_package(view)
    body = [*_prepared(view)]
    prune = prune and not view.fact("unpruned")
    commands: list[Sequence[str]] = [list(step) for step in view.decided(BUILD, "steps")]
    if view.fact("manifests"):
        body.append(_install(view, production=not commands and prune))
    pruned = prune and bool(commands) and bool(view.fact("manifests")) and view.fact("output") != STANDALONE
    if pruned and package is None:
        commands += _pruning(view, manager)
    caches = [cache(CACHES[manager]), *secret_mounts(view, place.at)]
    if str(view.fact("output") or "").startswith(".next"):
        caches.append(cache(place.at(".next/cache")))
    body += [*place.content(), *front(view, place)]
    if package is not None and commands:
        paths = [place.at("node_modules/.bin"), f"{place.installed}/node_modules/.bin"]
        body += [workdir(place.at()), env({"PATH": ":".join([*paths, "$PATH"])})]
    if commands:
        body.append(run(*commands, caches=caches, origin="build.steps"))
    if pruned and package is not None:
        body += [workdir(place.installed), run(*workspace_prune(package, manager), caches=caches)]
    why = (
        "Installs everything, builds, and removes what only building needs."
        if prune
        else "Installs everything and builds."
    )
    return Stage("build", view.decided(BUILD, "base"), tuple(body), origin="build.base", comment=why)


def _runtime(view: View, source: str, front: BuiltFiles, made: tuple[Stage, ...]) -> Stage:
    image, user = view.decided(BUILD, "runtime"), view.decided(PROCESS, "user")
    # Local programs (`next`, `fastify`) start by name, and nothing looks for a home below a read-only root.
    place = layout(view)
    programs = [
        place.at("node_modules/.bin"),
        *([f"{place.installed}/node_modules/.bin"] * (place.root != place.source)),
        *([DISTROLESS_NODE] if "distroless/nodejs" in image else ()),
    ]
    settings = {"NODE_ENV": "production", "PATH": ":".join([*programs, "$PATH"]), "HOME": TMP}
    if view.fact("output") == STANDALONE:
        settings["HOSTNAME"] = "0.0.0.0"  # noqa: S104  its server listens on the address of that name alone
    body = [
        workdir(place.at()),
        *system_packages(image, view.decided(BUILD, "packages"), "build.packages"),
        env(settings, origin="kforge: production mode, read-only root file system"),
        *_starter(view),
        *started_with(start_variables(view)),
        *for_production(view.fact("production")),
        *([] if bare(image) else account(image, user, view.languages.accounts.values())),
        *_content(view, source, front),
        *(
            [*taken_folders(made, user), no_entrypoint()]
            if bare(image)
            else folders(view.decided(PROCESS, "writable"), user, view.fact("occupied"))
        ),
        *ending(ports(view), user, view.decided(PROCESS, "command")),
    ]
    why = "What runs: everything in it belongs to root, so the process cannot change it."
    return Stage("runtime", image, tuple(body), origin="build.runtime", comment=why)


def _starter(view: View) -> list[Instruction]:
    """Bun itself, where it is what starts: the Node.js images have none. So with a server that a framework leaves out."""
    starter = next(iter(view.decided(PROCESS, "command") or ()), "")
    if starter not in STARTERS or (starter != "bun" and starter in view.fact("dependencies")):
        return []
    return [run(["npm", "install", "--global", STARTERS[starter]], caches=[cache(CACHES["npm"])])]


def _content(view: View, source: str, front: BuiltFiles) -> list[Instruction]:
    """What the image holds of the project; the layer that changes least comes first."""
    output, place = str(view.fact("output") or ""), layout(view)
    if source == "build" and output == STANDALONE:
        # beside a workspace's root, the server lies where its source lies there
        return [
            copy([place.at(STANDALONE)], f"{place.base}/" if place.inner else "./", source),
            copy([place.at(".next/static")], "./.next/static/", source),
            copy(
                [f"{place.at('public')}*"],
                "./public/",
                source,
                comment="The star lets the build pass where there is no public folder.",
            ),
        ]
    inside = f"{place.base}/" if place.inner else "./"
    apart = not view.fact("scattered") and not view.fact("workspace")
    if source == "build" and output and view.fact("manifests") and apart:
        outside = [copy([place.at("node_modules")], "./node_modules/", source), *place.source_alone()]
        return [*outside, copy([place.at(output)], f"./{output}/", source), *front(view, place)]
    if source == "build":
        return [copy([place.base], inside, source)]
    # Beside packages of its own, each has a folder of dependencies; the stage holds nothing but these and manifests.
    whole = source and view.fact("workspace")
    installed = [copy([place.at("node_modules")], "./node_modules/", source)] if source else []
    installed = [copy([place.base], inside, source)] if whole else installed
    return [*installed, *place.source_alone(), *front(view, place)]


# ---- package managers -----------------------------------------------------------------------------------------
def _manager(view: View) -> str:
    """npm, pnpm, yarn (version 1) or berry (yarn from version 2, which writes .yarnrc.yml)."""
    manager = str(view.fact("package_manager") or "npm")
    return spoken(manager, view.fact("manifests"), view.fact("manager_version") or "")


def _pruning(view: View, manager: str) -> tuple[list[str], ...]:
    """Commands that remove what only building needs. Before version 4 yarn's own is a plug-in."""
    older = manager == "berry" and str(view.fact("manager_version") or "").startswith(("2.", "3."))
    if older and not any("plugin-workspace-tools" in path for path in view.fact("manifests")):
        return (["yarn", "plugin", "import", "workspace-tools"], *PRUNE[manager])
    return PRUNE[manager]


def spoken(manager: str, manifests: Iterable[str], version: str) -> str:
    """The name by which tables here know a package manager. Only yarn from version 2 has a `version` or `.yarnrc.yml`."""
    berry = bool(version) or any(path.rpartition("/")[2] == ".yarnrc.yml" for path in manifests)
    return "berry" if manager == "yarn" and berry else manager


def _prepared(view: View) -> list[Instruction]:
    """Folder, system packages, package manager, manifests."""
    image, place = view.decided(BUILD, "base"), layout(view)
    packages = system_packages(image, view.decided(BUILD, "buildPackages"), "build.buildPackages")
    body = [*place.prepared(), *packages, *arguments(view), *tools(_manager(view), view.fact("manager_version") or "")]
    body += place.manifests(view.fact("manifests"))
    return [*body, *installing(view.fact("install_variables"), view.fact("install_scripts"))]


def installing(variables: Sequence[Mapping[str, str]], scripts: Sequence[str]) -> list[Instruction]:
    """What comes between the manifests and their installation: its variables, and scripts that it does without."""
    body: list[Instruction] = []
    if told := {one["name"]: one["value"] for one in variables}:
        body.append(
            env(told, comment="What the installation of this project must be told.", origin="facts.install_variables")
        )
    if named := [f"scripts.{name}" for name in scripts]:
        why = "These scripts of its own need more than the manifests, or serve development alone."
        body.append(run(["npm", "pkg", "delete", *named], comment=why, origin="facts.install_scripts"))
    return body


def tools(manager: str, version: str = "") -> list[Instruction]:
    """What brings a package manager that the image does not have, and its settings. `version`: where only the lock file
    tells it; a manifest that names one tells corepack.
    """
    installing = [cache(CACHES["npm"])]
    body: list[Instruction] = []
    if manager == "berry":
        body.append(env({"YARN_NODE_LINKER": "node-modules", "YARN_ENABLE_GLOBAL_CACHE": "true"}))
    if manager == "pnpm" and version:
        body.append(run(["npm", "install", "--global", f"pnpm@{version}"], caches=installing))
    elif manager in ("pnpm", "berry"):
        body.append(env({"COREPACK_ENABLE_DOWNLOAD_PROMPT": "0"}))
        named = [["corepack", "install", "--global", f"yarn@{version}"]] if version else []
        body.append(run(["npm", "install", "--global", COREPACK], ["corepack", "enable"], *named, caches=installing))
    if manager == "bun":
        body.append(run(["npm", "install", "--global", BUN], caches=installing))
    return body


def _install(view: View, production: bool) -> Instruction:
    manager = _manager(view)
    locked = view.fact("lockfile") is not None
    command = (INSTALL if locked else UNLOCKED)[manager]
    package = workspace_package(view)
    caches = [cache(CACHES[manager]), *secret_mounts(view, layout(view).at)]
    if production and manager == "berry":
        pruning = workspace_prune(package, manager) if package else _pruning(view, manager)
        return run(command, *pruning, caches=caches)
    flags = [*(PRODUCTION[manager] if production else []), *(chosen(package, manager) if package else [])]
    note = "" if locked else "There is no lock file: two builds may install different versions."
    return run([*command, *flags], caches=caches, comment=note)
