/** What the server offers. */
export interface Service {
  double(number: number): number;
  /** Calls `report` after each step; a function of the client's, called in the server. */
  work(steps: number, report: (step: number) => Promise<void>): Promise<string>;
  /** What arrived, by class and size. */
  describe(value: unknown): string;
}
