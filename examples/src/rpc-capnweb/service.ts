/** What the server offers. */
import { RpcTarget } from "capnweb";

/** A step of a sum, kept in the server. */
export class Sum extends RpcTarget {
  readonly #value: number;

  constructor(value: number) {
    super();
    this.#value = value;
  }

  plus(number: number): Sum {
    return new Sum(this.#value + number);
  }

  value(): number {
    return this.#value;
  }
}

export class Service extends RpcTarget {
  double(number: number): number {
    return number * 2;
  }

  sum(start: number): Sum {
    return new Sum(start);
  }

  /** Calls a function of the client's. */
  async callBack(report: (text: string) => Promise<number>): Promise<number> {
    return (await report("from the server")) + 1;
  }
}
