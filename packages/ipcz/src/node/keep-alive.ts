/**
 * What keeps the process alive: connections of a node, as long as anybody wants that.
 *
 * The node itself does, unless it is `unref`ed, and so does each portal that is `ref`ed. The driver is told when the
 * first comes and the last goes. Without any connection nothing keeps a process alive.
 */
import type { IpczDriver } from "@ipcz/api";
import type { KeepAlive } from "../objects/context.ts";

/** The part of a driver that this needs; without it nothing can be changed. */
interface ReferableDriver extends IpczDriver {
  /** Whether active transports, present and future, keep the process alive. */
  readonly keepAlive?: (wanted: boolean) => void;
}

/** The reasons of one node. */
export class NodeKeepAlive implements KeepAlive {
  private readonly driver: ReferableDriver;
  private reasons = 1;
  private referenced = true;

  constructor(driver: IpczDriver) {
    this.driver = driver;
  }

  hold(): void {
    this.reasons++;
    if (this.reasons === 1) this.driver.keepAlive?.(true);
  }

  release(): void {
    this.reasons--;
    if (this.reasons === 0) this.driver.keepAlive?.(false);
  }

  /** Whether the node itself is a reason. */
  setReferenced(referenced: boolean): void {
    if (referenced === this.referenced) return;
    this.referenced = referenced;
    if (referenced) this.hold();
    else this.release();
  }
}
