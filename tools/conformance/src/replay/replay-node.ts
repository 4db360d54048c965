/**
 * A node as a replayed story uses it: calls of the table that must succeed, without waiting. Waiting is the stage's.
 */
import {
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_FEATURE_MEM_V2,
  IPCZ_MEMORY_FIXED_PARCEL_CAPACITY,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczAPI,
  type IpczApplicationObjectSerializer,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { boxDriverObject } from "../table/blob.ts";
import {
  beginPut,
  bytesOf,
  driverCell,
  emptyContents,
  get,
  handleCell,
  openPortals,
} from "../table/calls.ts";
import { checkResult } from "../table/expect.ts";
import { type RecordingDriver, recordingDriver } from "./recording-driver.ts";
import type { Recorder } from "./recorder.ts";

/** How a node is made. */
export interface NodeSetup {
  readonly broker?: boolean;
  readonly memV2?: boolean;
  readonly fixedCapacity?: boolean;
}

/** One parcel, taken out. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly handles: readonly IpczHandle[];
}

/** A node of a replay. */
export class ReplayNode {
  readonly label: string;
  readonly recording: RecordingDriver;
  readonly isBroker: boolean;
  private readonly api: IpczAPI;
  private readonly handle: IpczHandle;
  /** Handles that are ours to close. */
  private readonly owned = new Set<IpczHandle>();

  constructor(api: IpczAPI, recorder: Recorder, label: string, name: string, setup: NodeSetup) {
    this.api = api;
    this.label = label;
    this.isBroker = setup.broker === true;
    this.recording = recordingDriver(recorder, label);
    if (this.isBroker) this.recording.names.push(name);
    const options = {
      size: IPCZ_CREATE_NODE_OPTIONS_SIZE,
      memoryFlags: setup.fixedCapacity === true ? IPCZ_MEMORY_FIXED_PARCEL_CAPACITY : 0,
      enabledFeatures: setup.memV2 === true ? [IPCZ_FEATURE_MEM_V2] : null,
      numEnabledFeatures: setup.memV2 === true ? 1 : 0,
      disabledFeatures: null,
      numDisabledFeatures: 0,
    };
    const flags = this.isBroker ? IPCZ_CREATE_NODE_AS_BROKER : 0;
    const node = handleCell();
    const result = api.CreateNode(this.recording.driver, flags, options, node);
    checkResult("CreateNode", result, IPCZ_RESULT_OK);
    this.handle = node.value;
    this.owned.add(this.handle);
  }

  /** Connects, and returns the initial portals. */
  connect(transport: IpczDriverHandle, portalCount: number, flags: number): IpczHandle[] {
    const portals: IpczHandle[] = [];
    const result = this.api.ConnectNode(this.handle, transport, portalCount, flags, null, portals);
    checkResult("ConnectNode", result, IPCZ_RESULT_OK);
    this.own(portals);
    return portals;
  }

  /** Opens a pair. */
  open(): [IpczHandle, IpczHandle] {
    const { result, pair } = openPortals(this.api, this.handle);
    checkResult("OpenPortals", result, IPCZ_RESULT_OK);
    this.own(pair);
    return pair;
  }

  /**
   * Puts a parcel, in two phases: then its bytes lie in shared memory, where the C library has those of every parcel.
   * A plain put of ours sends few bytes inside their message.
   */
  put(portal: IpczHandle, data: string | Uint8Array, ...handles: IpczHandle[]): void {
    const bytes = typeof data === "string" ? bytesOf(data) : data;
    const begun = beginPut(this.api, portal, bytes.length);
    checkResult("BeginPut", begun.result, IPCZ_RESULT_OK);
    begun.data?.set(bytes);
    const { transaction } = begun;
    const count = handles.length;
    const ended = this.api.EndPut(portal, transaction, bytes.length, handles, count, 0, null);
    checkResult("EndPut", ended, IPCZ_RESULT_OK);
    for (const handle of handles) this.owned.delete(handle);
  }

  /** Takes a parcel that must be there. */
  get(portal: IpczHandle): Received {
    const { result, bytes, handles } = get(this.api, portal);
    checkResult("Get", result, IPCZ_RESULT_OK);
    this.own(handles);
    return { bytes, handles };
  }

  /** Takes a parcel that must have a handle, and answers with that. */
  getHandle(portal: IpczHandle): IpczHandle {
    const [handle] = this.get(portal).handles;
    if (handle === undefined) throw new Error(`${this.label} received a parcel without a handle`);
    return handle;
  }

  /** Closes a portal, a box or the node. */
  close(handle: IpczHandle): void {
    this.owned.delete(handle);
    checkResult("Close", this.api.Close(handle, 0, null), IPCZ_RESULT_OK);
  }

  /** Joins two routes. */
  merge(first: IpczHandle, second: IpczHandle): void {
    checkResult("MergePortals", this.api.MergePortals(first, second, 0, null), IPCZ_RESULT_OK);
    this.owned.delete(first);
    this.owned.delete(second);
  }

  /** A box around new memory. */
  boxMemory(numBytes: number): IpczHandle {
    const memory = driverCell();
    const { driver } = this.recording;
    const result = driver.AllocateSharedMemory(numBytes, 0, null, memory);
    checkResult("AllocateSharedMemory", result, IPCZ_RESULT_OK);
    const box = boxDriverObject(this.api, this.handle, memory.value);
    this.owned.add(box);
    return box;
  }

  /** A box around an object that becomes `bytes` when it leaves. */
  boxObject(bytes: Uint8Array): IpczHandle {
    const box = handleCell();
    const contents = {
      ...emptyContents(),
      type: IPCZ_BOX_TYPE_APPLICATION_OBJECT,
      applicationObject: bytes,
      serializer: serializerOf(bytes),
    };
    checkResult("Box", this.api.Box(this.handle, contents, 0, null, box), IPCZ_RESULT_OK);
    this.owned.add(box.value);
    return box.value;
  }

  /** Closes the node under its portals. */
  closeNode(): void {
    this.close(this.handle);
  }

  /** Closes whatever is left, the node first. */
  closeAll(): void {
    for (const handle of this.owned) this.close(handle);
  }

  private own(handles: readonly IpczHandle[]): void {
    for (const handle of handles) this.owned.add(handle);
  }
}

function serializerOf(bytes: Uint8Array): IpczApplicationObjectSerializer {
  return (_object, _flags, _options, data, numBytes, _handles, numHandles) => {
    if (numBytes === null) return IPCZ_RESULT_OK;
    const capacity = numBytes.value;
    numBytes.value = bytes.length;
    if (numHandles) numHandles.value = 0;
    if (data === null || capacity < bytes.length) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    data.set(bytes);
    return IPCZ_RESULT_OK;
  };
}
