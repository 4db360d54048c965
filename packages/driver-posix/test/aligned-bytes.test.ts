import { foreign } from "@ipcz/abi/ffi";
import { expect, test } from "vitest";
import { alignedBytes } from "../src/aligned-bytes.ts";

test.each([1, 64, 1000, 65_536, 1_000_000])("%d bytes begin at a multiple of 64", (numBytes) => {
  for (let round = 0; round < 20; round++) {
    const bytes = alignedBytes(foreign, numBytes);
    expect(bytes.length).toBe(numBytes);
    expect(foreign.address(bytes) % 64n).toBe(0n);
    bytes[0] = round;
    expect(new Uint8Array(foreign.view(foreign.address(bytes), 1))[0]).toBe(round);
  }
});
