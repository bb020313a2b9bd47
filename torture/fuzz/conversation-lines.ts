/** Lines of the JSON conversation out of anything, both ways: what a host may say to the gate, and what a server may say to its client. */
import { decodeServerLine } from '../../src/gate/client-wire.ts';
import { decodeClientLine } from '../../src/gate/json/client-line.ts';
import { nonsense } from './mutation.ts';
import { parserTorment } from './parser-torment.ts';

const words = [
  ...[
    '"type"',
    '"id"',
    '"value"',
    '"user"',
    '"nonce"',
    '"outcome"',
    '"granted"',
    '"denied"',
    '"method"',
    '"password+totp"',
  ],
  ...[
    '"passwordChecked"',
    '"recoveryCodes"',
    'true',
    'false',
    ':',
    ',',
    '{',
    '}',
    '[',
    ']',
    '"begin"',
    '"answer"',
    '"done"',
  ],
];

const hostGrammar = {
  examples: [
    '{"type":"begin","user":"alice","terminal":"ward-3","nonce":"X"}',
    '{"type":"begin","recoveryCodes":true,"passwordChecked":true,"user":"bob"}',
    '{"type":"answer","id":1,"value":"123456"}',
    '{"type":"cancel"}',
  ],
  words,
};

export const hostLinesFuzz = parserTorment({
  name: 'host-lines-fuzz',
  about:
    'lines that a host says to the gate, out of anything: a problem, or a line whose fields are what they have to be',
  open: () => ({
    input: (random) => nonsense(random, hostGrammar),
    judge(text) {
      const decoded = decodeClientLine(text);
      if (decoded.kind === 'problem') return 'refused';
      const { line } = decoded;
      if (line.type === 'answer') {
        if (!Number.isSafeInteger(line.id) || typeof line.value !== 'string') throw new Error('an answer that is none');
        return `taken: ${line.type}`;
      }
      if (line.type === 'cancel') return `taken: ${line.type}`;
      const { user, terminal, nonce, password } = line.begin;
      for (const field of [user, terminal, nonce]) {
        if (field !== undefined && (typeof field !== 'string' || field.length > 256))
          throw new Error('a field that is none');
      }
      // Who vouches for a password has said so in this very line, and for whom.
      const vouches = password === 'checked-by-host';
      if (vouches && (user === undefined || !/"passwordChecked"\s*:\s*true/.test(unescaped(text)))) {
        throw new Error('a password taken for checked');
      }
      return `taken: ${line.type}`;
    },
  }),
});

const serverGrammar = {
  examples: [
    '{"type":"hello","protocol":1,"version":"1.0.0"}',
    '{"type":"ask","id":1,"field":"password","label":"Password","secret":true}',
    '{"type":"ask","id":3,"field":"choice","label":"Pair now?","secret":false,"options":["now","later"]}',
    '{"type":"notice","level":"error","text":"Login incorrect."}',
    '{"type":"pair","label":"Ward","user":"a","uri":"otpauth://totp/W:a?secret=A","key":"ABCD","expiresInSeconds":900}',
    '{"type":"done","outcome":"granted","user":"alice","method":"password+totp","paired":true,"nonce":"X"}',
    '{"type":"done","outcome":"denied","reason":"login-incorrect","retryAfterSeconds":30}',
  ],
  words,
};

export const serverLinesFuzz = parserTorment({
  name: 'server-lines-fuzz',
  about: 'lines that a server says to its client, out of anything: a grant is read only where the line says so itself',
  open: () => ({
    input: (random) => nonsense(random, serverGrammar),
    judge(text) {
      const message = decodeServerLine(text);
      if (message === undefined) return 'refused';
      if (message.type === 'ask' && /password/.test(message.field) && !message.secret)
        throw new Error('a password in the open');
      if (message.type !== 'done' || message.outcome !== 'granted') return `taken: ${message.type}`;
      if (!unescaped(text).includes('"granted"') || message.user === '') throw new Error('a grant out of nothing');
      return 'taken: grant, as the line says';
    },
  }),
});

/** With what JSON writes as `\u0041` in clear. */
function unescaped(text: string): string {
  return text.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
