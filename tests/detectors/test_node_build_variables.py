"""Variables to which a bundler's configuration gives the value: nothing reads them of the container."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import env, facts

READS = "const a = process.env.SITE;\nif (!a) throw new Error('SITE');\nconst b = process.env.REAL;\nif (!b) throw new Error('REAL');\n"


@pytest.mark.parametrize(
    ("path", "config"),
    [
        ("next.config.js", "module.exports = { env: { SITE: 'x' } };"),
        ("next.config.ts", "const SITE = process.env.REAL;\nexport default withIntl({ env: { SITE }, output: 'standalone' });"),
        ("vite.config.ts", "export default defineConfig({ define: { 'process.env.SITE': JSON.stringify('x') } });"),
        ("webpack.config.js", "module.exports = { plugins: [new DefinePlugin({ 'process.env.SITE': '1' })] };"),
    ],
)  # fmt: skip
def test_what_a_configuration_defines_is_not_read_later(tmp_path: Path, path: str, config: str) -> None:
    manifest = '{"dependencies": {"next": "16.0.0", "react": "19.0.0"}, "scripts": {"build": "next build", "start": "next start"}}'
    found = env(facts(tmp_path, {"package.json": manifest, "lib/app.js": READS, path: config}))
    assert "SITE" not in found
    assert found["REAL"] == (None, True)


def test_an_object_called_env_of_another_file_defines_nothing(tmp_path: Path) -> None:
    files = {
        "package.json": '{"main": "index.js"}',
        "index.js": READS,
        "spawn.js": "spawn('x', { env: { SITE: 'x' } });",
    }
    assert env(facts(tmp_path, files))["SITE"] == (None, True)
