/**
 * A chart of lines over two logarithmic axes, as SVG. It is read on light and dark pages: background and ink come with it, and change with
 * the reader's preference. Lines differ in mark and name too, not in colour alone.
 */
import { logScale } from './log-scale.ts';

export type ChartPoint = { readonly x: number; readonly y: number };

export type ChartLine = {
  readonly name: string;
  /** By x, going up. */
  readonly points: readonly ChartPoint[];
  /** `limit`: dashed, without marks. */
  readonly kind: 'measured' | 'limit';
};

export type Chart = {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
  readonly lines: readonly ChartLine[];
  /** What has to be kept, each drawn as a bar at its place. */
  readonly goals: readonly ChartPoint[];
};

export function chartSvg(chart: Chart): string {
  const points = [...chart.lines.flatMap((line) => line.points), ...chart.goals];
  const x = logScale(
    points.map((point) => point.x),
    { from: LEFT, to: RIGHT },
  );
  const y = logScale(
    points.map((point) => point.y),
    { from: BOTTOM, to: TOP },
  );
  const place: Place = ({ x: across, y: up }) => ({ x: round(x.at(across)), y: round(y.at(up)) });
  const parts = [
    ...x.ticks.map((tick) => vertical(round(x.at(tick)), chart.xText(tick))),
    ...y.minor.map((tick) => `<path class="minor" d="M${LEFT} ${round(y.at(tick))}H${RIGHT}"/>`),
    ...y.ticks.map((tick) => horizontal(round(y.at(tick)), chart.yText(tick))),
    `<path class="axis" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}"/>`,
    ...chart.goals.map((goal) => goalBar(place(goal))),
    ...chart.lines.map((line, index) => lineOf(line, index, place)),
    ...names(chart.lines, place),
    label({ x: LEFT - 56, y: 26, text: chart.title, style: 'title' }),
    label({ x: LEFT - 56, y: TOP - 14, text: chart.yName, style: 'name' }),
    label({ x: (LEFT + RIGHT) / 2, y: BOTTOM + 44, text: chart.xName, style: 'name middle' }),
    ...(chart.goals.length > 0 ? [goalKey()] : []),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(chart.title)}">
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>
${parts.join('\n')}
</svg>
`;
}

type Place = (point: ChartPoint) => ChartPoint;

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 80;
const RIGHT = 620;
const TOP = 72;
const BOTTOM = 380;

const STYLE = `
  .page { fill: #ffffff } text { fill: #1f2328; font: 13px system-ui, 'DejaVu Sans', sans-serif }
  .title { font-size: 16px; font-weight: 600 } .name, .tick { fill: #59636e } .middle { text-anchor: middle } .end { text-anchor: end }
  .grid { stroke: #d1d9e0 } .minor { stroke: #eff2f5 } .axis { stroke: #59636e; fill: none }
  .goal { stroke: #59636e; stroke-width: 3 } .line { fill: none; stroke-width: 2.5 } .limit { stroke: #59636e; stroke-dasharray: 6 5; stroke-width: 1.5 }
  .line-0 { stroke: #0b5cc2 } .mark-0 { fill: #0b5cc2 } .line-1 { stroke: #b34700 } .mark-1 { fill: #b34700 }
  .line-2 { stroke: #1a7f37 } .mark-2 { fill: #1a7f37 } .line-3 { stroke: #8250df } .mark-3 { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .name, .tick { fill: #9198a1 } .grid { stroke: #303742 } .minor { stroke: #1a2029 }
    .axis, .goal, .limit { stroke: #9198a1 } .line-0 { stroke: #6cb2ff } .mark-0 { fill: #6cb2ff } .line-1 { stroke: #f0a35e } .mark-1 { fill: #f0a35e }
    .line-2 { stroke: #5fd07a } .mark-2 { fill: #5fd07a } .line-3 { stroke: #c49bff } .mark-3 { fill: #c49bff }
  }`;

const COLOURS = 4;

function vertical(x: number, text: string): string {
  return `<path class="grid" d="M${x} ${TOP}V${BOTTOM}"/>${label({ x, y: BOTTOM + 20, text, style: 'tick middle' })}`;
}

function horizontal(y: number, text: string): string {
  return `<path class="grid" d="M${LEFT} ${y}H${RIGHT}"/>${label({ x: LEFT - 8, y: y + 4, text, style: 'tick end' })}`;
}

function lineOf({ points, kind }: ChartLine, index: number, place: Place): string {
  const places = points.map(place);
  const path = places.map(({ x, y }, step) => `${step === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  if (kind === 'limit') return `<path class="line limit" d="${path}"/>`;
  const colour = index % COLOURS;
  return `<path class="line line-${colour}" d="${path}"/>${places.map((at) => mark(colour, at)).join('')}`;
}

/** A shape for each colour. */
function mark(colour: number, { x, y }: ChartPoint): string {
  const shapes = [
    `<circle class="mark-0" cx="${x}" cy="${y}" r="5"/>`,
    `<rect class="mark-1" x="${x - 4.5}" y="${y - 4.5}" width="9" height="9"/>`,
    `<path class="mark-2" d="M${x} ${y - 6}l6 10.5h-12z"/>`,
    `<path class="mark-3" d="M${x} ${y - 6.5}l6.5 6.5l-6.5 6.5l-6.5 -6.5z"/>`,
  ];
  return shapes[colour] ?? '';
}

/** Each line's name at its right end, moved apart where two would lie on each other. */
function names(lines: readonly ChartLine[], place: Place): readonly string[] {
  const ends = lines
    .flatMap(({ name, points }) => {
      const last = points.at(-1);
      return last === undefined ? [] : [{ name, ...place(last) }];
    })
    .sort((one, other) => one.y - other.y);
  let lowest = Number.NEGATIVE_INFINITY;
  return ends.map(({ name, x, y }) => {
    const apart = Math.max(y + 4, lowest + LINE_HEIGHT);
    lowest = apart;
    return label({ x: x + 12, y: apart, text: name, style: '' });
  });
}

const LINE_HEIGHT = 17;

function goalBar({ x, y }: ChartPoint): string {
  return `<path class="goal" d="M${x - 11} ${y}h22"/>`;
}

function goalKey(): string {
  const y = TOP - 18;
  return `<path class="goal" d="M${RIGHT - 70} ${y}h22"/>${label({ x: RIGHT - 42, y: y + 4, text: 'goal', style: 'tick' })}`;
}

function label({ x, y, text, style }: { x: number; y: number; text: string; style: string }): string {
  return `<text${style === '' ? '' : ` class="${style}"`} x="${round(x)}" y="${round(y)}">${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
