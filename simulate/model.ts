/** What the simulation assumes of the machine, beside the real core: how long its two bottlenecks are busy with an answer. */

export type ServiceTimes = {
  /** One argon2id verification, with as many at once as there are cores. */
  readonly hashMs: number;
  /** All that a log-on asks of store and audit trail, everything on the disk. Half of it comes with the password, half with the code. */
  readonly storeMs: number;
};

export type Model = ServiceTimes & {
  /** Passwords hashed at a time. */
  readonly cores: number;
  /** Where the service times come from, for the report. */
  readonly source: string;
};
