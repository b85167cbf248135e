"""Pages, or a front end whose build leaves files → nginx serves them, as another user than root, on 8080.

The image is nginx's own: what lets it run without root (a pid file and buffers in /tmp) stands in a configuration
that kforge writes beside the Dockerfile. A project's own `server` blocks are used as the template they are: nginx's
entry point fills in variables such as `${APP_VERSION}` when the container starts.
"""

from __future__ import annotations

from kforge.domain.document import Dockerfile, Instruction, Stage
from kforge.domain.instructions import account, copy, ending, env, folders, run
from kforge.domain.kubernetes.names import ports
from kforge.domain.source.layout import ImageLayout, layout
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.domain.view import View
from kforge.recipes.node import build_stage

ROOT = "/usr/share/nginx/html"
CONFIGURATION = "nginx.kforge.conf"


def stages(view: View) -> Dockerfile:
    if not view.fact("build") and not view.decided(BUILD, "steps"):
        return Dockerfile((_runtime(view, built=False),))
    return Dockerfile((build_stage(view, prune=False), _runtime(view, built=True)))


def _runtime(view: View, built: bool) -> Stage:
    image, user = view.decided(BUILD, "runtime"), view.decided(PROCESS, "user")
    place = layout(view)
    body = [copy([place.inside(CONFIGURATION)], "/etc/nginx/nginx.conf")]
    own = view.fact("webserver")
    if own:
        body.append(
            run(
                ["rm", "/etc/nginx/conf.d/default.conf"],
                comment="Its place is taken by the project's, filled in at the start.",
            )
        )
        body.append(copy([place.inside(own)], "/etc/nginx/templates/default.conf.template"))
        body += _defaults(view)
    made = [
        *account(image, user, view.languages.accounts.values()),
        *folders(view.decided(PROCESS, "writable"), user),
    ]
    body += [*_built(view, place), *made] if built else [*made, *_as_they_are(view, place)]
    body += ending(ports(view), user, view.decided(PROCESS, "command"))
    why = f"What runs: nginx and the {'files that the build left; no Node.js' if built else 'pages as they are'}."
    return Stage("runtime", image, tuple(body), origin="build.runtime", comment=why)


def _built(view: View, place: ImageLayout) -> list[Instruction]:
    return [copy([f"{place.at(view.fact('output'))}/"], f"{ROOT}/", "build")]


def _as_they_are(view: View, place: ImageLayout) -> list[Instruction]:
    """The pages from the context; what configures nginx is no page of a site that is the whole source."""
    folder = place.inside(view.fact("output") or ".")
    body = [copy([folder if folder == "." else f"{folder}/"], f"{ROOT}/")]
    if view.fact("output") == ".":
        settings = [CONFIGURATION, *([view.fact("webserver")] if view.fact("webserver") else ())]
        body.append(
            run(["rm", *(f"{ROOT}/{name}" for name in settings)], comment="No pages, but they lie beside them.")
        )
    return body


def _defaults(view: View) -> list[Instruction]:
    """nginx fills in only variables that are set, and does not start with one that is left: so each is set, to nothing."""
    names = sorted(variable["name"] for variable in view.fact("env") if variable["required"])
    return [env(dict.fromkeys(names, ""), comment="The container's own values replace these.")] if names else []
