/** What the process with bare pipes is told, a line each, and what it answers. */

/** Numbers of handles travel as text, since they have more bits than a number of JSON. */
export type PipeOrder = { readonly link: number } & (
  | { readonly do: "connect"; readonly path: string }
  /** Connects and is gone at once. */
  | { readonly do: "pass by"; readonly path: string }
  /** Takes a name; the first to connect there is the link. */
  | { readonly do: "serve"; readonly path: string }
  | { readonly do: "attack"; readonly attack: PipeAttack }
  | { readonly do: "leave" }
);

/** Takes one of {@link PIPE_CASES} or, by a seed, a stream. */
export type PipeAttack =
  | { readonly name: string; readonly seed: number; readonly numbers: readonly string[] }
  | {
      readonly shape: string;
      readonly asBroker: boolean;
      readonly seed: number;
      readonly numbers: readonly string[];
    };

/** One line for each order, when it is done; `how` is "ok" or what the system said. */
export interface PipeAnswer {
  readonly link: number;
  readonly how: string;
}
