"""Draw the application: its services and stores, what each calls, and how the
world reaches them, for a terminal, a README or a wiki. Writes nothing but the
file of `--output`, and asks no model.

Calls are what variables (`${services.catalog.url}`), `needs` and hosts in the
sources show; -v says which, and where. `svg` and `html` stand alone: they load
nothing, run nothing, and follow the reader's light or dark theme.

examples:
  kforge graph                       a tree in the terminal
  kforge graph -e prod -v            as an environment has it; what shows a call
  kforge graph -o services.svg       a picture for the README
  kforge graph --format mermaid      to paste into a page of GitHub or GitLab
  kforge graph --files               decisions and files: what is made of what
"""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kforge.commands import options as shared
from kforge.errors import InputError, Place
from kforge.output.text import emit, harmless, inert, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.domain.service_graph import ServiceGraph, Shown
    from kforge.domain.spec.project import Project
    from kforge.outcome import Outcome

FORMATS = ("text", "mermaid", "dot", "svg", "html", "json")
OF_FILES = ("mermaid", "dot")
ENDINGS = {".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot", ".svg": "svg", ".html": "html", ".json": "json"}  # fmt: skip
# How a graph by kforge begins. A page that only speaks of `kforge graph` is somebody's own.
BEGINS = re.compile(
    rb"(?:%%|//) made by `kforge graph(?: --files)?`\n"
    rb"|(?:<!doctype html>\n)?<!-- made by `kforge graph` -->\n(?:<svg|<html)"
    rb'|\{\n  "generator": "kforge graph",\n'
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="PATH", help="the spec file or its folder, where there are several")
    shared.one_spec(parser)
    parser.add_argument("-e", "--environment", default="", metavar="NAME", help="as this environment has it")
    parser.add_argument("--format", choices=FORMATS, help="form of the output (default: that of --output, else text)")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write to a file; its ending says the form: .svg, .html, …"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that is no graph by kforge")
    parser.add_argument(
        "--files", action="store_true", help="decisions and files, and which reads which (mermaid, dot)"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="say what shows each call, and where")


def run(options: argparse.Namespace) -> int:
    form = _form(options)
    options.spec = options.spec or options.path
    project = shared.project(options, "graph")
    outcome = shared.compute(project, options)
    if form == "text" and not options.output:
        from kforge.output.graph_tree import tree
        from kforge.output.layout import show

        show(*tree(_graph(outcome, options), _places(project) if options.verbose else None))
        return 0
    text = _files(outcome, form) if options.files else _drawn(outcome, options, form)
    if options.output:
        _write(project, options, text)
    else:
        emit(text)
    return 0


def _form(options: argparse.Namespace) -> str:
    """The form of the output. Raises InputError where nothing says it, or the graph of files has no such form."""
    ending = Path(options.output or "").suffix.lower()
    form = options.format or ENDINGS.get(ending) or ("mermaid" if options.files else "text")
    if options.output and not options.format and ending not in (*ENDINGS, ".txt"):
        raise InputError(
            f"the ending of `{inert(options.output)}` names no form",
            hint=f"choose one with `--format`: {', '.join(FORMATS)}",
        )
    if options.files and form not in OF_FILES:
        raise InputError(f"the graph of files has no form `{form}`", hint=f"choose `--format {' or '.join(OF_FILES)}`")
    if options.files and options.environment:
        raise InputError("the graph of files is the same in every environment", hint="leave out `--environment`")
    return str(form)


def _graph(outcome: Outcome, options: argparse.Namespace) -> ServiceGraph:
    """Raises InputError for an environment that the spec does not have."""
    from kforge.domain.near_words import near_words
    from kforge.stages.service_graph import service_graph

    known, wanted = outcome.loaded.world.spec.environments, options.environment
    if wanted and wanted not in known:
        near = near_words(wanted, known) or sorted(known)
        hint = f"there are: {', '.join(f'`{name}`' for name in near)}" if near else "the spec has no `environments`"
        raise InputError(f"there is no environment `{inert(wanted)}`", hint=hint)
    return service_graph(outcome.loaded.world, outcome.settled.values, wanted)


def _drawn(outcome: Outcome, options: argparse.Namespace, form: str) -> str:
    graph = _graph(outcome, options)
    if form == "html":
        from kforge.output.graph_page import page

        return page(graph, outcome.settled.decisions)
    if form == "svg":
        from kforge.output.graph_svg import svg

        return svg(graph)
    if form == "json":
        from kforge.output.graph_json import as_json
        from kforge.output.json_text import dump

        return dump(as_json(graph), ordered=False)
    if form == "text":
        from kforge.output.graph_tree import tree
        from kforge.output.layout import plain

        return plain(tree(graph, _places(outcome.project) if options.verbose else None))
    from kforge.output import graph_diagrams

    return str(getattr(graph_diagrams, form)(graph))


def _files(outcome: Outcome, form: str) -> str:
    from kforge.output import graph_text
    from kforge.stages.graph import graph

    return str(getattr(graph_text, form)(graph(outcome.settled.decisions, outcome.assembled)))


def _places(project: Project) -> Callable[[Shown], str]:
    """What shows an edge, with its place as seen from here."""
    from kforge.output.places import shown

    def told(each: Shown) -> str:
        return f"{each.why} ({shown(project, each.place)})" if each.place else each.why

    return told


def _write(project: Project, options: argparse.Namespace, text: str) -> None:
    """Put the graph into its file. Raises InputError for a file that is something else, and for a link."""
    from kforge.domain.invisible_chars import visible
    from kforge.system.files import read
    from kforge.system.files import replace as put

    path = Path(options.output)
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolves no link
    root = project.root if whole.is_relative_to(project.root) else None
    if not whole.parent.is_dir():
        raise InputError(f"there is no folder `{inert(path.parent)}`", Place(str(path)), "make it first")
    before = None if options.force else read(whole, shown=str(path), root=root)
    if before and not BEGINS.match(before):
        raise InputError(
            f"`{path}` is no graph by kforge", Place(str(path)), "name another file, or write over it with `--force`"
        )
    put(whole, harmless(visible(text.rstrip("\n") + "\n")).encode(), root)
    say(f"wrote `{inert(path)}`")
