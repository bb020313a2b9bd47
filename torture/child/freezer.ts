/** Ends this process with SIGKILL once each piece of its work stands still at its fault or is done. */
import { type ArmedFault, faulty, type Struck } from '../counted-calls.ts';

export type Freezer = {
  run(fault: ArmedFault | undefined, work: (calls: Struck) => Promise<void>): Promise<void>;
};

export function freezerFor(pieces: number): Freezer {
  let moving = pieces;
  let anyFrozen = false;

  function stop(): void {
    moving -= 1;
    if (moving === 0 && anyFrozen) process.kill(process.pid, 'SIGKILL');
  }

  return {
    async run(fault, work) {
      const onFrozen = () => {
        anyFrozen = true;
        stop();
      };
      await faulty({ fault, onFrozen }, work);
      stop();
    },
  };
}
