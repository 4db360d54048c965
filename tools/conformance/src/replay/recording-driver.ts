/**
 * The driver of one replayed node: real sockets and real shared memory, with a recorder in between and names instead of
 * random bytes.
 *
 * Which connection or memory a handle stands for is known from the beginning, since all of them are made through a
 * driver of the same replay; it is passed on with the message that carries it.
 */
import {
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_UNKNOWN,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import { posixDriver, type PosixDriver } from "@ipcz/driver-posix";
import { driverCell } from "../table/calls.ts";
import { checkResult } from "../table/expect.ts";
import type { Carried, LineEnd, Region, SentFrame } from "./line.ts";
import type { Recorder } from "./recorder.ts";

/** Names, in the order in which a node asks for them. */
export type Names = string[];

/** A node's driver, and what the stage does with it besides. */
export interface RecordingDriver {
  readonly driver: IpczDriver;
  /** The driver below. */
  readonly posix: PosixDriver;
  /** Names that the node will ask for; add to it before it does. */
  readonly names: Names;
  /** Nodes to which nothing but bytes can be sent directly. */
  readonly refused: Set<string>;
  /** Makes a handle of the driver below known. */
  own(handle: IpczDriverHandle, carried: Carried): void;
  /** What is open, the recorder's own views not counted. */
  leaks(): string[];
  /** Closes all that is left. */
  dispose(): void;
}

/** Makes the driver of the node `label`. */
export function recordingDriver(recorder: Recorder, label: string): RecordingDriver {
  const posix = posixDriver();
  const objects = new Map<IpczDriverHandle, Carried>();
  const state: DriverState = {
    recorder,
    label,
    posix,
    objects,
    names: [],
    refused: new Set(),
    views: { count: 0 },
  };
  return {
    driver: { ...posix, ...transports(state), ...serialization(state), ...memory(state) },
    posix,
    names: state.names,
    refused: state.refused,
    own: (handle, carried) => void objects.set(handle, carried),
    leaks: () => leaksOf(state),
    dispose: () => {
      posix.dispose();
    },
  };
}

interface DriverState {
  readonly recorder: Recorder;
  readonly label: string;
  readonly posix: PosixDriver;
  /** What handles stand for: of objects, and of what they have been made of for a message. */
  readonly objects: Map<IpczDriverHandle, Carried>;
  readonly names: Names;
  readonly refused: Set<string>;
  /** How many views the recorder has. */
  readonly views: { count: number };
  /** What the message that is being handled carries and has not been asked for. */
  arriving?: Carried[];
}

function leaksOf({ posix, views }: DriverState): string[] {
  const { transports: lines, memories, mappings, descriptors } = posix.liveObjects();
  const counts = { transport: lines, memory: memories, descriptor: descriptors };
  const all = { ...counts, mapping: mappings - views.count };
  return Object.entries(all)
    .filter(([, count]) => count !== 0)
    .map(([kind, count]) => `${String(count)} x ${kind}`);
}

function endOf({ objects }: DriverState, handle: IpczDriverHandle): LineEnd {
  const object = objects.get(handle);
  if (object?.kind !== "transport") throw new Error("that handle is no transport of this replay");
  return object.end;
}

type Transports = Pick<IpczDriver, "Close" | "CreateTransports" | "ActivateTransport" | "Transmit">;

function transports(state: DriverState): Transports {
  const { recorder, label, posix, objects } = state;
  return {
    Close: (handle, flags, options) => {
      const object = objects.get(handle);
      objects.delete(handle);
      if (object?.kind === "transport") recorder.closed(object.end);
      return posix.Close(handle, flags, options);
    },
    CreateTransports: (context0, context1, flags, options, out0, out1) => {
      const result = posix.CreateTransports(context0, context1, flags, options, out0, out1);
      if (result !== IPCZ_RESULT_OK) return result;
      const [end0, end1] = recorder.newLine(label, label).ends;
      objects.set(out0.value, { kind: "transport", end: end0 });
      objects.set(out1.value, { kind: "transport", end: end1 });
      return result;
    },
    ActivateTransport: (transport, listener, handler, flags, options) => {
      const end = endOf(state, transport);
      end.active = true;
      return posix.ActivateTransport(
        transport,
        listener,
        listen(state, end, handler),
        flags,
        options,
      );
    },
    Transmit: (transport, data, numBytes, handles, numHandles, flags, options) => {
      const end = endOf(state, transport);
      const bytes = (data ?? new Uint8Array(0)).slice(0, numBytes);
      const passed = (handles ?? []).slice(0, numHandles);
      recorder.transmit(
        end,
        bytes,
        passed.map((handle) => give(state, handle)),
        {
          send: () =>
            void posix.Transmit(transport, bytes, numBytes, passed, numHandles, flags, options),
          discard: () => {
            for (const handle of passed) posix.Close(handle, 0, null);
          },
        },
      );
      return IPCZ_RESULT_OK;
    },
  };
}

/** What a message takes along. */
function give({ objects }: DriverState, handle: IpczDriverHandle): Carried {
  const object = objects.get(handle);
  objects.delete(handle);
  if (!object) throw new Error("a message carries a handle that this replay does not know");
  return object;
}

function listen(
  state: DriverState,
  end: LineEnd,
  handler: IpczTransportActivityHandler,
): IpczTransportActivityHandler {
  const { recorder } = state;
  return (listener, data, numBytes, handles, numHandles, flags, options) => {
    const ended = (flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) !== 0;
    const failed = (flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) !== 0;
    if (ended || failed) {
      end.told = true;
      return handler(listener, data, numBytes, handles, numHandles, flags, options);
    }
    const frame: SentFrame = recorder.delivered(end);
    state.arriving = [...frame.carried];
    const result = handler(listener, data, numBytes, handles, numHandles, flags, options);
    recorder.look();
    return result;
  };
}

function serialization(state: DriverState): Pick<IpczDriver, "Serialize" | "Deserialize"> {
  const { label, posix, objects, refused } = state;
  return {
    Serialize: (handle, transport, flags, options, data, numBytes, handles, numHandles) => {
      if (transport !== 0 && refused.has(endOf(state, transport).peer.owner))
        return IPCZ_RESULT_PERMISSION_DENIED;
      const object = objects.get(handle);
      const result = posix.Serialize(
        handle,
        transport,
        flags,
        options,
        data,
        numBytes,
        handles,
        numHandles,
      );
      const carrier = handles?.[0];
      if (result !== IPCZ_RESULT_OK || object === undefined || carrier === undefined) return result;
      objects.delete(handle);
      objects.set(carrier, object);
      return result;
    },
    Deserialize: (data, numBytes, handles, numHandles, transport, flags, options, out) => {
      const result = posix.Deserialize(
        data,
        numBytes,
        handles,
        numHandles,
        transport,
        flags,
        options,
        out,
      );
      const object = state.arriving?.shift();
      if (object === undefined) throw new Error("a message brought more than it took along");
      if (result !== IPCZ_RESULT_OK) return result;
      objects.set(out.value, object);
      if (object.kind === "transport") object.end.owner = label;
      return result;
    },
  };
}

type Memory = Pick<
  IpczDriver,
  "AllocateSharedMemory" | "DuplicateSharedMemory" | "GenerateRandomBytes"
>;

function memory({ posix, objects, names, views }: DriverState): Memory {
  return {
    AllocateSharedMemory: (numBytes, flags, options, out) => {
      const result = posix.AllocateSharedMemory(numBytes, flags, options, out);
      if (result !== IPCZ_RESULT_OK) return result;
      objects.set(out.value, { kind: "memory", region: mapFor(posix, out.value) });
      views.count += 1;
      return result;
    },
    DuplicateSharedMemory: (handle, flags, options, out) => {
      const result = posix.DuplicateSharedMemory(handle, flags, options, out);
      const object = objects.get(handle);
      if (result === IPCZ_RESULT_OK && object) objects.set(out.value, object);
      return result;
    },
    GenerateRandomBytes: (numBytes, _flags, _options, buffer) => {
      const name = names.shift();
      if (name === undefined || numBytes !== name.length / 2) return IPCZ_RESULT_UNKNOWN;
      buffer.set(Buffer.from(name, "hex"));
      return IPCZ_RESULT_OK;
    },
  };
}

/** The recorder's own view; it lasts as long as the driver below. */
function mapFor(posix: PosixDriver, handle: IpczDriverHandle): Region {
  const address = { value: new Uint8Array(0) };
  const result = posix.MapSharedMemory(handle, 0, null, address, driverCell());
  checkResult("MapSharedMemory", result, IPCZ_RESULT_OK);
  return { bytes: address.value };
}
