/**
 * The memory part of a native driver.
 *
 * The contract promises that a view used after its mapping was closed reaches nobody else's memory, which a native
 * driver cannot know of: it unmaps. So a mapping is closed there only when its view has been collected.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczResult,
} from "@ipcz/api";
import { wordAt, type Frame } from "../border/frame.ts";
import { inFrame } from "../border/in-frame.ts";
import { viewBytes } from "../border/native-memory.ts";
import { readWord } from "../border/word.ts";
import { layoutOf } from "../c/layout.ts";
import { isCount, isHandle } from "./arguments.ts";
import type { NativeDriverCalls } from "./native-driver-calls.ts";

const sharedMemoryInfo = layoutOf("IpczSharedMemoryInfo");

type Handle = IpczDriverHandle;
type MemoryFunctions = Pick<
  IpczDriver,
  | "Close"
  | "AllocateSharedMemory"
  | "GetSharedMemoryInfo"
  | "DuplicateSharedMemory"
  | "MapSharedMemory"
>;

/** For one driver. */
export function nativeMemoryFunctions(native: NativeDriverCalls): MemoryFunctions {
  const mappings = new MappingCloser(native);
  return {
    Close: (handle) => (isHandle(handle) ? mappings.close(handle) : IPCZ_RESULT_INVALID_ARGUMENT),
    AllocateSharedMemory: (numBytes, _flags, _options, memory) =>
      isCount(numBytes)
        ? newHandle((_frame, at) => native.AllocateSharedMemory(numBytes, 0, null, at), memory)
        : IPCZ_RESULT_INVALID_ARGUMENT,
    GetSharedMemoryInfo(memory, _flags, _options, info) {
      if (!(info.size >= IPCZ_SHARED_MEMORY_INFO_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const { result, numBytes } = sizeOf(native, memory);
      if (result === IPCZ_RESULT_OK) info.regionNumBytes = numBytes;
      return result;
    },
    DuplicateSharedMemory: (memory, _flags, _options, duplicate) =>
      isHandle(memory)
        ? newHandle((_frame, at) => native.DuplicateSharedMemory(memory, 0, null, at), duplicate)
        : IPCZ_RESULT_INVALID_ARGUMENT,
    MapSharedMemory(memory, _flags, _options, address, mapping) {
      const { result: sized, numBytes } = sizeOf(native, memory);
      if (sized !== IPCZ_RESULT_OK) return sized;
      let start = 0;
      const result = newHandle((frame, at) => {
        const place = frame.word(0);
        const mapped = native.MapSharedMemory(memory, 0, null, place.address, at);
        start = wordAt(place);
        return mapped;
      }, mapping);
      if (result !== IPCZ_RESULT_OK) return result;
      address.value = viewBytes(start, numBytes) ?? new Uint8Array(0);
      mappings.opened(mapping.value, address.value.buffer);
      return result;
    },
  };
}

/** Calls with a place for a handle, which is `cell`'s afterwards. */
function newHandle(
  call: (frame: Frame, at: number) => IpczResult,
  cell: { value: Handle },
): IpczResult {
  return inFrame((frame) => {
    const place = frame.word(0);
    const result = call(frame, place.address);
    if (result === IPCZ_RESULT_OK) cell.value = wordAt(place) as Handle;
    return result;
  });
}

function sizeOf(
  native: NativeDriverCalls,
  memory: Handle,
): { result: IpczResult; numBytes: number } {
  if (!isHandle(memory)) return { result: IPCZ_RESULT_INVALID_ARGUMENT, numBytes: 0 };
  return inFrame((frame) => {
    const place = frame.struct(sharedMemoryInfo);
    const result = native.GetSharedMemoryInfo(memory, 0, null, place.address);
    const numBytes = readWord(place.view, place.offset + sharedMemoryInfo.at.region_num_bytes);
    return { result, numBytes };
  });
}

/** Closes objects; mappings when nobody can look at them any more. */
class MappingCloser {
  private readonly native: NativeDriverCalls;
  private readonly open = new Map<Handle, WeakRef<ArrayBufferLike>>();
  private readonly unseen = new FinalizationRegistry<Handle>((mapping) => {
    this.closeNow(mapping);
  });

  constructor(native: NativeDriverCalls) {
    this.native = native;
  }

  opened(mapping: Handle, buffer: ArrayBufferLike): void {
    this.open.set(mapping, new WeakRef(buffer));
  }

  close(handle: Handle): IpczResult {
    const buffer = this.open.get(handle)?.deref();
    this.open.delete(handle);
    if (buffer === undefined) return this.closeNow(handle);
    this.unseen.register(buffer, handle);
    return IPCZ_RESULT_OK;
  }

  private closeNow(handle: Handle): IpczResult {
    return inFrame(() => this.native.Close(handle, 0, null));
  }
}
