/**
 * Functions that native code has given us to call.
 */
import type {
  IpczApplicationObjectDestructor,
  IpczApplicationObjectSerializer,
  IpczTransportActivityHandler,
  IpczTrapEvent,
  IpczTrapEventHandler,
} from "@ipcz/api";
import { contextToNative } from "../border/context.ts";
import { copyWords, inOutWord, takeWord, type Frame, type Place } from "../border/frame.ts";
import { nativeTurn } from "../border/native-turn.ts";
import { callPrototype } from "../border/prototypes.ts";
import type { NativeCall } from "../border/table.ts";
import { writeWord } from "../border/word.ts";
import { HANDLER_SIGNATURES, type Signature } from "../c/functions.ts";
import { layoutOf } from "../c/layout.ts";
import { foreign } from "../ffi/koffi.ts";

const trapEvent = layoutOf("IpczTrapEvent");
const portalStatus = layoutOf("IpczPortalStatus");
const activityOptions = layoutOf("IpczTransportActivityOptions");

/** The addresses of the functions made here, to give them back as what they were. */
const addresses = new WeakMap<object, number>();

/** Where the native function behind `wrapper` is; null when that is one of JavaScript. */
export function addressOfHandler(wrapper: object): number | null {
  return addresses.get(wrapper) ?? null;
}

function wrap<F extends object>(address: number, wrapper: F): F {
  addresses.set(wrapper, address);
  return wrapper;
}

function bind(address: number, signature: Signature): NativeCall {
  return foreign.call<NativeCall>(BigInt(address), callPrototype(foreign, signature));
}

/** The handler at `address`, for a driver to call. */
export function activityHandlerAt(address: number): IpczTransportActivityHandler {
  const call = bind(address, HANDLER_SIGNATURES.IpczTransportActivityHandler);
  return wrap(address, (listener, data, numBytes, handles, numHandles, flags, options) => {
    const frame = nativeTurn.enter();
    try {
      const list = handles === null ? null : frame.words(handles, numHandles).address;
      let extras: Place | null = null;
      if (options !== null) {
        extras = frame.struct(activityOptions, options.size);
        writeWord(extras.view, extras.offset + activityOptions.at.envelope, options.envelope);
      }
      const optionsAddress = extras?.address ?? null;
      return call(listener, data, numBytes, list, numHandles, flags, optionsAddress);
    } finally {
      nativeTurn.leave();
    }
  });
}

/** The handler at `address`; `context` is what it shall be told. Not called once `isOver`. */
export function trapHandlerAt(address: number, isOver: () => boolean): IpczTrapEventHandler {
  const call = bind(address, HANDLER_SIGNATURES.IpczTrapEventHandler);
  return (event) => {
    if (isOver()) return;
    const frame = nativeTurn.enter();
    try {
      call(writeTrapEvent(frame, event).address);
    } finally {
      nativeTurn.leave();
    }
  };
}

function writeTrapEvent(frame: Frame, event: IpczTrapEvent): Place {
  const status = frame.struct(portalStatus);
  status.view.setUint32(status.offset + portalStatus.at.flags, event.status.flags, true);
  const { numLocalParcels, numLocalBytes } = event.status;
  writeWord(status.view, status.offset + portalStatus.at.num_local_parcels, numLocalParcels);
  writeWord(status.view, status.offset + portalStatus.at.num_local_bytes, numLocalBytes);
  const place = frame.struct(trapEvent);
  const context = contextToNative(event.context) ?? 0;
  place.view.setBigUint64(place.offset + trapEvent.at.context, BigInt(context), true);
  place.view.setUint32(place.offset + trapEvent.at.condition_flags, event.conditionFlags, true);
  writeWord(place.view, place.offset + trapEvent.at.status, status.address);
  return place;
}

/** The serializer at `address`. */
export function serializerAt(address: number): IpczApplicationObjectSerializer {
  const call = bind(address, HANDLER_SIGNATURES.IpczApplicationObjectSerializer);
  return wrap(address, (object, flags, _options, data, numBytes, handles, numHandles) => {
    const frame = nativeTurn.enter();
    try {
      const bytes = inOutWord(frame, numBytes);
      const count = inOutWord(frame, numHandles);
      const capacity = numHandles?.value ?? 0;
      const list = handles === null ? null : frame.words(handles, capacity);
      const result = call(
        contextToNative(object) ?? 0,
        flags,
        null,
        data,
        bytes?.address ?? null,
        list?.address ?? null,
        count?.address ?? null,
      );
      takeWord(numBytes, bytes);
      takeWord(numHandles, count);
      if (handles !== null && list !== null) copyWords(list, capacity, handles);
      return result;
    } finally {
      nativeTurn.leave();
    }
  });
}

/** The destructor at `address`. */
export function destructorAt(address: number): IpczApplicationObjectDestructor {
  const call = bind(address, HANDLER_SIGNATURES.IpczApplicationObjectDestructor);
  return wrap(address, (object, flags) => {
    nativeTurn.enter();
    try {
      call(contextToNative(object) ?? 0, flags, null);
    } finally {
      nativeTurn.leave();
    }
  });
}
