/**
 * What a test of the table plays on: a node over a spied driver, and whatever it makes on the way.
 *
 * All that is kept here is closed at the end, so that the count afterwards shows what the implementation has lost.
 */
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczPortalStatus,
} from "@ipcz/api";
import { boxBlob } from "./blob.ts";
import {
  createTransports,
  get,
  handleCell,
  openPortals,
  put,
  queryStatus,
  textOf,
  type Received,
} from "./calls.ts";
import { check, checkEqual, checkResult } from "./expect.ts";
import { spyOn, type Spy } from "./spied-driver.ts";
import type { TableSubject } from "./table-subject.ts";

/** Two nodes with a link between them. */
export interface Linked {
  readonly broker: IpczHandle;
  readonly client: IpczHandle;
  /** The initial portals: the broker's and the client's. */
  readonly portals: readonly [IpczHandle, IpczHandle];
  /** The transports, as the driver names them: the broker's and the client's. */
  readonly transports: readonly [IpczDriverHandle, IpczDriverHandle];
}

/** A fresh broker node and the means to make more. */
export class Stage {
  readonly api: IpczAPI;
  readonly driver: IpczDriver;
  readonly spy: Spy;
  readonly node: IpczHandle;
  readonly #kept = new Set<IpczHandle>();

  constructor(subject: TableSubject) {
    this.api = subject.api;
    this.spy = spyOn(subject.makeDriver());
    this.driver = this.spy.driver;
    this.node = this.createNode(IPCZ_CREATE_NODE_AS_BROKER);
  }

  /** Handles to close at the end. */
  keep(...handles: readonly IpczHandle[]): void {
    for (const handle of handles) this.#kept.add(handle);
  }

  /** Handles that a call has consumed. */
  forget(...handles: readonly IpczHandle[]): void {
    for (const handle of handles) this.#kept.delete(handle);
  }

  /** Another node. */
  createNode(flags: number = IPCZ_NO_FLAGS): IpczHandle {
    const cell = handleCell();
    checkResult("CreateNode", this.api.CreateNode(this.driver, flags, null, cell), IPCZ_RESULT_OK);
    this.keep(cell.value);
    return cell.value;
  }

  /** A new pair. */
  open(): [IpczHandle, IpczHandle] {
    const { result, pair } = openPortals(this.api, this.node);
    checkResult("OpenPortals", result, IPCZ_RESULT_OK);
    this.keep(...pair);
    return pair;
  }

  /** A box around memory holding `text`. */
  box(text: string): IpczHandle {
    const box = boxBlob(this.api, this.driver, this.node, text);
    this.keep(box);
    return box;
  }

  /** Two transports; the caller's. */
  transports(): [IpczDriverHandle, IpczDriverHandle] {
    const { result, pair } = createTransports(this.driver);
    checkResult("CreateTransports", result, IPCZ_RESULT_OK);
    return pair;
  }

  /** Connects the broker to a new node, one portal each. */
  link(): Linked {
    const client = this.createNode();
    const transports = this.transports();
    const [left, right] = transports;
    const portals: [IpczHandle, IpczHandle] = [
      this.#connect(this.node, left, IPCZ_NO_FLAGS),
      this.#connect(client, right, IPCZ_CONNECT_NODE_TO_BROKER),
    ];
    return { broker: this.node, client, portals, transports };
  }

  #connect(node: IpczHandle, transport: IpczDriverHandle, flags: number): IpczHandle {
    const portals: IpczHandle[] = [];
    const result = this.api.ConnectNode(node, transport, 1, flags, null, portals);
    checkResult("ConnectNode", result, IPCZ_RESULT_OK);
    const [portal] = portals;
    check(portal !== undefined && portal !== 0, "ConnectNode fills in its initial portals");
    this.keep(portal);
    return portal;
  }

  /** Puts what must be accepted. */
  put(portal: IpczHandle, text: string, handles: readonly IpczHandle[] = []): void {
    checkResult("Put", put(this.api, portal, text, handles), IPCZ_RESULT_OK);
    this.forget(...handles);
  }

  /** Gets what must be there, and checks its text. */
  get(source: IpczHandle, text: string): Received {
    const received = get(this.api, source);
    checkResult("Get", received.result, IPCZ_RESULT_OK);
    checkEqual("text of the parcel", textOf(received.bytes), text);
    this.keep(...received.handles);
    return received;
  }

  /** A portal's status. */
  status(portal: IpczHandle): IpczPortalStatus {
    const { result, status } = queryStatus(this.api, portal);
    checkResult("QueryPortalStatus", result, IPCZ_RESULT_OK);
    return status;
  }

  /** Checks a portal's status flags and counts. */
  checkStatus(portal: IpczHandle, flags: number, parcels: number, bytes: number): void {
    const status = this.status(portal);
    checkEqual("status flags", status.flags, flags);
    checkEqual("parcels that can be read", status.numLocalParcels, parcels);
    checkEqual("bytes that can be read", status.numLocalBytes, bytes);
  }

  /** Closes handles now. */
  close(...handles: readonly IpczHandle[]): void {
    for (const handle of handles) {
      this.forget(handle);
      checkResult("Close", this.api.Close(handle, 0, null), IPCZ_RESULT_OK);
    }
  }

  /** After a failure: closes what it can, whatever the answers. */
  abandon(): void {
    for (const handle of this.#kept) this.api.Close(handle, 0, null);
    this.#kept.clear();
  }

  /** Closes all that is kept. */
  end(): void {
    this.close(...this.#kept);
  }
}
