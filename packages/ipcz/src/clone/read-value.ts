/**
 * Bytes into a value. Whatever the bytes are, there is a value or an exception, and both cost no more than the bounds
 * in `format.ts` allow.
 */
import { type BytesIn, MalformedMessage } from "./bytes-in.ts";
import type { MessageIn } from "./contract.ts";
import { type CloneBounds, cloneBounds, Tag } from "./format.ts";
import { readNumbers } from "./number-arrays.ts";
import { readPlatformObject } from "./read-objects.ts";

/** One message being read. */
export class ValueReader implements MessageIn {
  readonly from: BytesIn;
  reservedBytes = 0;
  readonly bounds: CloneBounds;
  private readonly transferred: readonly unknown[];
  private readonly objects: object[] = [];
  private values = 0;
  private depth = 0;

  /** `transferred`: what travelled beside the bytes, by index. */
  constructor(from: BytesIn, transferred: readonly unknown[], bounds: CloneBounds = cloneBounds) {
    this.from = from;
    this.transferred = transferred;
    this.bounds = bounds;
  }

  read(): unknown {
    return this.readTagged(this.from.byte());
  }

  text(): string {
    return this.characters(this.from.varint());
  }

  register<T extends object>(object: T): T {
    this.reserveIndex();
    this.objects.push(object);
    return object;
  }

  registerLater(): (object: object) => void {
    this.reserveIndex();
    const index = this.objects.push(notYet) - 1;
    return (object) => {
      this.objects[index] = object;
    };
  }

  /** Properties, up to their end. */
  properties(target: object): void {
    for (let code = this.from.varint(); code !== 0; code = this.from.varint()) {
      this.countValues(1);
      const name = this.characters(code - 1);
      const value = this.read();
      if (name === "__proto__")
        Object.defineProperty(target, name, {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      else (target as Record<string, unknown>)[name] = value;
    }
  }

  private characters(code: number): string {
    const bytes = Math.floor(code / 2);
    if (bytes > this.from.remaining) throw new MalformedMessage("a message ends too early");
    return this.from.characters(bytes, code % 2 === 1);
  }

  private readTagged(tag: number): unknown {
    this.countValues(1);
    const { from } = this;
    switch (tag) {
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.true:
        return true;
      case Tag.false:
        return false;
      case Tag.int: {
        const code = from.varint();
        return (code >>> 1) ^ -(code & 1);
      }
      case Tag.double:
        return from.double();
      case Tag.bigint:
        return this.readBigInt();
      case Tag.negativeBigint:
        return -this.readBigInt();
      case Tag.latin1:
        return from.characters(from.length(), false);
      case Tag.utf16:
        return from.characters(from.length(), true);
      case Tag.reference:
        return this.readReference();
      case Tag.transferred: {
        const index = from.varint();
        if (index >= this.transferred.length) throw new MalformedMessage("nothing came with that");
        return this.transferred[index];
      }
      default:
        return this.readObject(tag);
    }
  }

  private readObject(tag: number): object {
    if (++this.depth > this.bounds.depthMax)
      throw new MalformedMessage("objects are too deep in each other");
    let object: object;
    if (tag === Tag.object) {
      object = this.register({});
      this.properties(object);
    } else if (tag === Tag.array) object = this.readArray();
    else if (tag === Tag.numbers) object = readNumbers(this);
    else object = readPlatformObject(this, tag);
    this.depth--;
    return object;
  }

  private readArray(): unknown[] {
    const length = this.from.varint();
    if (length > 0xffffffff) throw new MalformedMessage("an array is too long");
    const array: unknown[] = this.register([]);
    for (let index = 0; index < length;) {
      const tag = this.from.byte();
      if (tag === Tag.holes) {
        this.countValues(1);
        const count = this.from.varint();
        if (count === 0 || count > length - index) throw new MalformedMessage("a gap is too long");
        index += count;
      } else array[index++] = this.readTagged(tag);
    }
    array.length = length;
    this.properties(array);
    return array;
  }

  private readBigInt(): bigint {
    const digits = this.text();
    if (!/^[\da-f]+$/.test(digits)) throw new MalformedMessage("a bigint without digits");
    return BigInt(`0x${digits}`);
  }

  private readReference(): object {
    const object = this.objects[this.from.varint()];
    if (object === undefined || object === notYet)
      throw new MalformedMessage("a reference to nothing");
    return object;
  }

  private reserveIndex(): void {
    if (this.objects.length >= this.bounds.objectsMax)
      throw new MalformedMessage("too many objects");
  }

  countValues(count: number): void {
    this.values += count;
    if (this.values > this.bounds.valuesMax) throw new MalformedMessage("too many values");
  }
}

const notYet: object = Object.freeze({});
