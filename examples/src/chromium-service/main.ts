/**
 * A TypeScript program as the broker of a Chromium service process: it starts the browser's data decoder, joins it by an
 * invitation, and has it compress something. See README.md beside this file.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { gunzipSync } from "node:zlib";
import {
  ChildProcess,
  DataDecoderService,
  dataDecoderServiceName,
  invite,
  launchChild,
  mojoNode,
  parseVersion,
  serveChildProcessHost,
} from "@ipcz/mojo";

const [program = "/usr/lib/chromium/chromium"] = process.argv.slice(2);
// Methods are numbered anew in each release.
const version = parseVersion(execFileSync(program, ["--version"], { encoding: "utf8" }));
if (!version) throw new Error(`${program} does not tell its version`);

const { node, driver } = mojoNode();
const dataDirectory = mkdtempSync(join(tmpdir(), "chromium-service-"));
const { child, transport } = launchChild(driver, {
  program,
  service: dataDecoderServiceName,
  dataDirectory,
});
const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));

// What a browser asks of its child, and what the child asks of its browser: without an answer it would end itself.
const invitation = invite(node, transport, { attachments: 2 });
const childProcess = new ChildProcess(invitation.attachment(0), version);
const host = serveChildProcessHost(invitation.attachment(1), version);

const [portal, receiver] = node.openPortals();
childProcess.bindServiceInterface(dataDecoderServiceName, receiver);
const decoder = new DataDecoderService(portal, version, node);
const gzipper = decoder.bindGzipper();

const text = "a parcel from TypeScript. ".repeat(10_000);
const { bytes, place } = await gzipper.compress(Buffer.from(text), "memory");
console.log(`Chromium has made ${bytes.length} bytes of ${text.length}; they came in ${place}`);
console.log(gunzipSync(bytes).toString() === text ? "and nothing is lost" : "but not the same");

for (const { endpoint } of [gzipper, decoder, childProcess]) endpoint.close();
host.close();
invitation.close();
node.close();
console.log(`the child ended with ${await exited}`);
rmSync(dataDirectory, { recursive: true });
