/**
 * A field for names, passwords and codes that keeps every key, however fast they come. Invariant: what is typed lives here alone,
 * outside of any component's state, and is gone once it was handed over or cleared; a screen gets `shown`, never the value.
 */
import type { Key } from './keys.ts';
import { editLine, emptyLine, type Line, lineText, tooLong } from './line-editor.ts';

/** What a screen may know of a field. */
export type FieldShown = {
  /** For a field that is not secret. Not inert. */
  readonly text: string;
  /** Characters typed. */
  readonly length: number;
  readonly secret: boolean;
};

export type FieldStep =
  | { readonly kind: 'editing' }
  | { readonly kind: 'entered'; readonly value: string }
  /** Over-long: nothing that could be right. The field is empty again. */
  | { readonly kind: 'too-long' }
  /** Esc, F3, F12, Ctrl-C, Ctrl-\. */
  | { readonly kind: 'cancelled' }
  /** Ctrl-D in an empty field. */
  | { readonly kind: 'ended' };

export type CredentialsField = {
  take(key: Key): FieldStep;
  shown(): FieldShown;
  /** The value as it stands, for fields that are checked while they are typed. */
  value(): string;
  clear(): void;
};

export function createCredentialsField(field: { readonly secret: boolean; readonly text?: string }): CredentialsField {
  const { secret, text = '' } = field;
  let line: Line = { ...emptyLine(undefined), characters: [...text] };

  function take(key: Key): FieldStep {
    const step = editLine(line, key);
    switch (step.kind) {
      case 'editing':
        line = step.line;
        return { kind: 'editing' };
      case 'entered': {
        const value = lineText(step.line);
        const long = tooLong(step.line);
        clear();
        return long ? { kind: 'too-long' } : { kind: 'entered', value };
      }
      case 'cancelled':
      case 'ended':
        clear();
        return { kind: step.kind };
    }
  }

  function clear(): void {
    line = emptyLine(undefined);
  }

  return {
    take,
    shown: () => ({ text: secret ? '' : lineText(line), length: line.characters.length, secret }),
    value: () => lineText(line),
    clear,
  };
}
