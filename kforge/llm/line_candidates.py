"""Question → the lines of the source that may tell something which no detector reads, by the clues of its topic.

Nothing is an input here: as with the places of facts, a line that moves or a comment that changes asks nothing again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kforge.domain.document import MARK
from kforge.domain.kubernetes import names
from kforge.llm.answer_schema import asked_fields
from kforge.llm.line_clues import Clue, clues
from kforge.llm.line_handlers import asking, stopping, waiting
from kforge.llm.line_settings import beside, is_of_another, keyed
from kforge.llm.line_starts import named_starts
from kforge.llm.line_values import LineValueFound, values
from kforge.llm.prompt_context import is_made
from kforge.llm.telling_line import PROSE, SourceRows, TellingLine, line_at

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

_FILES, _ROWS, _WIDTH = 400, 2000, 400  # files, lines of a file, characters of a line that are looked at
_MOST = 40  # of a source
_NEAR = 4
# Tests and what a tool wrote tell nothing of how a program runs.
_TEST = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|e2e|testdata|fixtures|examples?|vendor|node_modules|migrations|legacy|deprecated|archived?|attic)/|(?:^|/)(?:test_[^/]*|[^/]*[._]test\.[^/]*|[^/]*\.spec\.[^/]*|conftest\.py|changelog[^/]*|license[^/]*|history[^/]*)$",
    re.IGNORECASE,
)
_DOCS = re.compile(r"(?:^|/)docs?/", re.IGNORECASE)
_IMAGE = re.compile(r"(?:^|/)(?:dockerfile|containerfile)[^/]*$", re.IGNORECASE)
_READ = re.compile(
    r"(?:^|/)(?:dockerfile[^/]*|containerfile[^/]*|makefile|justfile|procfile[^/]*|vagrantfile|jenkinsfile|\.env[^/]*)$|\.(?:md|rst|txt|adoc|ya?ml|toml|ini|cfg|conf|json5?|properties|env|tf|hcl|nomad|sh|bash|py|js|mjs|cjs|ts|mts|jsx|tsx|go|java|kts?|groovy|gradle|scala|swift|rb|php|pl|rs|exs?|cs|fs|c|cc|cpp|h|xml|service|container|timer|dockerfile)$",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"(?:^|/)(?:requirements[^/]*\.txt|package\.json|go\.(?:mod|sum|work)|[^/]*-lock\.[^/]*|tsconfig[^/]*)$"
)
_ROUTE = re.compile(
    r"\.(?:handle(?:func)?|get|post|put|delete|patch|route|use)\(\s*[\"'`]/|(?:path|url)\s*={2,3}", re.IGNORECASE
)
_PROBES = ("startup", "readiness", "liveness")


def lines(question: Question) -> tuple[TellingLine, ...]:
    """Telling lines, a value once, in the order in which people look: comments and prose before code."""
    open_clues = [clue for clue in clues(question.topic.name) if _applies(clue, question)]
    if not open_clues:
        return ()
    files = list(_files(question))
    found = [one for clue in open_clues for one in _found(clue, question, files)]
    best: dict[tuple[str, Any], TellingLine] = {}
    for one in sorted(found, key=lambda each: each.rank):
        first = best.setdefault((one.kind, one.value), one)
        if (first.file, first.number) == (one.file, one.number) and not first.sure:  # one line by two clues
            both = one if one.sure else replace(first, choices={**first.choices, **one.choices})
            best[one.kind, one.value] = both
    return tuple(list(best.values())[:_MOST])


def _applies(clue: Clue, question: Question) -> bool:
    """Whether the decision has a place for what a clue may tell."""
    job = names.is_job(question.view.again())  # which clues there are is no input
    if clue.only and (clue.only == "job") != job:
        return False
    return bool(asked_fields(question))


def _files(question: Question) -> Iterator[SourceRows]:
    """Files that may be shown with their lines, those nearer to the source's root first."""
    listed = [
        each for each in question.readable if _READ.search(each) and not _TEST.search(each) and not _LISTS.search(each)
    ]
    # Of a folder of documents: how it is run, and the image of old.
    listed = [each for each in listed if not _DOCS.search(each) or PROSE.search(each) or _IMAGE.search(each)]
    listed = [each for each in listed if not is_made(question, each)]
    for file in sorted(listed, key=lambda each: (each.count("/"), each))[:_FILES]:
        rows = [row[:_WIDTH] for row in question.excerpt(file, 1, _ROWS).split("\n")]
        if any(row.strip() for row in rows) and not any(MARK in row for row in rows[:5]):  # kforge's own files
            yield SourceRows(file, rows)


def _found(clue: Clue, question: Question, files: Sequence[SourceRows]) -> Iterator[TellingLine]:
    """The lines of a clue."""
    if clue.handler == "stops":
        yield from (line_at(clue, *told) for told in stopping(clue, files))
    elif clue.handler:
        for path in _paths(clue, question):
            if clue.handler == "asks":
                yield from asking(clue, path, files)
            else:
                yield from (line_at(clue, *told) for told in waiting(clue, path, files))
    elif clue.value == "start":
        yield from named_starts(clue, question, files)
    for file in files:
        if clue.words is not None and clue.file is not None and clue.file.search(file.text):
            yield from _worded(clue, clue.words, file)
        elif clue.key is not None and file.is_settings and clue.key.search(file.text):
            yield from (line_at(clue, file, *told) for told in keyed(clue, file))


def _paths(clue: Clue, question: Question) -> list[str]:
    """The routes that the usual probes ask: of what depends on others, the one that restarts a pod."""
    which = _PROBES if clue.handler == "waits" else ("liveness",)
    probes = (question.baseline.value.get(name) or {} for name in which)
    return list(dict.fromkeys(str(probe["path"]) for probe in probes if probe.get("path")))


def _worded(clue: Clue, words: re.Pattern[str], file: SourceRows) -> Iterator[TellingLine]:
    """Lines with a value of the clue's kind beside its words; without a kind, lines with its words in a text for people."""
    low = file.low
    told = [at for at, each in enumerate(low) if words.search(each)]
    if clue.near and told:
        told = [at for at in told if beside(clue.near, low, at, _NEAR + clue.around)]
    around = sorted({each for at in told for each in range(at - clue.around, at + clue.around + 1)})
    for at in around if clue.value else told:
        if not 0 <= at < len(low) or (clue.near and not beside(clue.near, low, at, _NEAR)):
            continue
        row = file.rows[at]
        if not clue.value:
            match = words.search(low[at])
            if (
                match
                and (clue.place == "code" or file.speaks(at))
                and not is_of_another(clue, file, at, match[0])
                and (not clue.beside or clue.beside.search(file.sentence(at, match[0])))
            ):
                yield line_at(clue, file, at, None, "")
        elif _placed(clue, file, at) and not _ROUTE.search(row):
            for one in _meant(clue, words, low[at], values(row, clue.value)):
                if not is_of_another(clue, file, at, one.words or str(one.value)):
                    yield line_at(clue, file, at, one.value, one.words, clue.around + 1)


def _meant(clue: Clue, words: re.Pattern[str], low: str, found: Sequence[LineValueFound]) -> Sequence[LineValueFound]:
    """The values of a line that its words are about: of `idle: 5, drain: 90` the one behind, where words say it surely."""
    match = words.search(low)
    if len(found) < 2 or not clue.is_sure or clue.around or not match:
        return found
    behind = [(spot, one) for one in found if (spot := low.find(one.words.lower(), match.end())) >= 0]
    return [min(behind, key=lambda each: each[0])[1]] if behind else found


def _placed(clue: Clue, file: SourceRows, at: int) -> bool:
    """Whether a line stands where a clue's may."""
    if clue.place == "settings":
        return file.is_settings
    return clue.place != "text" or file.speaks(at)
