/**
 * Who waits for a parcel, first come, first served.
 */
import { handled, reasonOf } from "./abort.ts";
import type { RawParcel } from "./raw-parcel.ts";

interface Receive {
  readonly keep: boolean;
  readonly resolve: (parcel: RawParcel | null) => void;
  readonly stopListening: () => void;
}

const nothing = (): void => undefined;

export class PendingReceives {
  private readonly waiting = new Set<Receive>();

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  /** Whether the first wants the parcel object too. */
  get keeps(): boolean {
    return this.first?.keep ?? false;
  }

  /** One more. `abandoned` is called when an abort leaves nobody waiting. */
  add(
    keep: boolean,
    signal: AbortSignal | undefined,
    abandoned: () => void,
  ): Promise<RawParcel | null> {
    return handled(
      new Promise((resolve, reject) => {
        const abort = (): void => {
          this.waiting.delete(receive);
          if (this.waiting.size === 0) abandoned();
          if (signal) reject(reasonOf(signal));
        };
        signal?.addEventListener("abort", abort, { once: true });
        const stopListening = signal ? () => signal.removeEventListener("abort", abort) : nothing;
        const receive: Receive = { keep, resolve, stopListening };
        this.waiting.add(receive);
      }),
    );
  }

  /** The first gets `parcel`. Only while somebody waits. */
  serve(parcel: RawParcel): void {
    const { first } = this;
    if (first) this.answer(first, parcel);
  }

  /** There will be no more. */
  endAll(): void {
    for (const receive of this.waiting) this.answer(receive, null);
  }

  private get first(): Receive | undefined {
    const [first] = this.waiting;
    return first;
  }

  private answer(receive: Receive, parcel: RawParcel | null): void {
    this.waiting.delete(receive);
    receive.stopListening();
    receive.resolve(parcel);
  }
}
