"""A model's name + what servers offer → the one that is meant; `auto` → the one that suits the machine best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kforge.domain.model.machine import Machine, ModelServer, Offer
from kforge.llm.memory_fit import fit, needs_of, slow

AUTO = "auto"


def same(asked: str, told: str) -> bool:
    """Whether a server's name is the one that was asked for: `:latest`, a publisher before `/` and a path may differ."""
    asked, told = _plain(asked), _plain(told)
    return asked == told or ("/" not in asked and told.rpartition("/")[2] == asked)


def _plain(name: str) -> str:
    name = name.casefold().removesuffix(":latest")
    return name.removesuffix(".gguf").replace("\\", "/").rpartition("/")[2] if name.endswith(".gguf") else name


def meet(name: str, offers: Iterable[Offer]) -> Offer | None:
    """The offer of that name: an exact match first, then one that `same` accepts; None where there is neither."""
    offers = tuple(offers)
    exact = [offer for offer in offers if offer.model.name == name]
    return next(iter(exact or [offer for offer in offers if same(name, offer.model.name)]), None)


def best(offers: Sequence[tuple[ModelServer, Offer]], machine: Machine) -> tuple[ModelServer, Offer] | None:
    """What `auto` takes: the largest that runs well here, of those that chat and answer on this machine."""
    ranked = [(_tier(offer, machine), server, offer) for server, offer in offers if offer.chats and not offer.elsewhere]
    able = [each for each in ranked if each[0] >= 0 and not each[1].problem]
    if not able:
        return None
    _, server, offer = max(
        reversed(able), key=lambda each: (each[0], _scale(each[2]), "cod" in each[2].model.name, each[2].loaded)
    )
    return server, offer


def _scale(offer: Offer) -> int:
    return offer.model.parameters or offer.model.size * 2  # four bits a parameter, where only the size is told


def _tier(offer: Offer, machine: Machine) -> int:
    """3 on a GPU or running already, 2 on the processor, 1 unknown, 0 on the processor and slow, -1 not at all."""
    need = needs_of(offer)
    if offer.loaded:
        return 3
    if not need:
        return 1
    where = fit(need, machine).where
    if where == "cpu":
        return 0 if slow(_scale(offer)) else 2
    return {"gpu": 3, "gpus": 3, "no": -1}[where]
