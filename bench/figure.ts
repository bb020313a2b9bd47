/**
 * A figure of the report: what was measured, what it is compared with, and what it has to be. A goal with `times the limit` speaks of the
 * ratio, which a faster or busier machine hardly moves; the others speak of the value.
 */
import type { CurvePoint } from './chart/curves.ts';
import { median, type Spread, spreadOf } from './statistics.ts';

export type Unit = 'ms' | 'MB' | 'bytes' | '/s';

/** The physical limit, or the nearest thing to it that anybody could reach on this machine, measured in the same run. */
export type Limit = { readonly name: string; readonly value: number };

export type Goal = {
  readonly of: 'ratio' | 'value';
  readonly bound: 'at-most' | 'at-least';
  readonly number: number;
};

export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly spread: Spread;
  readonly limit: Limit | undefined;
  /** Undefined: told for the picture, judged by nobody. */
  readonly goal: Goal | undefined;
  /** Its place on a growth curve, where it has one. */
  readonly point?: CurvePoint;
};

/** A line of `--json`. `limit` and `ratio` are null where there is nothing to compare with, `goal` where there is none. */
export type FigureJson = {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly limit: number | null;
  readonly ratio: number | null;
  readonly goal: string | null;
  readonly holds: boolean;
};

export function timesTheLimit(number: number): Goal {
  return { of: 'ratio', bound: 'at-most', number };
}

export function atLeastTimesTheLimit(number: number): Goal {
  return { of: 'ratio', bound: 'at-least', number };
}

export function atMost(number: number): Goal {
  return { of: 'value', bound: 'at-most', number };
}

/** The median of the samples, beside the median of the limit's. */
export function figureOf(figure: {
  readonly name: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  readonly limit?: { readonly name: string; readonly samples: readonly number[] };
  readonly goal?: Goal;
  readonly point?: CurvePoint;
}): Figure {
  const { name, unit, samples, limit, goal, point } = figure;
  return {
    name,
    unit,
    value: median(samples),
    spread: spreadOf(samples),
    limit: limit === undefined ? undefined : { name: limit.name, value: median(limit.samples) },
    goal,
    ...(point === undefined ? {} : { point }),
  };
}

export function ratioOf({ value, limit }: Pick<Figure, 'value' | 'limit'>): number | undefined {
  return limit === undefined ? undefined : value / limit.value;
}

/** A goal of the ratio without a limit to divide by is not reached. */
export function holds(figure: Figure): boolean {
  const { goal } = figure;
  if (goal === undefined) return true;
  const judged = goal.of === 'value' ? figure.value : ratioOf(figure);
  if (judged === undefined || !Number.isFinite(judged)) return false;
  return goal.bound === 'at-most' ? judged <= goal.number : judged >= goal.number;
}

export function goalText({ goal, unit }: Pick<Figure, 'goal' | 'unit'>): string | undefined {
  if (goal === undefined) return undefined;
  const sign = goal.bound === 'at-most' ? '≤' : '≥';
  return goal.of === 'ratio' ? `${sign} ${goal.number} × limit` : `${sign} ${goal.number} ${unit}`;
}

export function figureJson(figure: Figure): FigureJson {
  const { name, value, unit, limit } = figure;
  return {
    name,
    value: rounded(value),
    unit,
    limit: limit === undefined ? null : rounded(limit.value),
    ratio: limit === undefined ? null : rounded(value / limit.value),
    goal: goalText(figure) ?? null,
    holds: holds(figure),
  };
}

/** Thousandths: finer than anything that is measured here. */
function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
