import { describe, expect, it } from "vitest";
import { initialiseLinkState, LinkState } from "../../src/memory/link-state.ts";
import { Region } from "../../src/memory/region.ts";
import { type LinkSide, type NodeName, NO_NODE, SIDE_A, SIDE_B } from "../../src/wire/ids.ts";
import { hex } from "./support.ts";

/** Changes the status between the reads and the exchanges of the code under test. */
class RacyRegion extends Region {
  race: (() => void) | null = null;

  override compareExchange(offset: number, expected: number, replacement: number): number {
    this.race?.();
    return super.compareExchange(offset, expected, replacement);
  }
}

const regionOf = () => new RacyRegion(new Uint8Array(new SharedArrayBuffer(128)));

const storages: [string, (status: number) => LinkState][] = [
  ["private memory", (status) => LinkState.inPrivateMemory(status)],
  [
    "shared memory",
    (status) => {
      const region = regionOf();
      region.store(64 + 4, status);
      return LinkState.inSharedMemory(region, 64);
    },
  ],
];
const everyStatus = Array.from({ length: 64 }, (_, status) => status);
const sides: LinkSide[] = [SIDE_A, SIDE_B];

function bit(pair: number, side: LinkSide): number {
  return 1 << (2 * pair + side);
}

/** The rules again, bit by bit, from the table of spec: routing 4.2. */
function rules(side: LinkSide) {
  const other = side === SIDE_A ? SIDE_B : SIDE_A;
  return {
    stable: bit(0, side),
    otherStable: bit(0, other),
    waiting: bit(1, side),
    locked: bit(2, side),
    anyLock: bit(2, side) | bit(2, other),
  };
}

describe.each(storages)("link state in %s", (_name, make) => {
  describe.each(sides)("for side %i, over all 64 status words", (side) => {
    const { stable, otherStable, waiting, locked, anyLock } = rules(side);

    it("markStable sets its own bit only", () => {
      for (const status of everyStatus) {
        const state = make(status);
        state.markStable(side);
        state.markStable(side);
        expect(state.status).toBe(status | stable);
      }
    });

    it("tryLock locks, notes that it waits, or changes nothing", () => {
      for (const status of everyStatus) {
        const state = make(status);
        const refused = (status & anyLock) !== 0 || (status & stable) === 0;
        const locks = !refused && (status & otherStable) !== 0;
        expect(state.tryLock(side), `status ${status}`).toBe(locks);
        const expected = refused ? status : status | (locks ? locked : waiting);
        expect(state.status, `status ${status}`).toBe(expected);
      }
    });

    it("unlock clears its own lock only", () => {
      for (const status of everyStatus) {
        const state = make(status);
        state.unlock(side);
        expect(state.status).toBe(status & ~locked);
      }
    });

    it("takeWaiting takes the note when both are stable and nobody locks", () => {
      for (const status of everyStatus) {
        const state = make(status);
        const bothStable = (status & 3) === 3;
        const taken = bothStable && (status & waiting) !== 0 && (status & anyLock) === 0;
        expect(state.takeWaiting(side), `status ${status}`).toBe(taken);
        expect(state.status, `status ${status}`).toBe(taken ? status & ~waiting : status);
      }
    });

    it("lockedBy tells its own lock", () => {
      for (const status of everyStatus)
        expect(make(status).lockedBy(side)).toBe((status & locked) !== 0);
    });
  });

  it("remembers who may ask for a bypass", () => {
    const state = make(3);
    expect(state.allowedSource()).toBe(NO_NODE);
    const name = "ffeeddccbbaa99880000000000000001" as NodeName;
    state.setAllowedSource(name);
    expect(state.allowedSource()).toBe(name);
    expect(state.status).toBe(3);
    state.setAllowedSource(NO_NODE);
    expect(state.allowedSource()).toBe(NO_NODE);
  });
});

describe("link state in shared memory", () => {
  it("starts with one reference and zeros, whatever was there", () => {
    const region = regionOf();
    region.bytes(0, 128).fill(0xee);
    initialiseLinkState(region, 64);
    expect(hex(region, 64, 64)).toBe(["01", ...Array.from({ length: 63 }, () => "00")].join(" "));
    expect(region.bytes(0, 64).every((byte) => byte === 0xee)).toBe(true);
  });

  it("keeps the name as two little-endian words, high first", () => {
    const region = regionOf();
    const state = LinkState.inSharedMemory(region, 0);
    state.setAllowedSource("00112233445566778899aabbccddeeff" as NodeName);
    expect(hex(region, 8, 16)).toBe("77 66 55 44 33 22 11 00 ff ee dd cc bb aa 99 88");
  });

  it("leaves bits it does not know alone", () => {
    const region = regionOf();
    region.store(4, 0x80000003 | 0);
    const state = LinkState.inSharedMemory(region, 0);
    expect(state.tryLock(SIDE_B)).toBe(true);
    expect(state.status).toBe(0x80000023);
    state.unlock(SIDE_B);
    expect(state.status).toBe(0x80000003);
  });

  it("decides again when the word changed under its hands", () => {
    const region = regionOf();
    const [ours, theirs] = [
      LinkState.inSharedMemory(region, 0),
      LinkState.inSharedMemory(region, 0),
    ];
    ours.markStable(SIDE_A);
    region.race = () => {
      region.race = null;
      theirs.markStable(SIDE_B);
    };
    expect(ours.tryLock(SIDE_A)).toBe(true);
    expect(ours.status).toBe(0x13);
    ours.unlock(SIDE_A);
    region.race = () => {
      region.race = null;
      expect(theirs.tryLock(SIDE_B)).toBe(true);
    };
    expect(ours.tryLock(SIDE_A)).toBe(false);
    expect(ours.status).toBe(0x23);
  });

  it("gives up on a word that changes at every look", () => {
    const region = regionOf();
    const state = LinkState.inSharedMemory(region, 0);
    region.race = () => region.add(4, 64);
    region.store(4, 0x03);
    expect(state.tryLock(SIDE_A)).toBe(false);
    region.store(4, 0x07);
    expect(state.takeWaiting(SIDE_A)).toBe(false);
  });
});
