"""A credential in each of eight places → the text that leaves kforge from there: a prompt, a lock, a file, a message."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from kforge.domain.model.question import Question, Rejected
from kforge.domain.secrets.redact import redact
from kforge.errors import InputError
from kforge.llm.answer import read_answer
from kforge.llm.prompt import prompt, show
from kforge.llm.small_question import small_form
from tests.adversary.scripted import Model, build, obedient, text
from tests.questions import TOPICS, question
from tests.secrets.planted import Planted
from tests.wishes import WISH
from tests.worlds import PYTHON

MAIN = 'import os\n\nfrom flask import Flask\n\napp = Flask(__name__)\n# it takes some 900 MB of memory\n{line}\n\nif __name__ == "__main__":\n    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))\n'
SPEC = "apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web:\n    source: ./web\n"


def source(planted: Planted, folder: Path) -> str:
    """A literal in the code, three lines from what is evidence; the whole build, with a model that repeats what it
    sees.
    """
    return built(planted, folder, {"web/main.py": MAIN.format(line=f"{planted.name or 'VALUE'} = {planted.literal}")})


def config(planted: Planted, folder: Path) -> str:
    """A settings file of the source that a fact points at."""
    lines = planted.text.split("\n")
    written = (
        f"{(planted.name or 'value').lower()}: {planted.text}"
        if len(lines) == 1
        else "value: |\n" + "\n".join(f"  {line}" for line in lines)
    )
    files = {
        "settings.yaml": f"debug: false\n# it takes some 900 MB of memory\n{written}\ncache_dir: /var/cache/words\n"
    }
    asked = (question(topic, PYTHON, None, files, readable=tuple(files)) for topic in sorted(TOPICS))
    shown = [show(prompt(one)) for one in asked if small_form(one)]
    assert shown
    return "".join(shown)


def requirements(planted: Planted, folder: Path) -> str:
    """The service's requirements and refinements: prompts, and what a build says where it refuses the spec."""
    wish = f"call it with {planted.told} every night; {WISH.format('web')}"
    asked = (
        question(topic, PYTHON, {"requirements": wish, "refine": [wish]}, description=wish) for topic in sorted(TOPICS)
    )
    spec = f"{SPEC}    requirements: {json.dumps(wish)}\n"
    shown = [show(prompt(one)) for one in asked if small_form(one)]
    assert shown
    return "".join(shown) + built(planted, folder, {"web/main.py": MAIN.format(line=""), "app.kforge.yaml": spec})


def environment(planted: Planted, folder: Path) -> str:
    """A default that the code gives a variable, and a `.env` file beside it."""
    line = f'SETTING = os.environ.get("{planted.name or "SETTING"}", {planted.literal})'
    return built(
        planted,
        folder,
        {"web/main.py": MAIN.format(line=line), "web/.env": f"{planted.name or 'VALUE'}={planted.text}\n"},
    )


def history(planted: Planted, folder: Path) -> str:
    """A commit that is no longer there."""
    write(
        folder,
        {
            "app.kforge.yaml": SPEC,
            "web/main.py": MAIN.format(line=f"X = {planted.literal}"),
            "web/requirements.txt": "flask==3.1.0\n",
        },
    )
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", planted.text[:40].split("\n")[0]],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return built(planted, folder, {"web/main.py": MAIN.format(line="")})


def logs(planted: Planted, folder: Path) -> str:
    """A log that lies in the source, and a line that kforge would log itself."""
    said = f"2026-01-01T00:00:00Z INFO connected with {planted.told}\n"
    return built(planted, folder, {"web/main.py": MAIN.format(line=""), "web/app.log": said}) + redact(said)


def errors(planted: Planted, folder: Path) -> str:
    """The body of an error, as a server echoes it, plain and as JSON."""
    said = f"incorrect credentials: {planted.told}, see the documentation"
    return redact(said) + redact(f"HTTP 401\n{said}")


def replies(planted: Planted, folder: Path) -> str:
    """A model's answer: as a value, as a key, in a text that is sent back, in the finding."""
    asked = question("build", PYTHON, {"requirements": WISH.format("web")})
    honest, said = obedient(asked), f"because {planted.told} is set"
    shown = []
    # Without its name beside it, `hunter2` is a word like any other: such a one stands beside its name here, too.
    for answer in ({**honest, "ffmpeg": said}, {**honest, said: "packages"}, {"ffmpeg": said, said: said}):
        try:
            read_answer(text(answer), asked)
            raise AssertionError("a credential was taken for a setting")
        except Rejected as rejected:
            # The answer as it is sent back holds the secret as JSON writes it, so its words are what is looked at.
            shown += [rejected.finding, show(prompt(replace(asked, attempt=1, earlier=((said, rejected.finding),))))]
    return "".join(shown)


PLACES: Mapping[str, Callable[[Planted, Path], str]] = {
    "source": source, "config": config, "requirements": requirements, "environment": environment,
    "history": history, "logs": logs, "error bodies": errors, "model replies": replies,
}  # fmt: skip


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def built(planted: Planted, folder: Path, files: Mapping[str, str]) -> str:
    """Every prompt, file, lock and message of a build; the model says of each line what makes it a reason."""
    write(folder, {"app.kforge.yaml": SPEC, "web/requirements.txt": "flask==3.1.0\n", **files})
    shown: list[str] = []

    def word(asked: Question) -> str:
        shown.append(show(prompt(asked)))
        return text(obedient(asked))

    try:
        outcome = build("", Model(word), folder)
    except InputError as error:
        return "".join(str(problem) for problem in error.problems)
    reasons = [
        reason
        for service in outcome.lock.services.values()
        for held in service.decisions.values()
        for reason in held.reasons.values()
    ]
    files_ = [file.content.decode() for file in outcome.files.values()]
    return "\n".join([*shown, *reasons, *files_, *map(str, outcome.findings)])
