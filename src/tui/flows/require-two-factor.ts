/**
 * Require 2FA (FAQ): for all, a group, the selection or one user, at once or from a date. Before anything happens the rehearsal names
 * everybody it would reach, who may not hear of it in time, and who would be shut out.
 */
import type { Rehearsal } from '../../core/directory/roll-out.ts';
import type { Selection } from '../../core/ports.ts';
import type { EpochMs, UserId } from '../../core/user.ts';
import { dateText, dayOf } from '../date-text.ts';
import { accepted, type Desk } from '../desk.ts';
import type { Body } from '../dialogue.ts';
import { confirm } from '../dialogues/confirm.tsx';
import { fillIn, type Values } from '../dialogues/form.tsx';
import { tell } from '../dialogues/tell.tsx';
import type { Choice, FieldSpec } from '../field.ts';
import { rowAtCursor, type UsersTable } from '../users-table.ts';

export async function requireTwoFactor(desk: Desk, table: UsersTable): Promise<void> {
  let chosen: Values | undefined;
  const end = await fillIn(desk, {
    title: 'Require 2FA',
    intro:
      'Whoever has two-factor on already is not touched. The next step shows who would be affected; nothing happens yet.',
    deed: 'Rehearse',
    fields: (values) => fieldsFor(values, table, desk.clock.now()),
    async send(values) {
      chosen = values;
      return 'done';
    },
  });
  if (end === 'given-up' || chosen === undefined) return;
  await rehearseAndRequire(
    desk,
    selectionOf(chosen, table),
    chosen.when === 'date' ? (dayOf(chosen.date ?? '') ?? null) : null,
  );
}

/** Asks with the rehearsal's names; true where it was done. */
export async function rehearseAndRequire(desk: Desk, selection: Selection, from: EpochMs | null): Promise<boolean> {
  const { directory } = desk;
  const rehearsal = accepted(
    desk,
    await desk.act('Rehearsing', (actor) => directory.rehearse(actor, { selection, from })),
  );
  if (rehearsal === undefined) return false;
  const count = rehearsal.affected.length;
  if (count === 0) {
    await tell(desk, {
      title: 'Require 2FA',
      body: { paragraphs: ['Nobody would be affected.', ...leftOut(rehearsal)] },
    });
    return false;
  }
  const deed = `require 2FA for ${people(count)}`;
  const yes = await confirm(desk, { title: 'Require 2FA', body: bodyOf(rehearsal, from), deed });
  if (!yes) return false;
  const done = accepted(
    desk,
    await desk.act('Requiring 2FA', (actor) => directory.requireTwoFactor(actor, { selection, from })),
  );
  if (done === undefined) return false;
  desk.tell(`2FA is required for ${people(done.activated)} more; ${done.alreadyActive} had it already.`);
  return true;
}

function fieldsFor(values: Values, table: UsersTable, now: EpochMs): readonly FieldSpec[] {
  const choices = whoChoices(table);
  const initial = table.marks.size > 0 ? 'selection' : table.group === undefined ? 'all' : `group:${table.group}`;
  const fields: readonly FieldSpec[] = [
    { kind: 'choice', name: 'who', label: 'For', choices, initial },
    {
      kind: 'choice',
      name: 'when',
      label: 'From',
      choices: [
        { value: 'now', label: 'at once' },
        { value: 'date', label: 'a date' },
      ],
      help: 'Until the date users are asked to pair, may say "later", and see the days left.',
    },
  ];
  if (values.when !== 'date') return fields;
  return [
    ...fields,
    {
      kind: 'text',
      name: 'date',
      label: 'Date',
      help: 'YYYY-MM-DD; the day begins at 0:00 UTC.',
      problem: dateProblem(now),
    },
  ];
}

function whoChoices(table: UsersTable): readonly Choice[] {
  const row = rowAtCursor(table);
  return [
    { value: 'all', label: `all ${table.rows.length} users` },
    ...(table.marks.size > 0 ? [{ value: 'selection', label: `the ${table.marks.size} selected` }] : []),
    ...(row === undefined ? [] : [{ value: 'one', label: `${row.name} alone` }]),
    ...table.groups.map((group) => ({ value: `group:${group}`, label: `group ${group}` })),
  ];
}

function selectionOf(values: Values, table: UsersTable): Selection {
  const who = values.who ?? '';
  if (who === 'all') return { kind: 'all' };
  if (who.startsWith('group:')) return { kind: 'group', group: who.slice('group:'.length) };
  const row = rowAtCursor(table);
  const ids: readonly UserId[] = who === 'selection' ? [...table.marks] : row === undefined ? [] : [row.id];
  return { kind: 'users', ids };
}

function dateProblem(now: EpochMs): (typed: string) => string | undefined {
  return (typed) => {
    const day = dayOf(typed);
    if (day === undefined) return `Type a date like ${dateText(now + 14 * 86_400_000)}.`;
    return day <= now ? 'That day has begun already.' : undefined;
  };
}

function bodyOf(rehearsal: Rehearsal, from: EpochMs | null): Body {
  const { affected, idle, pairing } = rehearsal;
  const idleIds = new Set(idle.map((user) => user.id));
  const when = from === null ? 'from their next log-on' : `from ${dateText(from)}`;
  return {
    paragraphs: [
      `${people(affected.length)} would need a code ${when}. ${HOW[pairing]}`,
      ...(idle.length > 0
        ? [`${people(idle.length)} (marked below) did not log on for 90 days and may not hear of it.`]
        : []),
      ...leftOut(rehearsal),
    ],
    list: affected.map((user) => {
      const mark = idleIds.has(user.id) ? '!' : ' ';
      const group = user.group === '' ? '' : ` (${user.group})`;
      return `${mark} ${user.name}${group}  last log-on ${dateText(user.lastLoginAt)}`;
    }),
  };
}

const HOW: Readonly<Record<Rehearsal['pairing'], string>> = {
  'at-log-on': 'At their log-on they see a QR code and pair a phone by themselves.',
  'by-administrator': 'They cannot log on until you give each of them their QR code.',
  'not-asked': '2FA is Off in config.ini: no code is asked until that changes.',
};

function leftOut({ skipped, adminsNeedingQr, alreadyActive }: Rehearsal): readonly string[] {
  return [
    ...(skipped.length > 0
      ? [`Left out, as nobody could let them in again: ${skipped.map((user) => user.name).join(', ')}.`]
      : []),
    ...(adminsNeedingQr.length > 0
      ? [
          `Administrators who would need their QR code from another one: ${adminsNeedingQr.map((user) => user.name).join(', ')}.`,
        ]
      : []),
    ...(alreadyActive > 0 ? [`With two-factor on already: ${people(alreadyActive)}.`] : []),
  ];
}

function people(count: number): string {
  return count === 1 ? '1 user' : `${count} users`;
}
