/**
 * Box and Unbox, and how an application object becomes a parcel (spec: api 2.3.15, 2.3.16, 2.8.1).
 */
import {
  type IpczApplicationObjectDestructor,
  type IpczApplicationObjectSerializer,
  type IpczBoxContents,
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_BOX_TYPE_SUBPARCEL,
  type IpczHandle,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNIMPLEMENTED,
  type IpczResult,
  IPCZ_UNBOX_PEEK,
  type Out,
} from "@ipcz/api";
import { runReported } from "../base/turn.ts";
import { DriverObject } from "../driver/driver-object.ts";
import type { LinkMemory } from "../memory/link-memory.ts";
import type { Attachment } from "../parcels/attachment.ts";
import { type ApplicationObject, Box, type BoxContent } from "../parcels/box.ts";
import { Parcel } from "../parcels/parcel.ts";
import { ParcelData } from "../parcels/parcel-data.ts";
import { isCount } from "./arguments.ts";
import type { Core } from "./core.ts";

export function box(
  core: Core,
  nodeHandle: IpczHandle,
  contents: IpczBoxContents | null,
  handle: Out<IpczHandle> | null,
): IpczResult {
  const node = core.node(nodeHandle);
  if (!node || !handle || !contents || !(contents.size >= IPCZ_BOX_CONTENTS_SIZE))
    return IPCZ_RESULT_INVALID_ARGUMENT;
  switch (contents.type) {
    case IPCZ_BOX_TYPE_DRIVER_OBJECT: {
      if (!contents.driverObject) return IPCZ_RESULT_INVALID_ARGUMENT;
      const object = new DriverObject(node.driver, contents.driverObject);
      handle.value = core.handles.add(new Box({ type: "driver", object }));
      return IPCZ_RESULT_OK;
    }
    case IPCZ_BOX_TYPE_APPLICATION_OBJECT: {
      const object = new BoxedApplicationObject(core, contents);
      handle.value = core.handles.add(new Box({ type: "application", object }));
      return IPCZ_RESULT_OK;
    }
    default:
      return IPCZ_RESULT_UNIMPLEMENTED;
  }
}

export function unbox(
  core: Core,
  handle: IpczHandle,
  flags: number,
  contents: IpczBoxContents | null,
): IpczResult {
  if (!contents || !(contents.size >= IPCZ_BOX_CONTENTS_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
  const found = core.box(handle);
  const content = found?.content;
  if (!found || !content) return IPCZ_RESULT_INVALID_ARGUMENT;
  const peek = (flags & IPCZ_UNBOX_PEEK) !== 0;
  if (!peek) {
    core.removeAttachment(handle, found);
    found.take();
  }
  describe(core, found, content, peek, contents);
  return IPCZ_RESULT_OK;
}

/** Writes the fields that `content` has; without a peek what they name is the caller's. */
function describe(
  core: Core,
  from: Box,
  content: BoxContent,
  peek: boolean,
  out: IpczBoxContents,
): void {
  switch (content.type) {
    case "driver":
      out.type = IPCZ_BOX_TYPE_DRIVER_OBJECT;
      out.driverObject = peek ? content.object.handle : content.object.release();
      return;
    case "application":
      out.type = IPCZ_BOX_TYPE_APPLICATION_OBJECT;
      out.applicationObject = content.object.object;
      out.serializer = content.object.serializer;
      out.destructor = content.object.destructor;
      return;
    case "subparcel":
      out.type = IPCZ_BOX_TYPE_SUBPARCEL;
      out.subparcel = peek
        ? core.lendSubparcel(from, content.parcel)
        : core.addParcel(content.parcel);
      return;
  }
}

class BoxedApplicationObject implements ApplicationObject {
  readonly object: unknown;
  readonly serializer: IpczApplicationObjectSerializer | null;
  readonly destructor: IpczApplicationObjectDestructor | null;
  private readonly core: Core;

  constructor(core: Core, contents: IpczBoxContents) {
    this.core = core;
    this.object = contents.applicationObject;
    this.serializer = typeof contents.serializer === "function" ? contents.serializer : null;
    this.destructor = typeof contents.destructor === "function" ? contents.destructor : null;
  }

  destroy(): void {
    const { destructor, object } = this;
    if (destructor) runReported(() => destructor(object, 0, null));
  }

  serialize(memory: LinkMemory): Parcel | null {
    let parcel: Parcel | null = null;
    runReported(() => {
      parcel = this.trySerialize(memory);
    });
    this.destroy();
    return parcel;
  }

  /** Probe, size, fill; anything unexpected counts as "cannot be serialized". */
  private trySerialize(memory: LinkMemory): Parcel | null {
    const { serializer, object } = this;
    if (!serializer) return null;
    const probe = serializer(object, 0, null, null, null, null, null);
    if (probe === IPCZ_RESULT_FAILED_PRECONDITION) return null;
    const numBytes = { value: 0 };
    const numHandles = { value: 0 };
    const sized = serializer(object, 0, null, null, numBytes, null, numHandles);
    if (sized === IPCZ_RESULT_OK) return new Parcel(ParcelData.empty());
    if (sized !== IPCZ_RESULT_RESOURCE_EXHAUSTED) return null;
    if (!isCount(numBytes.value) || !isCount(numHandles.value)) return null;
    const handles = Array.from({ length: numHandles.value }, () => IPCZ_INVALID_HANDLE);
    const data = ParcelData.allocate(memory, numBytes.value);
    let attachments: Attachment[] | null = null;
    try {
      const filled = serializer(object, 0, null, data.bytes(), numBytes, handles, numHandles);
      if (filled !== IPCZ_RESULT_OK) return null;
      if (!isCount(numBytes.value) || !isCount(numHandles.value)) return null;
      attachments = this.adopt(handles.slice(0, numHandles.value));
      data.shrink(Math.min(numBytes.value, data.size));
    } finally {
      // The serializer may have thrown.
      if (!attachments) data.release();
    }
    return attachments && new Parcel(data, attachments);
  }

  /** The serializer gave these handles away: they are attached, or closed when one of them cannot be. */
  private adopt(handles: readonly IpczHandle[]): Attachment[] | null {
    const attachments: Attachment[] = [];
    for (const handle of handles) {
      const attachment = this.core.attachment(handle);
      if (!attachment) continue;
      this.core.removeAttachment(handle, attachment);
      attachments.push(attachment);
    }
    if (attachments.length === handles.length) return attachments;
    for (const attachment of attachments) attachment.close();
    return null;
  }
}
