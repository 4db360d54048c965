/**
 * `NODE_DEBUG=ipcz`: what happens between nodes, a line each on stderr.
 */
import { debuglog } from "node:util";
import { addTap } from "./channels.ts";
import { stepOf } from "./counters.ts";

/** Begins to log if the environment asks for it. */
export function logIfAsked(): void {
  const log = debuglog("ipcz");
  if (!log.enabled) return;
  addTap((name, message) => {
    const facts = Object.entries(message).filter(
      ([key, value]) => key !== "step" && key !== "what" && value !== null,
    );
    const words = facts.map(([key, value]) => `${key}=${String(value)}`);
    log("%s", [name, stepOf(message), ...words].join(" "));
  });
}
