/**
 * What a child of Chromium 156 and its broker said to each other first, byte for byte: frames, objects and messages.
 */
import { describe as describeMessage } from "@ipcz/core/wire";
import { decodeDriverObjects, decodeHeader } from "@ipcz/core/wire";
import { readFrameBytes, readHandleCount, readHeaderBytes, readObject } from "@ipcz/mojo-codec";
import { describe, expect, test } from "vitest";

const frames = {
  childsGreeting: `
    10000000 50000000 4c502999 00000000 18000100 00000000 00000000 00000000
    00000000 00000000 18000000 00000000 00000000 08000000 30000000 00000000
    10000000 01000000 00000000 00000000`,
  brokersGreeting: `
    10000100 b8000000 50522999 00000000 18000000 00000000 00000000 00000000
    68000000 00000000 40000000 00000000 53102f96 04f6f061 0bd434e6 73aa71cd
    d623ace5 4bd0680a 2ee3906f 37765d42 00000000 03000000 00000000 00000000
    58000000 00000000 10000000 01000000 00000000 00000000 10000000 01000000
    78000000 00000100 30000000 28000000 08000000 01000000 20000000 00000200
    02000000 00000000 81c830c1 fece4cad 0d0283c1 46030242`,
  serviceTransport: `
    10000100 a8000000 8d552999 00000000 18001400 00000000 00000000 00000000
    70000000 00000000 48000000 00000000 00000000 00000000 00000000 00000000
    00000000 01000000 ffffffff ffffffff 00000000 00000000 00000000 60000000
    00000000 00000000 00000000 01000000 10000000 01000000 01000000 00000000
    10000000 01000000 80000000 00000100 18000000 10000000 08000000 00000000
    01000000 00000000`,
} as const;

function bytesOf(name: keyof typeof frames): Uint8Array {
  return new Uint8Array(Buffer.from(frames[name].replaceAll(/\s/g, ""), "hex"));
}

/** The message of a frame, with its objects. */
function unpack(name: keyof typeof frames): { line: string; objects: unknown[]; handles: number } {
  const frame = bytesOf(name);
  const view = new DataView(frame.buffer);
  expect(readFrameBytes(view, 0)).toBe(frame.length);
  const message = frame.subarray(readHeaderBytes(view, 0));
  const header = decodeHeader(message, message.length);
  expect(header).not.toBeNull();
  const spans = header && decodeDriverObjects(message, message.length, header, 16);
  const objects = (spans ?? []).map((span) => {
    const { dataOffset = 0, dataLength = 0 } = span ?? {};
    const data = message.subarray(dataOffset, dataOffset + dataLength);
    return readObject(data, data.length, "beside")?.object;
  });
  return { line: describeMessage(message), objects, handles: readHandleCount(view, 0) };
}

describe("a recorded session", () => {
  test("begins with the child's greeting, which asks for eight portals", () => {
    const { line, objects, handles } = unpack("childsGreeting");
    expect(line).toContain("ConnectFromNonBrokerToBroker");
    expect(line).toContain("numInitialPortals=8");
    expect([objects, handles]).toEqual([[], 0]);
  });

  test("goes on with the broker's, and the memory of the link", () => {
    const { line, objects, handles } = unpack("brokersGreeting");
    expect(line).toContain("ConnectFromBrokerToNonBroker");
    expect(line).toContain("numInitialPortals=3");
    expect(objects).toMatchObject([{ kind: "memory", numBytes: 131_072, access: "unsafe" }]);
    expect(handles).toBe(1);
  });

  test("has the child offer a channel for requests of memory", () => {
    const { line, objects, handles } = unpack("serviceTransport");
    expect(line).toContain("AcceptParcel");
    expect(objects).toMatchObject([{ kind: "transport", destination: "non-broker" }]);
    expect(handles).toBe(1);
  });
});
