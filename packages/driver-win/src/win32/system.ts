/**
 * The seam over Windows itself: this folder is the only place that knows names and numbers of its calls.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import type { Foreign } from "@ipcz/abi/ffi";
import type { WinSystem } from "../system.ts";
import { openWin32 } from "./calls.ts";
import { ClientWaits } from "./client-waits.ts";
import { bindReadNow } from "./read-now.ts";
import { descriptorCalls } from "./descriptor-calls.ts";
import { handleCalls } from "./handle-calls.ts";
import { pipeMaking, pipeQuestions } from "./pipe-calls.ts";
import { pipeStream } from "./pipe-stream.ts";
import { processCalls } from "./process-calls.ts";
import { sectionCalls } from "./section-calls.ts";
import { UserSecurity } from "./user-security.ts";

/** The system of this process. */
export function win32System(foreign: Foreign): WinSystem {
  const win32 = openWin32(foreign);
  const security = new UserSecurity(win32);
  const waits = new ClientWaits(win32);
  const descriptors = descriptorCalls(win32);
  const readNow = bindReadNow(win32);
  return {
    pid: process.pid,
    owned: { handles: 0 },
    commandLine: process.argv,
    start: (command, args, options) => spawn(command, args, options),
    ...handleCalls(win32),
    ...pipeMaking(win32, security),
    ...pipeQuestions(win32),
    acceptClient: (handle, done) => waits.accept(handle, done),
    ...descriptors,
    openStream: (handle, events) => {
      const descriptor = descriptors.openDescriptor(handle);
      return descriptor < 0 ? descriptor : pipeStream(descriptor, events, () => readNow(handle));
    },
    ...sectionCalls(win32),
    ...processCalls(win32, security),
  };
}
