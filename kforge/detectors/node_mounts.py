"""Files of a Node project that an installation or a build reads and that no context holds, since such names hold secrets.

Their names alone decide, no content: `.npmrc` says how npm and pnpm install, a bundler takes variables from `.env` files
(https://vite.dev/guide/env-and-mode, https://nextjs.org/docs/app/guides/environment-variables).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.artifact import closed

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Tree

NPMRC = ".npmrc"
_VARIABLES = (".env", ".env.production")
# What reads files of variables while it builds for production.
_READERS = (
    "vite", "next", "nuxt", "react-scripts", "@vue/cli-service", "astro", "gatsby", "@sveltejs/kit", "parcel", "react-app-rewired", "@craco/craco",
    "@rsbuild/core", "@react-router/dev", "@remix-run/dev", "expo", "dotenv-cli", "dotenv-webpack",
)  # fmt: skip


def take(tree: Tree, project: NodeProject) -> None:
    names = {*closed(tree), *tree.files}
    if NPMRC in names:
        project.seen.see("mounted", NPMRC, NPMRC)
    builds = any(name.partition(":")[0] == "build" for name in project.scripts)
    for name in _VARIABLES if builds and project.has(*_READERS) else ():
        if name in names:
            project.seen.see("mounted", name, name)
