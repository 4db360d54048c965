/**
 * A node as the body of a story uses it: promises over the table.
 *
 * Calls here expect success and throw otherwise; a body that wants a failure calls `api` itself. Every handle that a
 * call gives is noted until it is given away or closed, so that a body which forgets one fails by its own name.
 */
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_NO_FLAGS,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_OK,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_DEAD,
  IPCZ_TRAP_PEER_CLOSED,
  IPCZ_TRAP_REMOVED,
  type IpczAPI,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczPortalStatus,
  type IpczTransaction,
} from "@ipcz/api";
import * as blob from "../table/blob.ts";
import {
  beginPut,
  conditions,
  get,
  openPortals,
  put,
  queryStatus,
  textOf,
  trap,
} from "../table/calls.ts";
import { check, checkEqual, checkResult, ContractFailure } from "../table/expect.ts";
import type { Environment, NodeRole } from "./environment.ts";
import { whileTrue } from "../table/turns.ts";
import { RawChannel } from "./raw-channel.ts";
import { describeConditions, describePortal } from "./portal-account.ts";
import type { Waits } from "./waits.ts";

/** A node that another one has started: our end of the transport to it, and its end. */
export interface SpawnedNode {
  readonly role: NodeRole;
  readonly transport: IpczDriverHandle;
  /** Resolves when its body is done and its node closed; rejects when it failed. */
  readonly done: Promise<void>;
}

/** What a node asks of the story it is in. */
export interface NodeHost {
  readonly environment: Environment;
  readonly waits: Waits;
  /** Starts the scenario's node `name`; its transport is the caller's. */
  spawn(parent: TestNode, name: string): Promise<SpawnedNode>;
  /** Two connected transports of `node`'s driver; the second is meant to travel to a node of role `remote`. */
  createTransports(node: TestNode, remote: NodeRole): readonly [IpczDriverHandle, IpczDriverHandle];
  /** Ends this process without any goodbye, if it was started for one node; answers false otherwise. */
  killOwnProcess(): boolean;
}

/** How a node came to be. */
export interface NodeOrigin {
  readonly label: string;
  readonly role: NodeRole;
  readonly driver: IpczDriver;
  readonly handle: IpczHandle;
  readonly scale: number;
  /** Null for the main node. */
  readonly parent: { readonly role: NodeRole; readonly transport: IpczDriverHandle } | null;
}

/** One parcel, taken out. */
export interface Parcel {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly handles: readonly IpczHandle[];
}

const GREETING = "both ends say this, and hear it";

/** A node of a story. */
export class TestNode {
  readonly label: string;
  readonly role: NodeRole;
  readonly api: IpczAPI;
  readonly driver: IpczDriver;
  readonly handle: IpczHandle;
  readonly #host: NodeHost;
  readonly #origin: NodeOrigin;
  readonly #owned = new Map<IpczHandle, string>();
  readonly #spawned: Promise<void>[] = [];
  #parentTransport: IpczDriverHandle | null;
  #closed = false;

  constructor(host: NodeHost, origin: NodeOrigin) {
    this.#host = host;
    this.#origin = origin;
    this.label = origin.label;
    this.role = origin.role;
    this.driver = origin.driver;
    this.handle = origin.handle;
    this.api = host.environment.api;
    this.#parentTransport = origin.parent?.transport ?? null;
  }

  /** `count` rounds at full scale; at least 2 in a quick run. */
  scaled(count: number): number {
    return Math.min(count, Math.max(2, Math.round(count * this.#origin.scale)));
  }

  // Connecting ------------------------------------------------------------------------------------------------------

  /** Starts another node of the scenario and connects to it. */
  async spawn(name: string, portalCount = 1): Promise<IpczHandle[]> {
    const spawned = await this.#start(name);
    return this.connect(spawned.transport, portalCount, this.#flagsTowardsChild(spawned.role));
  }

  /** Starts another node and hands out our end of the transport, which nobody has activated. */
  async spawnNoConnect(name: string): Promise<IpczDriverHandle> {
    return (await this.#start(name)).transport;
  }

  async #start(name: string): Promise<SpawnedNode> {
    const spawned = await this.#host.spawn(this, name);
    this.#spawned.push(spawned.done);
    return spawned;
  }

  /** Connects to whoever started us. */
  connectToParent(portalCount = 1): IpczHandle[] {
    return this.connect(this.takeParentTransport(), portalCount, this.flagsTowardsParent());
  }

  /** Our end of the transport to whoever started us; for bodies that do something else with it than connect. */
  takeParentTransport(): IpczDriverHandle {
    const transport = this.#parentTransport;
    check(transport !== null, "a story takes a node's parent transport once");
    this.#parentTransport = null;
    return transport;
  }

  /** The flags for connecting to whoever started us. */
  flagsTowardsParent(): number {
    if (this.role === "broker") return IPCZ_CONNECT_NODE_TO_BROKER;
    const { clientConnectFlags } = this.#host.environment;
    return this.#origin.parent?.role === "broker"
      ? IPCZ_CONNECT_NODE_TO_BROKER | clientConnectFlags
      : IPCZ_CONNECT_NODE_INHERIT_BROKER | clientConnectFlags;
  }

  #flagsTowardsChild(role: NodeRole): number {
    if (this.role === "non-broker") return IPCZ_CONNECT_NODE_SHARE_BROKER;
    return role === "broker" ? IPCZ_CONNECT_NODE_TO_BROKER : IPCZ_NO_FLAGS;
  }

  /** Connects over `transport`, which is gone then, and returns the initial portals. */
  connect(transport: IpczDriverHandle, portalCount: number, flags: number): IpczHandle[] {
    const portals: IpczHandle[] = [];
    const result = this.api.ConnectNode(this.handle, transport, portalCount, flags, null, portals);
    checkResult("ConnectNode", result, IPCZ_RESULT_OK);
    checkEqual("number of initial portals", portals.length, portalCount);
    this.own("initial portal", ...portals);
    return portals;
  }

  /** Closes the node under its portals, as a crash would. */
  closeThisNode(): void {
    if (this.#closed) return;
    this.#closed = true;
    checkResult("Close(node)", this.api.Close(this.handle, 0, null), IPCZ_RESULT_OK);
  }

  /** Is gone at once: its process is killed if it has one of its own, or else its node is closed under everything. */
  vanish(): void {
    if (this.#host.killOwnProcess()) return;
    this.closeThisNode();
    this.close(...this.#owned.keys());
  }

  // Transports without a node ---------------------------------------------------------------------------------------

  /** Two connected transports of our driver: one to keep, one to send in a box to a node of role `remote`. */
  createTransports(remote: NodeRole): readonly [IpczDriverHandle, IpczDriverHandle] {
    return this.#host.createTransports(this, remote);
  }

  /** Takes `transport` for a body that speaks no ipcz on it. */
  rawChannel(transport: IpczDriverHandle): RawChannel {
    return new RawChannel(this.driver, transport);
  }

  /** Waits until the driver reports `channel` as broken. */
  async waitForFailure(channel: RawChannel): Promise<void> {
    await this.until("a raw transport to fail", () => channel.failed);
  }

  /** Ends an active channel in the order drivers ask for. */
  async closeChannel(channel: RawChannel): Promise<void> {
    channel.deactivate();
    await this.until("a raw transport's last call", () => channel.deactivated);
    channel.close();
  }

  /** Activates a transport, hears nothing and goes away. */
  async activateAndClose(transport: IpczDriverHandle): Promise<void> {
    const channel = this.rawChannel(transport);
    channel.activate();
    await this.closeChannel(channel);
  }

  // Portals ---------------------------------------------------------------------------------------------------------

  /** Opens a pair. */
  open(): [IpczHandle, IpczHandle] {
    const { result, pair } = openPortals(this.api, this.handle);
    checkResult("OpenPortals", result, IPCZ_RESULT_OK);
    this.own("portal", ...pair);
    return pair;
  }

  /** Notes handles as ours to close, for bodies that got them by a call of their own. */
  own(kind: string, ...handles: readonly IpczHandle[]): void {
    for (const handle of handles) this.#owned.set(handle, kind);
  }

  /** Forgets handles that a body's own call has consumed. */
  disown(...handles: readonly IpczHandle[]): void {
    for (const handle of handles) this.#owned.delete(handle);
  }

  /** Closes handles of any kind. */
  close(...handles: readonly IpczHandle[]): void {
    for (const handle of handles) {
      this.disown(handle);
      checkResult(`Close(${String(handle)})`, this.api.Close(handle, 0, null), IPCZ_RESULT_OK);
    }
  }

  /** Merges two portals, which are gone then. */
  merge(first: IpczHandle, second: IpczHandle): void {
    const result = this.api.MergePortals(first, second, 0, null);
    checkResult("MergePortals", result, IPCZ_RESULT_OK);
    this.disown(first, second);
  }

  /** A portal's status. */
  status(portal: IpczHandle): IpczPortalStatus {
    const { result, status } = queryStatus(this.api, portal);
    checkResult("QueryPortalStatus", result, IPCZ_RESULT_OK);
    return status;
  }

  /** Puts a parcel; the handles are gone then. */
  put(portal: IpczHandle, data: string | Uint8Array, handles: readonly IpczHandle[] = []): void {
    checkResult("Put", put(this.api, portal, data, handles), IPCZ_RESULT_OK);
    this.disown(...handles);
  }

  /** Begins a two-phase put of `size` bytes. */
  beginPut(
    portal: IpczHandle,
    size: number,
  ): { data: Uint8Array | null; transaction: IpczTransaction } {
    const begun = beginPut(this.api, portal, size);
    checkResult("BeginPut", begun.result, IPCZ_RESULT_OK);
    checkEqual("capacity of a two-phase put", begun.numBytes, size);
    return begun;
  }

  /** Ends it with `size` bytes and no handles. */
  endPut(portal: IpczHandle, transaction: IpczTransaction, size: number): void {
    const result = this.api.EndPut(portal, transaction, size, null, 0, 0, null);
    checkResult("EndPut", result, IPCZ_RESULT_OK);
  }

  /** Takes a parcel that must be there, out of a portal or a parcel object. */
  get(source: IpczHandle): Parcel {
    const { result, bytes, handles } = get(this.api, source);
    checkResult(`Get(${String(source)})`, result, IPCZ_RESULT_OK);
    this.own("received handle", ...handles);
    return { bytes, text: textOf(bytes), handles };
  }

  /** Waits for a parcel and takes it; fails when the portal dies first. */
  async waitToGet(portal: IpczHandle): Promise<Parcel> {
    await this.waitFor(portal, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_DEAD);
    return this.get(portal);
  }

  /** Waits for a parcel and checks its text; returns the handles in it. */
  async waitForText(portal: IpczHandle, text: string): Promise<readonly IpczHandle[]> {
    const parcel = await this.waitToGet(portal);
    checkEqual(`text at ${this.label}'s portal ${String(portal)}`, parcel.text, text);
    return parcel.handles;
  }

  /** Waits for a parcel with exactly one handle. */
  async waitForHandle(portal: IpczHandle): Promise<IpczHandle> {
    const { handles } = await this.waitToGet(portal);
    checkEqual("number of handles in the parcel", handles.length, 1);
    const [handle] = handles;
    check(handle !== undefined, "a parcel with one handle has a first one");
    return handle;
  }

  /** Waits until one of the trap conditions holds at `portal`. */
  async waitFor(portal: IpczHandle, flags: number, minParcels = 0, minBytes = 0): Promise<void> {
    const wanted = conditions(flags, minParcels, minBytes);
    const what = `${describeConditions(wanted)} at portal ${String(portal)}`;
    const wait = this.#host.waits.begin(this.label, what, () => this.#describe(portal));
    try {
      await new Promise<void>((resolve, reject) => {
        const { result } = trap(this.api, portal, wanted, ({ conditionFlags }) => {
          if ((conditionFlags & IPCZ_TRAP_REMOVED) === 0) resolve();
          else reject(new ContractFailure(`portal was closed or sent while waited for: ${what}`));
        });
        if (result === IPCZ_RESULT_FAILED_PRECONDITION) resolve();
        else if (result !== IPCZ_RESULT_OK) checkResult("Trap", result, IPCZ_RESULT_OK);
      });
    } finally {
      wait.end();
    }
    this.#host.waits.assertNotOver();
  }

  /** Waits until the peer is gone and all it sent has arrived. */
  async waitForPeerClosed(...portals: readonly IpczHandle[]): Promise<void> {
    await Promise.all(portals.map((portal) => this.waitFor(portal, IPCZ_TRAP_PEER_CLOSED)));
  }

  /** Waits until the portals can neither give nor take any more. */
  async waitForDeath(...portals: readonly IpczHandle[]): Promise<void> {
    await Promise.all(portals.map((portal) => this.waitFor(portal, IPCZ_TRAP_DEAD)));
    for (const portal of portals) {
      const { flags } = this.status(portal);
      check((flags & IPCZ_PORTAL_STATUS_DEAD) !== 0, "a portal whose DEAD trap fired is dead");
    }
  }

  /** Waits for anything else; looks again after each turn. */
  async until(what: string, holds: () => boolean): Promise<void> {
    await this.#host.waits.until(this.label, what, holds, () => "not yet");
  }

  #describe(portal: IpczHandle): string {
    return describePortal(this.#host.environment, portal);
  }

  // Exchanges -------------------------------------------------------------------------------------------------------

  /** Puts an empty parcel and waits for one; works with the same call, or with `answerPing`, at the other end. */
  async ping(portal: IpczHandle): Promise<void> {
    this.put(portal, "");
    await this.waitForText(portal, "");
  }

  /** Waits for an empty parcel and answers with one. */
  async answerPing(portal: IpczHandle): Promise<void> {
    await this.waitForText(portal, "");
    this.put(portal, "");
  }

  /** Says a fixed text and hears it; both ends call this. */
  async verifyEndToEnd(portal: IpczHandle): Promise<void> {
    this.put(portal, GREETING);
    await this.waitForText(portal, GREETING);
  }

  /** The same for two ends that are both here. */
  async verifyEndToEndLocal(left: IpczHandle, right: IpczHandle): Promise<void> {
    this.put(left, "from the left");
    this.put(right, "from the right");
    await this.waitForText(left, "from the right");
    await this.waitForText(right, "from the left");
  }

  /**
   * Waits until the route is one direct link to another node; both ends call this.
   *
   * One end alone cannot tell: its central link may lead to a proxy. So each tells the other which link it is on, again
   * and again until both are on the same.
   */
  async waitForDirectRemoteLink(portal: IpczHandle): Promise<void> {
    let exchangesLeft = this.#host.environment.linkExchangesMin ?? 1;
    await whileTrue(async () => {
      const mine = await this.#linkOf(portal);
      this.put(portal, mine);
      const theirs = (await this.waitToGet(portal)).text;
      exchangesLeft--;
      return mine !== theirs || exchangesLeft > 0;
    });
  }

  async #linkOf(portal: IpczHandle): Promise<string> {
    const { inspect } = this.#host.environment;
    if (inspect === null) return "a link that nobody can look at";
    await this.#host.waits.until(
      this.label,
      `a direct link to another node at portal ${String(portal)}`,
      () => inspect.isDirectRemote(portal),
      () => this.#describe(portal),
    );
    return inspect.linkName?.(this.handle, portal) ?? "a link without a name";
  }

  /** Waits until two portals of this node are each other's peer without any detour. */
  async waitForDirectLocalLink(left: IpczHandle, right: IpczHandle): Promise<void> {
    const { inspect } = this.#host.environment;
    if (inspect === null) return;
    await this.#host.waits.until(
      this.label,
      `a local link between portals ${String(left)} and ${String(right)}`,
      () => inspect.areLocalPeers(left, right),
      () => `${this.#describe(left)}; ${this.#describe(right)}`,
    );
  }

  // Boxes -----------------------------------------------------------------------------------------------------------

  /** A box around new driver memory holding `text`. */
  boxBlob(text: string): IpczHandle {
    return this.boxDriverObject(blob.createBlob(this.driver, text));
  }

  /** The text in a box; box and memory are gone then. */
  unboxBlob(box: IpczHandle): string {
    const memory = this.unboxDriverObject(box);
    const text = blob.readBlob(this.driver, memory);
    this.driver.Close(memory, 0, null);
    return text;
  }

  /** A box around any driver object, which is the box's then. */
  boxDriverObject(object: IpczDriverHandle): IpczHandle {
    const box = blob.boxDriverObject(this.api, this.handle, object);
    this.own("box", box);
    return box;
  }

  /** Takes the driver object out of a box, which is gone then. */
  unboxDriverObject(box: IpczHandle): IpczDriverHandle {
    const object = blob.unboxDriverObject(this.api, box);
    this.disown(box);
    return object;
  }

  // The end ---------------------------------------------------------------------------------------------------------

  /** Waits for the nodes started here, closes this one and fails when the body left a handle open. */
  async finish(): Promise<void> {
    const wait = this.#host.waits.begin(this.label, "the end of its child nodes", () => "running");
    try {
      await Promise.all(this.#spawned);
    } finally {
      wait.end();
    }
    this.#closeUnused();
    const left = [...this.#owned].map(([handle, kind]) => `${kind} ${String(handle)}`);
    check(left.length === 0, `${this.label} ended with open handles: ${left.join(", ")}`);
  }

  #closeUnused(): void {
    const transport = this.#parentTransport;
    this.#parentTransport = null;
    if (transport !== null) this.driver.Close(transport, 0, null);
    this.closeThisNode();
  }

  /** After a failure: closes whatever is open, so that the next story starts from nothing. */
  abandon(): void {
    this.#closeUnused();
    for (const handle of this.#owned.keys()) this.api.Close(handle, 0, null);
    this.#owned.clear();
  }
}
