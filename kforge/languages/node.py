"""Node.js, and front ends whose build leaves files. What reads a source and what writes its Dockerfile are imported
when they are called: `check` reads every record, and needs the detector for sources of Node.js only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kforge.domain.images import bare
from kforge.domain.language import (
    NUMBER,
    Account,
    FileServer,
    FinalStage,
    HeapFlag,
    Language,
    LanguageImage,
    Needs,
    Program,
    Recipe,
    RuntimeImages,
)

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.document import Dockerfile
    from kforge.domain.facts import Facts
    from kforge.domain.language import Commands
    from kforge.domain.model.known_words import KnownWords
    from kforge.domain.view import View

SCRIPT = r"(?:build|compile|generate)(?:[:-][a-z0-9]+){0,3}"
NGINX = RuntimeImages("nginx", ("docker.io/library/nginx:1.30-alpine-slim",))
NGINX_REPOSITORIES = (
    "docker.io/library/nginx",
    "docker.io/nginxinc/nginx-unprivileged",
    "ghcr.io/nginxinc/nginx-unprivileged",
)


def _detect(tree: Tree) -> Facts | None:
    from kforge.detectors.node import detect

    return detect(tree)


def _stages(view: View) -> Dockerfile:
    from kforge.recipes.front_ends import node_stages

    return node_stages(view)


def _static_stages(view: View) -> Dockerfile:
    from kforge.recipes.static import stages

    return stages(view)


def _steps(view: View) -> tuple[Commands, str]:
    """The best candidate alone, another script of package.json would build it a second time; and before it the packages
    of its workspace that it needs.
    """
    own = [*view.fact("build_first"), *view.fact("build")[:1]]
    workspace, manager = view.fact("workspace"), view.fact("package_manager")
    others = [one for one in workspace["packages"] if one["build"] and one["path"] != "."] if workspace else []
    if not others:
        return own, ""
    from kforge.recipes.node_workspace import member_builds

    why = f"builds {', '.join(one['name'] or one['path'] for one in others)}, which it needs" + (
        ", and then itself" if own else ""
    )
    return [*member_builds(workspace, manager), *own], why


def _leaves_files(view: View) -> bool:
    return bool(view.fact("output")) and bool(view.fact("build") or not view.fact("package_manager"))


def _nginx(view: View) -> tuple[RuntimeImages, str]:
    if not view.fact("build"):
        return NGINX, f"`{view.fact('output')}` holds pages as they are, so nginx serves them and nothing else runs"
    return NGINX, f"the build leaves static files in `{view.fact('output')}`, so nginx serves them and no Node.js runs"


def _takes_step(step: Sequence[str], known: KnownWords) -> bool:
    """`npm run build:css`, by the project's own package manager."""
    head, *rest = step
    run = head in MANAGERS and head == known.manager and len(rest) == 2 and rest[0] == "run"
    return run and re.fullmatch(SCRIPT, rest[1]) is not None


MANAGERS = {
    "bun": "a frozen `bun install`",
    "npm": "`npm ci`",
    "pnpm": "`pnpm install --frozen-lockfile`",
    "yarn": "a frozen `yarn install`",
}
IGNORE = (
    "**/node_modules", "**/npm-debug.log*", "**/yarn-error.log*", "**/.pnpm-store", "coverage", "**/.nyc_output", "**/.next",
    "**/.turbo",
)  # fmt: skip
NODE = Recipe(
    name="node",
    stages=_stages,
    steps=_steps,
    same_image="native modules run only on the Node.js that built them",
    account=Account("the Node.js images", "node", 1000, lambda image: not bare(image)),
    ignore=IGNORE,
    tests=("tests", "test", "__tests__", "e2e"),
)
STATIC = Recipe(
    name="static",
    about="files served by nginx",
    stages=_static_stages,
    fits=_leaves_files,
    steps=_steps,
    final=FinalStage(
        _nginx,
        offered=NGINX_REPOSITORIES[:1],
        takes=lambda repository: repository in NGINX_REPOSITORIES,
        otherwise="is no nginx; the recipe static serves files with it",
        no_packages="static files need none",
    ),
    server=FileServer("nginx", 8080, "nginx listens on 8080, since only root may bind 80", "/etc/nginx/conf.d"),
    account=Account("the nginx images", "nginx", 101),
    ignore=IGNORE,
)
LANGUAGE = Language(
    name="node",
    title="Node.js",
    detect=_detect,
    ends=("package.json", "package.json5", "package.yaml", ".js", ".mjs", ".cjs", ".ts"),
    signs=("package.json", "package.json5", "package.yaml", "server.js", "index.js"),
    shown_by=("package.json", "*.js"),
    code=(".js", ".mjs", ".cjs", ".ts"),
    front_ends=True,
    managers=MANAGERS,
    lock_files=("*lock*.json", "*lock*.yaml", "*lock*.yml"),
    # Trixie is Debian's stable release; versions that were out of support before it came have images for an older one.
    image=LanguageImage(
        "docker.io/library/node", "{version}-{release}-slim", version="24", parts=1, release="trixie",
        older={
            "10": "buster", "12": "bullseye", "13": "buster", "14": "bullseye", "15": "buster", "16": "bookworm",
            "17": "bullseye", "18": "bookworm", "19": "bookworm", "21": "bookworm", "23": "bookworm",
        },
    ),
    recipes=(NODE, STATIC),
    programs={
        "node": Program({"--max-old-space-size": NUMBER, "--max-semi-space-size": NUMBER, "--enable-source-maps": ""}),
    },
    takes_step=_takes_step,
    needs=Needs("Node.js programs", cpu="100m", memory="256Mi", startup=60),
    frameworks={
        "nest": Needs("Nest programs", cpu="100m", memory="320Mi", startup=60),
        "next": Needs("Next.js programs", cpu="100m", memory="512Mi", startup=90),
        "nuxt": Needs("Nuxt programs", cpu="100m", memory="512Mi", startup=90),
    },
    libraries={"sharp": "384Mi", "playwright": "1Gi", "puppeteer": "1Gi", "@tensorflow/tfjs-node": "1Gi"},
    heap=HeapFlag("--max-old-space-size", "NODE_OPTIONS"),
    server_words=("express", "fastify", "nest.js", "nestjs", "koa"),
    consumers=("agenda", "amqplib", "bee-queue", "bull", "bullmq", "graphile-worker", "kafkajs", "pg-boss", "sqs-consumer"),
)  # fmt: skip
