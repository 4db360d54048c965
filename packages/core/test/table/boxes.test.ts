/**
 * Application objects that leave the node: what their serializers may answer (spec: api 2.8.1).
 */
import {
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_OK as OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED as EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
  type IpczApplicationObjectSerializer,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { nextUncaught } from "../base/uncaught.ts";
import { cell, emptyContents, TableBench } from "./table-bench.ts";

/** What a serializer answers when it is asked for sizes, and when it is given room. */
interface Conduct {
  readonly probe?: IpczResult;
  readonly sized?: IpczResult;
  readonly wanted?: readonly [bytes: number, handles: number];
  readonly filled?: IpczResult;
  readonly written?: readonly [bytes: number, handles: number];
}

function serializerOf(conduct: Conduct): IpczApplicationObjectSerializer {
  const { probe = EXHAUSTED, sized = EXHAUSTED, filled = OK, wanted = [4, 0] } = conduct;
  return (_object, _flags, _options, data, numBytes, handles, numHandles) => {
    if (!numBytes || !numHandles) return probe;
    [numBytes.value, numHandles.value] = handles ? (conduct.written ?? wanted) : wanted;
    data?.set([0x61, 0x62, 0x63, 0x64].slice(0, data.length));
    return handles ? filled : sized;
  };
}

function boxWith(
  bench: TableBench,
  serializer: IpczApplicationObjectSerializer | null,
  destructor: (object: unknown) => void,
): IpczHandle {
  const out = cell();
  const contents = {
    ...emptyContents(),
    type: IPCZ_BOX_TYPE_APPLICATION_OBJECT,
    applicationObject: "thing",
    serializer,
    destructor,
  };
  expect(bench.api.Box(bench.node, contents, 0, null, out)).toBe(OK);
  return out.value;
}

/** Sends an object whose serializer does that; what arrives, and how often the object was destroyed. */
function send(conduct: Conduct | null, serializer = conduct && serializerOf(conduct)) {
  const bench = new TableBench();
  const [near, far] = bench.link();
  const destroyed: unknown[] = [];
  const box = boxWith(bench, serializer, (object) => destroyed.push(object));
  expect(bench.put(near, "", [box])).toBe(OK);
  const flags = [bench.status(near).flags, bench.status(far).flags];
  let text: string | null = null;
  if (bench.status(far).parcels > 0) {
    const [arrived = IPCZ_INVALID_HANDLE] = bench.get(far).handles;
    const { subparcel } = bench.unbox(arrived);
    ({ text } = bench.get(subparcel));
    bench.close(subparcel);
  }
  bench.end(near, far);
  return { flags, text, destroyed };
}

describe("an application object that leaves its node", () => {
  it("becomes the bytes that its serializer writes, and is destroyed", () => {
    expect(send({})).toEqual({ flags: [0, 0], text: "abcd", destroyed: ["thing"] });
  });

  it("becomes an empty parcel when it needs no room", () => {
    expect(send({ sized: OK, wanted: [0, 0] })).toMatchObject({ flags: [0, 0], text: "" });
  });

  it("becomes as many bytes as were written, though it asked for more", () => {
    expect(send({ wanted: [4, 0], written: [2, 0] })).toMatchObject({ text: "ab" });
  });

  it.each<[string, Conduct | null]>([
    ["has no serializer", null],
    ["says that it cannot be serialized", { probe: IPCZ_RESULT_FAILED_PRECONDITION }],
    ["fails when it is asked for sizes", { sized: IPCZ_RESULT_UNKNOWN }],
    ["wants less than no bytes", { wanted: [-1, 0] }],
    ["wants half a handle", { wanted: [4, 0.5] }],
    ["fails when it is given room", { filled: IPCZ_RESULT_UNKNOWN }],
    ["wants still more room", { filled: EXHAUSTED }],
    ["wrote less than no bytes", { written: [-1, 0] }],
    ["gave less than no handles", { wanted: [4, 1], written: [4, -1] }],
  ])("cuts the route and is destroyed when it %s", (_what, conduct) => {
    expect(send(conduct)).toEqual({ flags: [3, 3], text: null, destroyed: ["thing"] });
  });

  it("cuts the route when its serializer throws, which is reported as uncaught", async () => {
    const uncaught = nextUncaught();
    const sent = send(null, () => {
      throw new Error("a serializer's bug");
    });
    expect(sent).toEqual({ flags: [3, 3], text: null, destroyed: ["thing"] });
    expect(await uncaught).toEqual(new Error("a serializer's bug"));
  });
});

describe("a destructor that throws", () => {
  it("is reported as uncaught, and what comes after is closed all the same", async () => {
    const bench = new TableBench();
    const [a, b] = bench.open();
    const destroyed: string[] = [];
    const first = boxWith(bench, null, () => {
      throw new Error("a destructor's bug");
    });
    const second = boxWith(bench, null, () => destroyed.push("second"));
    bench.put(a, "never read", [first, second]);
    const uncaught = nextUncaught();
    bench.end(a, b);
    expect(destroyed).toEqual(["second"]);
    expect(await uncaught).toEqual(new Error("a destructor's bug"));
  });
});
