/** The foreign function seam, and the backend in use. */
export type {
  Address,
  NativeBytes,
  NativeArgument,
  NativeFunction,
  ElsewhereFunction,
  NativePrototype,
  NativeCallback,
  ForeignLibrary,
  PollInterest,
  PollListener,
  PollHandle,
  Foreign,
} from "./foreign.ts";
export { drainTasks, reportUncaught } from "./drain-tasks.ts";
export { foreign } from "./koffi.ts";
