/**
 * A node over any driver and any implementation of ipcz, on any host: what does not take an operating system.
 */
import {
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_FEATURE_MEM_V2,
  IPCZ_INVALID_HANDLE,
  IPCZ_MEMORY_FIXED_PARCEL_CAPACITY,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_UNKNOWN,
  type IpczAPI,
  type IpczBoxContents,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { expectOk, IpczError } from "../errors/ipcz-error.ts";
import { backlogOf, type Context, type DescriptorDriver } from "../objects/context.ts";
import { completeLimits, type PortalLimits } from "../objects/limits.ts";
import { Box, Portal, wrapAll } from "../objects/objects.ts";
import { type SerializedObject, serializerOf } from "../objects/serializer.ts";
import { emptyContents } from "../objects/unbox.ts";
import { handled } from "../objects/abort.ts";
import { type ConnectOptions, flagsOf } from "./connect-options.ts";
import { whenConnected } from "./when-connected.ts";
import { NodeKeepAlive } from "./keep-alive.ts";

/** What a node is like, whatever its host. */
export interface LocalNodeOptions {
  /** The implementation; the one in `@ipcz/core` by default, or what `loadNative` of `@ipcz/abi` gives. */
  readonly api?: IpczAPI;
  /**
   * Whether it is a broker, the node that all others of a network know, and which introduces them to each other. True
   * by default: a program that starts or awaits others is the broker, those that join are not.
   */
  readonly broker?: boolean;
  /** Whether to offer the feature MEM_V2; in force on connections to nodes that offer it too. False by default. */
  readonly memV2?: boolean;
  /** Never more shared memory for parcels than a connection begins with; larger ones travel in messages. */
  readonly fixedParcelCapacity?: boolean;
  /** What each portal of the node may pile up, unless the portal says otherwise. */
  readonly limits?: PortalLimits;
}

/** How a boxed value leaves its process. */
export interface BoxOptions<Value> {
  /** Turns it into a parcel, when the box must leave this process; without it the box cannot. */
  readonly serialize?: (value: Value) => SerializedObject;
  /** Called once, when the value's box is closed or the value was serialized. Not when the box is opened. */
  readonly destroy?: (value: Value) => void;
}

/**
 * A node: the place of portals, and what is connected to other nodes. It stays until it is closed, also when nothing
 * refers to the object any more: its connections may be in use.
 */
export class LocalNode {
  /** The implementation behind it. */
  readonly api: IpczAPI;
  /** The driver behind it. */
  readonly driver: DescriptorDriver;
  /** Whether it is a broker. */
  readonly isBroker: boolean;
  readonly #context: Context;
  readonly #keepAlive: NodeKeepAlive;
  #handle: IpczHandle;

  /** Makes a node over `driver`. */
  constructor(driver: DescriptorDriver, options: LocalNodeOptions = {}) {
    const { api = getAPI(), broker = true, memV2 = false } = options;
    this.api = api;
    this.driver = driver;
    this.isBroker = broker;
    this.#keepAlive = new NodeKeepAlive(driver);
    this.#context = {
      api,
      backlog: backlogOf(api),
      limits: completeLimits(options.limits ?? {}),
      keepAlive: this.#keepAlive,
      openPair: () => this.#openPair(),
      driver,
      boxDescriptor: (descriptor) => this.boxCopy(descriptor).release(),
    };
    const features = memV2 ? [IPCZ_FEATURE_MEM_V2] : [];
    const node = { value: IPCZ_INVALID_HANDLE };
    const result = api.CreateNode(
      driver,
      broker ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS,
      {
        size: IPCZ_CREATE_NODE_OPTIONS_SIZE,
        memoryFlags: options.fixedParcelCapacity === true ? IPCZ_MEMORY_FIXED_PARCEL_CAPACITY : 0,
        enabledFeatures: features,
        numEnabledFeatures: features.length,
        disabledFeatures: null,
        numDisabledFeatures: 0,
      },
      node,
    );
    expectOk(result, "create a node");
    this.#handle = node.value;
  }

  /** Its handle in the table, still owned by this object. Throws when the node is closed. */
  get handle(): IpczHandle {
    return this.#use("use its handle");
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#handle === IPCZ_INVALID_HANDLE;
  }

  /** A pair of portals that are each other's peer. */
  openPortals(): [Portal, Portal] {
    const [first, second] = this.#openPair();
    return [new Portal(this.#context, first), new Portal(this.#context, second)];
  }

  /**
   * Connects to the node at the other end of a transport of this node's driver, which must do likewise. The portals
   * work at once: what is put is queued until both nodes have agreed. If they never do, the peer of each is closed.
   *
   * Takes the transport, unless the node is closed or the options are wrong. Throws `ERR_IPCZ_CONNECTION` when the first
   * message cannot be sent, as to a process of Windows that has ended.
   */
  connectTransport(transport: IpczDriverHandle, options: ConnectOptions = {}): Portal[] {
    const { node, flags } = this.checkConnect(options);
    const { portals = 1 } = options;
    const handles: IpczHandle[] = [];
    const result = this.api.ConnectNode(node, transport, portals, flags, null, handles);
    if (result === IPCZ_RESULT_UNKNOWN)
      // It cannot be told from an end that comes a moment later.
      throw new IpczError("ERR_IPCZ_CONNECTION", "nothing can be sent to the other side", {
        result,
      });
    expectOk(result, "connect");
    return handles.map((handle) => new Portal(this.#context, handle));
  }

  /**
   * Resolves when the nodes have agreed between which `portal`, of {@link LocalNode.connectTransport}, was opened;
   * rejects with `ERR_IPCZ_CONNECTION` when they never will. At once where the implementation cannot tell.
   */
  whenConnected(portal: Portal): Promise<void> {
    return handled(whenConnected(this.api, portal));
  }

  /** Wraps a value, so that it can be attached to a parcel. Within this process the value itself arrives. */
  box<Value>(value: Value, { serialize, destroy }: BoxOptions<Value> = {}): Box {
    return this.#box({
      ...emptyContents(),
      type: IPCZ_BOX_TYPE_APPLICATION_OBJECT,
      applicationObject: value,
      serializer: serialize ? serializerOf(() => serialize(value)) : null,
      destructor: destroy ? () => destroy(value) : null,
    });
  }

  /** Wraps an object of this node's driver (memory, a transport), which is the box's from now on. */
  boxDriverObject(object: IpczDriverHandle): Box {
    return this.#box({
      ...emptyContents(),
      type: IPCZ_BOX_TYPE_DRIVER_OBJECT,
      driverObject: object,
    });
  }

  /** Makes an object of a portal or box handle of this node's table, which is the object's from now on. */
  adopt(handle: IpczHandle): Portal | Box {
    this.#use("adopt a handle");
    const [object] = wrapAll(this.#context, [handle]);
    if (!object) throw new IpczError("ERR_IPCZ_INVALID_ARGUMENT", "that handle names nothing");
    return object;
  }

  /** Connections of this node keep the process alive: as it is from the beginning. */
  ref(): this {
    this.#keepAlive.setReferenced(true);
    return this;
  }

  /** Connections of this node do not keep the process alive, save for a portal that is `ref`ed. */
  unref(): this {
    this.#keepAlive.setReferenced(false);
    return this;
  }

  /**
   * Drops all connections: portals that lead over them see their peer closed. Portals of this node stay, and are
   * closed by whoever has them. When it was closed before, nothing happens.
   */
  close(): void {
    if (this.closed) return;
    const handle = this.#handle;
    this.#handle = IPCZ_INVALID_HANDLE;
    this.api.Close(handle, IPCZ_NO_FLAGS, null);
  }

  /** As {@link LocalNode.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Throws what {@link LocalNode.connectTransport} throws before it takes the transport. */
  protected checkConnect(options: ConnectOptions): {
    readonly node: IpczHandle;
    readonly flags: number;
  } {
    return { node: this.#use("connect"), flags: flagsOf(this.isBroker, options) };
  }

  #use(what: string): IpczHandle {
    if (!this.closed) return this.#handle;
    throw new IpczError("ERR_IPCZ_CLOSED", `cannot ${what}: the node is closed`);
  }

  /** @internal */
  protected boxCopy(descriptor: number): Box {
    const { driver } = this;
    if (!driver.wrapDescriptor || !driver.copyDescriptor)
      throw new IpczError("ERR_IPCZ_UNSUPPORTED", "this node's driver sends no descriptors");
    const object = driver.wrapDescriptor(driver.copyDescriptor(descriptor));
    try {
      return this.boxDriverObject(object);
    } catch (error) {
      driver.Close(object, IPCZ_NO_FLAGS, null);
      throw error;
    }
  }

  #openPair(): [IpczHandle, IpczHandle] {
    const [first, second] = [{ value: IPCZ_INVALID_HANDLE }, { value: IPCZ_INVALID_HANDLE }];
    const node = this.#use("open portals");
    expectOk(this.api.OpenPortals(node, IPCZ_NO_FLAGS, null, first, second), "open portals");
    return [first.value, second.value];
  }

  #box(contents: IpczBoxContents): Box {
    const box = { value: IPCZ_INVALID_HANDLE };
    const node = this.#use("make a box");
    expectOk(this.api.Box(node, contents, IPCZ_NO_FLAGS, null, box), "make a box");
    return new Box(this.#context, box.value);
  }
}
