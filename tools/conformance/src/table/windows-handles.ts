/**
 * What handles this process holds, as Windows tells: its table of all handles of the system, and the kind of each.
 *
 * Only kinds that a driver makes are counted. Node.js itself makes events, semaphores and threads when it first needs
 * them and keeps them.
 */
import process from "node:process";
import { foreign } from "@ipcz/abi/ffi";

/** Pipes and files, memory, other processes. */
const KINDS: ReadonlySet<string> = new Set(["File", "Section", "Process"]);

const SYSTEM_EXTENDED_HANDLE_INFORMATION = 64;
const OBJECT_TYPE_INFORMATION = 2;
const STATUS_INFO_LENGTH_MISMATCH = 0xc000_0004 | 0;

/** Two words, then the entries: object, process, handle, rights, trace, type, attributes, reserved. */
const HEADER_BYTES = 16;
const ENTRY_BYTES = 40;
const PROCESS_AT = 8;
const HANDLE_AT = 16;

type Query = (what: number, answer: Uint8Array, numBytes: number, needed: Uint8Array) => number;
type QueryOf = (
  handle: bigint,
  what: number,
  answer: Uint8Array,
  numBytes: number,
  needed: Uint8Array,
) => number;

interface Calls {
  readonly query: Query;
  readonly queryOf: QueryOf;
}

let calls: Calls | null = null;
let table = Buffer.alloc(1 << 16);
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
  const known = (calls ??= bindCalls());
  return handlesOfProcess(known)
    .map((handle) => ({ handle, kind: kindOf(known, handle) }))
    .filter(({ kind: name }) => KINDS.has(name));
}

function bindCalls(): Calls {
  const library = foreign.load("ntdll.dll");
  return {
    query: library.bind(
      "int32_t NtQuerySystemInformation(int what, void *answer, uint32_t size, void *needed)",
    ),
    queryOf: library.bind(
      "int32_t NtQueryObject(intptr_t handle, int what, void *answer, uint32_t size, void *needed)",
    ),
  };
}

function handlesOfProcess({ query }: Calls): bigint[] {
  let status = query(SYSTEM_EXTENDED_HANDLE_INFORMATION, table, table.length, needed);
  while (status === STATUS_INFO_LENGTH_MISMATCH) {
    table = Buffer.alloc(2 * table.length);
    status = query(SYSTEM_EXTENDED_HANDLE_INFORMATION, table, table.length, needed);
  }
  if (status !== 0) throw new Error(`the table of handles: status ${(status >>> 0).toString(16)}`);
  const count = Number(table.readBigUInt64LE(0));
  const handles: bigint[] = [];
  for (let index = 0; index < count; index++) {
    const at = HEADER_BYTES + ENTRY_BYTES * index;
    if (table.readBigUInt64LE(at + PROCESS_AT) === BigInt(process.pid))
      handles.push(table.readBigUInt64LE(at + HANDLE_AT));
  }
  return handles;
}

/** "" for a handle that is gone by now. The answer begins with a string: its length, and where it lies behind that. */
function kindOf({ queryOf }: Calls, handle: bigint): string {
  if (queryOf(handle, OBJECT_TYPE_INFORMATION, kind, kind.length, needed) !== 0) return "";
  const at = Number(kind.readBigUInt64LE(8) - foreign.address(kind));
  return kind.toString("utf16le", at, at + kind.readUInt16LE(0));
}
