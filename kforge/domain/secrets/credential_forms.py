"""The forms of credentials that give themselves away: what each is called, and its pattern. Data, read by
credentials.py.

They are the forms that their makers publish for secret scanners. `HINTS` and `HINT_PATTERNS` hold a part of each, so
that a text without any is passed over at once; tests hold the two together.
"""

from __future__ import annotations

FORMS = (
    ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    ("an Alibaba Cloud access key", r"\bLTAI[A-Za-z0-9]{16,24}\b"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{50,}\b"),
    ("a GitLab token", r"\bgl(?:pat|dt|rt|cbt|ptt|soat|ft|imt|agent)-[A-Za-z0-9_.-]{20,}"),
    ("an Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    ("an OpenAI key", r"\bsk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_]{20,}[A-Za-z0-9_-]*"),
    ("a Groq key", r"\bgsk_[A-Za-z0-9]{40,}\b"),
    ("an xAI key", r"\bxai-[A-Za-z0-9]{60,}\b"),
    ("a Perplexity key", r"\bpplx-[A-Za-z0-9]{40,}\b"),
    ("a Replicate token", r"\br8_[A-Za-z0-9]{37}\b"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("a Google OAuth token", r"\bya29\.[A-Za-z0-9_-]{20,}"),
    ("a Google client secret", r"\bGOCSPX-[A-Za-z0-9_-]{28}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}"),
    ("a Slack webhook", r"hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{16,}"),
    ("a Discord webhook", r"discord(?:app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]{60,}"),
    ("a Discord token", r"\b[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    ("a Telegram token", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}"),
    ("a Stripe key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9+/]{32,}"),
    ("a Square token", r"\bsq0[a-z]{3}-[A-Za-z0-9_-]{22,}|\bEAAA[A-Za-z0-9_-]{60}\b"),
    ("a Shopify token", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b"),
    ("a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    ("a Mailgun key", r"\bkey-[0-9a-f]{32}\b"),
    ("a Mailchimp key", r"\b[0-9a-f]{32}-us\d{1,2}\b"),
    ("a Twilio key", r"\bSK[0-9a-f]{32}\b"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", r"\bpypi-[A-Za-z0-9_-]{50,}"),
    ("a RubyGems key", r"\brubygems_[a-f0-9]{48}\b"),
    ("a NuGet key", r"\boy2[a-z0-9]{43}\b"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}\b"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    ("a Docker Hub token", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    ("a HashiCorp Vault token", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}"),
    ("a Terraform token", r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}"),
    ("a Pulumi token", r"\bpul-[a-f0-9]{40}\b"),
    ("a Databricks token", r"\bdapi[a-f0-9]{32}\b"),
    ("a Doppler token", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{40,}"),
    ("a Grafana token", r"\bglsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}\b|\bglc_[A-Za-z0-9+/]{32,}={0,2}"),
    ("a Sentry token", r"\bsntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    ("a New Relic key", r"\bNR(?:AK|II|JS)-[A-Za-z0-9]{27,}\b"),
    ("a Postman key", r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b"),
    ("a Linear key", r"\blin_api_[A-Za-z0-9]{40}\b"),
    ("a Notion token", r"\b(?:secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,})\b"),
    ("an Airtable token", r"\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}\b"),
    ("an Atlassian token", r"\bATATT3[A-Za-z0-9_=-]{60,}"),
    ("a PlanetScale password", r"\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{30,}"),
    ("a Supabase token", r"\bsbp_[a-f0-9]{40}\b"),
    ("a Fly.io token", r"\bfo1_[A-Za-z0-9_-]{40,}"),
    ("an age key", r"\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b"),
    ("an Azure storage key", r"\bAccountKey=[A-Za-z0-9+/]{60,}={0,2}"),
    ("an Azure client secret", r"(?<![\w~.-])[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}"),
    ("an Azure signature", r"[?&]sig=[A-Za-z0-9%+/]{40,}(?:%3D|=)?"),
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ("a JSON Web Token", r"\beyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
)
# A literal part of each form, or a pattern where it has none that ordinary words lack. Looked for one after the other,
# since `in` takes a twentieth of the time of one pattern with as many alternatives.
HINTS = (
    "AKIA", "ASIA", "LTAI", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat", "sk-", "gsk_", "xai-", "pplx-", "r8_", "AIza",
    "ya29", "GOCSPX", "xox", "xapp", "slack", "discord", ":AA", "k_live", "k_test", "whsec_", "sq0", "EAAA", "shpat_",
    "shpca_", "shppa_", "shpss_", "SG.", "key-", "npm_", "pypi-", "rubygems_", "oy2", "hf_", "dop_", "doo_", "dor_", "dckr",
    "hvs.", "hvb.", "hvr.", "atlasv1", "pul-", "dapi", "dp.", "glsa_", "glc_", "sntry", "NRAK", "NRII", "NRJS", "PMAK",
    "lin_api", "secret_", "ntn_", "ATATT3", "pscale_", "sbp_", "fo1_", "AGE-SECRET", "AccountKey", "7Q~", "8Q~", "sig=", "eyJ",
)  # fmt: skip
HINT_PATTERNS = (r"gl[a-z]{2,5}-", r"\.[\w-]{6}\.", r"-us\d", r"SK[0-9a-f]{8}", r"pat\w{14}\.")
# What every form consists of, and the fewest characters of one; a private key's first line alone has blanks.
RUN = r"[A-Za-z0-9_.+/=~:%-]{15,}"
BLANKS = "PRIVATE KEY"
