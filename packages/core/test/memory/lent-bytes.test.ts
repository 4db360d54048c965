import { describe, expect, it } from "vitest";
import { LentBytes } from "../../src/memory/lent-bytes.ts";
import { Slabs } from "../../src/memory/slab.ts";

const BYTES = Uint8Array.from({ length: 32 }, (_, index) => index);

function lent(bytes: Uint8Array | null = BYTES): LentBytes {
  const loan = new LentBytes(new Slabs());
  loan.begin(bytes);
  return loan;
}

describe("bytes that a driver lends", () => {
  it("are shown and copied out of where they lie", () => {
    const loan = lent();
    expect([loan.isLending(BYTES), loan.isLending(BYTES.slice())]).toEqual([true, false]);
    expect(loan.view(3, 4)).toEqual(Uint8Array.of(3, 4, 5, 6));
    const target = new Uint8Array(6);
    loan.copyOut(5, target, 5);
    expect(target).toEqual(Uint8Array.of(5, 6, 7, 8, 9, 0));
  });

  it("are none when nothing is lent, and none after the end", () => {
    const loan = lent(null);
    expect([loan.isLending(BYTES), loan.bytes.length]).toEqual([false, 0]);
    loan.begin(BYTES);
    loan.end();
    expect([loan.isLending(BYTES), loan.bytes.length]).toEqual([false, 0]);
  });

  it("have users who are asked once to move out, while they can still read", () => {
    const loan = lent();
    const seen: string[] = [];
    const user = (name: string) => ({
      moveOut: () => void seen.push(`${name} ${String(loan.view(7, 1)[0])}`),
    });
    for (const name of ["a", "b"]) loan.add(user(name));
    loan.end();
    loan.begin(BYTES);
    loan.add(user("c"));
    loan.end();
    expect(seen).toEqual(["a 7", "b 7", "c 7"]);
  });
});
