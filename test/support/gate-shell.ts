/** A log-on typed at a real terminal, by a shell that runs another program behind it. */
import { expect } from 'vitest';
import { openTerminal, type Terminal } from './pty.ts';
import { GATEHOUSE } from './standing-facility.ts';

type GateShell = (script: string, env?: Readonly<Record<string, string>>) => Terminal;

/** A shell on a terminal that runs a script in which `gate` is the login. */
export function gateShell(facility: { readonly folder: string; readonly config: string }): GateShell {
  const gate = `gate() { ${GATEHOUSE} --config ${facility.config} login "$@"; }`;
  return (script, env = {}) => openTerminal('/bin/sh', ['-c', `${gate}\n${script}`], { cwd: facility.folder, env });
}

export const NEXT_PROGRAM = 'echo "status $?"; stty -a; echo NEXT; IFS= read -r line; echo "read [$line]"';
const SANE = ['icanon', 'echo', 'isig', 'icrnl', 'brkint', 'opost', 'onlcr', 'iexten'];

/** The next program finds a sane terminal, reads what is typed now, and nothing that was typed before. */
export async function expectCleanTerminal(terminal: Terminal): Promise<void> {
  const settings = await terminal.until('NEXT');
  for (const flag of SANE) expect(settings).toMatch(new RegExp(`(^|[ ;])${flag}\\b`, 'm'));
  terminal.type('marker\r');
  await terminal.until('read [marker]');
}

export async function answer(terminal: Terminal, prompt: string, typed: string): Promise<void> {
  await terminal.until(`${prompt}: `);
  terminal.type(typed);
}

export async function logOn(terminal: Terminal, name: string, password: string): Promise<void> {
  await answer(terminal, 'User name', `${name}\r`);
  await answer(terminal, 'Password', `${password}\r`);
}
