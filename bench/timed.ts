/** Milliseconds from the beginning of the work to its end, by the wall clock. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
