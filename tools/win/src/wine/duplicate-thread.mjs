// The thread that waits; see duplicate-handle.mjs.
import { createRequire } from "node:module";
import { workerData } from "node:worker_threads";
import { ASKED, AT, DONE } from "./duplicate-handle.mjs";

const { state, values } = workerData;
const koffi = createRequire(workerData.koffi)("./index.cjs");
const kernel = koffi.load("kernel32.dll");
const duplicate = kernel.func(
  "int DuplicateHandle(int64_t sp, int64_t s, int64_t tp, void *t, uint32_t a, int i, uint32_t o)",
);
const lastError = kernel.func("uint32_t GetLastError()");

for (;;) {
  for (let now = Atomics.load(state, 0); now !== ASKED; now = Atomics.load(state, 0))
    Atomics.wait(state, 0, now);
  const target = new BigInt64Array(1);
  const [from, source, to, options] = values;
  const answer = duplicate(from, source, to, target, 0, 0, Number(options));
  if (answer === 0) values[AT.error] = BigInt(lastError());
  values[AT.target] = target[0];
  values[AT.answer] = BigInt(answer);
  Atomics.store(state, 0, DONE);
  Atomics.notify(state, 0);
}
