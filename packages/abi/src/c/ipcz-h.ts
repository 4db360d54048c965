/**
 * The text of `include/ipcz.h`: the declared structs, functions and constants as a C header.
 *
 * Plain C99 that is C++11 as well: no `bool`, no designated initializers, integer constants as macros.
 */
import { constantGroups } from "./constants.ts";
import {
  API_SIGNATURES,
  DRIVER_SIGNATURES,
  HANDLER_SIGNATURES,
  type Signature,
} from "./functions.ts";
import { SIZE_FIELD, STRUCTS, type StructField } from "./structs.ts";

const LINE_MAX = 100;

/** Names that C code may use instead of `uint32_t`. */
const FLAG_TYPES = [
  "IpczFeature",
  "IpczCreateNodeFlags",
  "IpczMemoryFlags",
  "IpczConnectNodeFlags",
  "IpczBeginPutFlags",
  "IpczEndPutFlags",
  "IpczGetFlags",
  "IpczBeginGetFlags",
  "IpczEndGetFlags",
  "IpczUnboxFlags",
  "IpczPortalStatusFlags",
  "IpczTrapConditionFlags",
  "IpczTransportActivityFlags",
];

/** The whole header. */
export function ipczHeader(): string {
  const lines = [
    "/*",
    " * ipcz: the C ABI. Written by a program from the declarations of @ipcz/abi; do not edit.",
    " *",
    " * A program gets the table of functions as an IpczAPI* or through an IpczGetAPIFunction. Every",
    " * struct starts with its size, set by whoever provides it; flags that are not described are 0,",
    " * options null. 64-bit machines only.",
    " */",
    "#ifndef IPCZ_H_",
    "#define IPCZ_H_",
    "",
    "#include <stddef.h>",
    "#include <stdint.h>",
    "",
    "/* Calling convention of every function below. */",
    "#if defined(IPCZ_API_OVERRIDE)",
    "#define IPCZ_API IPCZ_API_OVERRIDE",
    "#elif defined(_WIN32)",
    "#define IPCZ_API __cdecl",
    "#else",
    "#define IPCZ_API",
    "#endif",
    "",
    "#ifdef __cplusplus",
    'extern "C" {',
    "#endif",
    "",
    "/* A node, portal, box, parcel object or listener. 0 names nothing. */",
    "typedef uintptr_t IpczHandle;",
    "/* A driver's own name for an object of its. 0 names nothing. */",
    "typedef uintptr_t IpczDriverHandle;",
    "/* A pending two-phase put or get. */",
    "typedef uintptr_t IpczTransaction;",
    "/* An IPCZ_RESULT_* code. */",
    "typedef int IpczResult;",
    "/* An IPCZ_BOX_TYPE_* constant. */",
    "typedef uint32_t IpczBoxType;",
    "/* Flags and feature ids: which of the constants below they take. */",
    ...FLAG_TYPES.map((name) => `typedef uint32_t ${name};`),
    "",
    ...constants(),
    ...["IpczAPI", "IpczDriver", ...Object.keys(STRUCTS)].map(
      (name) => `typedef struct ${name} ${name};`,
    ),
    "",
    ...Object.entries(HANDLER_SIGNATURES).flatMap(([name, each]) => typedefOf(name, each)),
    ...Object.entries(STRUCTS).flatMap(([name, fields]) => structOf(name, fields)),
    ...tableOf("IpczDriver", "What a platform supplies: 13 functions.", DRIVER_SIGNATURES),
    ...tableOf("IpczAPI", "What a library offers: 16 functions.", API_SIGNATURES),
    "/* Fills a table of which the caller has set the size. */",
    "typedef IpczResult(IPCZ_API* IpczGetAPIFunction)(IpczAPI* api);",
    "",
    "#ifdef __cplusplus",
    "}",
    "#endif",
    "",
    "#endif /* IPCZ_H_ */",
  ];
  return `${lines.join("\n")}\n`;
}

function constants(): string[] {
  return constantGroups().flatMap(({ about, constants: group }) => {
    const lines = group.map(([name, value]) => `#define ${name} ${literal(name, value)}`);
    return [`/* ${about} */`].concat(lines, "");
  });
}

/** Results are `int`; all other constants unsigned, and handles as wide as a handle. */
function literal(name: string, value: number): string {
  if (name.startsWith("IPCZ_RESULT_")) return String(value);
  if (name.startsWith("IPCZ_INVALID_")) return `((uintptr_t)${String(value)})`;
  const digits = value > 0xffff ? `0x${value.toString(16)}` : String(value);
  return `((uint32_t)${digits}u)`;
}

function structOf(name: string, fields: readonly StructField[]): string[] {
  const lines = [SIZE_FIELD, ...fields].flatMap((field) => fieldLines(field, "  "));
  return [`struct ${name} {`, ...lines, "};", ""];
}

function fieldLines({ name, type, about, union }: StructField, indent: string): string[] {
  const comment = `${indent}/* ${about} */`;
  if (!union) return [comment, `${indent}${type} ${name};`];
  const members = union.flatMap((member) => fieldLines(member, `${indent}  `));
  return [comment, `${indent}union {`, ...members, `${indent}} ${name};`];
}

function tableOf(
  name: string,
  about: string,
  functions: Readonly<Record<string, Signature>>,
): string[] {
  return [
    `/* ${about} */`,
    `struct ${name} {`,
    "  size_t size;",
    ...Object.entries(functions).flatMap(([each, signature]) => memberOf(each, signature)),
    "};",
    "",
  ];
}

function memberOf(name: string, signature: Signature): string[] {
  return [`  /* ${signature.about} */`, ...pointerTo(name, signature, "  ")];
}

function typedefOf(name: string, signature: Signature): string[] {
  const [first = "", ...others] = pointerTo(name, signature, "");
  return [`/* ${signature.about} */`, `typedef ${first}`, ...others, ""];
}

/** A function pointer, one parameter a line when one line is too long. */
function pointerTo(name: string, signature: Signature, indent: string): string[] {
  const head = `${indent}${signature.result ?? "IpczResult"}(IPCZ_API* ${name})(`;
  const list = signature.parameters.map(({ type, name: parameter }) => `${type} ${parameter}`);
  const line = `${head}${list.join(", ")});`;
  if (line.length <= LINE_MAX) return [line];
  return [
    head,
    ...list.map((each, index) => `${indent}    ${each}${index < list.length - 1 ? "," : ");"}`),
  ];
}
