/** The growth curves of the report: which there are, and how the figures of a run become one. */
import type { Figure } from '../figure.ts';
import { median } from '../statistics.ts';
import type { Chart, ChartLine, ChartPoint } from './chart-svg.ts';

export type CurveName = 'log-on-own-process' | 'log-on-served' | 'require-two-factor' | 'import' | 'served-a-second';

/** Where a figure stands on a growth curve. */
export type CurvePoint = {
  readonly curve: CurveName;
  /** Usually the store engine. */
  readonly line: string;
  readonly x: number;
};

type Look = Pick<Chart, 'title' | 'xName' | 'yName' | 'xText' | 'yText'>;

const BY_USERS = {
  xName: 'users',
  yName: 'time',
  xText: (users: number) => users.toLocaleString('en'),
  yText: (ms: number) => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`),
} as const;

const LOOKS: Readonly<Record<CurveName, Look>> = {
  'log-on-own-process': { ...BY_USERS, title: 'A log-on without argon2id, by a gate that is a process of its own' },
  'log-on-served': { ...BY_USERS, title: 'A log-on without argon2id, by a server' },
  'require-two-factor': { ...BY_USERS, title: 'Require 2FA for all' },
  import: { ...BY_USERS, title: 'Import of users without passwords' },
  'served-a-second': {
    title: 'Log-ons a second by one server',
    xName: 'log-ons at once',
    yName: 'log-ons a second',
    xText: String,
    yText: String,
  },
};

/** Every curve of which the run has at least two sizes. */
export function curvesOf(figures: readonly Figure[]): ReadonlyMap<CurveName, Chart> {
  const charts = new Map<CurveName, Chart>();
  for (const curve of Object.keys(LOOKS) as CurveName[]) {
    const placed = figures.flatMap((figure) =>
      figure.point?.curve === curve ? [{ ...figure, point: figure.point }] : [],
    );
    if (new Set(placed.map(({ point }) => point.x)).size < 2) continue;
    const limits = limitLine(placed);
    charts.set(curve, {
      ...LOOKS[curve],
      lines: [...measuredLines(placed), ...(limits === undefined ? [] : [limits])],
      goals: placed.flatMap(({ point, goal }) => (goal?.of === 'value' ? [{ x: point.x, y: goal.number }] : [])),
    });
  }
  return charts;
}

type PlacedFigure = Figure & { readonly point: CurvePoint };

function measuredLines(figures: readonly PlacedFigure[]): readonly ChartLine[] {
  const names = [...new Set(figures.map(({ point }) => point.line))];
  return names.map((name) => ({
    name,
    kind: 'measured',
    points: byX(
      figures.filter(({ point }) => point.line === name).map(({ point, value }) => ({ x: point.x, y: value })),
    ),
  }));
}

/** What the figures were compared with, where that is one thing: at each size, the median of its measurements. */
function limitLine(figures: readonly PlacedFigure[]): ChartLine | undefined {
  const names = new Set(figures.map(({ limit }) => limit?.name.replace(/, .*$/, '')));
  const [name] = names;
  if (names.size !== 1 || name === undefined) return undefined;
  const at = Map.groupBy(figures, ({ point }) => point.x);
  const points = [...at].map(([x, those]) => ({ x, y: median(those.flatMap(({ limit }) => limit?.value ?? [])) }));
  return { name, kind: 'limit', points: byX(points) };
}

function byX(points: readonly ChartPoint[]): readonly ChartPoint[] {
  return [...points].sort((one, other) => one.x - other.x);
}
