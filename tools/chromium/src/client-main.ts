/**
 * The program that a browser starts in place of one of its utility processes. It joins the browser's network, asks what
 * can be asked, and takes every portal that it is given: nothing is served, but everything stays connected.
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { inspectConnections } from "@ipcz/core/inspect";
import { posixDriver } from "@ipcz/driver-posix";
import {
  attachmentsMax,
  type ChromiumVersion,
  ChildProcessHost,
  invite,
  join,
  mojoNodeOver,
  parseVersion,
  transportFromBrowser,
} from "@ipcz/mojo";
import { Portal } from "ipcz";
import { type ClientOrders, type ClientReport, writeReport } from "./client-report.ts";
import { type Member, transportsBetween } from "./members.ts";
import { Traffic } from "./traffic.ts";

const betweenPingsMs = 50;

async function main(orders: ClientOrders, version: ChromiumVersion): Promise<void> {
  const traffic = new Traffic();
  const driver = traffic.watch(posixDriver({ codec: "mojo" }));
  const node = mojoNodeOver(driver, { broker: false, memV2: orders.memV2 });
  const joined = join(node, transportFromBrowser(driver));
  const seen = { portals: 0, parcels: 0 };
  const host = new ChildProcessHost(joined.attachment(1), version);
  for (let index = 0; index < attachmentsMax; index++) {
    if (index !== 1) void take(joined.attachment(index), seen);
  }
  const state = {
    pings: 0,
    hostVersion: -1,
    referred: null as string | null,
    ended: null as string | null,
  };
  const report = (): ClientReport => ({
    at: Date.now(),
    ...state,
    ...seen,
    connections: inspectConnections(node.handle)?.length ?? 0,
    traffic: traffic.counts,
  });
  try {
    state.hostVersion = await host.endpoint.queryVersion();
    state.referred = await refer({ node, driver }, traffic);
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- again and again, until the browser ends
      await host.ping();
      state.pings++;
      writeReport(orders, report());
      // oxlint-disable-next-line no-await-in-loop -- likewise
      await sleep(betweenPingsMs);
    }
  } catch (error) {
    state.ended = String(error);
    writeReport(orders, report());
  }
  joined.close();
  node.close();
  driver.dispose();
}

/** Brings a second node into the browser's network, through this one; what it hears there. */
async function refer(member: Member, traffic: Traffic): Promise<string> {
  const second = traffic.watch(posixDriver({ codec: "mojo" }));
  const newcomer = { node: mojoNodeOver(second, { broker: false }), driver: second };
  const [ours, theirs] = transportsBetween(member, newcomer);
  const invitation = invite(member.node, ours, { shareBroker: true });
  const joined = join(newcomer.node, theirs, { inheritBroker: true });
  const [here, there] = [invitation.attachment(0), joined.attachment(0)];
  here.put("welcome");
  const heard = (await there.receive())?.text() ?? "nothing";
  for (const each of [here, there, joined, invitation, newcomer.node]) each.close();
  return heard;
}

/** Keeps a portal open, reads what comes, and keeps what comes with it. */
async function take(portal: Portal, seen: { portals: number; parcels: number }): Promise<void> {
  seen.portals++;
  for await (const { handles } of portal) {
    seen.parcels++;
    for (const handle of handles) {
      if (handle instanceof Portal) void take(handle, seen);
      else handle.close();
    }
  }
  portal.close();
}

const text = process.env["IPCZ_CHROMIUM_ORDERS"];
if (text === undefined) throw new Error("this program is started by the tool's browser only");
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by this package
const given = JSON.parse(text) as ClientOrders;
const known = parseVersion(given.version);
if (!known) throw new Error(`no version: ${given.version}`);
await main(given, known);
