"""What a person says as so many times an amount that was named before: “it dies at 300 MB. Give it twice that.”"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from kforge.domain.wishes.amounts import Amount, amounts

_MULTIPLE = re.compile(
    r"\b(?:(?P<two>twice (?:that|as much|as long|the amount)|double (?:that|the amount|it)|2 ?x that|das doppelte|doppelt so (?:viel|lange?)|le double|deux fois plus|el doble|il doppio|o dobro|het dubbele|dwa razy (?:tyle|więcej)|dwukrotnie więcej|вдвое больше|в два раза больше|удвой\w*|вдвічі більше|удвічі більше|dubbelt så (?:mycket|länge)|iki katı\w*|dvojnásob\w*)|(?P<three>three times (?:that|as much|as long)|thrice that|triple that|das dreifache|le triple|el triple|il triplo|o triplo|втрое больше)|(?P<half>half (?:of )?that|half as (?:much|long)|die hälfte(?: davon)?|la moitié|la mitad|la metà|metade disso))(?!\w| (?:des|de|der|dei|delle|of|do|da|das|dos|d['’])\b)|(?P<cjk>两倍|二倍|2倍|翻倍|倍に|두 ?배)"
)
_LONG, _MUCH = re.compile(r"long|lange|länge"), re.compile(r"much|viel|mycket|więcej|больше|більше|plus")
_KINDS = ("size", "time", "cpu")
_MOST = 50  # multiples of a text
_TIMES: Mapping[str, Fraction] = {"two": Fraction(2), "three": Fraction(3), "half": Fraction(1, 2), "cjk": Fraction(2)}


def multiples(low: str, whole: str) -> Iterator[Amount]:
    """The multiples of a text in lower case, as amounts at their own places. `whole` is the same text with all that was said,
    remarks among it: the amount may stand in one.
    """
    found = list(islice(_MULTIPLE.finditer(low), _MOST))
    before = [one for one in amounts(whole) if one.kind in _KINDS] if found else []
    for one in found:
        kinds = ("time",) if _LONG.search(one[0]) else ("size", "cpu") if _MUCH.search(one[0]) else _KINDS
        near = next((each for each in reversed(before) if each.end <= one.start() and each.kind in kinds), None)
        if near:
            value = near.value * _TIMES[str(one.lastgroup)]
            yield replace(near, value=value, start=one.start(), end=one.end())
