/** A bounded number of things at a time, the others in the order in which they came. A failed one holds up nobody. */
export type WorkLine = <T>(work: () => Promise<T>) => Promise<T>;

export function createWorkLine(most: number): WorkLine {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn(): Promise<void> {
    if (running < most) {
      running += 1;
      return;
    }
    // Whoever leaves hands its place on, so that nobody new takes it in between.
    await new Promise<void>((go) => waiting.push(go));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  return async (work) => {
    await turn();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
