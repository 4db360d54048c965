/**
 * A native library: its functions, its nodes, and how it reports to us.
 *
 * As long as all its nodes have drivers of JavaScript, everything happens on this thread, and reports come straight. With
 * the first node over a native driver, which may have threads, reports go by way of the desk.
 */
import type { IpczDriver, IpczDriverHandle, IpczHandle } from "@ipcz/api";
import { callPrototype } from "../border/prototypes.ts";
import { reportCallbacks, type ReportCallbacks } from "../border/report-callbacks.ts";
import { bindTable, type NativeCall } from "../border/table.ts";
import { nativeTurn } from "../border/native-turn.ts";
import { deliver } from "../border/reports.ts";
import { API_SIGNATURES } from "../c/functions.ts";
import { openDesk, type Desk } from "../desk/desk.ts";
import type { ElsewhereFunction } from "../ffi/foreign.ts";
import { foreign } from "../ffi/koffi.ts";
import { watchedDriver, type WatchedDriver } from "./watched-driver.ts";

/** The native functions of a library. */
export type NativeAPICalls = Readonly<Record<keyof typeof API_SIGNATURES, NativeCall>>;

/** How a node's driver is known to native code; `watched` is null for a native one. */
export interface NodeDriver {
  readonly pointer: number;
  readonly watched: WatchedDriver | null;
}

/** One library. */
export class NativeLibrary {
  readonly call: NativeAPICalls;
  private readonly closeElsewhere: ElsewhereFunction;
  private readonly nodes = new Map<IpczHandle, NodeDriver>();
  private desk: Desk | null = null;
  /** Traps that would report straight, from whichever thread. */
  private straightTraps = 0;

  constructor(addresses: readonly number[]) {
    this.call = bindTable(addresses, API_SIGNATURES);
    const prototype = callPrototype(foreign, API_SIGNATURES.Close);
    this.closeElsewhere = foreign.callElsewhere(BigInt(addresses[0] ?? 0), prototype);
  }

  /** What native code is told to call. */
  get callbacks(): ReportCallbacks {
    return this.desk?.callbacks ?? straightCallbacks();
  }

  /** Both kinds of destructor that say "this object is one of JavaScript". */
  isOurDestructor(address: number): boolean {
    if (address === 0) return false;
    const desk = this.desk?.callbacks.destroy;
    return address === Number(straightCallbacks().destroy) || address === Number(desk ?? 0n);
  }

  /** A trap is about to be set; the answer is to be called once it has fired or was refused. */
  countTrap(): () => void {
    if (this.desk !== null) return () => undefined;
    this.straightTraps++;
    return () => {
      this.straightTraps--;
    };
  }

  /** How native code shall know `driver`; `pointer` is that of a native one. */
  prepareDriver(driver: IpczDriver, pointer: number | null): NodeDriver {
    if (pointer === null) {
      const watched = watchedDriver(driver);
      return { pointer: Number(watched.pointer), watched };
    }
    if (this.desk === null && this.straightTraps > 0) {
      throw new Error(
        "a node over a native driver must be created before any trap is set at nodes over drivers of JavaScript",
      );
    }
    this.desk ??= openDesk();
    return { pointer, watched: null };
  }

  nodeCreated(node: IpczHandle, driver: NodeDriver): void {
    this.nodes.set(node, driver);
    if (driver.watched === null) this.desk?.hold();
  }

  driverOf(node: IpczHandle): NodeDriver | null {
    return this.nodes.get(node) ?? null;
  }

  /**
   * Closes `handle` if it is a node over a native driver; false otherwise.
   *
   * Closing such a node waits for its driver's threads, and these may wait for this one: it is done on another.
   */
  closeThreadedNode(handle: IpczHandle): boolean {
    const driver = this.nodes.get(handle);
    this.nodes.delete(handle);
    if (driver === undefined || driver.watched !== null) return false;
    this.closeElsewhere([handle, 0, null], () => {
      this.desk?.release();
      nativeTurn.drain();
    });
    return true;
  }

  /** After a `ConnectNode` that failed late: the transport is ipcz's, which some versions of the library forget. */
  endTransport({ watched }: NodeDriver, transport: IpczDriverHandle): void {
    watched?.endUnlessClosed(transport);
  }
}

let straight: ReportCallbacks | null = null;

function straightCallbacks(): ReportCallbacks {
  straight ??= reportCallbacks((report) => {
    nativeTurn.defer(() => deliver(report));
  });
  return straight;
}
