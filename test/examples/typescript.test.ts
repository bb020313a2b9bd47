import { describe, expect, it } from 'vitest';
import { phoneCode } from '../support/authenticator.ts';
import { openTerminal, type Terminal } from '../support/pty.ts';
import { PASSWORD, standingFacility } from '../support/standing-facility.ts';
import { installExample } from './installed-example.ts';
import { packedProject } from './packed-package.ts';

const facility = standingFacility();
const project = packedProject();

function start(example: string, config = facility.config): Terminal {
  const host = installExample(project.folder, example, { '/etc/gatehouse/config.ini': config });
  return openTerminal(process.execPath, [host], { cwd: project.folder });
}

async function answer(terminal: Terminal, prompt: string, typed: string): Promise<void> {
  await terminal.until(`${prompt}: `);
  terminal.type(`${typed}\r`);
}

describe.each(['typescript/host.ts', 'typescript/own-form.ts'])('%s', (example) => {
  it('greets who was let in, and shows nothing of the password', async () => {
    const terminal = start(example);
    await answer(terminal, 'User name', 'alice');
    await answer(terminal, 'Password', PASSWORD);
    await terminal.until('Welcome, alice (password).');
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).not.toContain(PASSWORD.slice(0, 4));
  });

  it('ends as the gate would: denied, cancelled', async () => {
    const denied = start(example);
    await answer(denied, 'User name', 'alice');
    await answer(denied, 'Password', 'wrong');
    for (let again = 0; again < 2; again += 1) {
      await answer(denied, 'User name', 'alice');
      await answer(denied, 'Password', 'wrong');
    }
    expect(await denied.ended).toBe(77);

    const cancelled = start(example);
    await answer(cancelled, 'User name', 'alice');
    await cancelled.until('Password: ');
    cancelled.type('\x03');
    expect(await cancelled.ended).toBe(130);
    expect(denied.shown() + cancelled.shown()).not.toContain('Welcome');
  });

  it('lets nobody in where there is no configuration', async () => {
    const terminal = start(example, '/nowhere/config.ini');
    expect(await terminal.ended).not.toBe(0);
    expect(terminal.shown()).not.toContain('Welcome');
  });
});

describe('a form of one’s own', () => {
  it('pairs a new phone', async () => {
    const terminal = start('typescript/own-form.ts');
    await answer(terminal, 'User name', 'bob');
    await answer(terminal, 'Password', PASSWORD);
    const shown = await terminal.until(/Key: [A-Z2-7 ]+\r/);
    await answer(terminal, 'Code', phoneCode(/Key: ([A-Z2-7 ]+)\r/.exec(shown)?.[1]?.replaceAll(' ', '') ?? ''));
    await terminal.until('Welcome, bob (password+totp).');
    expect(await terminal.ended).toBe(0);
  });
});
