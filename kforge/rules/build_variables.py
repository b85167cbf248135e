"""Variables that a build writes into the files that it makes: set while it runs, and to what a browser can reach."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule


@rule(
    "unset-build-variable",
    "warning",
    "set it under `build.args`",
    kinds=("Dockerfile",),
    sources=("https://vite.dev/guide/env-and-mode",),
)
def unset_build_variable(documents: Documents) -> Iterator[Hit]:
    """A variable that a bundler writes into its files is set while the image is built.

    `import.meta.env.VITE_API_URL`, `process.env.NEXT_PUBLIC_…` and the like are replaced by their values as the files are
    made, and what is not set then is `undefined` in every browser: a variable of the container comes too late. Say it
    under `build.args`, or under `env`, from where kforge hands it to the build. It is the address that browsers use, so
    `${services.…}`, which only the cluster knows, is not handed on.
    """
    for document in documents:
        if document.dockerfile is None or document.service not in documents.facts:
            continue
        facts = documents.facts[document.service]
        named = {fact.value["name"]: fact for fact in facts.build_env}
        for stage in document.dockerfile.stages:
            for each in stage.instructions:
                if each.name == "ARG" and each.args and each.args[0] in named:
                    name = each.args[0]
                    said = f"the build writes `{name}` into its files{named[name].where}, and it is not set"
                    yield Hit(
                        document,
                        f"{stage.name}.ARG",
                        said,
                        f"`services.{document.service}.build: {{args: {{{name}: …}}}}`",
                    )


RULES = (unset_build_variable,)
