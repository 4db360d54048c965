/**
 * Numbers as options give them; each throws, naming the option and what it takes.
 */

/** Nobody waits for more. */
export const ROUNDS_MAX = 1000;

export function whole(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > max)
    throw new Error(`${option}: a whole number from 1 to ${max}, not "${text}"`);
  return value;
}

export function fraction(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100))
    throw new Error(`${option}: a number above 0, at most 100, not "${text}"`);
  return value;
}
