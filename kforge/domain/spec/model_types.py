"""The key `model` of a spec: which model may decide what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.field_types import SpecModel
from kforge.domain.topic_names import TOPIC_NAMES

if TYPE_CHECKING:
    TopicName = str
else:  # mypy takes no tuple here, and the names stand in one place
    TopicName = Literal[TOPIC_NAMES]


class Deciding(SpecModel):
    """Which model may decide what. Where it is asked, and with which key, is the user's to say and never the spec's."""

    name: str = Field(
        pattern=p.MODEL,
        max_length=200,
        description="Name of the model as its server has it, or auto: the best that fits the machine.",
        examples=["qwen2.5-coder:14b", "auto"],
    )
    decides: Annotated[list[TopicName], Field(min_length=1, max_length=5)] = Field(
        [*TOPIC_NAMES],
        description="Topics whose open questions go to it; heuristics settle the others.",
    )
    minimum: Annotated[int, Field(ge=0, le=100)] | None = Field(
        None,
        description="Reliability, from 0 to 100, below which a decision of the model does not stand by itself.",
        examples=[85],
    )
    below: Literal["person", "heuristics"] = Field(
        "person",
        description="What follows below `minimum`: `kforge check` waits for `kforge approve`, or the heuristics' answer stands.",
    )
