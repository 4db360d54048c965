// Moving a handle out of another process, under Wine: DuplicateHandle with DUPLICATE_CLOSE_SOURCE.
//
// On Windows that is one step of the kernel. Wine 8 has a thread of the other process do it, and the caller waits until
// it is told. When the other process ends in the middle of that, nobody tells it, and it waits for ever: a process that
// was killed took those along that were just receiving from it. So here a thread waits, and when it has not been told
// though the process is long gone, the call fails as Windows would have it.
import { Worker } from "node:worker_threads";

const { process } = globalThis;

const CLOSE_SOURCE = 1;
const CURRENT_PROCESS = -1;
const ERROR_ACCESS_DENIED = 5;
const STILL_ACTIVE = 259;

/** What thread and caller share: a state, and the parameters and results. */
export const ASKED = 1;
export const DONE = 2;
export const AT = { from: 0, source: 1, to: 2, options: 3, answer: 4, target: 5, error: 6, end: 7 };

const LOOK_MS = 100;
/** So often a process must be found gone before its word is waited for no longer. */
const LOOKS = 30;

let thread = null;
let isAnyStuck = false;

/** `duplicate` of `kernel`, a library of `koffi`'s, which never waits for a process that is gone. */
export function patientDuplicate(koffi, kernel, duplicate) {
  const getExitCode = kernel.func("int GetExitCodeProcess(int64_t process, void *code)");
  const setLastError = kernel.func("void SetLastError(uint32_t error)");
  const terminate = kernel.func("int TerminateProcess(int64_t process, uint32_t code)");
  const code = new Uint32Array(1);
  const hasEnded = (other) => getExitCode(other, code) !== 0 && code[0] !== STILL_ACTIVE;

  const giveUp = () => {
    thread = null;
    // The runtime waits for all threads when it ends, also for one that never comes back.
    if (!isAnyStuck) process.once("exit", (status) => terminate(CURRENT_PROCESS, status));
    isAnyStuck = true;
    setLastError(ERROR_ACCESS_DENIED);
    return 0;
  };

  return (from, source, to, target, access, inherit, options) => {
    const isOwn = Number(from) === CURRENT_PROCESS;
    // Who gives handles to another process will have some to fetch, and starting a thread takes a while then.
    if (!isOwn || Number(to) !== CURRENT_PROCESS) thread ??= startThread(koffi);
    if (isOwn || (options & CLOSE_SOURCE) === 0)
      return duplicate(from, source, to, target, access, inherit, options);
    const { state, values } = thread;
    values.set([from, source, to, options].map(BigInt));
    Atomics.store(state, 0, ASKED);
    Atomics.notify(state, 0);
    for (let looks = 0; Atomics.wait(state, 0, ASKED, LOOK_MS) === "timed-out";)
      if (hasEnded(from) && ++looks === LOOKS) return giveUp();
    target[0] = values[AT.target];
    if (values[AT.answer] === 0n) setLastError(Number(values[AT.error]));
    return Number(values[AT.answer]);
  };
}

function startThread(koffi) {
  const state = new Int32Array(new SharedArrayBuffer(4));
  const values = new BigInt64Array(new SharedArrayBuffer(8 * AT.end));
  const worker = new Worker(new URL("./duplicate-thread.mjs", import.meta.url), {
    workerData: { koffi, state, values },
  });
  worker.unref();
  return { state, values };
}
