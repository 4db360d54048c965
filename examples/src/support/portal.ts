/**
 * A portal with promises: as much as the examples need.
 *
 * The table of @ipcz/api never waits; a trap says when to look again.
 */
import {
  type IpczAPI,
  type IpczHandle,
  IPCZ_GET_PARTIAL,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_NAMES,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  type IpczResult,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_DEAD,
} from "@ipcz/api";

/** What a parcel brought. The portals in it are the receiver's. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly portals: Portal[];
}

/** Throws unless `result` is OK; the message says what was tried. */
export function expectOk(result: IpczResult, what: string): void {
  if (result !== IPCZ_RESULT_OK) throw new Error(failure(result, what));
}

function failure(result: IpczResult, what: string): string {
  return `${what}: ${IPCZ_RESULT_NAMES[result] ?? String(result)}`;
}

export class Portal {
  readonly handle: IpczHandle;
  private readonly api: IpczAPI;

  constructor(api: IpczAPI, handle: IpczHandle) {
    this.api = api;
    this.handle = handle;
  }

  /** Two new portals of `node`, each the other's peer. */
  static openPair(api: IpczAPI, node: IpczHandle): [Portal, Portal] {
    const first = { value: 0 as IpczHandle };
    const second = { value: 0 as IpczHandle };
    expectOk(api.OpenPortals(node, 0, null, first, second), "open a pair of portals");
    return [new Portal(api, first.value), new Portal(api, second.value)];
  }

  /** Puts a parcel; the portals given are gone from here. */
  send(bytes: Uint8Array, portals: readonly Portal[] = []): void {
    const handles = portals.map((portal) => portal.handle);
    expectOk(
      this.api.Put(this.handle, bytes, bytes.length, handles, handles.length, 0, null),
      "put a parcel",
    );
  }

  sendText(text: string, portals: readonly Portal[] = []): void {
    this.send(new TextEncoder().encode(text), portals);
  }

  /** The next parcel; null once the peer is closed and everything was read. */
  async receive(): Promise<Received | null> {
    for (;;) {
      const received = this.tryReceive();
      if (received !== undefined) return received;
      await this.change();
    }
  }

  /** As receive, for a parcel that must come. */
  async receiveText(): Promise<{ text: string; portals: Portal[] }> {
    const received = await this.receive();
    if (!received) throw new Error("the peer closed its portal, a parcel was expected");
    return { text: new TextDecoder().decode(received.bytes), portals: received.portals };
  }

  /** Resolves once the peer is closed or lost and nothing is left to read. */
  async closed(): Promise<void> {
    while ((await this.receive()) !== null);
  }

  close(): void {
    this.api.Close(this.handle, 0, null);
  }

  /** Undefined: nothing yet. */
  private tryReceive(): Received | null | undefined {
    const numBytes = { value: 0 };
    const numHandles = { value: 0 };
    const probe = this.api.Get(this.handle, 0, null, null, numBytes, null, numHandles, null);
    if (probe === IPCZ_RESULT_UNAVAILABLE) return undefined;
    if (probe === IPCZ_RESULT_NOT_FOUND) return null;
    const bytes = new Uint8Array(numBytes.value);
    const handles: IpczHandle[] = [];
    if (probe !== IPCZ_RESULT_OK)
      expectOk(
        this.api.Get(
          this.handle,
          IPCZ_GET_PARTIAL,
          null,
          bytes,
          numBytes,
          handles,
          numHandles,
          null,
        ),
        "get a parcel",
      );
    return { bytes, portals: handles.map((handle) => new Portal(this.api, handle)) };
  }

  private change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const conditions = {
        size: IPCZ_TRAP_CONDITIONS_SIZE,
        flags: IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_DEAD,
        minLocalParcels: 0,
        minLocalBytes: 0,
      };
      const wake = (): void => resolve();
      const result = this.api.Trap(this.handle, conditions, wake, null, 0, null, null, null);
      if (result === IPCZ_RESULT_FAILED_PRECONDITION) resolve();
      else if (result !== IPCZ_RESULT_OK) reject(new Error(failure(result, "set a trap")));
    });
  }
}
