/**
 * The demo: three processes, and a route that shortens by itself.
 *
 * B makes a pair of portals and sends one end to A; A forwards it to C. Then B and C talk directly, with A out of the
 * way, and go on when A is killed. The launcher is the broker that introduces them; it carries none of their parcels.
 */
import process from "node:process";
import { awaitReport, go } from "./control.ts";
import { check, checkCount, heading, say } from "./narrator.ts";
import { type Member, Network } from "./network.ts";
import { BIG_PARCEL_BYTES, PINGS, SMALL_PARCELS } from "./payload.ts";

/** Longest silence before the demo gives up, milliseconds; a healthy step takes a fraction of a second. */
const STALL_MS = 60_000;

interface Cast {
  readonly network: Network;
  readonly a: Member;
  readonly b: Member;
  readonly c: Member;
}

let scene = "";

function begin(title: string): void {
  scene = title;
  heading(title);
}

async function main(): Promise<void> {
  const network = new Network();
  const stalled = setTimeout(() => {
    fail(network, new Error(`nothing happened for ${STALL_MS / 1000} s`));
  }, STALL_MS);
  try {
    const cast = openScene(network);
    await introduce(cast);
    await handOver(cast);
    await sendParcels(cast);
    await killTheMiddle(cast);
    await close(cast);
  } catch (error) {
    fail(network, error);
  }
  clearTimeout(stalled);
  console.log(`\ndemo: ok (${checkCount()} checks)`);
}

function fail(network: Network, error: unknown): never {
  network.kill();
  console.error(`\ndemo: FAILED in "${scene}": ${String(error)}`);
  process.exit(1);
}

function openScene(network: Network): Cast {
  begin("1. Four processes: a broker, and three that know only the broker");
  const a = network.start("A", "a.js");
  const b = network.start("B", "b.js");
  const c = network.start("C", "c.js");
  say(
    `broker   pid ${process.pid}   this process; names and introduces, carries no parcel of theirs`,
  );
  for (const { name, process: child } of [a, b, c])
    say(`${name}        pid ${child.pid ?? "?"}   node ${child.spawnargs.slice(1).join(" ")}`);
  return { network, a, b, c };
}

async function introduce({ network, a, b, c }: Cast): Promise<void> {
  begin("2. A gets to know B, and C");
  const [atA, atB] = network.openPair();
  const [alsoAtA, atC] = network.openPair();
  go(b.control, "meet A", [atB]);
  go(c.control, "meet A", [atC]);
  go(a.control, "meet B", [atA]);
  go(a.control, "meet C", [alsoAtA]);
  const { routers } = await awaitReport(a.control, "met both");
  await awaitReport(b.control, "met A");
  await awaitReport(c.control, "met A");
  say("links: broker–A, broker–B, broker–C (start), A–B, A–C (introduced); none between B and C");
  check(routers === 3, "A holds three portals: to the broker, to B, to C");
}

async function handOver({ a, b, c }: Cast): Promise<void> {
  begin("3. B makes a pair and sends one end to A; A forwards it to C");
  go(b.control, "hand over");
  const atA = await awaitReport(a.control, "got a portal");
  say(`A: got a portal with the words "${atA["text"]}", and passes it on`);
  const before = await awaitReport(c.control, "got the portal");
  say(`C: got it with the words "${before["text"]}"; its next hop is ${hop(before)}`);
  const fromB = await awaitReport(b.control, "direct");
  const fromC = await awaitReport(c.control, "direct");
  say("before:  B ── A ── C    2 hops, A in the middle");
  check(before["link"] === "outward", "at first C's link led to a proxy, at A");
  say(`after:   B ───── C      1 hop; B's next hop is ${hop(fromB)}, C's is ${hop(fromC)}`);
  check(fromB["link"] === "central" && fromC["link"] === "central", "B and C share the one link");
  check(before["node"] !== fromC["node"], "C's next hop is another node than before");
  go(a.control, "count");
  const { routers } = await awaitReport(a.control, "counted");
  check(routers === 3, "A is out of the way: it holds its own three portals, and no proxy");
}

function hop(facts: Readonly<Record<string, string | number | null>>): string {
  return `node ${String(facts["node"]).slice(0, 8)}… (${facts["link"]} link)`;
}

async function sendParcels({ b, c }: Cast): Promise<void> {
  begin(`4. ${SMALL_PARCELS} small parcels and one of ${BIG_PARCEL_BYTES >> 20} MiB from B to C`);
  go(b.control, "send");
  const sent = await awaitReport(b.control, "sent");
  const received = await awaitReport(c.control, "received");
  say(`B sent     ${sent["bytes"]} bytes, sha256 ${String(sent["sha256"]).slice(0, 16)}…`);
  say(`C received ${received["bytes"]} bytes, sha256 ${String(received["sha256"]).slice(0, 16)}…`);
  check(sent["sha256"] === received["sha256"], "everything arrived, in order and unchanged");
}

async function killTheMiddle({ a, b, c }: Cast): Promise<void> {
  begin("5. A is killed");
  a.process.kill("SIGKILL");
  check((await a.ended) === "SIGKILL", `A (pid ${a.process.pid ?? "?"}) died of SIGKILL`);
  await awaitReport(b.control, "A is gone");
  await awaitReport(c.control, "A is gone");
  say("B and C each saw the portal to A close");
  const { pings } = await awaitReport(b.control, "pinged");
  check(pings === PINGS, `B and C go on talking: ${PINGS} pings, ${PINGS} answers`);
}

async function close({ network, b, c }: Cast): Promise<void> {
  begin("6. C closes its portal");
  go(c.control, "close");
  await awaitReport(c.control, "closed");
  await awaitReport(b.control, "peer closed");
  check(true, "B sees that its peer is closed");
  network.close();
  check((await b.ended) === "exit code 0", "B ended by itself");
  check((await c.ended) === "exit code 0", "C ended by itself");
}

await main();
