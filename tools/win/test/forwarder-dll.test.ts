import { expect, test } from "vitest";
import { forwarderDll, processPrng } from "../src/wine/forwarder-dll.ts";

/** Reads the exports as a loader does: by addresses in memory, from the headers on. */
function exportsOf(file: Buffer): { library: string; name: string; target: string } {
  const pe = file.readUInt32LE(0x3c);
  expect(file.toString("latin1", pe, pe + 4)).toBe("PE\0\0");
  const optional = pe + 24;
  const section = optional + file.readUInt16LE(pe + 20);
  const address = file.readUInt32LE(section + 12);
  const toFile = (at: number): number => at - address + file.readUInt32LE(section + 20);
  const word = (at: number): number => file.readUInt32LE(toFile(at));
  const text = (at: number): string =>
    file.toString("latin1", toFile(at), file.indexOf(0, toFile(at)));
  const directory = file.readUInt32LE(optional + 112);
  const bytes = file.readUInt32LE(optional + 116);
  expect([word(directory + 20), word(directory + 24)]).toEqual([1, 1]);
  const target = word(word(directory + 28));
  // Only within the directory is it a name; elsewhere it would be code.
  expect(target).toBeGreaterThan(directory);
  expect(target).toBeLessThan(directory + bytes);
  return {
    library: text(word(directory + 12)),
    name: text(word(word(directory + 32))),
    target: text(target),
  };
}

test("a loader finds one export, which is another library's function", () => {
  const file = Buffer.from(forwarderDll(processPrng));
  expect(exportsOf(file)).toEqual(processPrng);
  expect(file.length % 0x200).toBe(0);
});

test("names of any length have room", () => {
  const forward = { library: "a.dll", name: "b".repeat(700), target: `c.${"d".repeat(700)}` };
  expect(exportsOf(Buffer.from(forwarderDll(forward)))).toEqual(forward);
});
