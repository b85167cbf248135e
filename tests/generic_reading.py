"""A model that reads lines of a source without a sure way as a test or a benchmark tells it to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.llm.server import usual

ELSE = "something else"


def read(body: dict[str, Any], means: Mapping[str, str]) -> str:
    """The answer to a question of `llm/generic_form.py`: of a line, the first phrase of `means` whose word stands in it and
    that may be said of it, else that it is something else; to any other question, that nothing is asked for.
    """
    asked = body["messages"][1]["content"] if len(body["messages"]) > 1 else ""
    if "README, CI and build files" not in asked:
        return usual(body)
    properties = body["response_format"]["json_schema"]["schema"]["properties"]
    shown: dict[tuple[str, str], str] = {}
    file = ""
    for line in asked.split("\n"):
        if row := re.fullmatch(r"(\d+[b-l]?): (.*)", line):
            shown[file, row[1]] = row[2]
        elif line.endswith(":"):
            file = line[:-1]
    told = {}
    for key, place, name in re.findall(r"^(\w+): what .*line (\d+[b-l]?) of (\S+?)(?: do)?\?", asked, re.MULTILINE):
        said = [phrase for word, phrase in means.items() if str(word) in shown[name, place]]
        told[key] = next((phrase for phrase in said if phrase in properties[key]["enum"]), ELSE)
    return json.dumps(told)
