/**
 * One table of its own over the in-process driver, and short ways to call it.
 */
import {
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_GET_PARTIAL,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_INVALID_HANDLE,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczBoxContents,
  type IpczHandle,
  type IpczResult,
  type IpczTransaction,
  type Out,
} from "@ipcz/api";
import { type MemDriver, memWorld, type MemWorld, type MemWorldOptions } from "@ipcz/driver-mem";
import { expect } from "vitest";
import { Core } from "../../src/table/core.ts";
import { makeTable } from "../../src/table/table.ts";

export const cell = (): { value: IpczHandle } => ({ value: IPCZ_INVALID_HANDLE });

export class TableBench {
  readonly core: Core;
  readonly api: IpczAPI;
  readonly world: MemWorld;
  readonly driver: MemDriver;
  readonly node: IpczHandle;
  /** The broker, then those of {@link TableBench.link}. */
  readonly nodes: IpczHandle[];

  /** `seed` is for the handles. Under the schedule "seeded" messages wait until the world is told to run. */
  constructor(seed = 0.5, options: MemWorldOptions = {}) {
    this.world = memWorld({ schedule: "sync", seed: 1, scribble: true, ...options });
    this.driver = this.world.driver("broker");
    this.core = new Core(seed);
    this.api = makeTable(this.core);
    this.node = this.newNode(this.driver, IPCZ_CREATE_NODE_AS_BROKER);
    this.nodes = [this.node];
  }

  newNode(driver: MemDriver, flags: number): IpczHandle {
    const out = cell();
    expect(this.api.CreateNode(driver, flags, null, out)).toBe(IPCZ_RESULT_OK);
    return out.value;
  }

  open(): [IpczHandle, IpczHandle] {
    const [a, b] = [cell(), cell()];
    expect(this.api.OpenPortals(this.node, 0, null, a, b)).toBe(IPCZ_RESULT_OK);
    return [a.value, b.value];
  }

  /** A portal of the broker and one of another node, joined. */
  link(driver: MemDriver = this.world.driver("member")): [IpczHandle, IpczHandle] {
    const member = this.newNode(driver, 0);
    this.nodes.push(member);
    const [t0, t1] = this.world.connect(this.driver, driver);
    const [ours, theirs]: [IpczHandle[], IpczHandle[]] = [[], []];
    expect(this.api.ConnectNode(this.node, t0, 1, 0, null, ours)).toBe(IPCZ_RESULT_OK);
    const flags = IPCZ_CONNECT_NODE_TO_BROKER;
    expect(this.api.ConnectNode(member, t1, 1, flags, null, theirs)).toBe(IPCZ_RESULT_OK);
    return [ours[0]!, theirs[0]!];
  }

  put(portal: IpczHandle, text: string, handles: readonly IpczHandle[] = []): IpczResult {
    const bytes = new TextEncoder().encode(text);
    return this.api.Put(portal, bytes, bytes.length, handles, handles.length, 0, null);
  }

  /** The next parcel's text and handles; a result other than OK throws. */
  get(source: IpczHandle): { text: string; handles: IpczHandle[] } {
    const [numBytes, numHandles] = [{ value: 0 }, { value: 0 }];
    const parcel = cell();
    const sized = this.api.Get(source, IPCZ_GET_PARTIAL, null, null, null, null, null, parcel);
    expect(sized).toBe(IPCZ_RESULT_OK);
    this.api.Get(parcel.value, 0, null, null, numBytes, null, numHandles, null);
    const data = new Uint8Array(numBytes.value);
    const handles: IpczHandle[] = [];
    const result = this.api.Get(parcel.value, 0, null, data, numBytes, handles, numHandles, null);
    expect(result).toBe(IPCZ_RESULT_OK);
    this.close(parcel.value);
    return { text: new TextDecoder().decode(data), handles };
  }

  texts(portal: IpczHandle, count: number): string[] {
    return Array.from({ length: count }, () => this.get(portal).text);
  }

  close(...handles: readonly IpczHandle[]): void {
    for (const handle of handles) expect(this.api.Close(handle, 0, null)).toBe(IPCZ_RESULT_OK);
  }

  status(portal: IpczHandle): { flags: number; parcels: number; bytes: number } {
    const status = {
      size: IPCZ_PORTAL_STATUS_SIZE,
      flags: 0,
      numLocalParcels: 0,
      numLocalBytes: 0,
    };
    expect(this.api.QueryPortalStatus(portal, 0, null, status)).toBe(IPCZ_RESULT_OK);
    return { flags: status.flags, parcels: status.numLocalParcels, bytes: status.numLocalBytes };
  }

  beginPut(portal: IpczHandle, numBytes: number) {
    const [data, size, transaction] = [
      { value: null } as Out<Uint8Array | null>,
      { value: numBytes },
      { value: 0 as IpczTransaction },
    ];
    const result = this.api.BeginPut(portal, 0, null, data, size, transaction);
    return { result, data: data.value, transaction: transaction.value };
  }

  beginGet(source: IpczHandle, flags = 0, handles: IpczHandle[] | null = null) {
    const [data, size, count, transaction] = [
      { value: null } as Out<Uint8Array | null>,
      { value: 0 },
      { value: handles ? 8 : 0 },
      { value: 0 as IpczTransaction },
    ];
    const result = this.api.BeginGet(source, flags, null, data, size, handles, count, transaction);
    const text = new TextDecoder().decode((data.value ?? new Uint8Array()).slice());
    return { result, text, count: count.value, transaction: transaction.value };
  }

  /** A box around an application object that becomes `text` and `inside`. */
  boxThing(text: string, inside: readonly IpczHandle[] = []): IpczHandle {
    const bytes = new TextEncoder().encode(text);
    const out = cell();
    const contents = {
      ...emptyContents(),
      type: IPCZ_BOX_TYPE_APPLICATION_OBJECT,
      serializer: (
        _object: unknown,
        _flags: number,
        _options: null,
        data: Uint8Array | null,
        numBytes: Out<number> | null,
        handles: IpczHandle[] | null,
        numHandles: Out<number> | null,
      ): IpczResult => {
        const roomy =
          (numBytes?.value ?? 0) >= bytes.length && (numHandles?.value ?? 0) >= inside.length;
        if (numBytes) numBytes.value = bytes.length;
        if (numHandles) numHandles.value = inside.length;
        if (!roomy) return 8;
        data?.set(bytes);
        for (const [index, handle] of inside.entries()) if (handles) handles[index] = handle;
        return IPCZ_RESULT_OK;
      },
    };
    expect(this.api.Box(this.node, contents, 0, null, out)).toBe(IPCZ_RESULT_OK);
    return out.value;
  }

  /** A box around shared memory of the broker. */
  boxRegion(): IpczHandle {
    const memory = { value: IPCZ_INVALID_DRIVER_HANDLE };
    expect(this.driver.AllocateSharedMemory(64, 0, null, memory)).toBe(IPCZ_RESULT_OK);
    const contents = {
      ...emptyContents(),
      type: IPCZ_BOX_TYPE_DRIVER_OBJECT,
      driverObject: memory.value,
    };
    const out = cell();
    expect(this.api.Box(this.node, contents, 0, null, out)).toBe(IPCZ_RESULT_OK);
    return out.value;
  }

  unbox(box: IpczHandle, flags = 0): IpczBoxContents {
    const contents = { ...emptyContents(), type: -1 };
    expect(this.api.Unbox(box, flags, null, contents)).toBe(IPCZ_RESULT_OK);
    return contents;
  }

  /** Closes the nodes; then no handle, router or driver object may be left. */
  end(...open: readonly IpczHandle[]): void {
    this.close(...open, ...this.nodes);
    this.world.runUntilIdle();
    expect(this.core.handles.count).toBe(0);
    expect(this.core.world.liveRouters).toBe(0);
    const live = { transports: 0, memories: 0, mappings: 0, envelopes: 0 };
    expect(this.world.liveObjects()).toEqual(live);
  }
}

export function emptyContents(): IpczBoxContents {
  return {
    size: IPCZ_BOX_CONTENTS_SIZE,
    type: 0,
    driverObject: IPCZ_INVALID_DRIVER_HANDLE,
    applicationObject: null,
    subparcel: IPCZ_INVALID_HANDLE,
    serializer: null,
    destructor: null,
  };
}
