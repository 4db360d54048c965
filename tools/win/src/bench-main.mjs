/**
 * `npm run bench:win`: round trips and throughput of portals on Windows, beside those of `net` on a named pipe in the
 * same run. Under Wine only the ratios mean anything.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Node } from "ipcz";
import { ASK, readFrames, writeFrame } from "./bench-frames.mjs";

const ROUNDS = 9;
const TRIPS = 300;
const TRIP_BYTES = 64;
const BULK_MESSAGES = 400;
const BULK_BYTES = 65_536;
const far = new URL("./bench-far.mjs", import.meta.url);

async function openNet() {
  const path = String.raw`\\.\pipe\ipcz-bench-${process.pid}`;
  const server = createServer();
  server.listen(path);
  await once(server, "listening");
  const child = spawn(process.execPath, [fileURLToPath(far), "net", path], { stdio: "inherit" });
  const [socket] = await once(server, "connection");
  const waiting = [];
  readFrames(socket, (message) => waiting.shift()?.(message));
  return {
    send: (message) => writeFrame(socket, message),
    next: () => new Promise((resolve) => waiting.push(resolve)),
    async close() {
      socket.end();
      server.close();
      await once(child, "close");
    },
  };
}

async function openPortal() {
  const node = new Node();
  const { portal, process: child } = await node.fork(far, ["portal"], { execArgv: [] });
  return {
    send: (message) => portal.put(message),
    next: () => portal.receive(),
    async close() {
      const ended = once(child, "close");
      portal.close();
      await ended;
      node.close();
    },
  };
}

/** Microseconds of one round trip, the median of many. */
async function roundTrip({ send, next }) {
  const message = Buffer.alloc(TRIP_BYTES, 1);
  message[0] = ASK.echo;
  const times = [];
  for (let trip = 0; trip < TRIPS; trip++) {
    const start = performance.now();
    send(message);
    await next();
    times.push(1000 * (performance.now() - start));
  }
  return median(times);
}

/** MiB a second, until the last message has been answered. */
async function throughput({ send, next }) {
  const message = Buffer.alloc(BULK_BYTES, 1);
  message[0] = ASK.take;
  const last = Buffer.from(message);
  last[0] = ASK.echo;
  const start = performance.now();
  for (let sent = 1; sent < BULK_MESSAGES; sent++) send(message);
  send(last);
  await next();
  return (BULK_MESSAGES * BULK_BYTES) / 2 ** 20 / ((performance.now() - start) / 1000);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

const ways = { net: await openNet(), portal: await openPortal() };
const results = { net: { trip: [], bulk: [] }, portal: { trip: [], bulk: [] } };
// By turns, so that whatever else the machine does meets both.
for (let round = 0; round < ROUNDS; round++)
  for (const [name, way] of Object.entries(ways)) {
    results[name].trip.push(await roundTrip(way));
    results[name].bulk.push(await throughput(way));
  }
for (const way of Object.values(ways)) await way.close();

const ratios = (what) =>
  results.portal[what].map((value, round) => value / results.net[what][round]);
const number = (value) => value.toFixed(value < 10 ? 2 : 0);
console.log(`\n${ROUNDS} rounds by turns; medians, and the range of the ratios`);
console.log("             net   portal    ratio");
for (const [what, title] of [
  ["trip", "round trip, us"],
  ["bulk", "MiB a second  "],
]) {
  const all = ratios(what);
  const cells = [median(results.net[what]), median(results.portal[what]), median(all)];
  const range = `${number(Math.min(...all))} to ${number(Math.max(...all))}`;
  console.log(`${title} ${cells.map((cell) => number(cell).padStart(7)).join(" ")}   (${range})`);
}
console.log("bench: ok");
