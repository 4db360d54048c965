/**
 * Aborted waits, and rejections that nobody has to look at.
 */

/** Why a signal was aborted: an `AbortError`, unless the program gave a reason of its own. */
export function reasonOf(signal: AbortSignal): Error {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever it is, it is the program's own
  return signal.reason as Error;
}

/** `promise`, whose rejection is not reported when nobody looks at it. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** As `promise`, but rejects when `signal` is aborted first; `abandoned` is called then. */
export function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  abandoned: () => void = () => undefined,
): Promise<T> {
  if (!signal) return promise;
  return handled(
    new Promise((resolve, reject) => {
      const abort = (): void => {
        abandoned();
        reject(reasonOf(signal));
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener("abort", abort, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    }),
  );
}
