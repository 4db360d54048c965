/**
 * Tells the story, and counts what was checked on the way.
 */
import process from "node:process";

const BOLD = process.stdout.isTTY ? "\u001b[1m" : "";
const PLAIN = process.stdout.isTTY ? "\u001b[0m" : "";

let checks = 0;

export function heading(text: string): void {
  console.log(`\n${BOLD}${text}${PLAIN}`);
}

export function say(text: string): void {
  console.log(`  ${text}`);
}

/** Throws, naming what was checked, unless `holds`. */
export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`check failed: ${what}`);
  checks++;
  say(`✓ ${what}`);
}

export function checkCount(): number {
  return checks;
}
