/** What a measurement is. A new one is a file in `measure/` and a line in `measurements.ts`. */
import type { Facilities } from './facilities.ts';
import type { Figure } from './figure.ts';
import type { Programs } from './programs.ts';
import type { Effort } from './side-by-side.ts';

export type Measurement = {
  /** What `--only` takes. */
  readonly name: string;
  /** One sentence for the report: what is compared with what. */
  readonly about: string;
  /** Too dear for `--quick`, where it is measured only when it is named. */
  readonly leftOut?: 'of-quick';
  measure(bench: Bench): Promise<readonly Figure[]>;
};

export type Bench = {
  readonly effort: Effort;
  readonly facilities: Facilities;
  readonly programs: Programs;
};
