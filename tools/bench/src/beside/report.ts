/**
 * What came of turns, as a table and as JSON.
 */
import { grid } from "../report/grid.ts";
import { figure, ratio, spreadOf } from "../report/numbers.ts";
import { machineLines, type Setting } from "../report/setting.ts";
import { median, summarise } from "../report/statistics.ts";
import type { Outcome } from "./take-turns.ts";

/** Outcomes of the same contestants, in the same unit. */
export interface Comparison {
  readonly title: string;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly outcomes: readonly Outcome[];
}

export function comparisonText(
  { title, unit, better, outcomes }: Comparison,
  setting: Setting,
): string {
  const names = namesOf(outcomes);
  const body = outcomes.map(({ label, samples }) =>
    [label].concat(names.map((name) => cellText(samples, name, names[0]))),
  );
  return [
    `### ${title} (${unit}; ${better === "lower" ? "less" : "more"} is better)`,
    "",
    ...machineLines(setting),
    `Medians of ${setting.rounds} interleaved rounds; lowest to highest in brackets. Bold: the median of what single rounds`,
    `give, divided by ${names[0] ?? ""} of the same round.`,
    "",
    grid(["", ...names], body),
  ].join("\n");
}

export function comparisonJson(comparison: Comparison, setting: Setting): string {
  const { outcomes, ...about } = comparison;
  const [reference] = namesOf(outcomes);
  const cases = outcomes.map(({ label, samples }) => ({
    label,
    samples: Object.fromEntries(samples),
    ratios: Object.fromEntries(
      Array.from(samples.keys(), (name) => [name, median(quotients(samples, name, reference))]),
    ),
  }));
  return `${JSON.stringify({ setting, ...about, reference, cases }, null, 2)}\n`;
}

/** Round by round, what `name` has divided by what `reference` has. */
export function quotients(
  samples: Outcome["samples"],
  name: string,
  reference: string | undefined,
): number[] {
  const others = samples.get(reference ?? "") ?? [];
  return (samples.get(name) ?? []).map((sample, round) => sample / (others[round] ?? Number.NaN));
}

function namesOf(outcomes: readonly Outcome[]): string[] {
  return [...new Set(outcomes.flatMap(({ samples }) => [...samples.keys()]))];
}

function cellText(
  samples: Outcome["samples"],
  name: string,
  reference: string | undefined,
): string {
  const summary = summarise(samples.get(name) ?? []);
  if (!summary) return "–";
  const beside =
    name === reference ? "" : `**${ratio(median(quotients(samples, name, reference)))}** `;
  return `${beside}${figure(summary.median)}${spreadOf(summary)}`;
}
