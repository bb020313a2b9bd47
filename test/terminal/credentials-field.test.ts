import { describe, expect, it } from 'vitest';
import { createCredentialsField } from '../../src/terminal/credentials-field.ts';
import { fieldText } from '../../src/terminal/credentials-field-text.ts';
import { decodeKeys, NO_KEYS_YET } from '../../src/terminal/keys.ts';
import { columnsOf } from '../../src/terminal/line-editor-columns.ts';
import { themeOf } from '../../src/terminal/theme.ts';
import fc from '../support/properties.ts';

type Field = ReturnType<typeof createCredentialsField>;

/** What each key came to. */
function type(field: Field, bytes: string) {
  return decodeKeys(NO_KEYS_YET, new TextEncoder().encode(bytes)).keys.map((key) => field.take(key));
}

const UNICODE = { unicode: true } as const;

describe('a field for credentials', () => {
  it('gives back exactly what was typed, of every script and length', () => {
    const password = fc.string({ unit: 'grapheme', maxLength: 100 }).filter((text) => !/[\p{Cc}]/u.test(text));
    fc.assert(
      fc.property(password, (typed) => {
        const steps = type(createCredentialsField({ secret: true }), `${typed}\r`);
        expect(steps.at(-1)).toEqual({ kind: 'entered', value: typed });
      }),
      { numRuns: 300 },
    );
  });

  it('hands a value out once and has forgotten it', () => {
    const field = createCredentialsField({ secret: true });
    expect(type(field, 'hunter2\r').at(-1)).toEqual({ kind: 'entered', value: 'hunter2' });
    expect(field.value()).toBe('');
    expect(field.shown()).toEqual({ text: '', length: 0, secret: true });
  });

  it('forgets what was typed when it is cancelled', () => {
    for (const cancel of ['\x03', '\x1c', '\x1bOR', '\x1b[24~']) {
      const field = createCredentialsField({ secret: true });
      expect(type(field, `hunter2${cancel}`).at(-1)).toEqual({ kind: 'cancelled' });
      expect(field.value()).toBe('');
    }
  });

  it('shows of a secret no more than its length', () => {
    const field = createCredentialsField({ secret: true });
    type(field, 'hunter2');
    expect(field.shown()).toEqual({ text: '', length: 7, secret: true });
  });

  it('refuses what is too long, instead of cutting it', () => {
    const field = createCredentialsField({ secret: false });
    expect(type(field, `${'x'.repeat(4097)}\r`).at(-1)).toEqual({ kind: 'too-long' });
    expect(type(field, `${'x'.repeat(4096)}\r`).at(-1)).toMatchObject({ kind: 'entered' });
  });

  it('begins with a text that is there already', () => {
    const field = createCredentialsField({ secret: false, text: 'åsa' });
    type(field, '\x7f\x7fnn');
    expect(field.value()).toBe('ånn');
  });
});

describe('drawn', () => {
  const draw = (field: Field, columns: number, unicode = true) =>
    fieldText({
      shown: field.shown(),
      columns,
      theme: themeOf({ colour: 'none', unicode }),
      style: { unicode },
    });
  const plain = (text: string) => text.replace(/\x1b\[[\d;]*m/g, '');

  it('has exactly its columns and the cursor behind its text', () => {
    const field = createCredentialsField({ secret: false });
    for (const typed of ['', 'alice', '漢字', 'a very long name indeed', '\u202eevil']) {
      field.clear();
      type(field, typed);
      for (const columns of [2, 5, 10, 40]) {
        const { text, cursor } = draw(field, columns);
        expect(columnsOf(plain(text))).toBe(columns);
        expect(cursor).toBeLessThan(columns);
      }
    }
  });

  it('keeps the end of a long text in sight', () => {
    const field = createCredentialsField({ secret: false, text: 'abcdefghij' });
    expect(plain(draw(field, 6).text)).toBe('…ghij_');
    expect(plain(draw(field, 6, false).text)).toBe('~ghij_');
  });

  it('masks a secret, however long', () => {
    const field = createCredentialsField({ secret: true });
    type(field, 'x'.repeat(50));
    expect(plain(draw(field, 6).text)).toBe('•••••_');
    expect(plain(draw(field, 6, false).text)).toBe('*****_');
  });

  it('is inert', () => {
    const field = createCredentialsField({ secret: false, text: 'a\u202eb' });
    expect(plain(draw(field, 20, UNICODE.unicode).text)).toBe('a<U+202E>b__________');
  });
});
