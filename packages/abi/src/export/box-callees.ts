/**
 * Box and Unbox for native callers.
 *
 * An application object of native code is a number here. One of JavaScript that is no number has no form in C, and stays
 * in its box.
 */
import {
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_UNBOX_PEEK,
  type IpczBoxContents,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { emptyCellAt, writeCell } from "../border/cells.ts";
import { contextToNative } from "../border/context.ts";
import { readStruct, readWordAt, writeBytes } from "../border/native-memory.ts";
import { readWord } from "../border/word.ts";
import { layoutOf } from "../c/layout.ts";
import type { ApiCallees } from "./callees.ts";
import type { Export } from "./export.ts";
import { destructorAddress, serializerAddress } from "./handler-addresses.ts";
import { destructorAt, serializerAt } from "./native-handlers.ts";

const boxContents = layoutOf("IpczBoxContents");

/** For one export. */
export function boxCallees(own: Export): Pick<ApiCallees, "Box" | "Unbox"> {
  const { api } = own;
  return {
    Box(node: IpczHandle, contentsAt: number, flags: number, _options: number, handleAt: number) {
      const contents = readContents(contentsAt);
      const handle = emptyCellAt(handleAt, IPCZ_INVALID_HANDLE);
      const result = api.Box(node, contents, flags, null, handle);
      if (result === IPCZ_RESULT_OK) writeCell(handleAt, handle);
      return result;
    },
    Unbox(handle: IpczHandle, flags: number, _options: number, contentsAt: number) {
      if (contentsAt === 0) return IPCZ_RESULT_INVALID_ARGUMENT;
      const contents = emptyContents(readWordAt(contentsAt));
      const peeked = api.Unbox(handle, flags | IPCZ_UNBOX_PEEK, null, contents);
      if (peeked !== IPCZ_RESULT_OK) return peeked;
      if (contextToNative(contents.applicationObject) === null) {
        return IPCZ_RESULT_FAILED_PRECONDITION;
      }
      const peeks = (flags & IPCZ_UNBOX_PEEK) !== 0;
      const result = peeks ? peeked : api.Unbox(handle, flags, null, contents);
      if (result === IPCZ_RESULT_OK) writeContents(contentsAt, contents);
      return result;
    },
  };
}

function emptyContents(size: number): IpczBoxContents {
  return {
    size,
    type: IPCZ_BOX_TYPE_DRIVER_OBJECT,
    driverObject: IPCZ_INVALID_DRIVER_HANDLE,
    applicationObject: 0,
    subparcel: IPCZ_INVALID_HANDLE,
    serializer: null,
    destructor: null,
  };
}

/** With nothing in them when they are too small; null for a null pointer. */
function readContents(address: number): IpczBoxContents | null {
  if (address === 0) return null;
  const contents = emptyContents(readWordAt(address));
  if (contents.size < IPCZ_BOX_CONTENTS_SIZE) return contents;
  const view = readStruct(address, boxContents.size);
  const { at } = boxContents;
  contents.type = view.getUint32(at.type, true);
  const object = view.getBigUint64(at.object, true);
  if (contents.type !== IPCZ_BOX_TYPE_APPLICATION_OBJECT) {
    contents.driverObject = Number(object) as IpczDriverHandle;
    return contents;
  }
  contents.applicationObject = object <= Number.MAX_SAFE_INTEGER ? Number(object) : object;
  const serializer = readWord(view, at.serializer);
  const destructor = readWord(view, at.destructor);
  contents.serializer = serializer === 0 ? null : serializerAt(serializer);
  contents.destructor = destructor === 0 ? null : destructorAt(destructor);
  return contents;
}

function writeContents(address: number, contents: IpczBoxContents): void {
  const bytes = new Uint8Array(boxContents.size);
  const view = new DataView(bytes.buffer);
  const { at } = boxContents;
  view.setBigUint64(at.size, BigInt(Math.min(contents.size, boxContents.size)), true);
  view.setUint32(at.type, contents.type, true);
  view.setBigUint64(at.object, BigInt(objectOf(contents)), true);
  view.setBigUint64(at.serializer, serializerAddress(contents.serializer), true);
  view.setBigUint64(at.destructor, destructorAddress(contents.destructor), true);
  writeBytes(address, bytes, bytes.length);
}

/** The member of the union that is in use. */
function objectOf(contents: IpczBoxContents): number | bigint {
  if (contents.type === IPCZ_BOX_TYPE_APPLICATION_OBJECT) {
    return contextToNative(contents.applicationObject) ?? 0;
  }
  return contents.type === IPCZ_BOX_TYPE_DRIVER_OBJECT ? contents.driverObject : contents.subparcel;
}
