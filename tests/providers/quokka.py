"""A made-up protocol in one file, as CONTRIBUTING.md says: `POST /ask` with a talk and a form, `GET /burrow`."""

from __future__ import annotations

from collections.abc import Mapping

from kforge.domain.model.request import Capabilities, Completion, Fault, Provider, Request, ServedModel, Usage, Wire
from kforge.domain.model.vendors import BY_NAME
from kforge.domain.model.wire import count, finished, label, read, sequence


def encode(model: str, request: Request) -> Wire:
    talk = [f"{one.role}: {one.content}" for one in request.messages]
    return Wire("/ask", {"who": model, "talk": talk, "form": request.schema, "luck": request.seed})


def decode(status: int, headers: Mapping[str, str], body: bytes) -> Completion:
    """Raises Fault."""
    held = read(status, headers, body)
    if held.get("asleep"):
        raise Fault("cut", "the quokka fell asleep")
    usage = Usage(count(held.get("heard")), count(held.get("spoke")))
    return Completion(finished(held.get("said")), label(held.get("who")), usage)


def decode_models(status: int, headers: Mapping[str, str], body: bytes) -> tuple[ServedModel, ...]:
    names = map(label, sequence(read(status, headers, body).get("quokkas")))
    return tuple(ServedModel(name) for name in sorted(filter(None, names)))


PROVIDER = Provider(
    name="quokka",
    capabilities=Capabilities(temperature=False, parallel=4),
    encode=encode,
    decode=decode,
    models=Wire("/burrow", {}, method="GET"),
    decode_models=decode_models,
    authorize=lambda key: {"x-quokka": key} if key else {},
    keys=BY_NAME["quokka"].keys,
)
