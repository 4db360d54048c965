/**
 * Two ends of one link's memory for tests: what one end announces, the other gets when the test says so.
 */
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import type { Fragment } from "../../src/memory/fragment.ts";
import { LinkMemory, type MemorySource } from "../../src/memory/link-memory.ts";
import type { Region } from "../../src/memory/region.ts";
import {
  type BufferId,
  type LinkSide,
  PRIMARY_BUFFER,
  SIDE_A,
  SIDE_B,
} from "../../src/wire/ids.ts";
import { MockDriver } from "../driver/mock-driver.ts";

export interface Announcement {
  readonly id: BufferId;
  readonly blockSize: number;
  readonly memory: DriverMemory;
}

export interface EndOptions {
  readonly memV2?: boolean;
  readonly fixedCapacity?: boolean;
  /** Default: the driver, at once. */
  readonly source?: MemorySource;
  /** Runs when this end announces, before the announcement is queued. */
  readonly onAnnounce?: (announcement: Announcement) => void;
}

export interface End {
  readonly memory: LinkMemory;
  /** Sent by this end and not received by the other. */
  readonly sent: Announcement[];
  /** Sizes asked of this end's source. */
  readonly asked: number[];
  /** The primary buffer. */
  readonly region: Region;
}

/** A memory source that answers when the test says so. */
export class SlowSource implements MemorySource {
  readonly requests: { numBytes: number; done: (memory: DriverMemory | null) => void }[] = [];

  request(numBytes: number, done: (memory: DriverMemory | null) => void): void {
    this.requests.push({ numBytes, done });
  }

  /** Answers the oldest request with memory of that size, or of its own. */
  answer(driver: MockDriver, numBytes?: number): void {
    const request = this.requests.shift();
    request?.done(DriverMemory.allocate(driver, numBytes ?? request.numBytes));
  }

  refuse(): void {
    this.requests.shift()?.done(null);
  }
}

export function linkEnds(optionsA: EndOptions = {}, optionsB: EndOptions = optionsA) {
  const driver = new MockDriver();
  const primary = LinkMemory.createPrimary(driver);
  const received = primary && LinkMemory.adoptPrimary(primary.memory);
  if (!primary || !received) throw new Error("no primary buffer");
  const a = makeEnd(driver, SIDE_A, primary.mapping, optionsA);
  const b = makeEnd(driver, SIDE_B, received, optionsB);
  return {
    driver,
    a,
    b,
    /** Delivers what was announced. */
    deliver: (): void => {
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const)
        for (const { id, blockSize, memory } of from.sent.splice(0))
          if (!to.memory.addBlockBuffer(id, blockSize, memory)) throw new Error("rejected");
    },
    /** Closes both ends; what is still open in the driver then has leaked. */
    end: (): number => {
      for (const { memory } of [...a.sent, ...b.sent]) memory.close();
      a.memory.close();
      b.memory.close();
      return driver.liveCount;
    },
  };
}

function makeEnd(
  driver: MockDriver,
  side: LinkSide,
  primary: ConstructorParameters<typeof LinkMemory>[0]["primary"],
  options: EndOptions,
): End {
  const sent: Announcement[] = [];
  const asked: number[] = [];
  const fromDriver: MemorySource = {
    request: (numBytes, done) => {
      done(DriverMemory.allocate(driver, numBytes));
    },
  };
  const memory = new LinkMemory({
    side,
    memV2: options.memV2 ?? false,
    fixedCapacity: options.fixedCapacity ?? false,
    primary,
    source: {
      request: (numBytes, done) => {
        asked.push(numBytes);
        (options.source ?? fromDriver).request(numBytes, done);
      },
    },
    announce: (id, blockSize, buffer) => {
      const announcement = { id, blockSize, memory: buffer };
      options.onAnnounce?.(announcement);
      sent.push(announcement);
    },
  });
  memory.activate();
  const { region } = memory.resolve({ bufferId: PRIMARY_BUFFER, offset: 0, size: 0 });
  if (!region) throw new Error("no primary region");
  return { memory, sent, asked, region };
}

/** Allocates until there is nothing; what there was. */
export function drain(memory: LinkMemory, numBytes: number): Fragment[] {
  const taken: Fragment[] = [];
  for (;;) {
    const fragment = memory.allocateFragment(numBytes);
    if (fragment === null) return taken;
    taken.push(fragment);
  }
}
