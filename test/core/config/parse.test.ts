import { parse as iniParse } from 'ini';
import { describe, expect, it } from 'vitest';
import { CONFIG_MAX_CHARACTERS, type Parsed, parseConfig } from '../../../src/core/config/parse.ts';
import { problemText } from '../../../src/core/config/problem.ts';

const read = (text: string): Parsed => parseConfig({ text, file: 'config.ini', folder: '/srv/gate' });

/** The sentences of what is refused. */
function refusals(text: string): readonly string[] {
  const parsed = read(text);
  if (parsed.kind === 'config') throw new Error(`was taken: ${JSON.stringify(text.slice(0, 200))}`);
  return parsed.problems.map(problemText);
}

function configOf(text: string) {
  const parsed = read(text);
  if (parsed.kind === 'problems') throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.config;
}

describe('what a config.ini says', () => {
  it('is all defaults, and no mode at all, where it says nothing', () => {
    expect(configOf('')).toEqual({
      mode: undefined,
      login: { attempts: 3, timeoutSeconds: 120, codeWindow: 1, autoPairingWithinDays: 0 },
      lockout: {
        passwordFailures: 5,
        codeFailures: 5,
        firstDelaySeconds: 30,
        longestDelaySeconds: 900,
        hardLimit: 100,
      },
      password: { minLength: 8, minLengthWithout2FA: 15, argon2MemoryMiB: 64, argon2Passes: 3 },
      store: { engine: 'sqljs', path: '/srv/gate/data/gatehouse.db', url: '', keyFile: '/srv/gate/data/gatehouse.key' },
      audit: { path: '/srv/gate/data/audit', queueMax: 10_000, maxMiB: 0, keepDays: 0 },
      server: { socket: '', hostSocket: '' },
      terminal: { qr: 'auto', colour: 'auto', qrSeconds: 120 },
    });
  });

  it.each([
    ['2FA=Auto:Codectomy St Elsewhere LIVE', { kind: 'auto', label: 'Codectomy St Elsewhere LIVE' }],
    ['2FA=Central:St Elsewhere ACCEPTANCE', { kind: 'central', label: 'St Elsewhere ACCEPTANCE' }],
    ['2FA=Off', { kind: 'off' }],
    ['2FA = auto : St Elsewhere LIVE', { kind: 'auto', label: 'St Elsewhere LIVE' }],
    ['2FA=CENTRAL:x', { kind: 'central', label: 'x' }],
    ['2FA=off', { kind: 'off' }],
    ['2FA=Auto:Codectomy LIVE   ; Auto:<label> | Central:<label> | Off', { kind: 'auto', label: 'Codectomy LIVE' }],
    ['2FA=Auto:Ward \\#3\\; LIVE', { kind: 'auto', label: 'Ward #3; LIVE' }],
    ['2FA="Auto:Ward #3; a=b LIVE"', { kind: 'auto', label: 'Ward #3; a=b LIVE' }],
    ['2FA=Auto:a=b & c? 100% / "LIVE"', { kind: 'auto', label: 'a=b & c? 100% / "LIVE"' }],
    ['2FA=Auto:Zürich 東京 LIVE', { kind: 'auto', label: 'Zürich 東京 LIVE' }],
    [`2FA=Auto:${'x'.repeat(64)}`, { kind: 'auto', label: 'x'.repeat(64) }],
    [`2FA=Auto:${'🏥'.repeat(64)}`, { kind: 'auto', label: '🏥'.repeat(64) }],
  ])('reads %j', (text, mode) => {
    expect(configOf(text).mode).toEqual(mode);
  });

  it('reads every section, with white space, comments and headings that come twice', () => {
    const config = configOf(
      [
        '# a comment',
        '[Login]',
        '  Attempts = 5 ; five',
        '\tCodeWindow=0\t# none',
        '[Terminal]  ',
        'QR=BLOCKS',
        '[Login]',
        'TimeoutSeconds=60',
      ].join('\n'),
    );
    expect(config.login).toEqual({ attempts: 5, timeoutSeconds: 60, codeWindow: 0, autoPairingWithinDays: 0 });
    expect(config.terminal.qr).toBe('blocks');
  });

  it('counts relative paths from the folder of the file, and leaves absolute ones', () => {
    const config = configOf('[Store]\nPath=../db/./x.db\nKeyFile=/etc/keys//gate.key\n[Server]\nSocket=gate.sock');
    expect(config.store).toMatchObject({ path: '/srv/db/x.db', keyFile: '/etc/keys/gate.key' });
    expect(config.server).toEqual({ socket: '/srv/gate/gate.sock', hostSocket: '' });
  });

  it('is the same with LF, with CRLF, with a byte order mark and without a last line end', () => {
    const text = '2FA=Auto:St Elsewhere LIVE\n[Login]\nAttempts=4\n';
    const config = configOf(text);
    expect(config.login.attempts).toBe(4);
    for (const same of [
      text.replaceAll('\n', '\r\n'),
      `\ufeff${text}`,
      `\ufeff[Login]\nAttempts=4\n`,
      text.trimEnd(),
    ]) {
      expect(configOf(same).login).toEqual(config.login);
    }
  });

  it('remembers what was written and where', () => {
    const parsed = read('; head\n2FA=Auto:a\\;b\n[Store]\nPath=x.db ; here\n');
    expect(parsed.kind === 'config' && Object.fromEntries(parsed.written)).toEqual({
      '2FA': { text: 'Auto:a;b', line: 2 },
      'Store.Path': { text: 'x.db', line: 4 },
    });
  });

  it('reads values exactly as the ini package does', () => {
    const lines = ['2FA=Auto:A\\;B \\# C\\\\D = "E" ; x', '[Store]', "Path='a b'", 'KeyFile="k;#\\"=y"', 'Url='];
    const parsed = read(lines.join('\n'));
    const ini = iniParse(lines.join('\n'));
    expect(parsed.kind === 'config' && parsed.written.get('2FA')?.text).toBe(ini['2FA']);
    expect(ini['2FA']).toBe('Auto:A;B # C\\D = "E"');
    for (const key of ['Path', 'KeyFile', 'Url']) {
      expect(parsed.kind === 'config' && parsed.written.get(`Store.${key}`)?.text).toBe(ini.Store[key]);
    }
  });
});

describe('what a config.ini may not say', () => {
  it.each([
    ['2FA=SMS:St Elsewhere', 'config.ini:1: 2FA: SMS codes are no longer supported; use Auto: or Central:'],
    ['2FA=sms', 'config.ini:1: 2FA: SMS codes are no longer supported; use Auto: or Central:'],
    [
      '2FA=Radius:x',
      'config.ini:1: 2FA: Radius: is not available in this version; write Auto:<label>, Central:<label> or Off',
    ],
    ['2FA=Okta:x', 'config.ini:1: 2FA: there is no provider "Okta"; write Auto:<label>, Central:<label> or Off'],
    ['2FA=true', 'there is no provider "true"'],
    ['2FA=constructor:x', 'there is no provider "constructor"'],
    ['2FA=', 'the mode is missing'],
    ['2FA=:x', 'the mode is missing'],
    ['2FA=Off:x', 'Off takes no label'],
    ['2FA=Auto', 'the label is missing'],
    ['2FA=Auto:', 'the label is missing'],
    ['2FA=Central:   ; none', 'the label is missing'],
    [`2FA=Auto:${'x'.repeat(65)}`, 'the label has more than 64 characters; write 1 to 64 visible characters'],
    ['2FA=Auto:St Elsewhere: LIVE', 'the label has a colon in it'],
    ['2FA="Auto:St\\nElsewhere"', 'the label has a control, direction or zero-width character in it'],
    ['2FA="Auto:\\u001b[31mred"', 'the label has a control, direction or zero-width character in it'],
    ['2FA=Auto:a\u200bb', 'the label has a control, direction or zero-width character in it'],
    ['2FA=Auto:a\tb', 'the label has a control, direction or zero-width character in it'],
    ['2FA=Auto:a\u202eb', 'there is a control or direction character in this line: <U+202E>'],
    ['2FA=Auto:a\u001b[31mb', 'there is a control or direction character in this line: <U+001B>'],
    ['2FA=Auto:a\u0085b', 'there is a control or direction character in this line: <U+0085>'],
    ['2FA=Auto:A;B', '2FA: ";" right behind the value would cut it off; write \\; if it belongs to the value'],
    ['2FA=Auto:Ward#3', '"#" right behind the value would cut it off'],
    ['2FA="Auto:x" ; quoted', 'it begins with a quotation mark; write it without quotation marks'],
    [
      '[Login]\nAttempts=three',
      'config.ini:2: Login.Attempts: "three" is not a whole number; write a number from 1 to 10',
    ],
    ['[Login]\nAttempts=0', '"0" is too low; write a number from 1 to 10'],
    ['[Login]\nAttempts=11', '"11" is too high'],
    ['[Login]\nAttempts=-1', 'is not a whole number'],
    ['[Login]\nAttempts=3.5', 'is not a whole number'],
    ['[Login]\nAttempts=1e1', 'is not a whole number'],
    ['[Login]\nAttempts=0x3', 'is not a whole number'],
    ['[Login]\nAttempts=03', 'is not a whole number'],
    ['[Login]\nAttempts=３', 'zero-width character is in it|not a whole number'],
    ['[Login]\nAttempts=', '"" is not a whole number'],
    [`[Login]\nAttempts=${'9'.repeat(400)}`, 'is too high'],
    ["[Login]\nAttempts='3'", 'this is not text; write it without quotation marks'],
    ['[Lockout]\nHardLimit=101', '"101" is too high; write a number from 1 to 100'],
    ['[Lockout]\nFirstDelaySeconds=0', '"0" is too low'],
    ['[Password]\nMinLength=7', '"7" is too low; write a number from 8 to 64'],
    ['[Password]\nArgon2MemoryMiB=18', '"18" is too low'],
    ['[Password]\nArgon2Passes=1', '"1" is too low'],
    ['[Store]\nEngine=mysql', '"mysql" is none of them; write sqljs, sqlite or postgres'],
    ['[Store]\nPath=', 'the path is missing'],
    ['[Store]\nPath=data/', '"data/" is a folder'],
    ['[Store]\nPath=..', '".." is a folder'],
    ['[Store]\nPath=~/gate.db', '~ is not expanded here'],
    ['[Store]\nUrl=mysql://h/db', 'this is not the address of a PostgreSQL server'],
    ['[Terminal]\nQR=sixel', 'write auto, blocks, ansi or key'],
    ['[Terminal]\nColour=always', 'write auto or never'],
  ])('refuses %j', (text, sentence) => {
    const all = refusals(text);
    expect(all).toHaveLength(1);
    expect(sentence.split('|').some((part) => all[0]?.includes(part))).toBe(true);
  });

  it.each([
    ['2FA=Off\n2FA=Auto:x LIVE', 'config.ini:2: 2FA: it is set on line 1 already; keep one of the two'],
    ['[Login]\nAttempts=3\n[Store]\n[Login]\nAttempts=3', 'config.ini:5: Login.Attempts: it is set on line 2 already'],
    ['2fa=Auto:x', '2fa: there is no such key here; did you mean 2FA?'],
    ['[Login]\nAtempts=3', 'Login.Atempts: there is no such key here; did you mean Attempts?'],
    ['[Login]\n2FA=Off', 'Login.2FA: there is no such key here; 2FA belongs above the first section'],
    ['Attempts=3', 'Attempts: there is no such key here; Attempts belongs under [Login]'],
    ['[Login]\nPath=x', 'Path belongs under [Store] or Path belongs under [Audit]'],
    ['[Login]\nFrobnicate=1', 'the keys of [Login] are Attempts, TimeoutSeconds, CodeWindow, AutoPairingWithinDays'],
    ['[Login]\nAttempts[]=3', 'there are no lists here: write Attempts='],
    ['[Login]\n__proto__=3', 'Login.__proto__: there is no such key here'],
    ['__proto__=3', '__proto__: there is no such key here'],
    ['[Login]\nconstructor=3', 'Login.constructor: there is no such key here'],
    ['[__proto__]\nengine=sqlite', '[__proto__]: there is no such section; the sections are Login'],
    ['[constructor]', '[constructor]: there is no such section'],
    ['[Lockuot]\nHardLimit=1000', '[Lockuot]: there is no such section; did you mean [Lockout]?'],
    ['[login]', 'did you mean [Login]?'],
    ['[]', '[]: there is no such section'],
    ['[Store.Engine]', '[Store.Engine]: there is no such section'],
    ['[Login] ; about logging in\nAttempts=3', 'a section heading stands alone on its line, from the first column on'],
    ['  [Login]\nAttempts=3', 'a section heading stands alone on its line'],
    ['[Login\nAttempts=3', 'a section heading stands alone on its line'],
    ['[Login] Attempts=3', 'a section heading stands alone on its line'],
    ['[Login]\nAttempts', 'Attempts: there is no = in this line'],
    ['=3', 'there is nothing before the ='],
    ['"2FA"=Off', 'there is no such key here; did you mean 2FA?'],
    ['2FA\u200b=Off', '2FA<U+200B>: there is no such key here; did you mean 2FA?'],
    ['; a comment\r2FA=Off', 'a carriage return stands alone in this line'],
    ['; \u202eeltit', 'there is a control or direction character in this line: <U+202E>'],
    ['; \u001b]52;c;x\u0007', '<U+001B>'],
    ['2\0F\0A\0', 'there are NUL bytes in this line; save the file as UTF-8 text'],
    [`; ${'x'.repeat(5000)}`, 'line: the line has 5002 characters; no line here is longer than 4096'],
    [`2FA=Auto:${'x'.repeat(200_000)}`, 'line: the line has 200009 characters'],
    ['x'.repeat(1_000_000), 'config.ini:1: file: 1000000 characters are too long for a configuration'],
  ])('refuses lines such as %.60j', (text, sentence) => {
    const all = refusals(text);
    expect(all[0]).toContain(sentence);
    expect(all.every((line) => !/[\x00-\x1f\x7f-\x9f]/.test(line) && line.length < 300)).toBe(true);
  });

  it.each([
    [
      '[Lockout]\nFirstDelaySeconds=1000',
      '2: Lockout.FirstDelaySeconds: the first delay (1000) is longer than the longest (900)',
    ],
    ['[Lockout]\nHardLimit=4', '2: Lockout.HardLimit: PasswordFailures (5) is above HardLimit (4)'],
    ['[Lockout]\nHardLimit=9\nCodeFailures=10', '3: Lockout.CodeFailures: CodeFailures (10) is above HardLimit (9)'],
    ['[Password]\nMinLength=20', 'without two-factor a shorter password (15) would do than with it (20)'],
    ['[Store]\nEngine=postgres', 'Engine=postgres needs to know where the server is; set Url'],
    ['[Store]\nPath=a\nKeyFile=./b/../a', '3: Store.KeyFile: Store.Path and Store.KeyFile are one path'],
    ['[Server]\nSocket=s\nHostSocket=s', 'Server.Socket and Server.HostSocket are one path'],
    [`[Server]\nSocket=/run/${'x'.repeat(103)}`, 'the whole path has 108 bytes'],
  ])('refuses settings that do not go together: %j', (text, sentence) => {
    expect(refusals(text)[0]).toContain(sentence);
  });

  it('never repeats an address with a password in it', () => {
    const all = refusals('[Store]\nUrl=mysql://gate:s3cret@host/db\nEngine=postgress');
    expect(all).toHaveLength(2);
    expect(all.join()).not.toContain('s3cret');
  });

  it('tells all problems at once, in the order of the file', () => {
    const all = refusals('[Login]\nAttempts=x\nFoo=1\n[Nope]\nA=1\n[Terminal]\nQR=y\n');
    expect(all.map((line) => line.split(':')[1])).toEqual(['2', '3', '4', '7']);
  });

  it('takes the most that fits and not one character more', () => {
    const filler = '; x\n'.repeat(CONFIG_MAX_CHARACTERS / 4);
    expect(configOf(filler).mode).toBeUndefined();
    expect(refusals(`${filler};`)).toHaveLength(1);
  });
});
