"""Keys and tokens for tests, made up from a seed: none is real, and none stands in this repository as it would be found."""

from __future__ import annotations

import base64
import json
import random
import string
from typing import NamedTuple

HEX, UPPER, LETTERS = "0123456789abcdef", string.ascii_uppercase + "234567", string.ascii_letters + string.digits


class Planted(NamedTuple):
    """A credential: what it is, the name it is usually given ("" where its form alone gives it away), and the secret."""

    kind: str
    name: str
    secret: str

    @property
    def needles(self) -> tuple[str, ...]:
        """What must be found nowhere: the secret, and for one of several lines each of its longer lines."""
        return (self.secret,) if "\n" not in self.secret else tuple(line for line in self.secret.split("\n") if len(line) > 20 and "---" not in line)


def _made() -> list[Planted]:
    rng = random.Random("kforge")

    def word(length: int, letters: str = LETTERS) -> str:
        return "".join(rng.choice(letters) for _ in range(length))

    def mixed(length: int) -> str:
        return f"{word(length - 4)}x7Q{rng.randint(0, 9)}"

    def block(label: str) -> str:
        begin, end = "-----BEGIN", "-----END"
        return "\n".join([f"{begin} {label}-----", *(word(64) for _ in range(6)), f"{end} {label}-----"])

    def part(data: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    jwt = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': '1234567890', 'name': 'x'})}.{mixed(43)}"
    own = [
        ("AWS access key", "AK" + "IA" + word(16, UPPER)), ("AWS temporary key", "AS" + "IA" + word(16, UPPER)), ("GitHub token", "gh" + "p_" + mixed(36)),
        ("GitHub app token", "gh" + "s_" + mixed(36)), ("GitHub fine-grained token", "github_" + "pat_" + mixed(82)), ("GitLab token", "gl" + "pat-" + mixed(20)),
        ("Anthropic key", "sk-" + "ant-api03-" + mixed(93)), ("OpenAI project key", "sk-" + "proj-" + mixed(64)), ("OpenAI key", "sk-" + mixed(48)),
        ("Groq key", "gs" + "k_" + mixed(52)), ("Google API key", "AI" + "za" + mixed(35)), ("Google OAuth token", "ya" + "29." + mixed(60)),
        ("Google client secret", "GOC" + "SPX-" + mixed(28)), ("Slack bot token", "xo" + "xb-" + word(12, "0123456789") + "-" + mixed(24)),
        ("Slack webhook", "https://hooks." + f"slack.com/services/T{word(8, UPPER)}/B{word(8, UPPER)}/{mixed(24)}"), ("Discord webhook", f"https://discord.com/api/webhooks/{word(18, '0123456789')}/{mixed(68)}"),
        ("Telegram token", f"{word(9, '123456789')}:A" + "A" + mixed(33)), ("Stripe key", "sk_" + "live_" + mixed(24)), ("Stripe webhook", "wh" + "sec_" + mixed(32)),
        ("Square token", "sq0" + "atp-" + mixed(22)), ("Shopify token", "shp" + "at_" + word(32, HEX)), ("SendGrid key", "S" + f"G.{mixed(22)}.{mixed(43)}"),
        ("Mailgun key", "ke" + "y-" + word(32, HEX)), ("Twilio key", "S" + "K" + word(32, HEX)), ("npm token", "np" + "m_" + mixed(36)), ("PyPI token", "py" + "pi-" + mixed(90)),
        ("Hugging Face token", "h" + "f_" + mixed(34)), ("DigitalOcean token", "do" + "p_v1_" + word(64, HEX)), ("Docker Hub token", "dck" + "r_pat_" + mixed(27)),
        ("Vault token", "hv" + "s." + mixed(90)), ("Terraform token", f"{word(14)}.atlas" + "v1." + mixed(67)), ("Databricks token", "da" + "pi" + word(32, HEX)),
        ("Grafana token", "gl" + f"sa_{mixed(32)}_{word(8, HEX)}"), ("New Relic key", "NR" + "AK-" + word(27, UPPER)), ("Linear key", "lin_" + "api_" + mixed(40)),
        ("age key", "AGE-SECRET-" + "KEY-1" + word(58, UPPER)), ("Azure storage key", "AccountName=shop;Account" + "Key=" + mixed(86) + "=="), ("Azure client secret", f"{word(3)}8" + "Q~" + mixed(34)),
        ("JSON Web Token", jwt), ("RSA key", block("RSA PRIVATE KEY")), ("OpenSSH key", block("OPENSSH PRIVATE KEY")),
    ]  # fmt: skip
    named = [
        ("AWS secret key", "AWS_SECRET_ACCESS_KEY", mixed(40)), ("Datadog key", "DD_API_KEY", word(32, HEX)), ("database password", "DB_PASSWORD", "c0rrect-h0rse-9"),
        ("short password", "ADMIN_PASSWORD", "hunter2"), ("Django secret key", "SECRET_KEY", mixed(50)), ("session secret", "SESSION_SECRET", word(48, HEX)),
    ]  # fmt: skip
    urls = [
        ("URL of a database", f"postgres://shop:{mixed(14)}@db.acme.internal/shop"), ("URL of Redis", f"redis://:{mixed(16)}@cache:6379/0"),
        ("URL of a package index", f"https://deploy:{mixed(18)}@pypi.acme.internal/simple"), ("Authorization header", f"Authorization: Bearer {mixed(40)}"),
    ]  # fmt: skip
    return [*(Planted(kind, "", secret) for kind, secret in own), *(Planted(*item) for item in named), *(Planted(kind, "", secret) for kind, secret in urls)]


PLANTED = tuple(_made())
