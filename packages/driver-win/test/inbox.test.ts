/** Frames however they are cut. */
import { timedFrameHeaderBytes, writeFrameHeader } from "@ipcz/mojo-codec";
import { describe, expect, it } from "vitest";
import { seededBelow } from "../../../tools/conformance/src/driver/pattern.ts";
import { Inbox } from "../src/inbox.ts";

function frame(message: Uint8Array, headerBytes = timedFrameHeaderBytes): Uint8Array {
  const bytes = new Uint8Array(headerBytes + message.length);
  const frameBytes = bytes.length;
  writeFrameHeader(new DataView(bytes.buffer), 0, { headerBytes, handleCount: 0, frameBytes });
  bytes.set(message, headerBytes);
  return bytes;
}

function collect(wanted = Infinity) {
  const messages: Uint8Array[] = [];
  const inbox = new Inbox(
    {
      beginBatch: () => undefined,
      endBatch: () => true,
      accept: (buffer, start, end) => messages.push(buffer.slice(start, end)) < wanted,
    },
    2 ** 20,
  );
  return { inbox, messages };
}

describe("Inbox", () => {
  it.each([1, 2, 3, 4, 5])("puts together what arrives in any pieces (seed %i)", (seed) => {
    const below = seededBelow(seed);
    const sent = Array.from({ length: 60 }, () =>
      new Uint8Array(below(3) === 0 ? below(200_000) : below(64)).fill(below(256)),
    );
    const bytes = new Uint8Array(
      Buffer.concat(sent.map((message) => frame(message, [8, 16, 24][below(3)]))),
    );
    const { inbox, messages } = collect();
    for (let at = 0; at < bytes.length;) {
      const count = 1 + below(below(2) === 0 ? 20 : 100_000);
      expect(inbox.push(bytes.subarray(at, at + count))).toBe("on");
      at += count;
    }
    expect(messages.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
    const wrong = messages.findIndex((message, at) =>
      Buffer.compare(message, sent[at] ?? new Uint8Array(0)),
    );
    expect(wrong).toBe(-1);
  });

  it("stops in the middle of a piece, and with a frame that was put together", () => {
    const { inbox, messages } = collect(2);
    const three = new Uint8Array(
      Buffer.concat([1, 2, 3].map((byte) => frame(new Uint8Array([byte])))),
    );
    expect(inbox.push(three)).toBe("stopped");
    expect(messages.length).toBe(2);
    const cut = collect(1);
    expect(cut.inbox.push(three.subarray(0, 10))).toBe("on");
    expect(cut.inbox.push(three.subarray(10))).toBe("stopped");
    expect(cut.messages.length).toBe(1);
  });

  it("takes memory only as bytes arrive, whatever length is claimed", () => {
    const { inbox } = collect();
    const header = frame(new Uint8Array(0)).slice();
    new DataView(header.buffer).setUint32(4, 2 ** 20, true);
    expect(inbox.push(header)).toBe("on");
    expect(inbox.push(new Uint8Array(10))).toBe("on");
    new DataView(header.buffer).setUint32(4, 2 ** 20 + 1, true);
    expect(collect().inbox.push(header)).toBe("malformed");
  });
});
