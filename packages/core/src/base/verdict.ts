/**
 * A handler's opinion of a message that a peer sent (spec: routing 0.2).
 *
 * - `accept`: processed.
 * - `ignore`: legal to receive, no effect; also for whatever a race could explain.
 * - `reject`: the sender misbehaves; the link that carried the message is treated as failed.
 */
export type Verdict = "accept" | "ignore" | "reject";
