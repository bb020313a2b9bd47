/** What becomes of a phone, as an admin at the console and a user at the gate go through it: a further one, a stolen one, none today. */
import { describe, expect, it } from 'vitest';
import { type JourneyConsole, signIn } from '../support/journey-console.ts';
import { eventText, JOURNEY_PASSWORD, type JourneyFacility, journeyFacility } from '../support/journey-facility.ts';
import { formTalk } from '../support/journey-form.ts';
import { journeyPhone } from '../support/journey-phone.ts';
import { decodeByAll } from '../support/qr-decoders.ts';
import { terminalPixels } from '../support/terminal-picture.ts';

describe.each([
  { columns: 80, rows: 24 },
  { columns: 140, rows: 40 },
])('at $columns x $rows', (size) => {
  it('a new phone: the same QR code again, behind the own password and code; both phones count', async () => {
    const at = await journeyFacility();
    const desk = await signIn(at, 'root', size);
    await desk.openUser('bob');
    await desk.press('s', /Confirm with your own[\s\S]*› Password/);
    const shown = await desk.confirmIdentity(/The same secret as before[\s\S]*Blanked in/);
    const uri = await scanned(desk);
    expect(new URL(uri).searchParams.get('secret')).toBe(at.phone('bob').secret());
    expect(keyOn(shown)).toBe(at.phone('bob').secret());
    await desk.press('\x1b', /User Properties[\s\S]*Recent activity/);
    expect(desk.screen.text()).not.toMatch(/[A-Z2-7]{4} [A-Z2-7]{4}/);
    expect(await desk.leave()).toBe(0);
    expect(everShown(desk, keyOn(shown).slice(0, 4))).toBe(false);

    at.phone('bob').scan(uri);
    expect(await logOn(at, at.phone('bob').next(), size)).toMatchObject({
      status: 0,
      verdict: { method: 'password+totp' },
    });
    expect(await at.stateOf('bob')).toBe('paired');
    expect((await at.events()).map(eventText)).toContain('pairing.shown bob');
  });

  it('a stolen phone: deactivated by name, required again, a new QR code; the old codes are worth nothing', async () => {
    const at = await journeyFacility();
    const thief = at.phone('bob');
    const desk = await signIn(at, 'root', size);
    await desk.openUser('bob');
    await desk.press('D', /type the user's name: bob/);
    // Another name does nothing, nor does Enter alone.
    await desk.press('bobby\r', /bobby[\s\S]*Esc/);
    expect(await at.stateOf('bob')).toBe('paired');
    await desk.press('\x15bob\r', /2FA of bob is deactivated\.|off: the password alone/);
    await desk.screen.until(/off: the password alone/);
    expect(await at.stateOf('bob')).toBe('off');
    await desk.press('a', /1 user would need a code[\s\S]*y Yes/);
    await desk.press('\r', /off: the password alone/);
    expect(await at.stateOf('bob')).toBe('off');
    await desk.press('a', /1 user would need a code[\s\S]*y Yes/);
    await desk.press('y', /Two-factor +required/);
    expect(await at.stateOf('bob')).toBe('required');
    expect(await desk.leave()).toBe(0);

    const talk = formTalk(at, size);
    await talk.answer('username', 'bob');
    await talk.answer('password', JOURNEY_PASSWORD);
    const key = (await talk.key()).replaceAll(' ', '');
    expect(key).not.toBe(thief.secret());
    await talk.answer('code', thief.next());
    await talk.says('That code is not right.');
    const newPhone = journeyPhone();
    newPhone.scan(key);
    await talk.answer('code', newPhone.next());
    await talk.choose('skip');
    expect(await talk.end()).toMatchObject({ status: 0, verdict: { method: 'password+totp' } });
    const refused = formTalk(at, size);
    await refused.answer('username', 'bob');
    await refused.answer('password', JOURNEY_PASSWORD);
    await refused.answer('code', thief.next());
    await refused.says('That code is not right.');
    await refused.giveUp('code');
    expect(await refused.end()).toMatchObject({ status: 130 });
  });
});

describe('no phone today', () => {
  it('a one-time code of the help desk lets in once; recovery codes of an admin, each once', async () => {
    const at = await journeyFacility();
    const helpdesk = await signIn(at, 'hana');
    await helpdesk.openUser('bob');
    // What this role may not do is not even offered.
    expect(helpdesk.screen.text()).not.toMatch(/D Deactivate/);
    await helpdesk.press('o', /make a one-time code[\s\S]*Enter No/);
    const told = await helpdesk.press('y', /Good once, instead of the code/);
    const code = /[0-9A-Z]{4,5}-[0-9A-Z]{4,5}|\b\d{8}\b/.exec(told)?.[0] ?? '';
    await helpdesk.press('\r', /Recent activity/);
    expect(await helpdesk.leave()).toBe(0);
    expect(await logOn(at, code)).toMatchObject({ status: 0, verdict: { method: 'password+one-time' } });

    const desk = await signIn(at);
    await desk.openUser('bob');
    await desk.press('c', /Ten new recovery codes[\s\S]*Enter No/);
    const codes =
      (await desk.press('y', /not shown\W+again[\s\S]*Enter Close/)).match(/[0-9A-Z]{5}-[0-9A-Z]{5}/g) ?? [];
    expect(codes).toHaveLength(10);
    await desk.press('\r', /Recent activity/);
    expect(await desk.leave()).toBe(0);
    const [first = ''] = codes;
    const recovered = formTalk(at);
    await recovered.answer('username', 'bob');
    await recovered.answer('password', JOURNEY_PASSWORD);
    await recovered.answer('code', first);
    await recovered.says('You have 9 left.');
    await recovered.readLastWord();
    expect(await recovered.end()).toMatchObject({ status: 0, verdict: { method: 'password+recovery' } });

    const again = formTalk(at);
    await again.answer('username', 'bob');
    await again.answer('password', JOURNEY_PASSWORD);
    await again.answer('code', first);
    await again.says('That code is not right.');
    await again.answer('code', code);
    await again.says('That code is not right.');
    await again.giveUp('code');
    expect(await again.end()).toMatchObject({ status: 130 });
    expect((await at.events()).map(eventText)).toEqual(
      expect.arrayContaining(['one-time.made bob', 'one-time.used bob', 'recovery.made bob', 'recovery.used bob']),
    );
  });
});

/** What a camera reads off the screen: both decoders, the same. */
async function scanned(desk: JourneyConsole): Promise<string> {
  const read = Object.values(await decodeByAll(terminalPixels(desk.screen.terminal)));
  expect(new Set(read).size).toBe(1);
  return read[0] ?? '';
}

function keyOn(screen: string): string {
  return [...screen.matchAll(/(?:[A-Z2-7]{4} ){3,7}[A-Z2-7]{4}/g)].join(' ').replaceAll(' ', '');
}

/** Whether the shell's own screen or scrollback has it. */
function everShown(desk: JourneyConsole, text: string): boolean {
  const { normal } = desk.screen.terminal.buffer;
  return Array.from({ length: normal.length }, (_, row) => normal.getLine(row)?.translateToString() ?? '').some(
    (line) => line.includes(text),
  );
}

async function logOn(
  at: JourneyFacility,
  code: string,
  size: { readonly columns?: number; readonly rows?: number } = {},
) {
  const talk = formTalk(at, size);
  await talk.answer('username', 'bob');
  await talk.answer('password', JOURNEY_PASSWORD);
  await talk.answer('code', code);
  return talk.end();
}
