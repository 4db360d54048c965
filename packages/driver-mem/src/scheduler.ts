/**
 * Who runs next: what all schedules have in common.
 *
 * A transport with something to tell its listener is woken; the schedule decides when it may tell, one notification at
 * a time. Order on one transport is the transport's own affair and the same under every schedule.
 */

/** One end of a transport, as a schedule sees it. */
export interface Deliverable {
  /** Set and read by the schedule alone: it is on its list. */
  scheduled: boolean;
  /** Whether there is something to tell, and a listener that is not being told something already. */
  hasWork(): boolean;
  /** The step or turn before which its next notification must not come. */
  readyAt(): number;
  /** Tells its listener one thing. Only called while {@link hasWork} says so. */
  deliver(): void;
}

/** A schedule. */
export interface Scheduler {
  /** Steps or turns so far: the time in which delays are counted. */
  readonly now: number;
  /** `end` may have something to deliver. Called again whenever that may have become true. */
  wake(end: Deliverable): void;
  /** Delivers one notification; false when nothing is pending. Only a seeded schedule is driven by hand. */
  step(): boolean;
  /** Resolves when nothing is pending; a seeded schedule runs until then. */
  settle(): Promise<void>;
}
