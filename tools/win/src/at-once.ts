/**
 * Some work at a time, with what each piece says kept together and in the order of the list.
 */
import process from "node:process";

/** Takes text that is to be read. */
export type Say = (text: string) => void;

/**
 * Does `work` with each of `items`, `width` at a time; the answers are in the order of the items. Throws when `width` is no
 * number from 1: nothing would be done then.
 */
export async function atOnce<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, say: Say) => Promise<R>,
  say: Say = (text) => void process.stdout.write(text),
): Promise<R[]> {
  if (!Number.isSafeInteger(width) || width < 1)
    throw new RangeError(`so many at a time: a whole number from 1, not ${width}`);
  const voices = new Voices(say);
  const answers: R[] = [];
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < items.length) {
      const index = begun++;
      // oxlint-disable-next-line no-await-in-loop -- one after the other in each lane
      answers[index] = await work(items[index] as T, (text) => {
        voices.say(index, text);
      });
      voices.end(index);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return answers;
}

/** The first that has not ended speaks; the others wait until it is their turn. */
class Voices {
  private readonly out: Say;
  private readonly waiting = new Map<number, string>();
  private readonly ended = new Set<number>();
  private speaker = 0;

  constructor(out: Say) {
    this.out = out;
  }

  say(index: number, text: string): void {
    if (index === this.speaker) this.out(text);
    else this.waiting.set(index, (this.waiting.get(index) ?? "") + text);
  }

  end(index: number): void {
    this.ended.add(index);
    while (this.ended.has(this.speaker)) {
      this.speaker++;
      const text = this.waiting.get(this.speaker);
      if (text !== undefined) this.out(text);
      this.waiting.delete(this.speaker);
    }
  }
}
