/** A drill that runs by the clock. */
export interface Drill {
  readonly everyMs: number;
  run(): Promise<unknown>;
}
