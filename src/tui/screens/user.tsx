/** User Properties as rows: the facts, then what happened lately. */
import { phoneClockText, stepsOffText } from '../../core/clock-drift.ts';
import type { User } from '../../core/ports.ts';
import { daysLeft, mayDefer, stateAt } from '../../core/two-factor.ts';
import { cutText, inertText } from '../../terminal/inert-text.ts';
import { Rows } from '../../terminal/rows.tsx';
import { inText, timeText } from '../date-text.ts';
import type { Activity } from '../desk.ts';
import type { ViewProps } from '../panel.ts';
import { cell, lastCell } from '../text-cell.ts';
import type { UserState } from './user-model.tsx';

export function UserProperties({ state, room, look }: ViewProps & { readonly state: UserState }) {
  return <Rows lines={userLines(state, { room, look })} {...room} />;
}

export function userLines(state: UserState, { room, look }: ViewProps): readonly string[] {
  const { user, name, known } = state;
  const { paint } = look.theme;
  const style = look.capabilities;
  const title = ` ${paint('strong', lastCell(user?.name ?? name, room.columns - 2, style))}`;
  if (user === undefined) return [title, '', known === 'gone' ? ' There is no such user any more.' : ' Reading...'];
  const facts = factsOf(user, state).map(({ label, text, tone }) => {
    const shown = cutText(inertText(text, style), room.columns - LABEL_COLUMNS - 2, style);
    return ` ${cell(label, LABEL_COLUMNS, style)}${tone === undefined ? shown : paint(tone, shown)}`;
  });
  const left = room.rows - facts.length - 4;
  const activity = state.activity
    .slice(0, Math.max(0, left))
    .map((record) => ` ${activityText(record, user.name, { room, look })}`);
  const none = activity.length === 0 && left > 0 ? [' Nothing yet.'] : activity;
  return [title, '', ...facts, '', ` ${paint('strong', 'Recent activity')}`, ...none];
}

const LABEL_COLUMNS = 14;

type Fact = { readonly label: string; readonly text: string; readonly tone?: 'warning' };

function factsOf(user: User, { phone, now }: UserState): readonly Fact[] {
  const account = accountText(user, now);
  const clock = phoneClockText(phone);
  return [
    { label: 'Two-factor', text: twoFactorText(user, now) },
    ...(clock === undefined ? [] : [{ label: "Phone's clock", text: clock, tone: 'warning' } as const]),
    { label: 'Account', text: account, ...(account === 'active' ? {} : { tone: 'warning' }) },
    { label: 'Password', text: passwordText(user, now) },
    { label: 'Role', text: user.role },
    { label: 'Group', text: user.group === '' ? '-' : user.group },
    { label: 'Last log-on', text: timeText(user.lastLoginAt) },
    { label: 'Created', text: timeText(user.createdAt) },
    // Last: whatever its characters do to the columns, nothing stands behind it.
    { label: 'Display name', text: user.display === '' ? '-' : user.display },
  ];
}

export function twoFactorText({ twoFactor }: User, now: number): string {
  const { pairing, requiredFrom } = twoFactor;
  const until = mayDefer(twoFactor, now)
    ? `; may be put off until ${timeText(requiredFrom)}, ${daysLeft(twoFactor, now)} days`
    : '';
  switch (stateAt(twoFactor, now)) {
    case 'off':
      return 'off: the password alone lets this user in';
    case 'required':
      return `required, no QR code shown yet${until}`;
    case 'issued':
      return `issued ${timeText(pairing?.issuedAt ?? null)}, no right code seen yet${until}`;
    case 'paired':
      return `paired since ${timeText(pairing?.pairedAt ?? null)}`;
  }
}

function accountText(user: User, now: number): string {
  const locked = user.lockedUntil !== null && user.lockedUntil > now ? lockText(user.lockedUntil, now) : undefined;
  if (user.disabled) return locked === undefined ? 'disabled' : `disabled, and ${locked}`;
  return locked ?? 'active';
}

/** At the hard limit no time ends the lock. */
function lockText(until: number, now: number): string {
  return until - now > YEAR_MS
    ? 'locked until an administrator unlocks it'
    : `locked, may try again ${inText(until, now)}`;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

function passwordText(user: User, now: number): string {
  if (user.passwordHash === null) return 'none';
  const expires = user.passwordExpiresAt;
  const change = user.mustChangePassword ? 'set; has to be changed at the next log-on' : 'set';
  if (expires === null) return change;
  return expires <= now
    ? 'ran out before it was changed: set a new one'
    : `${change}, stops working ${inText(expires, now)}`;
}

function activityText(record: Activity, name: string, { room: { columns }, look }: ViewProps): string {
  const style = look.capabilities;
  const at = timeText(Date.parse(record.at));
  const by = record.actor === undefined || record.actor === name ? '' : ` by ${record.actor}`;
  const whom = record.user === undefined || record.user === name ? '' : ` for ${record.user}`;
  const where = record.terminal === undefined ? '' : ` at ${record.terminal}`;
  const how = [record.detail ?? '', record.stepsOff ? stepsOffText(record.stepsOff) : ''].filter((part) => part !== '');
  const detail = how.length === 0 ? '' : ` (${how.join(', ')})`;
  const text = `${record.event}${detail}${whom}${by}${where}`;
  return `${look.theme.paint('muted', at)}  ${lastCell(text, columns - at.length - 4, style)}`;
}
