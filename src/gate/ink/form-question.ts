/** The question that is open: keys in, an answer out, and what of it may be seen. */
import type { Ask, Notice } from '../../core/login/message.ts';
import { createCredentialsField } from '../../terminal/credentials-field.ts';
import type { Key } from '../../terminal/keys.ts';
import type { Answered } from '../run-conversation.ts';
import { formAction } from './form-keys.ts';
import type { AnsweredField, OpenQuestion } from './form-view.ts';

export type QuestionStep =
  | { readonly kind: 'open' }
  /** Something that is no answer; the question stays open. */
  | { readonly kind: 'refused'; readonly notice: Notice }
  /** `row` is what stays on the screen of it. */
  | { readonly kind: 'answered'; readonly answered: Answered; readonly row?: AnsweredField };

export type Question = {
  readonly ask: Ask;
  take(key: Key): QuestionStep;
  shown(): OpenQuestion;
  /** Forgets what was typed. */
  clear(): void;
};

export function openQuestion(ask: Ask): Question {
  return ask.options === undefined ? fieldQuestion(ask) : choiceQuestion(ask, ask.options);
}

function fieldQuestion(ask: Ask): Question {
  const field = createCredentialsField({ secret: ask.secret });
  const purpose = ask.field === 'code' ? 'code' : 'other';

  function take(key: Key): QuestionStep {
    const step = field.take(key);
    switch (step.kind) {
      case 'editing':
        return OPEN;
      case 'too-long':
        return { kind: 'refused', notice: TOO_LONG };
      case 'cancelled':
        return { kind: 'answered', answered: { kind: 'cancelled' } };
      case 'ended':
        return { kind: 'answered', answered: { kind: 'input-ended' } };
      case 'entered':
        return {
          kind: 'answered',
          answered: { kind: 'answered', value: step.value },
          row: answeredRow(ask, step.value),
        };
    }
  }

  return {
    ask,
    take,
    shown: () => ({ kind: 'field', label: ask.label, shown: field.shown(), purpose }),
    clear: field.clear,
  };
}

function choiceQuestion(ask: Ask, options: readonly string[]): Question {
  let selected = 0;

  function take(key: Key): QuestionStep {
    const action = formAction(key);
    if (action === 'up' || action === 'down') {
      selected = (selected + (action === 'up' ? options.length - 1 : 1)) % options.length;
      return OPEN;
    }
    const option = action === 'enter' ? options[selected] : numbered(options, key);
    return option === undefined ? OPEN : { kind: 'answered', answered: { kind: 'answered', value: option } };
  }

  return { ask, take, shown: () => ({ kind: 'choice', label: ask.label, options, selected }), clear() {} };
}

const OPEN: QuestionStep = { kind: 'open' };
const TOO_LONG: Notice = { type: 'notice', level: 'error', text: 'That is too long.' };

/** Of a secret not even its length stays on the screen. */
function answeredRow(ask: Ask, value: string): AnsweredField {
  const shown = ask.secret
    ? { text: '', length: 8, secret: true }
    : { text: value, length: [...value].length, secret: false };
  return { label: ask.label, shown };
}

/** `1` is the first option; keys that came together are tried one after the other. */
function numbered(options: readonly string[], key: Key): string | undefined {
  if (key.kind !== 'text') return undefined;
  return [...key.text].map((character) => options[DIGITS.indexOf(character)]).find((option) => option !== undefined);
}

const DIGITS = '123456789';
