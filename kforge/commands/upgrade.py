"""Ask the registries which digests the tags of base images have today, and
write them: into the lock for images that kforge chose, into `bases` of the
spec where a digest stands there.

It is the one command that asks registries, without a login and about base
images alone. What follows is checked and written as by `kforge build`.

examples:
  kforge upgrade --images             every spec of the repository
  kforge upgrade --images specs/shop  one of them
  kforge upgrade --images --dry-run   show what would move
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kforge.commands import options as shared
from kforge.output.text import count, emit, inert, say

if TYPE_CHECKING:
    from kforge.domain.spec.project import Project
    from kforge.image_upgrades import AskDigest


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.paths(parser)
    parser.add_argument("--images", action="store_true", required=True, help="digests of base images")
    parser.add_argument("-n", "--dry-run", action="store_true", help="show what would move, and write nothing")
    parser.add_argument("--allow-data-loss", action="store_true", help="as for build")


def run(options: argparse.Namespace) -> int:
    import os
    from functools import cache

    from kforge.system.clock import CLOCK
    from kforge.system.project import ProjectLock
    from kforge.system.registry import image_digest

    ask = cache(lambda image: image_digest(image, os.environ, CLOCK))
    code = 0
    for project in shared.projects(options):
        with ProjectLock([project.folder], say):
            code = max(code, _upgrade(project, options, ask))
    return code


def _upgrade(project: Project, options: argparse.Namespace, ask: AskDigest) -> int:
    from kforge.image_upgrades import upgraded
    from kforge.output.findings import findings
    from kforge.output.layout import tell
    from kforge.output.places import found, told
    from kforge.output.progress import under_way
    from kforge.system.files import read
    from kforge.transaction import write_with_spec

    with told(project):
        before = read(project.spec, root=project.root) or b""
        with under_way("asking the registries"):
            done = upgraded(project, shared.pipeline_options(options, [project]), ask)
        for old, new in sorted(done.moved.items()):
            emit(f"{inert(old)} -> {inert(new.rpartition('@')[2] if new.startswith(old) else new)}")
        if done.moved and done.outcome.errors:
            tell(*findings((found(project, item) for item in done.outcome.errors), text=done.text))
            say("nothing was written")
            return 1
        if done.moved and not options.dry_run:
            write_with_spec(done.outcome, before, done.text)
    verb = "would move" if options.dry_run else "moved"
    say(f"{inert(project.name)}: {count(done.asked, 'base image')} asked for, {len(done.moved)} {verb}")
    return 0
