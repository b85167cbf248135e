import { readFileSync } from "node:fs";

const DEFAULTS = { banner: "", checkout: true };

// What marketing may switch without a release: a JSON file, mounted from a ConfigMap.
export function readFeatures(path) {
  return path ? { ...DEFAULTS, ...JSON.parse(readFileSync(path, "utf8")) } : DEFAULTS;
}
