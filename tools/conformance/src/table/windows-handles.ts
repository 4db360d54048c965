/**
 * What handles this process holds, and of which kind each is: asked of Windows number by number. Wine has a table of all
 * handles of the system as well, but its server crashes sometimes when it is asked for while processes come and go.
 *
 * Only kinds that a driver makes are counted. Node.js itself makes events, semaphores and threads when it first needs
 * them and keeps them.
 */
import { foreign } from "@ipcz/abi/ffi";

/** Pipes and files, memory, other processes. */
const KINDS: ReadonlySet<string> = new Set(["File", "Section", "Process"]);

const OBJECT_TYPE_INFORMATION = 2;
/** Handles are multiples of this. */
const HANDLE_STEP = 4;
/** The lowest free number is taken first, so that after so many free ones there is none in use. */
const FREE_HANDLES_MAX = 512;

type QueryOf = (
  handle: bigint,
  what: number,
  answer: Uint8Array,
  numBytes: number,
  needed: Uint8Array,
) => number;

let queryOf: QueryOf | null = null;
const needed = Buffer.alloc(4);
const kind = Buffer.alloc(1024);

/** Open handles of this process by kind: `handle File`, … */
export function openHandlesByKind(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind: name } of countedHandles()) {
    const what = `handle ${name}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

/** Open handles of this process, of the kinds that are counted, by their numbers. */
export function countedHandles(): { readonly handle: bigint; readonly kind: string }[] {
  queryOf ??= foreign
    .load("ntdll.dll")
    .bind("int32_t NtQueryObject(intptr_t handle, int what, void *answer, uint32_t size, void *n)");
  const counted: { readonly handle: bigint; readonly kind: string }[] = [];
  for (let number = HANDLE_STEP, free = 0; free < FREE_HANDLES_MAX; number += HANDLE_STEP) {
    const handle = BigInt(number);
    const name = kindOf(queryOf, handle);
    free = name === null ? free + 1 : 0;
    if (name !== null && KINDS.has(name)) counted.push({ handle, kind: name });
  }
  return counted;
}

/** Null for a number that is no handle. The answer begins with a string: its length, and where it lies behind that. */
function kindOf(query: QueryOf, handle: bigint): string | null {
  if (query(handle, OBJECT_TYPE_INFORMATION, kind, kind.length, needed) !== 0) return null;
  const at = Number(kind.readBigUInt64LE(8) - foreign.address(kind));
  return kind.toString("utf16le", at, at + kind.readUInt16LE(0));
}
