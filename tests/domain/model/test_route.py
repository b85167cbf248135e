"""The way to a server: what is refused, where a path lies, which proxy is taken."""

import pytest

from kforge.domain.model.route import barred, below, proxy

PROXIES = {
    "HTTPS_PROXY": "http://proxy.example:3128",
    "no_proxy": "corp.example, .inner.example,10.0.0.0/8 gate.example:8443",
}


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/v1",
        "http://gpu01:8000/v1",
        "ftp://x",
        "https://u:p@x/v1",
        "https://x/v1?key=1",
        "",
        "https://ü/v1",
    ],
)
def test_an_address_that_is_no_safe_one_is_refused(url):
    assert barred(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/v1", "http://localhost:1", "http://[::1]:8080/v1", "https://gpu01:8000/v1"]
)
def test_this_machine_may_be_asked_in_the_clear(url):
    assert barred(url) == ""


@pytest.mark.parametrize(
    ("base", "path", "found"),
    [
        ("https://api.openai.com/v1", "/chat/completions", "/v1/chat/completions"),
        ("https://api.openai.com/v1/", "/models", "/v1/models"),
        ("https://api.anthropic.com", "/v1/messages", "/v1/messages"),
        ("https://gate.example/anthropic/v1", "/v1/messages", "/anthropic/v1/messages"),
        ("https://x.openai.azure.com/openai/v1/", "/models", "/openai/v1/models"),
    ],
)
def test_a_path_lies_below_the_base(base, path, found):
    assert below(base, path) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://api.openai.com/v1", "http://proxy.example:3128"),
        ("https://127.0.0.1:8000/v1", ""),
        ("https://localhost/v1", ""),
        ("https://corp.example/v1", ""),
        ("https://llm.corp.example/v1", ""),
        ("https://notcorp.example/v1", "http://proxy.example:3128"),
        ("https://llm.inner.example/v1", ""),
        ("https://10.1.2.3/v1", ""),
        ("https://gate.example:8443/v1", ""),
        ("https://gate.example/v1", "http://proxy.example:3128"),
    ],
)
def test_the_environment_names_the_proxy_and_who_goes_without(url, found):
    assert proxy(url, PROXIES) == found


def test_a_star_sends_everybody_directly():
    assert proxy("https://x.example", {"https_proxy": "p:1", "NO_PROXY": "*"}) == ""


def test_a_proxy_without_scheme_is_an_http_one():
    assert proxy("https://x.example", {"all_proxy": "p.example:1"}) == "http://p.example:1"
