"""The committed recordings carry a build the whole way of a model, with no server and no xllamacpp."""

import json
import shutil
import sys

from tests import locks
from tests.conftest import contents, run
from tests.llm.conftest import asking
from tests.llm.record import FOLDER
from tests.models.tiny import NAME

AGAIN = "the questions changed: `python -m tests.llm.record` records their answers anew"


def test_the_recordings_say_who_answered():
    told = json.loads((FOLDER / "endpoints.json").read_text())[NAME]
    assert (told["model"], told["server"].partition(" ")[0], told["strong"]) == (NAME, "llama-server", True)
    assert all(
        json.loads(path.read_text())["origin"] == "recorded"
        for path in FOLDER.glob("[0-9a-f]*.json")
        if path.name != "endpoints.json"
    )


def test_hello_is_built_from_the_recordings_alone(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    folder = asking(tmp_path / "hello", model=NAME)
    shutil.copytree(FOLDER, tmp_path / "recorded")
    kept = contents(tmp_path / "recorded")
    ended = run("build", "--fallback", "heuristics", "--offline", "--replay", "../recorded", cwd=folder, code=0)
    assert "was not asked" not in ended.err, AGAIN
    number = len(list(FOLDER.glob("*.json"))) - 2  # less who answered, and the canary
    assert f"no request was sent; {number} from recordings" in ended.err, AGAIN
    deciders = [one["decider"] for one in locks.read(folder)["services"]["web"]["decisions"].values()]
    assert {(one["by"], one["model"]) for one in deciders} == {("model", NAME)}
    assert contents(tmp_path / "recorded") == kept
