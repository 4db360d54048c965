/**
 * Peers that are slow without end: one that reads and writes a byte at a time, one that stands still for a long time
 * with a full socket before it, one that never reads. The node beside them goes on, loses nothing that can still get
 * there, and has its memory back when the peer is gone.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import process from "node:process";
import { IPCZ_CONNECT_NODE_TO_BROKER, type IpczHandle } from "@ipcz/api";
import type { PosixDriver } from "@ipcz/driver-posix";
import { close, connect, createNode, get, must, openPortals, put } from "./calls.ts";
import { ByteRelay } from "./byte-relay.ts";
import { type Failure, failureOf } from "./failure.ts";
import { childScript, startFirstProcess } from "./child-script.ts";
import { flood, nextHandle, putNumbered } from "./flood.ts";
import { collectGarbage } from "./garbage.ts";
import { HonestNetwork } from "./honest-network.ts";
import { openDriver } from "./open-driver.ts";
import { isPeerClosed } from "./portal-state.ts";
import { SLOW_PARCEL_BYTES } from "./slow-parcels.ts";
import { until } from "./turn.ts";

const RELAY_BYTES_PER_TURN = 50;
const BATCHES_MIN = 20;
const PARCELS_PER_BATCH = 20;
/** Less than all of it, since sockets hold some. */
const WAITING_BYTES_MIN = 8_000_000;
const LEFT_BYTES_MAX = 4_000_000;
/** Less than is put into a portal, for once. */
const BACKLOG_BYTES = 8_000_000;

/** Called whenever something was done. */
type Alive = () => void;
const nothing: Alive = () => undefined;

/** A link all of whose bytes go by one at a time: its handshake, parcels, portals and descriptors. */
export async function byteByByte(rounds: number, alive: Alive = nothing): Promise<Failure[]> {
  const network = new HonestNetwork(openDriver());
  return attempt(network, async () => {
    for (let round = 0; round < rounds; round++) {
      alive();
      const [ours, near] = network.transports();
      const [far, theirs] = network.transports();
      const { driver } = network;
      const relay = new ByteRelay(driver.releaseDescriptor(near), driver.releaseDescriptor(far));
      const pump = setInterval(() => relay.step(RELAY_BYTES_PER_TURN), 0);
      const node = createNode(driver, 0);
      const [a] = connect(network.broker, ours, 1, 0);
      const [b] = connect(node, theirs, 1, IPCZ_CONNECT_NODE_TO_BROKER);
      must(a !== undefined && b !== undefined, "nodes connect");
      await flood(a, b, 20, 10);
      const [kept, sent] = openPortals(node);
      must(put(b, new Uint8Array(1), [sent]) === 0, "a portal is sent");
      const arrived = await nextHandle(a);
      await flood(kept, arrived, 8, 300);
      await flood(arrived, kept, 8, 300);
      await network.check();
      must(relay.count > 1000, "the bytes went by the relay");
      for (const handle of [kept, arrived, a, b, node]) close(handle);
      clearInterval(pump);
      relay.close();
      await network.settle();
    }
  });
}

/** A peer that stands still for so many seconds at least, while the node goes on sending; then everything arrives. */
export async function standStill(seconds: number, alive: Alive = nothing): Promise<Failure[]> {
  const network = new HonestNetwork(openDriver());
  return attempt(network, async (start) => {
    const { peer, before } = await startStopped(start);
    const end = Date.now() + 1000 * seconds;
    for (let batch = 0; batch < BATCHES_MIN || Date.now() < end; batch++) {
      if (batch < BATCHES_MIN) peer.put(PARCELS_PER_BATCH);
      await network.check();
      alive();
    }
    must((await bufferBytes()) - before > WAITING_BYTES_MIN, "what cannot be sent waits");
    peer.child.kill("SIGCONT");
    await peer.expectAllRead();
    must((await bufferBytes()) - before < LEFT_BYTES_MAX, "memory comes back when all is sent");
    await peer.end();
    await network.settle();
  });
}

/** Peers that never read, and then go: what waited for them goes too. */
export async function neverRead(rounds: number, alive: Alive = nothing): Promise<Failure[]> {
  const network = new HonestNetwork(openDriver());
  return attempt(network, async (start) => {
    for (let round = 0; round < rounds; round++) {
      alive();
      const { peer, before } = await startStopped(start);
      for (let batch = 0; batch < BATCHES_MIN; batch++) {
        peer.put(PARCELS_PER_BATCH);
        await network.check();
      }
      must((await bufferBytes()) - before > WAITING_BYTES_MIN, "what cannot be sent waits");
      peer.child.kill("SIGKILL");
      await until(() => isPeerClosed(peer.portal), "a portal sees that its peer is gone");
      must(
        (await bufferBytes()) - before < LEFT_BYTES_MAX,
        "memory comes back with the peer's end",
      );
      await peer.end();
      await network.check();
      await network.settle();
    }
  });
}

/** Peers that never read while more is put than may wait: that is the end of their links, and of nothing else. */
export async function overflow(rounds: number, alive: Alive = nothing): Promise<Failure[]> {
  const network = new HonestNetwork(openDriver({ backlogBytesMax: BACKLOG_BYTES }));
  return attempt(network, async (start) => {
    for (let round = 0; round < rounds; round++) {
      alive();
      const { peer, before } = await startStopped(start);
      const count = BATCHES_MIN * PARCELS_PER_BATCH;
      for (let i = 0; i < count && !isPeerClosed(peer.portal); i++) peer.put(1);
      await network.check();
      await until(() => isPeerClosed(peer.portal), "a link ends when too much waits");
      must(
        (await bufferBytes()) - before < LEFT_BYTES_MAX,
        "memory comes back with the link's end",
      );
      peer.child.kill("SIGCONT");
      await peer.end();
      await network.check();
      await network.settle();
    }
  });
}

/** A peer that stands still from now on, and the bytes of buffers in use before. */
async function startStopped(
  start: () => Promise<SlowPeer>,
): Promise<{ readonly peer: SlowPeer; readonly before: number }> {
  const peer = await start();
  const before = await bufferBytes();
  peer.child.kill("SIGSTOP");
  return { peer, before };
}

/** A process that reads numbered parcels, as long as it is let. */
class SlowPeer {
  readonly child: ChildProcess;
  readonly portal: IpczHandle;
  private next = 0;
  private gone = false;

  constructor(network: HonestNetwork<PosixDriver>) {
    const { driver, broker } = network;
    const [ours, theirs] = network.transports();
    const descriptor = driver.releaseDescriptor(theirs);
    const stdio = ["ignore", "ignore", "inherit", descriptor] as const;
    this.child = spawn(process.execPath, childScript("slow-peer.js"), { stdio: [...stdio] });
    closeSync(descriptor);
    this.child.once("close", () => {
      this.gone = true;
    });
    const [portal] = connect(broker, ours, 1, 0);
    must(portal !== undefined, "a node connects");
    this.portal = portal;
  }

  /** From now on it is known to read. */
  async meet(): Promise<void> {
    this.put(1);
    await this.expectAllRead();
  }

  put(count: number): void {
    putNumbered(this.portal, this.next, count, SLOW_PARCEL_BYTES);
    this.next += count;
  }

  /** It says after each parcel how many it has. */
  async expectAllRead(): Promise<void> {
    let read = 0;
    await until(() => {
      for (let got = get(this.portal); got.result === 0; got = get(this.portal))
        read = new DataView(got.bytes.buffer, got.bytes.byteOffset).getUint32(0, true);
      return read === this.next;
    }, "a peer reads everything in order");
  }

  async end(): Promise<void> {
    close(this.portal);
    await until(() => this.gone, "a process ends when its portal is dead");
  }
}

async function bufferBytes(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Whatever happens, no process stays behind; one that stands still would not end by itself. */
async function attempt(
  network: HonestNetwork<PosixDriver>,
  action: (start: () => Promise<SlowPeer>) => Promise<void>,
): Promise<Failure[]> {
  const peers: SlowPeer[] = [];
  try {
    await startFirstProcess();
    await network.begin();
    await action(async () => {
      const peer = new SlowPeer(network);
      peers.push(peer);
      await peer.meet();
      return peer;
    });
    network.end();
    return [];
  } catch (error) {
    return [failureOf(0, error)];
  } finally {
    for (const { child } of peers) child.kill("SIGKILL");
  }
}
