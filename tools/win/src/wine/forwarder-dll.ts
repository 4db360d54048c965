/**
 * A Windows library without code, whose one function is another library's.
 *
 * Wine before 9 lacks bcryptprimitives.dll, which programs written in Rust and Go load for random bytes; the native
 * parts of vitest do. Its function ProcessPrng takes and gives what SystemFunction036 of advapi32.dll does, and an
 * export may be the name of a function elsewhere. So the file has headers and a directory of exports only.
 */

/** What the library is called, what it exports, and what that stands for. */
export interface Forward {
  readonly library: string;
  readonly name: string;
  /** As `library.function`, without `.dll`. */
  readonly target: string;
}

/** The library that Wine 8 lacks. */
export const processPrng: Forward = {
  library: "bcryptprimitives.dll",
  name: "ProcessPrng",
  target: "advapi32.SystemFunction036",
};

const PE_AT = 0x40;
const FILE_HEADER_AT = PE_AT + 4;
const OPTIONAL_HEADER_AT = FILE_HEADER_AT + 20;
const OPTIONAL_HEADER_BYTES = 240;
const SECTION_HEADER_AT = OPTIONAL_HEADER_AT + OPTIONAL_HEADER_BYTES;

const FILE_ALIGNMENT = 0x200;
const SECTION_ALIGNMENT = 0x1000;
/** Where the one section is in the file, and in memory. */
const SECTION_AT = FILE_ALIGNMENT;
const SECTION_ADDRESS = SECTION_ALIGNMENT;
const IMAGE_BASE = 0x1_8000_0000n;

const MACHINE_X64 = 0x8664;
const CHARACTERISTICS = 0x2022; // executable, large addresses, library
const PE32_PLUS = 0x20b;
const SUBSYSTEM_CONSOLE = 3;
const NX_COMPATIBLE = 0x100;
const INITIALIZED_READABLE = 0x4000_0040;

/** The bytes of the file. */
export function forwarderDll(forward: Forward): Uint8Array {
  const exports = exportDirectory(forward);
  const file = Buffer.alloc(SECTION_AT + aligned(exports.length, FILE_ALIGNMENT));
  exports.copy(file, SECTION_AT);
  file.write("MZ", 0, "latin1");
  file.writeUInt32LE(PE_AT, 0x3c);
  file.write("PE\0\0", PE_AT, "latin1");
  writeFileHeader(file);
  writeOptionalHeader(file, exports.length);
  writeSectionHeader(file, exports.length);
  return file;
}

function aligned(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}

function writeFileHeader(file: Buffer): void {
  file.writeUInt16LE(MACHINE_X64, FILE_HEADER_AT);
  file.writeUInt16LE(1, FILE_HEADER_AT + 2); // sections
  file.writeUInt16LE(OPTIONAL_HEADER_BYTES, FILE_HEADER_AT + 16);
  file.writeUInt16LE(CHARACTERISTICS, FILE_HEADER_AT + 18);
}

function writeOptionalHeader(file: Buffer, exportBytes: number): void {
  const at = OPTIONAL_HEADER_AT;
  file.writeUInt16LE(PE32_PLUS, at);
  file.writeUInt32LE(aligned(exportBytes, FILE_ALIGNMENT), at + 8); // initialized data
  file.writeUInt32LE(SECTION_ADDRESS, at + 20); // base of code, of which there is none
  file.writeBigUInt64LE(IMAGE_BASE, at + 24);
  file.writeUInt32LE(SECTION_ALIGNMENT, at + 32);
  file.writeUInt32LE(FILE_ALIGNMENT, at + 36);
  file.writeUInt16LE(6, at + 40); // version of the system
  file.writeUInt16LE(6, at + 48); // version of the subsystem
  file.writeUInt32LE(SECTION_ADDRESS + aligned(exportBytes, SECTION_ALIGNMENT), at + 56);
  file.writeUInt32LE(SECTION_AT, at + 60); // bytes of all headers
  file.writeUInt16LE(SUBSYSTEM_CONSOLE, at + 68);
  file.writeUInt16LE(NX_COMPATIBLE, at + 70);
  for (const [index, bytes] of [0x10_0000n, 0x1000n, 0x10_0000n, 0x1000n].entries())
    file.writeBigUInt64LE(bytes, at + 72 + 8 * index); // stack and heap, reserved and committed
  file.writeUInt32LE(16, at + 108); // directories, of which the first holds the exports
  file.writeUInt32LE(SECTION_ADDRESS, at + 112);
  file.writeUInt32LE(exportBytes, at + 116);
}

function writeSectionHeader(file: Buffer, exportBytes: number): void {
  const at = SECTION_HEADER_AT;
  file.write(".edata", at, "latin1");
  file.writeUInt32LE(exportBytes, at + 8);
  file.writeUInt32LE(SECTION_ADDRESS, at + 12);
  file.writeUInt32LE(aligned(exportBytes, FILE_ALIGNMENT), at + 16);
  file.writeUInt32LE(SECTION_AT, at + 20);
  file.writeUInt32LE(INITIALIZED_READABLE, at + 36);
}

const DIRECTORY_BYTES = 40;
/** After the directory: the table of addresses, that of names, that of ordinals, one entry each; then the texts. */
const ADDRESSES_AT = DIRECTORY_BYTES;
const NAMES_AT = ADDRESSES_AT + 4;
const ORDINALS_AT = NAMES_AT + 4;
const TEXTS_AT = ORDINALS_AT + 4;

/** An address that points back into this directory is not code but the name of another library's function. */
function exportDirectory({ library, name, target }: Forward): Buffer {
  const libraryAt = TEXTS_AT;
  const nameAt = libraryAt + library.length + 1;
  const targetAt = nameAt + name.length + 1;
  const directory = Buffer.alloc(targetAt + target.length + 1);
  directory.writeUInt32LE(SECTION_ADDRESS + libraryAt, 12);
  directory.writeUInt32LE(1, 16); // first ordinal
  directory.writeUInt32LE(1, 20); // functions
  directory.writeUInt32LE(1, 24); // names
  directory.writeUInt32LE(SECTION_ADDRESS + ADDRESSES_AT, 28);
  directory.writeUInt32LE(SECTION_ADDRESS + NAMES_AT, 32);
  directory.writeUInt32LE(SECTION_ADDRESS + ORDINALS_AT, 36);
  directory.writeUInt32LE(SECTION_ADDRESS + targetAt, ADDRESSES_AT);
  directory.writeUInt32LE(SECTION_ADDRESS + nameAt, NAMES_AT);
  directory.write(library, libraryAt, "latin1");
  directory.write(name, nameAt, "latin1");
  directory.write(target, targetAt, "latin1");
  return directory;
}
