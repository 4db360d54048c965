/**
 * Values of which something else becomes here than on Node's own channel, at least on some version of Node.js.
 */
import { createSecretKey, webcrypto } from "node:crypto";
import { BlockList, SocketAddress } from "node:net";
import { createHistogram } from "node:perf_hooks";
import { type CloneCase, nodeMajor } from "./case.ts";
import { errorOf, platformClass } from "./values.ts";

const sinceMarks = nodeMajor < 22;

const cryptoKey = await webcrypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, [
  "encrypt",
]);

function refused(name: string, make: () => unknown, row: string): CloneCase {
  return { name, make, differs: { row, ours: "DataCloneError" } };
}

/** As `refused`, where Node 20 alone answers otherwise. */
function refusedSince22(name: string, make: () => unknown): CloneCase {
  return sinceMarks ? refused(name, make, "`URL`, `Headers`") : { name, make };
}

export const differentCases: readonly CloneCase[] = [
  {
    name: "a Buffer in the pool",
    make: () => Buffer.from("pooled"),
    differs: {
      row: "`Buffer` in a larger buffer",
      ours: () => new Uint8Array(Buffer.from("pooled")),
    },
  },
  {
    name: "a DOMException",
    make: () => new DOMException("m", "AbortError"),
    ...(sinceMarks && {
      differs: { row: "`DOMException`", ours: () => new DOMException("m", "AbortError") },
    }),
  },
  {
    name: "a File",
    make: () => new File(["content"], "näme.txt", { type: "text/plain", lastModified: 7 }),
    ...(nodeMajor < 24 && {
      differs: {
        row: "`File`",
        ours: () => new File(["content"], "näme.txt", { type: "text/plain", lastModified: 7 }),
      },
    }),
  },
  {
    name: "an error that is its own cause",
    make: () => {
      const error = errorOf(() => new Error("m", { cause: null }));
      error.cause = error;
      return error;
    },
    ...(sinceMarks && {
      differs: {
        row: "An error that is its own cause",
        ours: () => {
          const error = errorOf(() => new Error("m", { cause: null }));
          error.cause = error;
          return error;
        },
      },
    }),
  },
  refused("a SharedArrayBuffer", () => new SharedArrayBuffer(8), "`SharedArrayBuffer`"),
  refused(
    "a view of a SharedArrayBuffer",
    () => new Uint8Array(new SharedArrayBuffer(8)),
    "`SharedArrayBuffer`",
  ),
  refused(
    "a WebAssembly.Module",
    () => new (platformClass("WebAssembly.Module"))(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
    "`WebAssembly.Module`",
  ),
  refused("a KeyObject", () => createSecretKey(Buffer.from("secret")), "`KeyObject`"),
  refused("a CryptoKey", () => cryptoKey, "`KeyObject`"),
  refused("a BlockList", () => new BlockList(), "`BlockList`"),
  refused(
    "a SocketAddress",
    () => new SocketAddress({ address: "1.2.3.4", port: 5 }),
    "`BlockList`",
  ),
  refused("a Histogram", () => createHistogram(), "`BlockList`"),
  refusedSince22("a URL", () => new URL("http://a/b")),
  refusedSince22("URLSearchParams", () => new URLSearchParams("a=1")),
  refusedSince22("Headers", () => new Headers()),
  refusedSince22("FormData", () => new FormData()),
  refusedSince22("a Response", () => new Response()),
];
