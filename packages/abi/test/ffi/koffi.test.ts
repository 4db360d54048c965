import { getSystemErrorMap } from "node:util";
import { describe, expect, test } from "vitest";
import { isWindows, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import { cLibrary } from "../../src/ffi/c-library.ts";
import { foreign } from "../../src/ffi/koffi.ts";
import type { Address, NativeArgument } from "../../src/ffi/foreign.ts";

const libc = cLibrary();
const hasErrno = runsHere(!isWindows, "errno and mmap, which Windows does not have");

function readInt(address: Address): number {
  return new Int32Array(foreign.view(address, 4))[0] as number;
}

describe("load", () => {
  test("binds a function of the C library, which is always there", () => {
    const abs = libc.bind<(value: number) => number>("int abs(int value)");
    expect(abs(-7)).toBe(7);
  });

  test("passes variadic arguments as type and value", () => {
    const sprintf = libc.bind<
      (to: Uint8Array, format: string, ...rest: NativeArgument[]) => number
    >("int sprintf(void *to, const char *format, ...)");
    const to = new Uint8Array(32);
    const length = sprintf(to, "%d %s", "int", 42, "const char *", "words");
    expect(Buffer.from(to.subarray(0, length)).toString()).toBe("42 words");
  });

  test("says so when the library has no such function", () => {
    expect(() => libc.bind("int no_such_function_here(void)")).toThrow(/no_such_function_here/);
    expect(() => libc.symbol("no_such_symbol_here")).toThrow(/symbol/);
  });

  test("says so when there is no such library", () => {
    expect(() => foreign.load("/nowhere/libnothing.so")).toThrow(/shared library/);
  });

  test("throws for an argument of the wrong kind instead of passing on nonsense", () => {
    const abs = libc.bind<(value: unknown) => number>("int abs(int value)");
    expect(() => abs("seven")).toThrow(/String/);
    expect(abs(-1)).toBe(1);
  });
});

describe.runIf(hasErrno)("errno", () => {
  test("is that of the call before", () => {
    const close = libc.bind<(fd: number) => number>("int close(int fd)");
    expect(close(-1)).toBe(-1);
    expect(getSystemErrorMap().get(-foreign.errno())?.[0]).toBe("EBADF");
  });
});

describe("address and view", () => {
  test("a view at the address of bytes shows the same bytes", () => {
    const bytes = new Uint8Array(4096);
    const view = new Uint8Array(foreign.view(foreign.address(bytes) + 100n, 8));
    bytes[103] = 9;
    expect(view[3]).toBe(9);
    view[4] = 11;
    expect(bytes[104]).toBe(11);
  });

  test("a small array on the heap stays where its address says, over collections", () => {
    const bytes = new Uint8Array(16);
    const address = foreign.address(bytes);
    for (let round = 0; round < 200; round++) Array.from({ length: 1000 }, () => ({ round }));
    expect(foreign.address(bytes)).toBe(address);
    bytes[5] = 77;
    expect(new Uint8Array(foreign.view(address, 16))[5]).toBe(77);
  });

  test("shared memory has an address through a typed array over it", () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(64));
    expect(foreign.address(bytes)).toBeGreaterThan(0n);
  });

  test("no bytes have the address 0", () => {
    expect(foreign.address(new Uint8Array(0))).toBe(0n);
  });

  test.runIf(hasErrno)("a failed pointer result is told apart from every address (mmap)", () => {
    const mmap = libc.bind<
      (at: Address, n: number, p: number, f: number, fd: number, o: number) => Address | null
    >("void *mmap(void *at, size_t bytes, int protection, int flags, int fd, int64_t offset)");
    // No flags at all is an error everywhere.
    expect(mmap(0n, 4096, 1, 0, -1, 0)).toBe(0xffff_ffff_ffff_ffffn);
  });
});

describe("call and callback", () => {
  test("calls the function at an address", () => {
    const type = foreign.prototype("int", ["int"]);
    const abs = foreign.call<(value: number) => number>(libc.symbol("abs"), type);
    expect(abs(-3)).toBe(3);
  });

  test("C calls back into JavaScript (qsort)", () => {
    const compare = foreign.prototype("int", ["void *", "void *"]);
    const qsort = libc.bind<(a: Int32Array, n: number, size: number, by: Address) => void>(
      "void qsort(void *array, size_t count, size_t size, void *compare)",
    );
    const callback = foreign.callback(compare, (a: Address, b: Address) => readInt(a) - readInt(b));
    const numbers = new Int32Array([5, -1, 3, 3, 0]);
    qsort(numbers, numbers.length, 4, callback.address);
    expect([...numbers]).toEqual([-1, 0, 3, 3, 5]);
    callback.release();
    callback.release();
  });

  test("one prototype serves any number of callbacks", () => {
    const type = foreign.prototype("int", ["int"]);
    const call = (at: Address): number => foreign.call<(value: number) => number>(at, type)(20);
    const callbacks = Array.from({ length: 100 }, (_, step) =>
      foreign.callback(type, (value: number) => value + step),
    );
    expect(callbacks.map((callback) => call(callback.address))).toEqual(
      callbacks.map((_, step) => 20 + step),
    );
    for (const callback of callbacks) callback.release();
  });

  test("refuses a prototype that another seam made", () => {
    const stranger = { result: "int", parameters: ["int"] };
    expect(() => foreign.call(libc.symbol("abs"), stranger)).toThrow(/prototype/);
  });
});
