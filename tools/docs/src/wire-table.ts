/**
 * docs/wire.md: every message with its bytes, from the same declarations that the writer and the reader are made of.
 */

/** One declared field: name, kind, and what it says from the sender's point of view. */
export type Field = readonly [name: string, kind: string, description: string];

export interface Message {
  id: number;
  name: string;
  from: string;
  to: string;
  schema: { v0: readonly Field[]; v1?: readonly Field[] };
}

/** What the document is made of. */
export interface Wire {
  messages: readonly Message[];
  header: readonly Field[];
  routerDescriptor: readonly Field[];
  /** Bytes of a field of each kind. */
  fieldBytes: Readonly<Record<string, number>>;
  /** The comment at each declaration, by its name. */
  comments: ReadonlyMap<string, string>;
}

/** Bytes before the first field of a parameter struct: its size, and four zeros. */
const structHeaderBytes = 8;

export function wireDocument(wire: Wire): string {
  return [
    "# Messages between nodes",
    "",
    "Generated from the schemas in `packages/core/src/wire` by `npm run docs:tables`; edit those instead.",
    "",
    "All integers are little-endian. A message is a header, a parameter struct and the arrays it points to; each",
    "array starts at a multiple of 8 with its size in bytes and its count (u32 each). Offsets below count from the",
    "start of the message. Fields are described as the sender would say it. The kinds, and how big they are:",
    "",
    ...kindsTable(wire.fieldBytes),
    "",
    "## Header",
    "",
    ...fieldsTable(placed(wire.header, 0, wire.fieldBytes, 0)),
    "",
    "## Messages",
    "",
    "| id | message | from | to |",
    "| ---: | --- | --- | --- |",
    ...wire.messages.map(
      ({ id, name, from, to }) =>
        `| ${id} | [${name}](#${id}-${name.toLowerCase()}) | ${from} | ${to} |`,
    ),
    "",
    ...wire.messages.flatMap((message) => messageSection(message, wire)),
    "## Router descriptor",
    "",
    "One element of an `array(routerDescriptor)`; offsets count from its first byte.",
    "",
    ...fieldsTable(placed(wire.routerDescriptor, 0, wire.fieldBytes, 0)),
    "",
  ].join("\n");
}

function kindsTable(fieldBytes: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(fieldBytes)
    .filter(([kind]) => !kind.startsWith("zero("))
    .map(([kind, bytes]) => `| \`${kind}\` | ${bytes} | ${meaningOf(kind)} |`);
  return [
    "| kind | bytes | |",
    "| --- | ---: | --- |",
    ...rows,
    "| `zero(n)` | n | written as zero |",
  ];
}

function meaningOf(kind: string): string {
  return (
    {
      sequence: "a sequence number, or a length counted from the beginning of a route",
      sublinkId: "a router link of the node link that carries the message",
      bufferId: "a shared buffer of that node link; 0 is the primary one, all ones is none",
      nodeName: "two u64, the higher one first",
      linkSide: "0: A, 1: B",
      nodeType: "0: broker, 1: non-broker",
      fragment: "buffer id, u32 offset and u32 size; a buffer id of all ones is no fragment",
      objectIndex: "an attached driver object by its number; all ones is none",
      objectRange: "attached driver objects: u32 first, u32 count",
      "flag(0)": "bit 0 of the byte that `flag(1)` takes",
      "flag(1)": "bit 1 of a byte",
    }[kind] ?? (kind.startsWith("array(") ? "u32: where the array starts; 0 is an empty one" : "")
  );
}

function messageSection(message: Message, wire: Wire): string[] {
  const { v0, v1 } = message.schema;
  const start = headerBytes(wire) + structHeaderBytes;
  const first = placed(v0, start, wire.fieldBytes, 0);
  const second = placed(v1 ?? [], roundUp8(endOf(first, start)), wire.fieldBytes, 1);
  const end = roundUp8(endOf([...first, ...second], start));
  return [
    `### ${message.id} ${message.name}`,
    "",
    wire.comments.get(message.name) ?? "",
    "",
    `From ${node(message.from)} to ${node(message.to)}; ${end} bytes before its arrays.`,
    "",
    ...fieldsTable([...first, ...second]),
    "",
  ];
}

/** "broker" as "a broker", "any" as "any node". */
function node(role: string): string {
  return role === "any" ? "any node" : `a ${role}`;
}

interface PlacedField {
  name: string;
  kind: string;
  description: string;
  offset: number;
  bytes: number;
  version: number;
}

function placed(
  fields: readonly Field[],
  start: number,
  fieldBytes: Readonly<Record<string, number>>,
  version: number,
): PlacedField[] {
  let offset = start;
  return fields.map(([name, kind, description]) => {
    const bytes = fieldBytes[kind];
    if (bytes === undefined) throw new Error(`${name}: nobody says how big a ${kind} is`);
    const field = { name, kind, description, offset, bytes, version };
    offset += bytes;
    return field;
  });
}

function fieldsTable(fields: readonly PlacedField[]): string[] {
  return [
    "| offset | bytes | since | field | kind | |",
    "| ---: | ---: | ---: | --- | --- | --- |",
    ...fields.map(
      ({ offset, bytes, version, name, kind, description }) =>
        `| ${offset} | ${bytes} | ${version} | ${name} | \`${kind}\` | ${description} |`,
    ),
  ];
}

function endOf(fields: readonly PlacedField[], start: number): number {
  const last = fields.at(-1);
  return last ? last.offset + last.bytes : start;
}

function headerBytes({ header, fieldBytes }: Wire): number {
  return endOf(placed(header, 0, fieldBytes, 0), 0);
}

function roundUp8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
