"""Trees, diagrams, pictures and pages of a graph: what they say, and that no name in it becomes more than a name."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from kforge.domain.invisible_chars import INVISIBLE
from kforge.domain.port import Port
from kforge.domain.service_graph import Entrance, ServiceGraph, ServiceNode
from kforge.output.graph_diagrams import dot, mermaid
from kforge.output.graph_page import page
from kforge.output.graph_svg import DARK, LIGHT, svg
from kforge.output.graph_tree import DEEPEST, WIDTH, tree
from kforge.output.graph_words import port_words, replica_words
from kforge.output.layout import plain
from tests.output.service_graphs import graph, hostile, layers_of

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "desc", "style", "g", "path", "rect", "text", "tspan"}


def seen(text: str) -> list[str]:
    return [found for found in INVISIBLE.findall(text) if found != "\N{REPLACEMENT CHARACTER}"]


def test_a_tree_says_each_service_once() -> None:
    lines = plain(tree(graph("web", "a", "b", "db", calls=["web a", "web b", "a db", "b db"]))).splitlines()
    assert lines[2:] == [
        "web  web service · Python",
        "├─ a  web service · Python",
        "│  └─ db  web service · Python",
        "└─ b  web service · Python",
        "   └─ db …",
    ]


def test_a_circle_has_a_tree_and_ends() -> None:
    lines = plain(tree(graph("a", "b", calls=["a b", "b a"]))).splitlines()
    assert lines[2:] == ["a  web service · Python", "└─ b  web service · Python", "   └─ a …"]


def test_what_is_called_deep_down_has_a_tree_of_its_own() -> None:
    names = [f"s{number:03}" for number in range(300)]
    text = plain(tree(graph(*names, calls=[f"{one} {other}" for one, other in pairwise(names)])))
    assert all(len(re.findall(rf"{name}  ", text)) == 1 for name in names)
    assert max(map(len, text.splitlines())) <= WIDTH and "   " * (DEEPEST + 1) not in text


def test_no_line_of_a_tree_is_longer_than_a_terminal() -> None:
    ports = tuple(Port(f"port-{number}", 8000 + number, "http") for number in range(9))
    many = ServiceGraph(
        "app", "", "", "", (ServiceNode("web", "web service", "Python", "x", ports, 2, 10),), (), (), ()
    )
    lines = plain(tree(many, lambda shown: shown.why)).splitlines()
    assert len(lines) > 4 and max(map(len, lines)) <= WIDTH


def test_two_hosts_of_a_service_are_two_ways_in() -> None:
    held = graph("web")
    ways = tuple(Entrance(host, "web", by="Ingress") for host in ("a.example.com", "b.example.com"))
    two = ServiceGraph("app", "", "", "", held.services, (), ways, ())
    assert plain(tree(two)).count("└─ web") == 2 and svg(two).count('class="in"') == 2


@pytest.mark.parametrize(
    ("port", "said"),
    [
        (Port("http", 8000, "http"), "8000 http"),
        (Port("metrics", 9090, "http"), "9090 http metrics"),
        (Port("redis", 6379, "tcp"), "6379 redis"),
        (Port("tcp", 7000, "tcp"), "7000 tcp"),
    ],
)
def test_a_port_in_words(port: Port, said: str) -> None:
    assert port_words(port) == said


@pytest.mark.parametrize(("fewest", "most", "said"), [(1, 1, ""), (2, 2, "2 replicas"), (1, 4, "1–4 replicas")])
def test_replicas_in_words(fewest: int, most: int, said: str) -> None:
    assert replica_words(ServiceNode("web", "web service", "", "", (), fewest, most)) == said


@pytest.mark.parametrize("held", [hostile(), layers_of(5, 5)], ids=["hostile", "usual"])
def test_a_picture_is_xml_of_shapes_and_text_alone(held: ServiceGraph) -> None:
    root = ET.fromstring(svg(held))
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= DRAWN
    names = {name for each in root.iter() for name in each.attrib}
    assert not [name for name in names if name.startswith("on") or "href" in name] and seen(svg(held)) == []
    assert "url(" not in svg(held) and "@import" not in svg(held)


def test_a_picture_says_what_it_shows() -> None:
    root = ET.fromstring(svg(graph("web", "db", calls=["web db"])))
    ids = {each.get("id"): each.text or "" for each in root.iter() if each.get("id")}
    assert root.get("role") == "img" and all(name in ids for name in root.get("aria-labelledby", "").split())
    assert "web calls db: needs" in ids["kforge-told"]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_from_its_card(colours: dict[str, str]) -> None:
    """https://www.w3.org/TR/WCAG22/#contrast-minimum"""
    within = [colours[name] for name in colours if name not in ("surface", "line", "head")]
    assert min(contrast(colour, colours["surface"]) for colour in within) >= 4.5


@pytest.mark.parametrize("page_", ["#ffffff", "#0d1117"])
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_what_stands_outside_of_cards_is_seen_on_any_page(colours: dict[str, str], page_: str) -> None:
    """https://www.w3.org/TR/WCAG22/#non-text-contrast"""
    assert min(contrast(colours[name], page_) for name in ("line", "head")) >= 3


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_a_page_has_no_script_and_leads_nowhere_else() -> None:
    held = Elements()
    text = page(hostile(), {})
    held.feed(text)
    assert not {"script", "iframe", "img", "link", "object", "embed", "base", "form"} & {*held.tags}
    assert not [name for name, _ in held.attributes if name.startswith("on") or name == "src"]
    assert all((value or "").startswith("#") for name, value in held.attributes if name == "href")
    assert "default-src 'none'" in text and seen(text) == [] and held.tags.count("details") == 3


def test_every_name_of_a_mermaid_diagram_stands_in_quotes() -> None:
    """A line is a node whose label holds nothing that Mermaid or HTML reads, or an edge between two identifiers."""
    node = r'  \w+(?:\("|\[\("|\{\{"|\(\["|>")([^"`\\]*)(?:"\)|"\)\]|"\}\}|"\]\)|"\])'
    edge = r'  \w+ (?:-->|-\. "before" \.->) \w+'
    for held in (hostile(), layers_of(3, 3)):
        _, _, *lines = mermaid(held).splitlines()
        labels = [match[1] for line in lines if (match := re.fullmatch(node, line))]
        assert all(re.fullmatch(node, line) or re.fullmatch(edge, line) for line in lines)
        assert not [label for label in labels if re.search(r"[<>&;#]", re.sub(r"<br/>|#\d+;", "", label))]


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not here: apt-get install graphviz")
@pytest.mark.parametrize("held", [hostile(), layers_of(4, 4)], ids=["hostile", "usual"])
def test_graphviz_reads_a_dot_file(held: ServiceGraph) -> None:
    done = subprocess.run(["dot", "-Tsvg"], input=dot(held), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.count('class="edge"') == dot(held).count(" -> ")


def test_places_are_told_where_they_are_wanted() -> None:
    held = graph("web", "db", calls=["web db"])
    assert "needs" not in plain(tree(held)) and "needs" in plain(tree(held, lambda shown: shown.why))
