/** A logarithmic axis: where a number lies on it, and which numbers stand beside it. */

export type LogScale = {
  /** Position of a number above 0, in the unit of `from` and `to`. */
  at(number: number): number;
  /** Labelled: powers of ten, with 2 and 5 between them where there are few. */
  readonly ticks: readonly number[];
  /** Lines without a label between them. */
  readonly minor: readonly number[];
};

/** From `from` (the lowest of the numbers, or a little below) to `to`. Throws a RangeError where a number has no logarithm. */
export function logScale(numbers: readonly number[], { from, to }: { from: number; to: number }): LogScale {
  const least = Math.min(...numbers);
  const most = Math.max(...numbers);
  if (!(least > 0) || !Number.isFinite(most)) throw new RangeError('A logarithmic axis has numbers above 0 alone.');
  const low = floorOf(least);
  const high = Math.max(ceilingOf(most), floorOf(low * 10));
  const all = steps(low, high);
  const powers = all.filter(isPower);
  const few = all.filter((number) => isPower(number) || isRound(number));
  const ticks = powers.length > 2 ? powers : few;
  return {
    at: (number) => from + ((Math.log(number) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (to - from),
    ticks,
    minor: all.filter((number) => !ticks.includes(number)),
  };
}

/** Digit times power of ten, in between and with both ends. */
function steps(low: number, high: number): readonly number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1) {
    for (let digit = 1; digit < 10; digit += 1) {
      const number = product(digit, power);
      if (number >= low && number <= high) found.push(number);
    }
  }
  return found;
}

/** 1, 2 or 5 times a power of ten, at most `number`; and at least. */
function floorOf(number: number): number {
  return Math.max(...nearby(number).filter((candidate) => candidate <= number));
}

function ceilingOf(number: number): number {
  return Math.min(...nearby(number).filter((candidate) => candidate >= number));
}

function nearby(number: number): readonly number[] {
  const power = Math.floor(Math.log10(number));
  return [power - 1, power, power + 1].flatMap((exponent) => [1, 2, 5].map((digit) => product(digit, exponent)));
}

/** Without the dust of multiplying by 0.1. */
function product(digit: number, power: number): number {
  return power < 0 ? digit / 10 ** -power : digit * 10 ** power;
}

function isPower(number: number): boolean {
  return leadingDigit(number) === 1;
}

function isRound(number: number): boolean {
  return [2, 5].includes(leadingDigit(number));
}

function leadingDigit(number: number): number {
  return Math.round(number / 10 ** Math.floor(Math.log10(number) + 1e-9));
}
