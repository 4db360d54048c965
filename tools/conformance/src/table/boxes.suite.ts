/**
 * Boxes on one node (spec: api 2.3.15, 2.3.16 and 5.1).
 */
import {
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_BOX_TYPE_SUBPARCEL,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_RESULT_UNIMPLEMENTED,
  type IpczApplicationObjectDestructor,
  type IpczApplicationObjectSerializer,
  type IpczBoxContents,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";
import { createBlob, unboxBlob } from "./blob.ts";
import { emptyContents, handleCell } from "./calls.ts";
import { checkEqual, checkResult } from "./expect.ts";
import type { Stage } from "./stage.ts";
import type { TableCase } from "./table-case.ts";

const INVALID = IPCZ_RESULT_INVALID_ARGUMENT;
const OBJECT = 4711;

const boxInvalid: TableCase = {
  name: "APITest.BoxInvalid",
  run: ({ api, driver, node }) => {
    const memory = createBlob(driver, "in the caller's hand");
    const good: IpczBoxContents = { ...emptyContents(), driverObject: memory };
    const cell = handleCell();
    const box = (contents: IpczBoxContents | null): IpczResult =>
      api.Box(node, contents, 0, null, cell);
    checkResult("Box of nothing", box(null), INVALID);
    checkResult("Box of size 0", box({ ...good, size: 0 }), INVALID);
    checkResult("Box at node 0", api.Box(IPCZ_INVALID_HANDLE, good, 0, null, cell), INVALID);
    const noObject = { ...good, driverObject: IPCZ_INVALID_DRIVER_HANDLE };
    checkResult("Box of driver object 0", box(noObject), INVALID);
    checkResult("Box without an output", api.Box(node, good, 0, null, null), INVALID);
    const subparcel = { ...good, type: IPCZ_BOX_TYPE_SUBPARCEL };
    checkResult("Box of a subparcel", box(subparcel), IPCZ_RESULT_UNIMPLEMENTED);
    checkEqual("output of refused calls", cell.value, IPCZ_INVALID_HANDLE);
    checkResult("Close(memory)", driver.Close(memory, 0, null), IPCZ_RESULT_OK);
  },
};

const unboxInvalid: TableCase = {
  name: "APITest.UnboxInvalid",
  run: (stage) => {
    const { api, driver, node } = stage;
    const box = stage.box("still inside");
    const open = (handle: IpczHandle, contents: IpczBoxContents | null): IpczResult =>
      api.Unbox(handle, 0, null, contents);
    checkResult("Unbox(0)", open(IPCZ_INVALID_HANDLE, emptyContents()), INVALID);
    checkResult("Unbox of a node", open(node, emptyContents()), INVALID);
    checkResult("Unbox without contents", open(box, null), INVALID);
    checkResult("Unbox into size 0", open(box, { ...emptyContents(), size: 0 }), INVALID);
    checkEqual("text in the box", unboxBlob(api, driver, box), "still inside");
    stage.forget(box);
  },
};

function boxObject(
  stage: Stage,
  serializer: IpczApplicationObjectSerializer | null,
  destructor: IpczApplicationObjectDestructor | null,
): IpczHandle {
  const cell = handleCell();
  const contents: IpczBoxContents = {
    ...emptyContents(),
    type: IPCZ_BOX_TYPE_APPLICATION_OBJECT,
    applicationObject: OBJECT,
    serializer,
    destructor,
  };
  checkResult("Box", stage.api.Box(stage.node, contents, 0, null, cell), IPCZ_RESULT_OK);
  stage.keep(cell.value);
  return cell.value;
}

function unbox(stage: Stage, box: IpczHandle): IpczBoxContents {
  const contents = { ...emptyContents(), type: -1 };
  checkResult("Unbox", stage.api.Unbox(box, 0, null, contents), IPCZ_RESULT_OK);
  stage.forget(box);
  return contents;
}

const serializer = (): IpczResult => IPCZ_RESULT_UNAVAILABLE;

const boxAndUnbox: TableCase = {
  name: "APITest.BoxAndUnbox",
  run: (stage) => {
    const memory = createBlob(stage.driver, "boxed");
    const cell = handleCell();
    const contents = { ...emptyContents(), driverObject: memory };
    checkResult("Box", stage.api.Box(stage.node, contents, 0, null, cell), IPCZ_RESULT_OK);
    const opened = unbox(stage, cell.value);
    checkEqual("type of the contents", opened.type, IPCZ_BOX_TYPE_DRIVER_OBJECT);
    checkEqual("driver object", opened.driverObject, memory);
    stage.driver.Close(memory, 0, null);

    const destroyed: unknown[] = [];
    const destructor = (object: unknown): void => void destroyed.push(object);
    const object = unbox(stage, boxObject(stage, serializer, destructor));
    checkEqual("type of the contents", object.type, IPCZ_BOX_TYPE_APPLICATION_OBJECT);
    checkEqual("application object", object.applicationObject, OBJECT);
    checkEqual("serializer", object.serializer, serializer);
    checkEqual("destructor", object.destructor, destructor);
    checkEqual("times the unboxed object was destroyed", destroyed.length, 0);
  },
};

const boxDestructor: TableCase = {
  name: "APITest.BoxDestructor",
  run: (stage) => {
    const calls: unknown[][] = [];
    const destructor: IpczApplicationObjectDestructor = (...args) => void calls.push(args);
    stage.close(boxObject(stage, null, destructor));
    checkEqual("times the object was destroyed", calls.length, 1);
    checkEqual("the destroyed object", calls[0]?.[0], OBJECT);
    checkEqual("flags given to the destructor", calls[0]?.[1], 0);
    checkEqual("options given to the destructor", calls[0]?.[2], null);
    stage.close(boxObject(stage, null, null));
  },
};

const destroyedWithItsParcel: TableCase = {
  name: "Box.DestroyedWithItsParcel",
  run: (stage) => {
    const [left, right] = stage.open();
    const destroyed: unknown[] = [];
    const box = boxObject(stage, null, (object) => void destroyed.push(object));
    stage.put(left, "never read", [box]);
    checkEqual("times the object was destroyed in transit", destroyed.length, 0);
    stage.close(right);
    checkEqual("times the object was destroyed", destroyed.length, 1);
  },
};

/** Boxes: APITest 21 to 24, then one of our own. */
export const boxesSuite: readonly TableCase[] = [
  boxInvalid,
  unboxInvalid,
  boxAndUnbox,
  boxDestructor,
  destroyedWithItsParcel,
];
