/**
 * Box and Unbox.
 *
 * An application object of JavaScript goes into a native box as a number; that the destructor is ours tells such a box
 * from one that native code has filled.
 */
import {
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_BOX_TYPE_SUBPARCEL,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_UNBOX_PEEK,
  type IpczAPI,
  type IpczBoxContents,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { wordAt, type Frame, type Place } from "../border/frame.ts";
import { inFrame } from "../border/in-frame.ts";
import { boxedObjects } from "../border/reports.ts";
import { readWord, writeWord } from "../border/word.ts";
import { layoutOf } from "../c/layout.ts";
import { destructorAt, serializerAt } from "../export/native-handlers.ts";
import { flagBits, isHandle } from "./arguments.ts";
import type { NativeLibrary } from "./native-library.ts";
import { boxedSerializerAddress } from "./serializer-callback.ts";

const boxContents = layoutOf("IpczBoxContents");

/** For one library. */
export function boxFunctions(library: NativeLibrary): Pick<IpczAPI, "Box" | "Unbox"> {
  const { call } = library;
  return {
    Box(node, contents, flags, _options, handle) {
      if (!isHandle(node) || !handle || !contents) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (!(contents.size >= IPCZ_BOX_CONTENTS_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame((frame) => {
        const place = frame.struct(boxContents, contents.size);
        const id = writeContents(library, place, contents);
        const cell = frame.word(0);
        const result = call.Box(node, place.address, flagBits(flags), null, cell.address);
        if (result === IPCZ_RESULT_OK) handle.value = wordAt(cell) as IpczHandle;
        else if (id !== 0) boxedObjects.take(id);
        return result;
      });
    },
    Unbox(handle, flags, _options, contents) {
      if (!isHandle(handle) || !contents) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (!(contents.size >= IPCZ_BOX_CONTENTS_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
      return inFrame((frame: Frame) => {
        const place = frame.struct(boxContents, contents.size);
        const result = call.Unbox(handle, flagBits(flags), null, place.address);
        const peeks = (flags & IPCZ_UNBOX_PEEK) !== 0;
        if (result === IPCZ_RESULT_OK) readContents(library, place, peeks, contents);
        return result;
      });
    },
  };
}

/** Answers with the number of an application object, 0 for anything else. */
function writeContents(
  library: NativeLibrary,
  { view, offset }: Place,
  contents: IpczBoxContents,
): number {
  const { at } = boxContents;
  view.setUint32(offset + at.type, flagBits(contents.type), true);
  if (contents.type !== IPCZ_BOX_TYPE_APPLICATION_OBJECT) {
    const object = isHandle(contents.driverObject) ? contents.driverObject : 0;
    writeWord(view, offset + at.object, object);
    return 0;
  }
  const { applicationObject: object, serializer, destructor } = contents;
  const id = boxedObjects.add({ object, serializer, destructor });
  writeWord(view, offset + at.object, id);
  view.setBigUint64(offset + at.serializer, serializer ? boxedSerializerAddress() : 0n, true);
  view.setBigUint64(offset + at.destructor, library.callbacks.destroy, true);
  return id;
}

function readContents(
  library: NativeLibrary,
  place: Place,
  peeks: boolean,
  contents: IpczBoxContents,
): void {
  const { view, offset } = place;
  const { at } = boxContents;
  contents.type = view.getUint32(offset + at.type, true);
  const object = readWord(view, offset + at.object);
  switch (contents.type) {
    case IPCZ_BOX_TYPE_DRIVER_OBJECT:
      contents.driverObject = object as IpczDriverHandle;
      return;
    case IPCZ_BOX_TYPE_SUBPARCEL:
      contents.subparcel = object as IpczHandle;
      return;
    case IPCZ_BOX_TYPE_APPLICATION_OBJECT:
      readApplicationObject(library, place, peeks, contents);
      return;
  }
}

function readApplicationObject(
  library: NativeLibrary,
  { view, offset }: Place,
  peeks: boolean,
  contents: IpczBoxContents,
): void {
  const { at } = boxContents;
  const word = readWord(view, offset + at.object);
  const serializer = readWord(view, offset + at.serializer);
  const destructor = readWord(view, offset + at.destructor);
  const boxed = library.isOurDestructor(destructor)
    ? peeks
      ? boxedObjects.get(word)
      : boxedObjects.take(word)
    : undefined;
  if (boxed) {
    contents.applicationObject = boxed.object;
    contents.serializer = boxed.serializer;
    contents.destructor = boxed.destructor;
  } else {
    contents.applicationObject = word;
    contents.serializer = serializer === 0 ? null : serializerAt(serializer);
    contents.destructor = destructor === 0 ? null : destructorAt(destructor);
  }
}
