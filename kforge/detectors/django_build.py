"""Django's settings → what a build does for them: static files collected and compressed, translations compiled.

The steps import the settings, so each is told, for itself alone, what they cannot be read without: `env NAME=made-up
python manage.py …`. Nothing of it stays in the image. An address is one of an empty database in memory: no step connects.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from kforge.detectors.django_settings import DjangoSettings, table
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import WORKDIR, Sightings, folder_of
from kforge.syntax.code_file import CodeFile
from kforge.syntax.environment_reads import named_by, reads
from kforge.syntax.expression import Constant, Pairs, Subscript, Text, dotted
from kforge.syntax.program import SourceProgram, is_environment
from kforge.syntax.values import resolve

if TYPE_CHECKING:
    from kforge.detectors.python_project import PythonProject
    from kforge.domain.artifact import Tree

_DEEPEST = 2  # folders above a manage.py
_BABEL = ("flask-babel", "flask-babelex", "babel")
_DATABASE = re.compile(r"(?:^|_)(?:DB|DATABASE|POSTGRES\w*|MYSQL|SQL)(?:_|$)")
_ADDRESS = re.compile(r"(?:^|_)(?:URL|URI|DSN)$")
MADE_UP = "none"  # a word that no one takes for a credential
_NEEDED = ("SECRET_KEY", "DATABASES")  # what settings end without, whatever holds
_LINES = 12  # of a value


def steps(
    settings: DjangoSettings, names: SourceProgram, project: PythonProject, tree: Tree, seen: Sightings, server: str
) -> None:
    """Sees `build` steps, the Debian packages that they need, and `collected`. `server`: the program that serves."""
    programs = [path for path in tree.files if path.rpartition("/")[2] == "manage.py" and path.count("/") <= _DEEPEST]
    manage = min(programs, key=lambda path: (path.count("/"), path), default="")
    if not manage:
        return
    told = [f"{name}={value}" for name, value in sorted(_made_up(settings, names, seen).items())]
    told = [f"{fact.value['name']}={fact.value['value']}" for fact in seen.many("production")] + told
    command = [*(["env", *told] if told else []), "python", manage]
    _folders(tree, seen)
    if po := _uncompiled(tree, "locale"):
        seen.see("build packages", "gettext", po)
        seen.see("build", [*command, "compilemessages"], po, 1)
    root = settings.last("STATIC_ROOT")
    if root is None or not any("staticfiles" in text for text in settings.texts("INSTALLED_APPS")):
        return
    file, value = root
    if _is_elsewhere(settings):
        said = "static files are kept in a store of objects, which a build does not reach"
        hint = (
            f"add a job: `{{like: …, command: [python, {manage}, collectstatic, --noinput], job: true, before: […]}}`"
        )
        seen.see("doubts", {"said": said, "hint": hint}, file.path, value.line)
        return
    seen.see("build", [*command, "collectstatic", "--noinput"], file.path, value.line)
    folder = folder_of(resolve(value, file, names).text or "", True)
    if folder and folder != WORKDIR and not folder.startswith(f"{WORKDIR}/"):
        seen.see("collected", folder, file.path, value.line)
    offline = settings.last("COMPRESS_OFFLINE")
    if (
        offline
        and isinstance(offline[1], Constant)
        and offline[1].word == "True"
        and project.needs("django-compressor")
    ):
        seen.see("build", [*command, "compress"], offline[0].path, offline[1].line)
    if not _is_served(settings, project, tree, server):
        shown = folder or "the folder of `STATIC_ROOT`"
        said = f"`collectstatic` fills `{shown}`, which {server or 'its server'} does not serve"
        hint = "add `whitenoise` to the dependencies and its middleware to the settings, or serve that folder by a server in front"
        seen.see("doubts", {"said": said, "hint": hint}, file.path, value.line)


def _folders(tree: Tree, seen: Sightings) -> None:
    """Sees the step that makes the folders of embedded databases: settings may open one as they are imported."""
    for fact in seen.many("kept"):
        folder = str(fact.value["folder"]).removeprefix(f"{WORKDIR}/")
        if not folder.startswith("/") and not any(path.startswith(f"{folder}/") for path in tree.files):
            place = next(iter(fact.evidence), Evidence("manage.py"))
            seen.see("build", ["mkdir", "-p", folder], place.file, place.line)


def translations(project: PythonProject, tree: Tree, seen: Sightings) -> None:
    """Sees the step that compiles what Babel translates."""
    if project.needs(*_BABEL) and (po := _uncompiled(tree, "translations")):
        seen.see("build", ["pybabel", "compile", "--directory", po.rsplit("/", 3)[0]], po, 1)


def _uncompiled(tree: Tree, folder: str) -> str:
    """A text of translations, `locale/de/LC_MESSAGES/x.po`, whose compiled form is not there; "" for none."""
    there = frozenset(tree.files)
    for path in tree.files:
        parts = path.split("/")
        fits = path.endswith(".po") and parts[-2:-1] == ["LC_MESSAGES"] and parts[-4:-3] == [folder]
        if fits and f"{path[:-3]}.mo" not in there:
            return path
    return ""


def _is_elsewhere(settings: DjangoSettings) -> bool:
    """Whether static files go to a store of objects under every condition."""
    far = re.compile(table()["elsewhere"], re.IGNORECASE)
    named = settings.last("STATICFILES_STORAGE")
    held = [one.get("staticfiles") for file in settings.files for one in file.objects if not file.conditional(one.line)]
    texts = [*(settings.texts("STATICFILES_STORAGE") if named and not named[0].conditional(named[1].line) else ())]
    for one in held:
        backend = one.get("BACKEND") if isinstance(one, Pairs) else None
        texts.append(backend.value if isinstance(backend, Text) else "")
    return any(far.search(text) for text in texts)


def _is_served(settings: DjangoSettings, project: PythonProject, tree: Tree, server: str) -> bool:
    if server in ("django", "runserver") or project.needs(*table()["serves_static"]):
        return True
    if any(name.endswith(("nginx.conf", "Caddyfile")) for name in tree.files):
        return True
    configured = (path for path in tree.files if path.endswith(".ini") and path.count("/") < 2)
    return server == "uwsgi" and any("static-map" in tree.text(path) for path in configured)


# ---- what settings cannot be read without -------------------------------------------------------------------------
def _made_up(settings: DjangoSettings, names: SourceProgram, seen: Sightings) -> dict[str, str]:
    """Variables without which the settings cannot be imported, each with a value that they take."""
    own = {file.path: file for file in settings.files}
    needed: set[str] = set()
    spans = [(file.path, value.line) for name in _NEEDED for file, value in settings.given(name)]
    for fact in seen.many("env"):
        places = [one for one in fact.evidence if one.file in own]
        without = fact.value["default"] is None
        if places and (fact.value["required"] or (without and any(_within(one, spans, own) for one in places))):
            needed.add(str(fact.value["name"]))
    numbers: set[str] = set()
    for file in settings.files:
        needed -= {*_optional(file, names)}
        for call in file.calls:
            if call.last in ("int", "float", "Decimal") and call.arguments:
                numbers.add(resolve(call.arguments[0], file, names).env)
    taken = {str(fact.value["name"]) for fact in seen.many("production")}
    return {name: "1" if name in numbers else _value(name) for name in needed - taken}


def _within(place: Evidence, spans: Collection[tuple[str, int]], own: Mapping[str, CodeFile]) -> bool:
    """Whether a conditional line stands in the value of a setting that no project does without."""
    inside = any(place.file == path and line <= place.line < line + _LINES for path, line in spans)
    return inside and own[place.file].conditional(place.line)


def _value(name: str) -> str:
    if _ADDRESS.search(name):
        return "sqlite://:memory:" if _DATABASE.search(name) else "http://localhost"
    return "1" if name.endswith("PORT") else MADE_UP


def _optional(file: CodeFile, names: SourceProgram) -> Iterator[str]:
    """Variables that the file does without, or of which a condition asks whether they are there: setting one would change
    what holds.
    """
    for call in file.calls:
        if (found := reads(call, file, names)) and not found.insists and found.default is not None:
            yield found.variable
    for left, rights in file.compared:
        holders = {dotted(one).rpartition(".")[2] for one in rights}
        if isinstance(left, Text) and not holders.isdisjoint(names.dialect.environments):
            yield left.value
    for one in file.tested:
        if isinstance(one, Subscript) and is_environment(one, file, names.dialect):
            yield named_by(one.key, file, names)
