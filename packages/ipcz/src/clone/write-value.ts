/**
 * A value into bytes. What cannot travel raises before anything has been sent or detached.
 */
import type { BytesOut } from "./bytes-out.ts";
import { isLatin1 } from "./bytes-out.ts";
import { kindOf } from "./classify.ts";
import type { MessageOut, PendingBlob, Transferred } from "./contract.ts";
import { cannotClone, dataCloneError } from "./data-clone-error.ts";
import { type CloneBounds, cloneBounds, Tag } from "./format.ts";
import { writeNumbers } from "./number-arrays.ts";
import { writePlatformObject } from "./write-objects.ts";

const nothingTransferred: Transferred = { indices: new Map(), buffers: new Set() };

/** One message being written. */
export class ValueWriter implements MessageOut {
  readonly out: BytesOut;
  readonly blobs: PendingBlob[] = [];
  reservedBytes = 0;
  readonly bounds: CloneBounds;
  readonly transferred: Transferred;
  private readonly indices = new Map<object, number>();
  private values = 0;
  private depth = 0;

  constructor(
    out: BytesOut,
    transferred: Transferred = nothingTransferred,
    bounds: CloneBounds = cloneBounds,
  ) {
    this.out = out;
    this.transferred = transferred;
    this.bounds = bounds;
  }

  write(value: unknown): void {
    this.countValues(1);
    switch (typeof value) {
      case "string":
        this.writeString(value);
        return;
      case "number":
        this.writeNumber(value);
        return;
      case "boolean":
        this.out.byte(value ? Tag.true : Tag.false);
        return;
      case "undefined":
        this.out.byte(Tag.undefined);
        return;
      case "bigint":
        this.out.byte(value < 0n ? Tag.negativeBigint : Tag.bigint);
        this.text((value < 0n ? -value : value).toString(16));
        return;
      case "object":
        if (value === null) this.out.byte(Tag.null);
        else this.writeObject(value);
        return;
      case "function":
      case "symbol":
        throw cannotClone(value);
    }
  }

  text(value: string): void {
    const wide = !isLatin1(value);
    this.out.varint((wide ? value.length * 2 : value.length) * 2 + (wide ? 1 : 0));
    this.out.characters(value, wide);
  }

  /** Own properties by name, and their end. Getters run. */
  properties(source: object, names: readonly string[], from = 0): void {
    for (let index = from; index < names.length; index++) {
      const name = names[index] ?? "";
      const value = (source as Record<string, unknown>)[name];
      // A getter may have removed it meanwhile.
      if (value === undefined && !Object.hasOwn(source, name)) continue;
      this.countValues(1);
      const wide = !isLatin1(name);
      this.out.varint((wide ? name.length * 2 : name.length) * 2 + (wide ? 1 : 0) + 1);
      this.out.characters(name, wide);
      this.write(value);
    }
    this.out.varint(0);
  }

  private writeString(value: string): void {
    const wide = !isLatin1(value);
    this.out.byte(wide ? Tag.utf16 : Tag.latin1);
    this.out.varint(wide ? value.length * 2 : value.length);
    this.out.characters(value, wide);
  }

  private writeNumber(value: number): void {
    const integer = value | 0;
    if (integer === value && (integer !== 0 || Object.is(value, 0))) {
      this.out.byte(Tag.int);
      this.out.varint(((integer << 1) ^ (integer >> 31)) >>> 0);
    } else {
      this.out.byte(Tag.double);
      this.out.double(value);
    }
  }

  private writeObject(value: object): void {
    const index = this.indices.get(value);
    if (index !== undefined) {
      this.out.byte(Tag.reference);
      this.out.varint(index);
      return;
    }
    const beside = this.transferred.indices.get(value);
    if (beside !== undefined) {
      this.out.byte(Tag.transferred);
      this.out.varint(beside);
      return;
    }
    this.enter(value);
    const kind = kindOf(value);
    switch (kind) {
      case "object":
        this.out.byte(Tag.object);
        this.properties(value, Object.keys(value));
        break;
      case "array":
        if (!writeNumbers(this, value as readonly unknown[]))
          this.writeArray(value as readonly unknown[]);
        break;
      case "refuse":
        throw cannotClone(value);
      case "transfer":
        throw dataCloneError(
          "Object that needs transfer was found in message but not listed in transferList",
        );
      case "map":
      case "set":
      case "date":
      case "regexp":
      case "boxed":
      case "error":
      case "domException":
      case "arrayBuffer":
      case "view":
      case "blob":
        writePlatformObject(this, kind, value);
    }
    this.depth--;
  }

  private writeArray(source: readonly unknown[]): void {
    const { length } = source;
    this.out.byte(Tag.array);
    this.out.varint(length);
    const names = Object.keys(source);
    let next = 0;
    let named = 0;
    // Names that are indices come first, in order; a long gap is crossed by one step.
    for (; named < names.length; named++) {
      const index = next < length && names[named] === String(next) ? next : indexIn(names[named]);
      if (index === null || index >= length) break;
      if (!Object.hasOwn(source, index)) continue;
      this.gap(index - next);
      this.write(source[index]);
      next = index + 1;
    }
    this.gap(length - next);
    this.properties(source, names, named);
  }

  private gap(count: number): void {
    if (count === 0) return;
    this.countValues(1);
    this.out.byte(Tag.holes);
    this.out.varint(count);
  }

  private enter(value: object): void {
    const { objectsMax, depthMax } = this.bounds;
    this.indices.set(value, this.indices.size);
    if (this.indices.size > objectsMax)
      throw dataCloneError(`A message holds at most ${objectsMax} objects.`);
    if (++this.depth > depthMax)
      throw dataCloneError(`Objects in a message contain each other at most ${depthMax} deep.`);
  }

  countValues(count: number): void {
    this.values += count;
    if (this.values > this.bounds.valuesMax)
      throw dataCloneError(`A message holds at most ${this.bounds.valuesMax} values.`);
  }
}

/** The array index that `name` is; null: it is none. */
function indexIn(name: string | undefined): number | null {
  if (name === undefined || name.length > 10 || !/^\d+$/.test(name)) return null;
  const index = Number(name);
  return String(index) === name && index < 0xffffffff ? index : null;
}
