/**
 * One field of a form: text, one of several choices, or a secret. What is typed into a secret stays in the credentials
 * field; the state that React draws has only what may be seen.
 */
import { createCredentialsField, type FieldShown } from '../terminal/credentials-field.ts';
import type { Key } from '../terminal/keys.ts';

export type FieldSpec = {
  readonly name: string;
  readonly label: string;
  /** A line below the form while the field has the keyboard. */
  readonly help?: string;
} & (
  | { readonly kind: 'text'; readonly initial?: string; readonly problem?: (typed: string) => string | undefined }
  | { readonly kind: 'secret' }
  | { readonly kind: 'choice'; readonly choices: readonly Choice[]; readonly initial?: string }
);

export type Choice = { readonly value: string; readonly label: string };

/** What may be drawn of a field. */
export type FieldView = {
  readonly name: string;
  readonly label: string;
  readonly help: string | undefined;
  readonly problem: string | undefined;
  readonly shown: FieldShown | { readonly choice: string };
};

export type Field = {
  readonly spec: FieldSpec;
  type(key: Key): void;
  choose(by: 1 | -1): void;
  value(): string;
  view(): FieldView;
  /** Forgets what was typed. */
  wipe(): void;
};

export function createField(spec: FieldSpec): Field {
  return spec.kind === 'choice' ? choiceField(spec) : typedField(spec);
}

function typedField(spec: Exclude<FieldSpec, { kind: 'choice' }>): Field {
  const initial = spec.kind === 'text' ? (spec.initial ?? '') : '';
  const field = createCredentialsField({ secret: spec.kind === 'secret', text: initial });
  let tooLong = false;
  return {
    spec,
    type(key) {
      tooLong = field.take(withoutLineEnds(key)).kind === 'too-long';
    },
    choose() {},
    value: field.value,
    view() {
      const problem = spec.kind === 'text' ? spec.problem?.(field.value()) : undefined;
      return { ...common(spec), shown: field.shown(), problem: tooLong ? 'That was too long.' : problem };
    },
    wipe: field.clear,
  };
}

function choiceField(spec: Extract<FieldSpec, { kind: 'choice' }>): Field {
  const { choices } = spec;
  let at = Math.max(
    0,
    choices.findIndex((one) => one.value === spec.initial),
  );
  function choose(by: 1 | -1): void {
    at = (at + by + choices.length) % choices.length;
  }
  return {
    spec,
    type(key) {
      if (key.kind === 'text' && key.text === ' ') choose(1);
    },
    choose,
    value: () => choices[at]?.value ?? '',
    view: () => ({ ...common(spec), shown: { choice: choices[at]?.label ?? '' }, problem: undefined }),
    wipe() {},
  };
}

function common({ name, label, help }: FieldSpec): Pick<FieldView, 'name' | 'label' | 'help'> {
  return { name, label, help };
}

/** A form is sent by Enter, not by what somebody copied with a line end. */
function withoutLineEnds(key: Key): Key {
  return key.kind === 'paste' ? { kind: 'paste', text: key.text.replace(/[\r\n]+/g, ' ').trim() } : key;
}
