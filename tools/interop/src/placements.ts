/**
 * Which nodes of a story are ours and which are the native library's.
 */

/** Whose a node is: TypeScript or C. */
export type Side = "TS" | "C";

/** A way to divide the nodes of a story. */
export interface Placement {
  readonly name: string;
  readonly about: string;
  /** Whose the node with this label is: `main`, `client`, `client/grandchild`, `client#2`, … */
  readonly sideOf: (label: string) => Side;
}

function other(side: Side): Side {
  return side === "TS" ? "C" : "TS";
}

/** How many processes stand between a node and the main one. */
function depthOf(label: string): number {
  return label === "main" ? 0 : label.split("/").length;
}

/** Main is `first`, those it starts the other kind, those these start like main again, and so on. */
function alternating(first: Side): (label: string) => Side {
  return (label) => (depthOf(label) % 2 === 0 ? first : other(first));
}

/** Main is `first`; of all others one in two, by their names, so that siblings differ. */
function mixed(first: Side): (label: string) => Side {
  return (label) => {
    if (label === "main") return first;
    const sum = Array.from(label).reduce((total, each) => total + (each.codePointAt(0) ?? 0), 0);
    return sum % 2 === 0 ? first : other(first);
  };
}

/** All of them. */
export const placements: readonly Placement[] = [
  {
    name: "C-broker",
    about: "the main node, a broker, is C; all others are TypeScript",
    sideOf: (label) => (label === "main" ? "C" : "TS"),
  },
  {
    name: "TS-broker",
    about: "the main node is TypeScript; all others are C",
    sideOf: (label) => (label === "main" ? "TS" : "C"),
  },
  {
    name: "C-TS-C",
    about: "C starts TypeScript, which starts C",
    sideOf: alternating("C"),
  },
  {
    name: "TS-C-TS",
    about: "TypeScript starts C, which starts TypeScript",
    sideOf: alternating("TS"),
  },
  {
    name: "C-mixed",
    about: "main is C; of the others half are, siblings differ",
    sideOf: mixed("C"),
  },
  { name: "TS-mixed", about: "main is TypeScript; of the others half are", sideOf: mixed("TS") },
  { name: "all-C", about: "every node is C: what the library does by itself", sideOf: () => "C" },
];

/** By name; throws for any other. */
export function placementNamed(name: string): Placement {
  const found = placements.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no placement is named ${name}`);
  return found;
}
