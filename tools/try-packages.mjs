// `npm run pack:try`: what a stranger finds. Packs what is staged (tools/stage.mjs), installs `ipcz` with what it needs
// into an empty folder, and there runs the README's programs, which must print what it says: the first five minutes,
// whose seconds are printed. Then installs all packages, loads every entry from ESM and CommonJS, and compiles a program
// against the types with old and new TypeScript. Needs the npm registry; --help for options.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** The oldest TypeScript that is supported, and later ones up to the newest. */
const TYPESCRIPTS = ["5.5.4", "5.9.3", "6.0.2", "7.0.2"];
const TYPES_OF_NODE = "20.19.43";

/** Types in use as a program would: inference, disposal, iteration, errors. */
const FIRST_PROGRAM = `import { DescriptorStream, IpczError, Node, type Parcel, type Portal } from "ipcz";
import { inspectPortal, type PortalInspection } from "ipcz/inspect";
import { ThreadNode } from "ipcz/threads";
const node: Node = new Node();
const [portal, peer]: [Portal, Portal] = node.openPortals();
const hasRoom: boolean = portal.put({ bytes: "text", handles: [] });
const parcel: Parcel | null = await peer.receive({ signal: AbortSignal.timeout(1000) });
export const size: number = parcel?.bytes.byteLength ?? Number(hasRoom);
try {
  for await (const each of peer) console.log(each.text(), each.portals.length);
} catch (error) {
  if (error instanceof IpczError) console.log(error.code satisfies string);
}
{
  using last = portal;
  last.put(new Uint8Array(3));
}
export const seen: PortalInspection | null = inspectPortal(peer);
export const stream: NodeJS.ReadWriteStream = new DescriptorStream(peer, { windowDescriptors: 20 });
export const thread = new ThreadNode({ broker: false });
`;

/** Loads what is beside the main entry, and uses it. */
const SUBPATHS_PROGRAM = `import { Node } from "ipcz";
import { inspectNode, inspectPortal, inspectProcess } from "ipcz/inspect";
import { ThreadNode } from "ipcz/threads";
const nodes = [new Node(), new ThreadNode()];
const portals = nodes.map((node) => node.openPortals()[0]);
console.log(
  portals.every((portal) => inspectPortal(portal).isDirect),
  nodes.every((node) => inspectNode(node).driver !== null),
  inspectProcess().routers.length,
);
`;

const root = fileURLToPath(new URL("../", import.meta.url));
const { values } = parseArgs({ options: { keep: { type: "boolean" }, help: { type: "boolean" } } });
if (values.help) {
  console.log("npm run pack:try [-- --keep]\n\n  --keep   leave the folder, and say where it is");
  process.exit(0);
}

const scratch = mkdtempSync(join(tmpdir(), "try-"));
const home = join(scratch, "program");
let failed = 0;
try {
  const packed = packAll();
  await firstMinutes(packed);
  await step("install all packages", () => install(packed));
  await step("ipcz/inspect and ipcz/threads", () =>
    expectPrinted(node("--input-type=module", "-e", SUBPATHS_PROGRAM), "true true 4\n"),
  );
  for (const { manifest } of packed) {
    await step(`${manifest.name}: require`, () => node("-e", loadAll(manifest, "require")));
    await step(`${manifest.name}: import`, () =>
      node("--input-type=module", "-e", loadAll(manifest, "await import")),
    );
  }
  for (const version of TYPESCRIPTS) await tryTypeScript(version, packed);
} finally {
  if (values.keep) console.log(`left in ${scratch}`);
  else rmSync(scratch, { recursive: true });
}
console.log(failed === 0 ? "a stranger gets on with the packages" : `${failed} wrong`);
process.exitCode = failed === 0 ? 0 : 1;

/** Packs every staged package that fits this system, and lists what they weigh. */
function packAll() {
  const packed = readdirSync(join(root, "packages")).flatMap((dir) => {
    const staged = join(root, "packages", dir, ".publish");
    let manifest;
    try {
      manifest = JSON.parse(readFileSync(join(staged, "package.json"), "utf8"));
    } catch {
      return [];
    }
    if (manifest.os && !manifest.os.includes(process.platform)) return [];
    const [info] = JSON.parse(
      run("npm", ["pack", staged, "--json", "--pack-destination", scratch], scratch),
    );
    return [{ manifest, info, tarball: join(scratch, info.filename) }];
  });
  console.log("package                packed KiB  unpacked KiB  files");
  for (const { manifest, info } of packed)
    console.log(
      manifest.name.padEnd(22) +
        kib(info.size).padStart(11) +
        kib(info.unpackedSize).padStart(14) +
        String(info.entryCount).padStart(7),
    );
  return packed;
}

/** From an empty folder to the README's programs; what a registry would resolve is given as tarballs. */
async function firstMinutes(packed) {
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), '{ "private": true, "type": "module" }\n');
  const needed = neededBy("ipcz", packed);
  const seconds = [];
  const first = async (what, body) =>
    seconds.push(`${what} ${(await step(what, body)).toFixed(1)}`);
  await first("install ipcz", () => install(needed));
  const promised = writeReadmePrograms();
  await first("parent and child", () =>
    expectPrinted(node("parent.mjs"), promised.get("child.mjs")),
  );
  await first("worker", () => expectPrinted(node("threads.mjs"), promised.get("worker.mjs")));
  await first("server and client", async () =>
    expectPrinted(await runServerAndClient(), promised.get("client.mjs")),
  );
  console.log(`the first minutes, in seconds: ${seconds.join(", ")}`);
}

/** A package with all those of ours that it depends on. */
function neededBy(name, packed) {
  const needed = new Set();
  const add = (wanted) => {
    const found = packed.find(({ manifest }) => manifest.name === wanted);
    if (!found || needed.has(found)) return;
    needed.add(found);
    const { dependencies, optionalDependencies } = found.manifest;
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) add(each);
  };
  add(name);
  return [...needed];
}

function install(packed) {
  const tarballs = packed.map(({ tarball }) => tarball);
  run("npm", ["install", "--no-audit", "--no-fund", ...tarballs]);
}

/**
 * Each code block of the packed README that begins with a file's name in a comment becomes that file. Answers what
 * they print, by the name of the file before the block of text.
 */
function writeReadmePrograms() {
  const text = readFileSync(join(home, "node_modules/ipcz/README.md"), "utf8");
  const blocks = [...text.matchAll(/^```js\n\/\/ (\S+\.mjs)\n[^]*?^```$/gm)];
  if (blocks.length === 0) throw new Error("the README of ipcz has no programs");
  for (const [block, name] of blocks)
    writeFileSync(join(home, name), block.split("\n").slice(1, -1).join("\n"));
  const outputs = text.matchAll(
    /^```js\n\/\/ (\S+\.mjs)\n(?:(?!^```)[^])*^```\n\n```text\n([^]*?)^```$/gm,
  );
  return new Map(Array.from(outputs, ([, name, output]) => [name, output]));
}

function expectPrinted(printed, promised) {
  if (printed === promised) return;
  throw new Error(
    `${JSON.stringify(promised)} was promised, printed was ${JSON.stringify(printed)}`,
  );
}

/** Two programs that know nothing of each other. The second starts when the first one's socket is there. */
async function runServerAndClient() {
  const listening = new Promise((resolve) => {
    const watcher = watch(home, () => {
      if (!existsSync(join(home, "mine.sock"))) return;
      watcher.close();
      resolve();
    });
  });
  const server = spawn(process.execPath, ["server.mjs"], { cwd: home, stdio: "inherit" });
  try {
    const ended = once(server, "exit");
    await Promise.race([listening, ended]);
    const printed = node("client.mjs");
    const [code] = await ended;
    if (code !== 0) throw new Error(`the server ended with ${code}`);
    return printed;
  } finally {
    server.kill();
  }
}

/** A program that loads every entry of a package by `load`, and throws when one is empty. */
function loadAll(manifest, load) {
  return entriesOf(manifest)
    .map(
      (each) =>
        `if (Object.keys(${load}(${JSON.stringify(each)})).length === 0) throw ${JSON.stringify(`${each} is empty`)};`,
    )
    .join("\n");
}

function entriesOf(manifest) {
  return Object.keys(manifest.exports)
    .filter((subpath) => !subpath.endsWith(".json"))
    .map((subpath) => manifest.name + subpath.slice(1));
}

/** Compiles a program that names every package, without skipping the declarations, for both ways of resolution. */
async function tryTypeScript(version, packed) {
  const folder = join(home, `typescript-${version}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const names = packed.flatMap(({ manifest }) => entriesOf(manifest));
  const lines = names.map((name, index) => `export * as p${index} from ${JSON.stringify(name)};`);
  writeFileSync(join(folder, "all.ts"), `${lines.join("\n")}\n`);
  writeFileSync(join(folder, "first.ts"), FIRST_PROGRAM);
  await step(`TypeScript ${version}: install`, () =>
    run(
      "npm",
      [
        "install",
        "--no-audit",
        "--no-fund",
        `typescript@${version}`,
        `@types/node@${TYPES_OF_NODE}`,
      ],
      folder,
    ),
  );
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])
    await step(`TypeScript ${version}: ${moduleResolution}`, () => {
      const compilerOptions = {
        module,
        moduleResolution,
        target: "es2022",
        lib: ["es2023", "esnext.disposable", "dom"],
        types: ["node"],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      };
      const config = join(folder, `${moduleResolution}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions, files: ["all.ts", "first.ts"] }));
      run(join(folder, "node_modules/.bin/tsc"), ["-p", config], folder);
    });
}

/** Answers how many seconds it took. */
async function step(what, body) {
  const start = performance.now();
  const passed = () => (performance.now() - start) / 1000;
  try {
    await body();
    console.log(`ok     ${what} (${passed().toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${what}\n${error.message}`);
  }
  return passed();
}

function node(...args) {
  return run(process.execPath, args);
}

/** Runs a program that must succeed within a minute; answers what it printed. */
function run(command, args, cwd = home) {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    timeout: command === "npm" ? 600_000 : 60_000,
  });
  if (status !== 0) throw new Error(`${error ?? ""}${stdout}${stderr}`.trim());
  return stdout;
}

function kib(bytes) {
  return (bytes / 1024).toFixed(1);
}
