/**
 * The rest of a turn of the event loop: what is done once when the caller's code has run.
 *
 * A `process.nextTick` runs before control returns to the event loop, and, unlike a promise reaction, only after all
 * promise reactions that are under way; so an `await` in a loop of sends does not end the gathering.
 */

/** Something that wants to know when a turn ends. */
export interface TurnMember {
  endTurn(): void;
}

/** Collects members, and tells each once that the turn has ended. */
export class Turn {
  private members: TurnMember[] = [];
  private readonly run = (): void => {
    const members = this.members;
    this.members = [];
    for (const member of members) member.endTurn();
  };

  /** Tells `member` when this turn ends. */
  enlist(member: TurnMember): void {
    this.members.push(member);
    if (this.members.length === 1) process.nextTick(this.run);
  }
}
