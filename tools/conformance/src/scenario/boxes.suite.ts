/**
 * Boxes: driver objects and application objects, opened where they were packed or on another node (spec: api 2.8, 5.2).
 */
import {
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_SUBPARCEL,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_UNBOX_PEEK,
  type IpczApplicationObjectSerializer,
  type IpczBoxContents,
  type IpczHandle,
} from "@ipcz/api";
import { readBlob } from "../table/blob.ts";
import { bytesOf, emptyContents, handleCell } from "../table/calls.ts";
import { checkEqual, checkResult } from "../table/expect.ts";
import { scenario, type NodeBody, type Scenario } from "./scenario.ts";
import type { TestNode } from "./test-node.ts";
import { at, single, two } from "./tuples.ts";
import { times } from "../table/turns.ts";

const TEXT = "what the box was packed with";

const boxAndUnbox = scenario("BoxTest.BoxAndUnbox", {
  main: async (node) => {
    checkEqual("text in the box", node.unboxBlob(node.boxBlob(TEXT)), TEXT);
  },
});

const closeBox = scenario("BoxTest.CloseBox", {
  // That the memory is gone with the box is seen by the count that ends every story.
  main: async (node) => {
    node.close(node.boxBlob(TEXT));
  },
});

const peek = scenario("BoxTest.Peek", {
  main: async (node) => {
    const box = node.boxBlob(TEXT);
    const seen = [0, 1, 2].map(() => peekInto(node, box).driverObject);
    checkEqual("driver object at the second peek", at(seen, 1), at(seen, 0));
    checkEqual("driver object at the third peek", at(seen, 2), at(seen, 0));
    checkEqual("text behind the peeked handle", readBlob(node.driver, at(seen, 0)), TEXT);
    checkEqual("text in the box", node.unboxBlob(box), TEXT);
  },
});

function peekInto(node: TestNode, box: IpczHandle): IpczBoxContents {
  const contents = emptyContents();
  const result = node.api.Unbox(box, IPCZ_UNBOX_PEEK, null, contents);
  checkResult("Unbox with PEEK", result, IPCZ_RESULT_OK);
  return contents;
}

function unbox(node: TestNode, box: IpczHandle, type: number): IpczBoxContents {
  const contents = emptyContents();
  checkResult("Unbox", node.api.Unbox(box, 0, null, contents), IPCZ_RESULT_OK);
  node.disown(box);
  checkEqual("type of the contents", contents.type, type);
  return contents;
}

const transferBox = scenario("BoxTest.TransferBox", {
  nodes: {
    client: async (node) => {
      const portal = single(node.connectToParent());
      const box = single(await node.waitForText(portal, "a box"));
      checkEqual("text in the box", node.unboxBlob(box), TEXT);
      node.close(portal);
    },
  },
  main: async (node) => {
    const portal = single(await node.spawn("client"));
    node.put(portal, "a box", [node.boxBlob(TEXT)]);
    await node.waitForPeerClosed(portal);
    node.close(portal);
  },
});

const transferBoxAndPortal = scenario("BoxTest.TransferBoxAndPortal", {
  nodes: {
    client: async (node) => {
      const fromMain = single(node.connectToParent());
      const [box, portal] = two(await node.waitForText(fromMain, "a box and a portal"));
      node.put(portal, "the portal works");
      await node.waitForText(portal, "both ways");
      checkEqual("text in the box", node.unboxBlob(box), TEXT);
      node.close(portal, fromMain);
    },
  },
  main: async (node) => {
    const toClient = single(await node.spawn("client"));
    const [near, far] = node.open();
    node.put(toClient, "a box and a portal", [node.boxBlob(TEXT), far]);
    await node.waitForText(near, "the portal works");
    node.put(near, "both ways");
    await node.waitForPeerClosed(toClient);
    node.close(near, toClient);
  },
});

const BOXES = 50;

/** Sends and receives numbered boxes at the portal the broker gives it. */
const exchangeBoxes: NodeBody = async (node) => {
  const fromMain = single(node.connectToParent());
  const portal = await node.waitForHandle(fromMain);
  await times(BOXES, (index) => {
    node.put(portal, `parcel ${String(index)}`, [node.boxBlob(`box ${String(index)}`)]);
  });
  await times(BOXES, async (index) => {
    const box = single(await node.waitForText(portal, `parcel ${String(index)}`));
    checkEqual("text in the box", node.unboxBlob(box), `box ${String(index)}`);
  });
  await node.waitForDirectRemoteLink(portal);
  node.close(portal, fromMain);
};

const transferBoxBetweenNonBrokers = scenario("BoxTest.TransferBoxBetweenNonBrokers", {
  nodes: { client: exchangeBoxes },
  main: async (node) => {
    const clients = [single(await node.spawn("client")), single(await node.spawn("client"))];
    const [left, right] = node.open();
    node.put(at(clients, 0), "yours", [left]);
    node.put(at(clients, 1), "yours", [right]);
    await node.waitForPeerClosed(...clients);
    node.close(...clients);
  },
});

/** An application object is a plain number here, so that native implementations can run this too. */
const OBJECT = 4711;
const SERIALIZED = "an application object in words";

/** Writes `SERIALIZED` and hands over `portal`; `calls` notes what was asked of it. */
function serializerOf(portal: IpczHandle, calls: string[]): IpczApplicationObjectSerializer {
  const text = bytesOf(SERIALIZED);
  return (object, _flags, _options, data, numBytes, handles, numHandles) => {
    checkEqual("the object given to its serializer", object, OBJECT);
    const room = (numBytes?.value ?? 0) >= text.length && (numHandles?.value ?? 0) >= 1;
    calls.push(room ? "fill" : "size");
    if (numBytes !== null) numBytes.value = text.length;
    if (numHandles !== null) numHandles.value = 1;
    if (!room || data === null || handles === null) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    data.set(text);
    handles[0] = portal;
    return IPCZ_RESULT_OK;
  };
}

const serializedApplicationObject = scenario("BoxTest.SerializedApplicationObject", {
  nodes: {
    client: async (node) => {
      const fromMain = single(node.connectToParent());
      const box = single(await node.waitForText(fromMain, "an object"));
      const { subparcel } = unbox(node, box, IPCZ_BOX_TYPE_SUBPARCEL);
      node.own("subparcel", subparcel);
      const { text, handles } = node.get(subparcel);
      checkEqual("bytes of the subparcel", text, SERIALIZED);
      const portal = single(handles);
      await node.verifyEndToEnd(portal);
      node.close(subparcel, portal, fromMain);
    },
  },
  main: async (node) => {
    const toClient = single(await node.spawn("client"));
    const [near, far] = node.open();
    const calls: string[] = [];
    const destroyed: unknown[] = [];
    const box = handleCell();
    const contents: IpczBoxContents = {
      ...emptyContents(),
      type: IPCZ_BOX_TYPE_APPLICATION_OBJECT,
      applicationObject: OBJECT,
      serializer: serializerOf(far, calls),
      destructor: (object) => void destroyed.push(object),
    };
    checkResult("Box", node.api.Box(node.handle, contents, 0, null, box), IPCZ_RESULT_OK);
    node.put(toClient, "an object", [box.value]);
    node.disown(far); // the serializer gives it away
    await node.verifyEndToEnd(near);
    await node.waitForPeerClosed(toClient);
    checkEqual("times the object was written out", calls.filter((c) => c === "fill").length, 1);
    checkEqual("times the object was destroyed", destroyed.length, 1);
    checkEqual("the destroyed object", at(destroyed, 0), OBJECT);
    node.close(near, toClient);
  },
});

const unserializedApplicationObject = scenario("BoxTest.UnserializedApplicationObject", {
  main: async (node) => {
    const [left, right] = node.open();
    const destroyed: unknown[] = [];
    const box = handleCell();
    const contents: IpczBoxContents = {
      ...emptyContents(),
      type: IPCZ_BOX_TYPE_APPLICATION_OBJECT,
      applicationObject: OBJECT,
      destructor: (object) => void destroyed.push(object),
    };
    checkResult("Box", node.api.Box(node.handle, contents, 0, null, box), IPCZ_RESULT_OK);
    node.put(left, "an object", [box.value]);
    const arrived = single(await node.waitForText(right, "an object"));
    const { applicationObject } = unbox(node, arrived, IPCZ_BOX_TYPE_APPLICATION_OBJECT);
    checkEqual("the object in the box", applicationObject, OBJECT);
    checkEqual("times the object was destroyed", destroyed.length, 0);
    node.close(left, right);
  },
});

const LARGE_BOX_BYTES = 3_000_000;

/** A boxed region far larger than any link buffer, and its sender gone before it is opened. */
const largeBoxOutlivesItsSender = scenario("BoxTest.LargeBoxOutlivesItsSender", {
  nodes: {
    client: async (node) => {
      const portal = single(node.connectToParent());
      await node.waitForText(portal, "send it");
      node.put(portal, "large", [node.boxBlob("x".repeat(LARGE_BOX_BYTES))]);
      node.close(portal);
    },
  },
  main: async (node) => {
    const portal = single(await node.spawn("client"));
    node.put(portal, "send it");
    await node.waitForPeerClosed(portal);
    const box = single(await node.waitForText(portal, "large"));
    checkEqual("text in the box", node.unboxBlob(box), "x".repeat(LARGE_BOX_BYTES));
    node.close(portal);
  },
});

/** Boxes, by the names of spec: api 5.2, and one of our own at the end. */
export const boxesSuite: readonly Scenario[] = [
  boxAndUnbox,
  closeBox,
  peek,
  transferBox,
  transferBoxAndPortal,
  transferBoxBetweenNonBrokers,
  serializedApplicationObject,
  unserializedApplicationObject,
  largeBoxOutlivesItsSender,
];
