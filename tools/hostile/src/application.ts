/**
 * The victim's application: reads, answers, passes portals on, merges, closes. It trusts nobody, and keeps little.
 */
import { IPCZ_TRAP_CONDITIONS_SIZE, type IpczHandle } from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import type { SeededRandom } from "@ipcz/driver-mem";
import { close, get, merge, openPortals, put } from "./calls.ts";
import { putInPlace, readInPlace } from "./in-place.ts";
import { pick } from "./knowledge.ts";

const PORTALS_MAX = 16;
const READS_MAX = 64;

export class Application {
  readonly portals: IpczHandle[];
  private readonly node: IpczHandle;
  private readonly random: SeededRandom;
  /** Old portals travel too. Where both ends do so, rings arise: portals in each other's queues, left for ever. */
  private readonly givesOld: boolean;
  /** Traps that fired. */
  fired = 0;
  trapped = 0;

  constructor(
    node: IpczHandle,
    portals: readonly IpczHandle[],
    random: SeededRandom,
    givesOld = true,
  ) {
    this.givesOld = givesOld;
    this.node = node;
    this.portals = [...portals];
    this.random = random;
  }

  step(): void {
    const { random } = this;
    const portal = pick(random, this.portals);
    if (portal === undefined) return;
    const choice = random.below(14);
    if (choice < 5) this.read(portal);
    else if (choice < 8) put(portal, new Uint8Array(random.below(random.chance(0.1) ? 9000 : 90)));
    else if (choice < 9) this.sendPortal(portal);
    else if (choice < 10) this.trap(portal);
    else if (choice < 11) this.mergeNew(portal);
    else if (choice < 12)
      for (const handle of readInPlace(portal)?.handles ?? []) this.keep(handle);
    else if (choice < 13) putInPlace(portal, random.below(random.chance(0.1) ? 70_000 : 300), 7);
    else this.closeOne();
  }

  /** Closes everything. */
  end(): void {
    for (const portal of this.portals.splice(0)) close(portal);
  }

  private read(portal: IpczHandle): void {
    for (let i = 0; i < READS_MAX; i++) {
      const { result, handles } = get(portal);
      if (result !== 0) return;
      for (const handle of handles) this.keep(handle);
    }
  }

  /** Boxes and portals alike: a box does not notice what is done with it. */
  private keep(handle: IpczHandle): void {
    if (this.portals.length < PORTALS_MAX && this.random.chance(0.8)) this.portals.push(handle);
    else close(handle);
  }

  private sendPortal(portal: IpczHandle): void {
    const [kept, sent] = openPortals(this.node);
    put(kept, new Uint8Array(3));
    const given =
      this.givesOld && this.random.chance(0.3) ? pick(this.random, this.portals) : undefined;
    const handles = given === undefined || given === portal ? [sent] : [sent, given];
    if (put(portal, new Uint8Array(5), handles) === 0) {
      if (handles.length === 2) this.forget(handles[1] ?? sent);
      this.keep(kept);
      return;
    }
    close(kept);
    close(sent);
  }

  private forget(handle: IpczHandle): void {
    const index = this.portals.indexOf(handle);
    if (index >= 0) this.portals.splice(index, 1);
  }

  private trap(portal: IpczHandle): void {
    const conditions = {
      size: IPCZ_TRAP_CONDITIONS_SIZE,
      flags: 0x8e,
      minLocalParcels: 0,
      minLocalBytes: 0,
    };
    const result = getAPI().Trap(
      portal,
      conditions,
      () => {
        this.fired++;
      },
      null,
      0,
      null,
      null,
      null,
    );
    if (result === 0) this.trapped++;
  }

  private mergeNew(portal: IpczHandle): void {
    const [a, b] = openPortals(this.node);
    const other = this.random.chance(0.5) ? this.portals.find((one) => one !== portal) : undefined;
    if (other !== undefined && merge(portal, other) === 0) {
      this.forget(portal);
      this.forget(other);
    } else if (merge(portal, a) === 0) {
      this.forget(portal);
      this.keep(b);
      return;
    }
    close(a);
    close(b);
  }

  private closeOne(): void {
    const portal = pick(this.random, this.portals);
    if (portal === undefined || this.portals.length < 3) return;
    this.forget(portal);
    close(portal);
  }
}
