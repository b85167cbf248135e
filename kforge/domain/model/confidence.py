"""The tokens of an answer with their probabilities → how sure the model was of what it chose, in percent.

A grammar holds an answer to its form, and servers tell probabilities as they were before the grammar: most of them
belong to what no answer may say. So only tokens that go on with an allowed choice count, and of them the share of those
that lead to the choice that was made. The product over a value's tokens is the probability of that choice among all that
were allowed; how a choice is cut into tokens does not matter.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from kforge.domain.model.request import Completion, SampledToken
from kforge.domain.model.wire import mapping, sequence

MOST = 20  # likeliest tokens that are asked for: no server that tells them gives more
_LEAST = -100.0  # of a logarithm: some servers write infinity as a large number
_LONGEST = 4096  # tokens that are looked at
# Bounded, so that a server's text is read in linear time.
_PAIR = re.compile(r'"((?:[^"\\]|\\.){1,200})"[ \t\r\n]{0,40}:[ \t\r\n]{0,40}("(?:[^"\\]|\\.){0,400}")')


def sampled(rows: Any) -> tuple[SampledToken, ...]:
    """The tokens of a list in OpenAI's form, which llama.cpp, vLLM, SGLang and Ollama took over; () for any other form."""
    told = [mapping(row) for row in sequence(rows)[:_LONGEST]]
    tokens = []
    for row in told:
        one = _told(row)
        if one is None:
            return ()
        likeliest = filter(None, map(_told, map(mapping, sequence(row.get("top_logprobs"))[:MOST])))
        tokens.append(SampledToken(*one, tuple(likeliest)))
    return tuple(tokens)


def _told(row: Mapping[str, Any]) -> tuple[bytes, float] | None:
    text, held, chance = row.get("token"), row.get("bytes"), row.get("logprob")
    if type(chance) is int:
        chance = float(max(int(_LEAST), min(0, chance)))  # JSON has integers that no float holds
    if not isinstance(text, str) or not isinstance(chance, float) or math.isnan(chance):
        return None
    whole = isinstance(held, list) and all(type(byte) is int and 0 <= byte <= 255 for byte in held)
    return bytes(held) if whole and held else text.encode(errors="replace"), min(0.0, max(_LEAST, chance))


def judged(completion: Completion, schema: Mapping[str, Any]) -> Completion:
    """The completion with its confidence where its server told probabilities, and without these."""
    if not (completion.sampled or _settled(schema)):
        return completion
    return replace(completion, confidence=confidence(completion.text, completion.sampled, schema), sampled=())


def _settled(schema: Mapping[str, Any]) -> bool:
    """Whether a schema leaves one choice for each of its keys, so that no probability could tell more."""
    forms = mapping(schema.get("properties")).values()
    return bool(forms) and all(len(mapping(form).get("enum", ())) == 1 for form in forms)


def confidence(text: str, tokens: Sequence[SampledToken], schema: Mapping[str, Any]) -> int | None:
    """How sure the least sure choice of an answer is, in percent: 100 where there is nothing to choose; None where the
    tokens do not make its text.
    """
    if _settled(schema):
        return 100
    chances = [chance for _, chance in choices(text, tokens, schema)]
    known = [chance for chance in chances if chance is not None]
    return round(100 * min(known)) if known and len(known) == len(chances) else None


def choices(text: str, tokens: Sequence[SampledToken], schema: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    """Each key of the answer with more than one choice, and the probability of the choice that was made."""
    spoken = _Spoken.of(text, tokens)
    allowed = {
        name: [one for one in mapping(form).get("enum", ()) if isinstance(one, str)]
        for name, form in mapping(schema.get("properties")).items()
    }
    found = {_plain(f'"{match[1]}"'): match for match in _PAIR.finditer(text)}
    for name, many in allowed.items():
        if len(many) < 2:
            continue
        match = found.get(name)
        made = _plain(match[2]) if match else None
        if spoken is None or match is None or made not in many:
            yield name, None
        else:
            at = spoken.start + len(text[: match.start(2)].encode())
            others = [one for one in many if one != made]
            yield name, spoken.chance(at, len(match[2].encode()), _forms([made]), _forms(others))


def _plain(quoted: str) -> Any:
    try:
        return json.loads(quoted)
    except ValueError:
        return None


def _forms(many: Sequence[str]) -> list[bytes]:
    """Texts as JSON spells them, with and without escapes."""
    return [*{form.encode() for one in many for form in (json.dumps(one), json.dumps(one, ensure_ascii=False))}]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Tokens, where each begins, what they make together, and where in that the answer's text begins."""

    tokens: Sequence[SampledToken]
    begins: Sequence[int]
    stream: bytes
    start: int

    @classmethod
    def of(cls, text: str, tokens: Sequence[SampledToken]) -> _Spoken | None:
        """None where the text is not what the tokens make. Servers leave out thoughts, fences and blanks around it."""
        stream = b"".join(one.text for one in tokens)
        plain = text.strip().encode()
        start = stream.rfind(plain)
        blanks = len(text.encode()) - len(text.lstrip().encode())
        begins = [0, *accumulate(len(one.text) for one in tokens)][:-1]
        return cls(tokens, begins, stream, start - blanks) if plain and start >= 0 else None

    def chance(self, at: int, length: int, mine: Sequence[bytes], others: Sequence[bytes]) -> float | None:
        """Probability of the value at `at`, quotes included, among all values that were allowed there."""
        chance = 1.0
        for token, begin in zip(self.tokens, self.begins, strict=True):
            if begin + len(token.text) <= at + 1 or begin >= at + length:
                continue  # it ends with the opening quote, or begins behind the closing one
            said, ahead = self.stream[at:begin], self.stream[begin:at]
            listed = dict(token.likeliest) | {token.text: token.logprob}
            going = {_form(text, ahead, said): logprob for text, logprob in listed.items() if text.startswith(ahead)}
            own = sum(math.exp(logprob) for form, logprob in going.items() if _fits(form, mine))
            rival = sum(
                math.exp(logprob) for form, logprob in going.items() if not _fits(form, mine) and _fits(form, others)
            )
            if own <= 0:
                return None
            chance *= own / (own + rival)
        return chance


def _form(text: bytes, ahead: bytes, said: bytes) -> bytes:
    """What of a value is said once a token is: `ahead` of it stands before the value."""
    return said + text[len(ahead) :]


def _fits(form: bytes, values: Sequence[bytes]) -> bool:
    """Whether a beginning may become one of the values, or has said one and more."""
    return any(value.startswith(form) or form.startswith(value) for value in values)
