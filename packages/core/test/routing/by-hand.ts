import { runRandom } from "./random-network.ts";
const [first = "1", count = "200", only = "", verbose = ""] = process.argv.slice(2);
import { RandomNetwork } from "./random-network.ts";
import { RANDOM_MODES as modes } from "./random-modes.ts";
for (const [name, options] of Object.entries(modes)) {
  if (only && !only.split(",").some((part) => name.includes(part))) continue;
  const start = Date.now();
  let failures = 0;
  const kinds = new Map<string, number[]>();
  for (let seed = Number(first); seed < Number(first) + Number(count); seed++)
    try {
      runRandom({ seed, ...options });
    } catch (error) {
      failures++;
      const text = (error as Error).message;
      const line = /\}: ([^\n]*)/.exec(text)?.[1] ?? text.slice(0, 200);
      const kind = line.replace(/\d+/g, "#");
      kinds.set(kind, [...(kinds.get(kind) ?? []), seed]);
      if (verbose) {
        console.log(text);
        process.exit(1);
      }
    }
  if (process.env["STATS"]) {
    const ids = new Map<string, number>();
    for (let seed = Number(first); seed < Number(first) + 20; seed++) {
      const net = new RandomNetwork({ seed, ...options });
      try {
        net.run();
      } catch {
        /* counted above */
      }
      for (const line of net.log) {
        const id = /: (\d+)$/.exec(line)?.[1] ?? line.split(" ")[1] ?? "";
        ids.set(id, (ids.get(id) ?? 0) + 1);
      }
    }
    console.log(
      [...ids]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => `${k}:${v}`)
        .join(" "),
    );
  }
  console.log(`${name}: ${count} seeds, ${failures} failures, ${Date.now() - start} ms`);
  for (const [kind, seeds] of kinds)
    console.log(`   ${seeds.length}x ${kind} (${seeds.slice(0, 5).join()})`);
}
