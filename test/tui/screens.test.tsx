import { render } from 'ink-testing-library';
import { describe, expect, it } from 'vitest';
import type { User } from '../../src/core/ports.ts';
import { TWO_FACTOR_OFF } from '../../src/core/two-factor.ts';
import type { NameKey, UserId } from '../../src/core/user.ts';
import { terminalCapabilities } from '../../src/terminal/capabilities.ts';
import { columnsOf } from '../../src/terminal/line-editor-columns.ts';
import { qrCodes } from '../../src/terminal/qr-matrix.ts';
import { drawDialogue } from '../../src/tui/components/dialogue-lines.ts';
import { headerLine } from '../../src/tui/components/header-line.ts';
import { hintLine } from '../../src/tui/components/hint-line.ts';
import { type Look, lookOf } from '../../src/tui/look.ts';
import { Qr, qrScreenOf } from '../../src/tui/screens/qr.tsx';
import type { QrState } from '../../src/tui/screens/qr-model.tsx';
import { twoFactorText, UserProperties, userLines } from '../../src/tui/screens/user.tsx';
import { Users, usersLines } from '../../src/tui/screens/users.tsx';
import { cell, lastCell } from '../../src/tui/text-cell.ts';
import { EMPTY_TABLE, rowOf, withHeight, withRows } from '../../src/tui/users-table.ts';
import fc from '../support/properties.ts';

const NOW = Date.parse('2026-03-02T08:00:00Z');
const ROOM = { columns: 80, rows: 22 };

function look(environment: Readonly<Record<string, string>> = {}): Look {
  const env = { TERM: 'xterm-256color', LANG: 'C.UTF-8', ...environment };
  return lookOf(terminalCapabilities({ env, output: { isTTY: true, columns: 80, rows: 24 }, colour: 'auto' }), 'auto');
}

const HOSTILE = [
  '\x1b[31mred',
  '\x1b]52;c;cm0gLXJm\x07',
  '\x1b]8;;http://x\x1b\\link',
  'a\nb\rc',
  '\u202eevil',
  '\u200bzero',
  '\x9b2J',
  '👍🏽👨‍👩‍👧',
  'क्षि नमस्ते',
  '⚠️ ☺️',
  'e\u0301\u0302\u0303',
  '李小龙',
  '🇩🇪',
  'x'.repeat(300),
];

/** What may stand in a row besides text: SGR. */
const text = (line: string): string => line.replace(/\x1b\[[\d;]*m/g, '');
const CONTROL = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u;

function listed(name: string) {
  return { ...user({ name, display: name, group: name }), state: 'off' as const };
}

function user(more: Partial<User> = {}): User {
  return {
    ...{ id: 'id' as UserId, name: 'bob', nameKey: 'bob' as NameKey, display: 'Robert', group: 'Ward 1', role: 'user' },
    ...{ disabled: false, passwordHash: 'x', mustChangePassword: false, passwordExpiresAt: null },
    ...{
      twoFactor: TWO_FACTOR_OFF,
      lastLoginAt: null,
      createdAt: NOW,
      lockedUntil: null,
      version: 1,
      passwordVersion: 1,
    },
    ...more,
  };
}

describe('text in cells', () => {
  it.each(HOSTILE)('is inert, and as wide as its column: %j', (hostile) => {
    for (const columns of [1, 2, 8, 20]) {
      for (const environment of [{}, { LANG: 'C' }]) {
        const shown = cell(hostile, columns, look(environment).capabilities);
        expect(columnsOf(shown)).toBe(columns);
        expect(shown).not.toMatch(CONTROL);
        expect(columnsOf(lastCell(hostile, columns, look().capabilities))).toBeLessThanOrEqual(columns);
      }
    }
  });

  it('keeps the width for any text whatever', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (any, columns) => {
        const shown = cell(any, columns, look().capabilities);
        return columnsOf(shown) === columns && !CONTROL.test(shown);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('rows of every screen', () => {
  const looks: readonly [string, Look][] = [
    ['colour', look()],
    ['no colour, ASCII', look({ LANG: 'C', TERM: 'vt220' })],
    ['NO_COLOR', look({ NO_COLOR: '1' })],
  ];

  it.each(looks)('stay within 80 columns, inert, with hostile names: %s', (_, drawnWith) => {
    const table = withRows(
      withHeight(EMPTY_TABLE, 20),
      HOSTILE.map((name) => rowOf(listed(name), NOW)),
    );
    const state = { table, searching: 'searching', loaded: 'loaded' } as const;
    const activity = HOSTILE.map((name) => ({
      event: 'user.edited' as const,
      at: '2026-03-02T08:00:00.000Z',
      actor: name,
    }));
    const hostile = HOSTILE.join(' ');
    const frames = [
      usersLines(state, { room: ROOM, look: drawnWith }),
      usersLines(
        { ...state, searching: undefined, table: { ...table, search: hostile, group: hostile } },
        { room: ROOM, look: drawnWith },
      ),
      userLines(
        {
          name: hostile,
          user: user({ name: hostile, display: hostile, group: hostile }),
          known: 'there',
          activity,
          phone: { kind: 'unknown', users: 0 },
          now: NOW,
        },
        { room: ROOM, look: drawnWith },
      ),
      drawDialogue(
        { title: hostile, tone: 'warning', body: { paragraphs: HOSTILE, list: HOSTILE }, top: 0, foot: [] },
        ROOM,
        drawnWith,
      ).lines,
      [
        headerLine({
          title: 'Users',
          mode: { kind: 'auto', label: hostile },
          signedIn: { id: 'id' as UserId, name: hostile, role: 'admin' },
          columns: 80,
          look: drawnWith,
        }),
      ],
    ];
    for (const line of frames.flat().map(text)) {
      expect(line).not.toMatch(CONTROL);
      expect(columnsOf(line), line).toBeLessThanOrEqual(80);
      if (!drawnWith.capabilities.unicode) expect(line).toMatch(/^[\x20-\x7e]*$/);
    }
  });

  it('say by a mark or a word whatever a colour says', () => {
    const table = withRows(withHeight(EMPTY_TABLE, 5), [rowOf({ ...listed('bob'), disabled: true }, NOW)]);
    const lines = usersLines(
      { table, searching: undefined, loaded: 'loaded' },
      { room: ROOM, look: look({ NO_COLOR: '1' }) },
    );
    expect(text(lines[2] ?? '')).toMatch(/^› {2}bob .*disabled/);
  });

  it('have no colour where NO_COLOR is set', () => {
    const table = withRows(withHeight(EMPTY_TABLE, 5), [rowOf({ ...listed('bob'), disabled: true }, NOW)]);
    const frame = usersLines(
      { table, searching: undefined, loaded: 'loaded' },
      { room: ROOM, look: look({ NO_COLOR: '1' }) },
    ).join('');
    for (const [, parameters = ''] of frame.matchAll(/\x1b\[([\d;]*)m/g))
      expect(parameters).toMatch(/^([0-9]|2[0-9])(;([0-9]|2[0-9]))*$/);
  });
});

describe('the table', () => {
  it('draws the rows of its window, with an arrow at the column it is sorted by', () => {
    const rows = Array.from({ length: 50 }, (_, at) => rowOf(listed(`user-${String(at).padStart(2, '0')}`), NOW));
    const table = withRows(EMPTY_TABLE, rows);
    const { lastFrame } = render(
      <Users state={{ table, searching: undefined, loaded: 'loaded' }} room={ROOM} look={look()} />,
    );
    expect(lastFrame()).toContain('User ↑');
    expect(lastFrame()).toContain('user-19');
    expect(lastFrame()).not.toContain('user-20');
  });

  it('tells a screen reader one user and no table', () => {
    const table = withRows(EMPTY_TABLE, [rowOf(listed('alice'), NOW), rowOf(listed('bob'), NOW)]);
    const lines = usersLines(
      { table, searching: undefined, loaded: 'loaded' },
      { room: ROOM, look: look({ INK_SCREEN_READER: 'true' }) },
    );
    expect(lines[0]).toBe('User 1 of 2: alice. Two-factor off. Account active. Role user.');
    expect(lines.join(' ')).not.toContain('bob');
  });
});

describe('User Properties', () => {
  it('says which state two-factor is in, since when, and until when it may be put off', () => {
    const pairing = { id: 'p', sealedSecret: '', issuedAt: NOW, expiresAt: null, pairedAt: NOW, lastStep: 1 };
    const required = { state: 'required', requiredAt: NOW, requiredFrom: NOW + 86_400_000 * 3, pairing: null } as const;
    expect(twoFactorText(user({ twoFactor: required }), NOW)).toContain(
      'may be put off until 2026-03-05 08:00 UTC, 3 days',
    );
    expect(twoFactorText(user({ twoFactor: { ...required, state: 'paired', pairing } }), NOW)).toBe(
      'paired since 2026-03-02 08:00 UTC',
    );
  });

  it('tells a lock that time ends from one that only an administrator ends', () => {
    const shown = (lockedUntil: number) => {
      const state = {
        name: 'bob',
        user: user({ lockedUntil }),
        known: 'there',
        activity: [],
        phone: { kind: 'unknown', users: 0 },
        now: NOW,
      } as const;
      return render(<UserProperties state={state} room={ROOM} look={look()} />).lastFrame();
    };
    expect(shown(NOW + 30_000)).toContain('locked, may try again in 30 s');
    expect(shown(Number.MAX_SAFE_INTEGER)).toContain('locked until an administrator unlocks it');
  });
});

describe('QR Code', () => {
  async function state(): Promise<QrState> {
    const codes = await qrCodes(
      'otpauth://totp/Codectomy%20St%20Elsewhere%20LIVE:bob?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Codectomy%20St%20Elsewhere%20LIVE',
    );
    const key = 'ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567';
    return {
      user: 'bob',
      label: 'LIVE',
      secret: 'same',
      shown: { codes, key },
      polarity: 'light-on-dark',
      secondsLeft: 60,
    };
  }

  it('fits 80x24 with its key beside it', async () => {
    const { lines } = qrScreenOf(await state(), { room: ROOM, look: look() });
    expect(lines.length).toBeLessThanOrEqual(ROOM.rows);
    expect(lines.map(text).join('\n')).toContain('QRST UVWX');
  });

  it('can be turned round only where the screen has no colours to set', async () => {
    expect(qrScreenOf(await state(), { room: ROOM, look: look() }).polarities).toHaveLength(1);
    expect(qrScreenOf(await state(), { room: ROOM, look: look({ TERM: 'vt220' }) }).polarities).toHaveLength(2);
  });

  it('has neither picture nor key once it is blanked', async () => {
    const { lastFrame } = render(<Qr state={{ ...(await state()), shown: undefined }} room={ROOM} look={look()} />);
    expect(lastFrame()).toContain('long enough');
    expect(lastFrame()).not.toMatch(/▀|ABCD/);
  });
});

describe('a dialogue in the smallest window', () => {
  it('keeps in sight what is asked, whatever is said before', () => {
    const room = { columns: 60, rows: 14 };
    const body = { paragraphs: Array.from({ length: 12 }, () => 'many words '.repeat(9)), list: HOSTILE };
    const { lines } = drawDialogue(
      { title: 'Remove', tone: 'warning', body, top: 0, foot: ['User name', 'Enter Yes'] },
      room,
      look(),
    );
    expect(lines.length).toBeLessThanOrEqual(room.rows);
    expect(lines.slice(-3).map(text).join('\n')).toMatch(/User name[\s\S]*Enter Yes[\s\S]*└/);
    expect(lines.map(text).join('\n')).toContain('of 14');
  });
});

describe('the last row', () => {
  it('always has the way back and the help, however little room there is', () => {
    const hints = [
      { keys: 'a', text: 'Something long to do' },
      { keys: 'Tab', text: 'Screens' },
      { keys: 'Esc', text: 'Back' },
      { keys: '?', text: 'Help' },
    ];
    const line = text(hintLine(hints, 40, look()));
    expect(line).toBe(' Tab Screens  Esc Back  ? Help');
    expect(text(hintLine(hints, 80, look()))).toContain('a Something long to do');
  });

  it('says loudly in the first row that two-factor is off', () => {
    const header = (mode: Parameters<typeof headerLine>[0]['mode']) =>
      text(headerLine({ title: 'Users', mode, signedIn: undefined, columns: 80, look: look() }));
    expect(header({ kind: 'off' })).toContain('2FA IS OFF');
    expect(header(undefined)).toContain('2FA SETTING IS MISSING');
  });
});
