/**
 * The layers inside core: imports point down, `import type` too. A layer is a folder of packages/core/src; the files
 * beside the folders stand above all of them.
 */
import type { Finding } from "../finding.ts";
import { importsOf, isSource, resolveRelative } from "../imports.ts";
import type { Repository } from "../repository.ts";

/** From the bottom up. */
export const coreLayers: readonly string[] = [
  "base",
  "wire",
  "driver",
  "memory",
  "parcels",
  "links",
  "routing",
  "node",
  "table",
  "inspect",
];
const home = "packages/core/src/";

export function checkCoreLayers(repository: Repository): Finding[] {
  const findings: Finding[] = [];
  for (const path of repository.paths) {
    if (!path.startsWith(home) || !isSource(path)) continue;
    const layer = layerOf(path);
    if (layer !== null && !coreLayers.includes(layer)) {
      findings.push({
        path,
        line: 0,
        message: `${layer} is not a layer: move the file, or give the layer its place in tools/tidy/src/boundaries/core-layers.ts`,
      });
      continue;
    }
    for (const { specifier, line } of importsOf(repository.read(path))) {
      const target = specifier.startsWith(".")
        ? resolveRelative(repository, path, specifier)
        : null;
      if (target === null || heightOf(layerOf(target)) <= heightOf(layer)) continue;
      findings.push({
        path,
        line,
        message: `${layer} imports ${specifier}, which is above it (${coreLayers.join(" < ")}): declare an interface here and let the upper layer implement it`,
      });
    }
  }
  return findings;
}

function layerOf(path: string): string | null {
  const rest = path.slice(home.length);
  return rest.includes("/") ? (rest.split("/")[0] ?? null) : null;
}

function heightOf(layer: string | null): number {
  return layer === null ? coreLayers.length : coreLayers.indexOf(layer);
}
