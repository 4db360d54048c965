/**
 * Sections: memory that processes share.
 */
import { winErrors } from "../os-error.ts";
import type { SectionFacts, WinSystem } from "../system.ts";
import type { Win32 } from "./calls.ts";

const NO_FILE = -1;
const PAGE_READWRITE = 4;
const SEC_COMMIT = 0x0800_0000;
const SECTION_MAP_WRITE = 2;
const SECTION_MAP_READ = 4;
const FILE_MAP_COPY = 1;
const FILE_MAP_READ_WRITE = 6;

/** `SECTION_BASIC_INFORMATION`: an address, attributes, a size. */
const sectionAt = { attributes: 8, numBytes: 16, end: 24 } as const;
/** `OBJECT_BASIC_INFORMATION`. */
const objectAt = { granted: 4, end: 56 } as const;
/** Both kinds of facts are the first that can be asked for. */
const basicInformation = 0;

type SectionCalls = Pick<WinSystem, "createSection" | "sectionFacts" | "mapSection">;

/** Binds them. */
export function sectionCalls({ foreign, kernel, ntdll, made, failure }: Win32): SectionCalls {
  const create = kernel.bind<
    (file: number, security: null, protect: number, high: number, low: number, name: null) => number
  >(
    "int64_t CreateFileMappingW(int64_t file, void *s, uint32_t p, uint32_t high, uint32_t low, void *name)",
  );
  const map = kernel.bind<
    (handle: number, access: number, high: number, low: number, numBytes: number) => number | bigint
  >("uint64_t MapViewOfFile(int64_t handle, uint32_t a, uint32_t high, uint32_t low, uint64_t n)");
  const unmap = kernel.bind<(address: bigint) => number>("int UnmapViewOfFile(uint64_t address)");
  type Query = (handle: number, what: number, facts: Uint8Array, size: number, end: null) => number;
  const querySection = ntdll.bind<Query>(
    "int32_t NtQuerySection(int64_t handle, int what, void *facts, uint64_t size, void *written)",
  );
  const queryObject = ntdll.bind<Query>(
    "int32_t NtQueryObject(int64_t handle, int what, void *facts, uint32_t size, void *written)",
  );
  /** Null for a handle of something else, or that does not allow to ask. */
  const ask = (query: Query, handle: number, size: number): DataView | null => {
    const facts = new Uint8Array(size);
    const status = query(handle, basicInformation, facts, size, null);
    return status < 0 ? null : new DataView(facts.buffer);
  };

  return {
    createSection: (numBytes) => {
      const high = Math.floor(numBytes / 2 ** 32);
      return made(create(NO_FILE, null, PAGE_READWRITE, high, numBytes >>> 0, null));
    },
    sectionFacts: (handle) => {
      const section = ask(querySection, handle, sectionAt.end);
      const object = ask(queryObject, handle, objectAt.end);
      return section && object ? readFacts(section, object) : -winErrors.ERROR_INVALID_HANDLE;
    },
    mapSection: (handle, numBytes, mode) => {
      const access = mode === "shared" ? FILE_MAP_READ_WRITE : FILE_MAP_COPY;
      const address = BigInt(map(handle, access, 0, 0, numBytes));
      if (address === 0n) return failure();
      const giveBack = (): void => void unmap(address);
      try {
        return { buffer: foreign.view(address, numBytes), unmap: giveBack };
      } catch {
        // More than this runtime can show in one piece, or no memory for the object that shows it.
        giveBack();
        return -winErrors.ERROR_NOT_ENOUGH_MEMORY;
      }
    },
  };
}

function readFacts(section: DataView, object: DataView): SectionFacts {
  const granted = object.getUint32(objectAt.granted, true);
  return {
    numBytes: Number(section.getBigInt64(sectionAt.numBytes, true)),
    // The section of a file or an image, or one that is only reserved, has other attributes.
    isPlainMemory: section.getUint32(sectionAt.attributes, true) === SEC_COMMIT,
    isReadable: (granted & SECTION_MAP_READ) !== 0,
    isWritable: (granted & SECTION_MAP_WRITE) !== 0,
  };
}
