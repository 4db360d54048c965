/** A word put together from parts, so that a check that looks for it does not find the check. */
export function spelt(...parts: readonly string[]): string {
  return parts.join("");
}
