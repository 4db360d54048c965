/**
 * The system refuses things: descriptors, the bytes of memory files, address space. What is asked for then gets the
 * documented result, links that need nothing new go on, a link whose peer sends what cannot be taken is dropped, and
 * when the shortage is over everything is as before. For a process of its own, whose limits are lowered.
 */
import {
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type Out,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import type { PosixDriver } from "@ipcz/driver-posix";
import { box, cell, close, must, openPortals, portalAt, put } from "./calls.ts";
import { flood, nextHandle } from "./flood.ts";
import { collectGarbage } from "./garbage.ts";
import { HonestNetwork, type Joined } from "./honest-network.ts";
import { openDriver } from "./open-driver.ts";
import { isPeerClosed } from "./portal-state.ts";
import { refuse, type Resource } from "./process-limits.ts";
import { until } from "./turn.ts";

const FLOOD_PARCELS = 60;
/** Sizes for which the primary buffer has few blocks or none: without new buffers these travel inside messages. */
const FLOOD_BYTES = [2000, 30_000];

/**
 * The shortage. Address space is refused for the time of a mapping only, since the engine itself could not live without
 * it.
 */
class Shortage {
  private readonly resource: Resource;
  private end: (() => void) | null = null;
  private mapsAreRefused = false;

  constructor(resource: Resource) {
    this.resource = resource;
  }

  readonly wrap = (driver: PosixDriver): IpczDriver => ({
    ...driver,
    MapSharedMemory: (...parameters) => {
      if (!this.mapsAreRefused) return driver.MapSharedMemory(...parameters);
      const end = refuse("addressSpaceBytes");
      try {
        return driver.MapSharedMemory(...parameters);
      } finally {
        end();
      }
    },
  });

  begin(): void {
    if (this.resource === "addressSpaceBytes") this.mapsAreRefused = true;
    else this.end = refuse(this.resource);
  }

  finish(): void {
    this.mapsAreRefused = false;
    this.end?.();
    this.end = null;
  }
}

class Exhaustion {
  private readonly resource: Resource;
  private readonly shortage: Shortage;
  private readonly network: HonestNetwork<PosixDriver>;
  private readonly driver: IpczDriver;

  constructor(resource: Resource) {
    this.resource = resource;
    this.shortage = new Shortage(resource);
    this.network = new HonestNetwork(openDriver(), this.shortage.wrap);
    this.driver = this.shortage.wrap(this.network.driver);
  }

  async run(rounds: number, alive: () => void): Promise<void> {
    await this.network.begin();
    for (let round = 0; round < rounds; round++) {
      await collectGarbage();
      await this.round();
      await this.network.check();
      await this.network.settle();
      alive();
    }
    this.network.end();
  }

  private async round(): Promise<void> {
    const link = this.network.join(2);
    await exchange(link);
    const memory = this.allocate();
    const pair = this.network.transports();
    await this.during(async () => {
      this.expectRefusals(memory);
      this.expectNoLink(pair);
      await this.expectFlow(link, false);
    });
    await this.expectFlow(link, true);
    await this.during(() => this.send(link, memory));
    leave(link);
    const later = this.network.join(2);
    await exchange(later);
    leave(later);
  }

  private async during(action: () => Promise<void>): Promise<void> {
    this.shortage.begin();
    try {
      await action();
      await this.network.check();
    } finally {
      this.shortage.finish();
    }
  }

  private allocate(): IpczDriverHandle {
    const memory = cell();
    must(this.driver.AllocateSharedMemory(4096, 0, null, memory) === 0, "memory is allocated");
    return memory.value;
  }

  /** Of the driver's functions those answer that they have no more, and nothing else, which need what is short. */
  private expectRefusals(memory: IpczDriverHandle): void {
    const { driver, resource } = this;
    const none = 0 as IpczDriverHandle;
    const cells = [cell(), cell(), cell(), cell(), cell()] as const;
    const view: Out<Uint8Array> = { value: new Uint8Array(0) };
    const answers: readonly (readonly [number, boolean])[] = [
      [
        driver.CreateTransports(none, none, 0, null, cells[0], cells[1]),
        resource === "descriptors",
      ],
      [
        driver.AllocateSharedMemory(4096, 0, null, cells[2]),
        resource === "descriptors" || resource === "fileBytes",
      ],
      [driver.DuplicateSharedMemory(memory, 0, null, cells[3]), resource === "descriptors"],
      [driver.MapSharedMemory(memory, 0, null, view, cells[4]), resource === "addressSpaceBytes"],
    ];
    for (const [index, [answer, isRefused]] of answers.entries())
      must(
        answer === (isRefused ? IPCZ_RESULT_RESOURCE_EXHAUSTED : 0),
        `the driver answered ${answer} to call ${index} without ${resource}`,
      );
    for (const { value } of cells) if (value !== 0) driver.Close(value, 0, null);
  }

  /** A broker has no memory to offer; the transport it was given is closed. */
  private expectNoLink([ours, theirs]: readonly [IpczDriverHandle, IpczDriverHandle]): void {
    const portals: IpczHandle[] = [0 as IpczHandle];
    const { broker, driver } = this.network;
    const result = getAPI().ConnectNode(broker, ours, 1, 0, null, portals);
    must(result === IPCZ_RESULT_RESOURCE_EXHAUSTED, `ConnectNode answered ${result}`);
    driver.Close(theirs, 0, null);
  }

  /** More than the memory of a new link has room for: there is more memory, or the parcels do without. */
  private async expectFlow({ near, far }: Joined, grows: boolean): Promise<void> {
    const before = this.network.driver.liveObjects().mappings;
    const [from, to] = [portalAt(near, 0), portalAt(far, 0)];
    for (const bytes of FLOOD_BYTES) await flood(from, to, FLOOD_PARCELS, bytes);
    const { mappings } = this.network.driver.liveObjects();
    must(mappings > before === grows, `${mappings} mappings where there were ${before}`);
  }

  /** Memory in a box gets there, unless a descriptor is what the receiver cannot have: that costs the link. */
  private async send({ near, far }: Joined, memory: IpczDriverHandle): Promise<void> {
    const { broker } = this.network;
    must(put(portalAt(near, 1), new Uint8Array(1), [box(broker, memory)]) === 0, "a box is sent");
    if (this.resource === "descriptors") {
      await until(() => [...near, ...far].every(isPeerClosed), "a link is dropped");
      return;
    }
    close(await nextHandle(portalAt(far, 1)));
  }
}

function leave({ node, near, far }: Joined): void {
  for (const handle of [...near, ...far, node]) close(handle);
}

/** A portal goes over the link, and parcels over it. */
async function exchange({ node, near, far }: Joined): Promise<void> {
  const [kept, sent] = openPortals(node);
  must(put(portalAt(far, 0), new Uint8Array(1), [sent]) === 0, "a portal is sent");
  const arrived = await nextHandle(portalAt(near, 0));
  await flood(kept, arrived, 3, 100);
  for (const handle of [kept, arrived]) close(handle);
}

/** Throws what harm was done; `alive` is called after each round. */
export async function exhaust(
  resource: Resource,
  rounds: number,
  alive: () => void,
): Promise<void> {
  await new Exhaustion(resource).run(rounds, alive);
}
