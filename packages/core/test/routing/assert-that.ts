/**
 * A condition whose message says what was found.
 */
export function assertThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
