"""Keys and tokens for tests, made up from a seed: none is real, and none stands in this repository as it would be
found.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from typing import NamedTuple

HEX, UPPER, LETTERS = "0123456789abcdef", string.ascii_uppercase + "234567", string.ascii_letters + string.digits


class Planted(NamedTuple):
    """A credential: what it is, the name it is usually given ("" where its form or its place gives it away), the
    secret, and the place.
    """

    kind: str
    name: str
    secret: str
    place: str = ""  # `SECRET` stands in it

    @property
    def text(self) -> str:
        """The secret in its place."""
        return self.place.replace("SECRET", self.secret) if self.place else self.secret

    @property
    def told(self) -> str:
        """The same within a sentence."""
        return self.text if self.place else f"{self.name or 'value'}={self.secret}"

    @property
    def literal(self) -> str:
        """The same as a text of Python, written as people do."""
        quote = "'''" if '"' in self.text else '"""' if set(self.text) & {"\n", "\\"} else '"'
        raw = "r" if "\\" in self.text else ""
        return f"{raw}{quote}{self.text}{quote}"

    @property
    def needles(self) -> tuple[str, ...]:
        """What must be found nowhere: the secret; of one of several lines each longer line, of one in its place each
        longer part.
        """
        if "\n" in self.secret:
            return tuple(line for line in self.secret.split("\n") if len(line) > 20 and "---" not in line)
        parts = re.split("[@/]", self.secret) if self.place else []
        return tuple(dict.fromkeys((self.secret, *(part for part in parts if len(part) > 6))))


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
        ("AWS access key", "AK" + "IA" + word(16, UPPER)),
        ("AWS temporary key", "AS" + "IA" + word(16, UPPER)),
        ("GitHub token", "gh" + "p_" + mixed(36)),
        ("GitHub app token", "gh" + "s_" + mixed(36)),
        ("GitHub fine-grained token", "github_" + "pat_" + mixed(82)),
        ("GitLab token", "gl" + "pat-" + mixed(20)),
        ("Anthropic key", "sk-" + "ant-api03-" + mixed(93)),
        ("OpenAI project key", "sk-" + "proj-" + mixed(64)),
        ("OpenAI key", "sk-" + mixed(48)),
        ("Groq key", "gs" + "k_" + mixed(52)),
        ("Google API key", "AI" + "za" + mixed(35)),
        ("Google OAuth token", "ya" + "29." + mixed(60)),
        ("Google client secret", "GOC" + "SPX-" + mixed(28)),
        ("Slack bot token", "xo" + "xb-" + word(12, "0123456789") + "-" + mixed(24)),
        ("Slack webhook", "https://hooks." + f"slack.com/services/T{word(8, UPPER)}/B{word(8, UPPER)}/{mixed(24)}"),
        ("Discord webhook", f"https://discord.com/api/webhooks/{word(18, '0123456789')}/{mixed(68)}"),
        ("Telegram token", f"{word(9, '123456789')}:A" + "A" + mixed(33)),
        ("Stripe key", "sk_" + "live_" + mixed(24)),
        ("Stripe webhook", "wh" + "sec_" + mixed(32)),
        ("Square token", "sq0" + "atp-" + mixed(22)),
        ("Shopify token", "shp" + "at_" + word(32, HEX)),
        ("SendGrid key", "S" + f"G.{mixed(22)}.{mixed(43)}"),
        ("Mailgun key", "ke" + "y-" + word(32, HEX)),
        ("Twilio key", "S" + "K" + word(32, HEX)),
        ("npm token", "np" + "m_" + mixed(36)),
        ("PyPI token", "py" + "pi-" + mixed(90)),
        ("Hugging Face token", "h" + "f_" + mixed(34)),
        ("DigitalOcean token", "do" + "p_v1_" + word(64, HEX)),
        ("Docker Hub token", "dck" + "r_pat_" + mixed(27)),
        ("Vault token", "hv" + "s." + mixed(90)),
        ("Terraform token", f"{word(14)}.atlas" + "v1." + mixed(67)),
        ("Databricks token", "da" + "pi" + word(32, HEX)),
        ("Grafana token", "gl" + f"sa_{mixed(32)}_{word(8, HEX)}"),
        ("New Relic key", "NR" + "AK-" + word(27, UPPER)),
        ("Linear key", "lin_" + "api_" + mixed(40)),
        ("age key", "AGE-SECRET-" + "KEY-1" + word(58, UPPER)),
        ("Azure storage key", "AccountName=shop;Account" + "Key=" + mixed(86) + "=="),
        ("Azure client secret", f"{word(3)}8" + "Q~" + mixed(34)),
        ("JSON Web Token", jwt),
        ("RSA key", block("RSA PRIVATE KEY")),
        ("OpenSSH key", block("OPENSSH PRIVATE KEY")),
    ]
    named = [
        ("AWS secret key", "AWS_SECRET_ACCESS_KEY", mixed(40)),
        ("Datadog key", "DD_API_KEY", word(32, HEX)),
        ("database password", "DB_PASSWORD", "c0rrect-h0rse-9"),
        ("short password", "ADMIN_PASSWORD", "hunter2"),
        ("Django secret key", "SECRET_KEY", mixed(50)),
        ("session secret", "SESSION_SECRET", word(48, HEX)),
    ]
    places = [
        ("URL of a database", mixed(14), "postgres://shop:SECRET@db.acme.internal/shop"),
        ("URL of Redis", mixed(16), "redis://:SECRET@cache:6379/0"),
        ("URL of a package index", mixed(18), "https://deploy:SECRET@pypi.acme.internal/simple"),
        ("Authorization header", mixed(40), "Authorization: Bearer SECRET"),
        ("short Authorization header", mixed(12), "Authorization: Basic SECRET"),
        ("password with an at sign", f"p@{mixed(12)}", "postgres://shop:SECRET@db/shop"),
        ("password with a slash", f"a/{mixed(12)}", "postgres://shop:SECRET@db/shop"),
        ("URL of a repository", mixed(18), "git+https://ci:SECRET@git.acme.internal/a/b.git@v1"),
        ("second URL of a list", mixed(12), "amqp://a:$(PASSWORD)@mq-0,amqp://a:SECRET@mq-1"),
        ("data source of Go", mixed(12), "shop:SECRET@tcp(db:3306)/shop"),
        ("variable of a container", "hunter2", "- name: DB_PASSWORD\n  value: SECRET"),
        ("variable of a container in JSON", mixed(12), '{"name": "DB_PASSWORD", "value": "SECRET"}'),
        ("typed constant", mixed(12), 'const apiKey: string = "SECRET";'),
        ("folded YAML", mixed(12), "password: >-\n  SECRET"),
        ("literal YAML", "hunter2", "password: |-\n  SECRET"),
        ("text in brackets", mixed(12), 'PASSWORD = (\n    "SECRET"\n)'),
        ("bytes of Go", mixed(12), 'jwtKey := []byte("SECRET")'),
        ("JSON in a text", mixed(12), r"{\"password\": \"SECRET\"}"),
        ("npm login", mixed(16), "_auth=SECRET"),
        ("npm registry", mixed(16), "//registry.acme.internal/:_authToken=SECRET"),
        ("netrc", "hunter2", "machine git.acme.internal login ci password SECRET"),
        ("curl login", mixed(12), "curl -u admin:SECRET https://acme.internal"),
        ("mysql password", "hunter", "mysql -uroot -pSECRET shop"),
        ("sshpass password", "hunter", "sshpass -p 'SECRET' ssh db"),
        ("Redis password", "hunter", "redis-cli -h cache -a SECRET ping"),
        ("registry login", mixed(12), "docker login -u ci -p SECRET registry.acme.internal"),
        ("Python login", mixed(12), 'requests.get(url, auth=("admin", "SECRET"))'),
        ("Go login", mixed(12), 'req.SetBasicAuth("admin", "SECRET")'),
        ("default of an option", mixed(12), 'add_argument("--password", default="SECRET")'),
    ]
    return [
        *(Planted(kind, "", secret) for kind, secret in own),
        *(Planted(*item) for item in named),
        *(Planted(kind, "", secret, place) for kind, secret, place in places),
    ]


PLANTED = tuple(_made())
