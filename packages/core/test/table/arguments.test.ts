/**
 * Numbers and lists that C cannot pass, but JavaScript can; the rest is in the conformance suite.
 */
import { IPCZ_RESULT_INVALID_ARGUMENT as INVALID, type IpczHandle } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { TableBench } from "./table-bench.ts";

describe.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])("a count of %d", (count) => {
  it("is refused, and nothing changes", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const [c, d] = bench.open();
    bench.put(b, "to be read", [d]);
    const bytes = new Uint8Array(4);
    const { api } = bench;
    const [wrong, none] = [() => ({ value: count }), () => ({ value: 0 })];
    expect(api.Put(a, bytes, count, null, 0, 0, null)).toBe(INVALID);
    expect(api.Put(a, bytes, 4, [c], count, 0, null)).toBe(INVALID);
    expect(api.Get(a, 0, null, bytes, wrong(), null, null, null)).toBe(INVALID);
    expect(api.Get(a, 0, null, null, null, [], wrong(), null)).toBe(INVALID);
    const begun = bench.beginPut(a, 4);
    const end = (numBytes: number, numHandles: number) =>
      api.EndPut(a, begun.transaction, numBytes, [c], numHandles, 0, null);
    expect([end(count, 0), end(4, count)]).toEqual([INVALID, INVALID]);
    expect(api.BeginPut(a, 0, null, null, wrong(), { value: 0 as never })).toBe(INVALID);
    const beginGet = api.BeginGet(a, 0, null, null, none(), [], wrong(), { value: 0 as never });
    expect(beginGet).toBe(INVALID);
    const other = bench.world.driver("other");
    const [ours, theirs] = bench.world.connect(bench.driver, other);
    expect(api.ConnectNode(bench.node, ours, count, 0, null, [])).toBe(INVALID);
    bench.driver.Close(ours, 0, null);
    other.Close(theirs, 0, null);
    expect(bench.status(b).parcels).toBe(0);
    const { text, handles } = bench.get(a);
    expect(text).toBe("to be read");
    bench.end(a, b, c, ...handles);
  });
});

describe("a list of handles", () => {
  it("with a hole in it is refused", () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const [c, d] = bench.open();
    const list: IpczHandle[] = [];
    list[1] = c;
    expect(bench.api.Put(a, null, 0, list, 2, 0, null)).toBe(INVALID);
    expect([bench.status(b).parcels, bench.status(d).flags]).toEqual([0, 0]);
    bench.end(a, b, c, d);
  });
});
