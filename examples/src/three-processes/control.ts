/**
 * How the launcher and its three children talk: over the portal that each child's connection came with.
 *
 * The launcher says "go" to a step; a child reports facts about it. Both are JSON, and may bring portals.
 */
import type { Portal } from "../support/portal.ts";

/** What a child tells the launcher; every fact is a string or a number, to be printed or checked. */
export interface Report {
  readonly step: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

export function report(control: Portal, step: string, facts: Report["facts"] = {}): void {
  control.sendText(JSON.stringify({ step, facts } satisfies Report));
}

/** The next report, which must be about `step`. */
export async function awaitReport(control: Portal, step: string): Promise<Report["facts"]> {
  const { text } = await control.receiveText();
  const received = JSON.parse(text) as Report;
  if (received.step !== step)
    throw new Error(`expected a report on "${step}", got "${received.step}"`);
  return received.facts;
}

export function go(control: Portal, step: string, portals: readonly Portal[] = []): void {
  control.sendText(step, portals);
}

/** Waits for the launcher to say go to `step`; the portals that came along. */
export async function awaitGo(control: Portal, step: string): Promise<Portal[]> {
  const { text, portals } = await control.receiveText();
  if (text !== step) throw new Error(`expected to go on with "${step}", was told "${text}"`);
  return portals;
}

/** Takes one portal out of a list that must hold exactly one. */
export function only(portals: readonly Portal[]): Portal {
  const [portal] = portals;
  if (!portal || portals.length !== 1) throw new Error(`expected 1 portal, got ${portals.length}`);
  return portal;
}
