import { describe, expect, it } from "vitest";
import { copyFromPage } from "../../src/memory/copy-from-page.ts";

const MIB = 2 ** 20;
const page = Uint8Array.from({ length: 2 * MIB }, (_, index) => 1 + (index % 251));

describe.each([8, 4096 + 8, 40, 5000])("from %d", (start) => {
  it.each([0, 1, 2047, 2048, 2049, 5000, MIB - 1, MIB, MIB + 5])(
    "copies %d bytes, and touches no others",
    (count) => {
      for (const room of [count + 20, count + MIB]) {
        const to = new Uint8Array(room);
        copyFromPage(page, start, to, count);
        const copied = Buffer.compare(to.subarray(0, count), page.subarray(start, start + count));
        expect(copied).toBe(0);
        expect(to.subarray(count).every((byte) => byte === 0)).toBe(true);
      }
    },
  );
});
