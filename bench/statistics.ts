/** What many runs of one thing say: the middle, and how far they lie apart. */

/** The value below which `share` (0 to 1) of the samples lie; between two samples, in proportion. Throws where there are none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((one, other) => one - other);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) throw new RangeError('There is no sample.');
  return low + (high - low) * (at - Math.floor(at));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export type Spread = { readonly runs: number; readonly lowQuartile: number; readonly highQuartile: number };

export function spreadOf(samples: readonly number[]): Spread {
  return { runs: samples.length, lowQuartile: quantile(samples, 0.25), highQuartile: quantile(samples, 0.75) };
}
