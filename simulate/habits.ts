/** What a person does at a question: how long it takes them, and what they type, which is not always right. */
import type { Ask, Message } from '../src/core/login/message.ts';
import type { Phones } from '../tools/demo-phones.ts';
import type { Chance } from './chance.ts';
import type { Person } from './hospital.ts';
import { PASSWORD } from './hospital-facility.ts';

export type Reaction =
  | { readonly does: 'answer'; readonly value: string; readonly afterMs: number }
  | { readonly does: 'cancel'; readonly afterMs: number }
  /** Called away: nobody types anything any more. */
  | { readonly does: 'leave' };

export type Situation = {
  readonly person: Person;
  readonly ask: Ask;
  /** All that the terminal has shown with this question. */
  readonly shown: readonly Message[];
  readonly now: number;
  /** Read out by the help desk, if it was called. */
  readonly oneTimeCode: string | undefined;
};

/** How long one waits for an answer of the program before trying again. */
export const PATIENCE_MS = 60_000;

export function reactionTo(chance: Chance, phones: Phones, situation: Situation): Reaction {
  const { ask } = situation;
  if (chance.happens(0.002)) return { does: 'leave' };
  switch (ask.field) {
    case 'password':
      return answer(typedPassword(chance, situation.person), chance.between(3000, 8000));
    case 'code':
      return codeOf(chance, phones, situation);
    case 'choice':
      return answer(choiceOf(chance, ask.options ?? []), chance.between(3000, 10_000));
    default:
      return { does: 'cancel', afterMs: 5000 };
  }
}

function answer(value: string, afterMs: number): Reaction {
  return { does: 'answer', value, afterMs: Math.round(afterMs) };
}

function typedPassword(chance: Chance, { forgetful, slips }: Person): string {
  if (forgetful) return `${PASSWORD}, was it?`;
  return chance.happens(slips) ? PASSWORD.slice(1) : PASSWORD;
}

function choiceOf(chance: Chance, options: readonly string[]): string {
  if (options.includes('later') && chance.happens(0.7)) return 'later';
  return options.find((option) => option !== 'later') ?? '';
}

function codeOf(chance: Chance, phones: Phones, { person, shown, now, oneTimeCode }: Situation): Reaction {
  if (oneTimeCode !== undefined) return answer(oneTimeCode, chance.between(5000, 12_000));
  const pairing = shown.find((message) => message.type === 'pair');
  if (pairing !== undefined && person.hasPhone) phones.scan(person.name, pairing.uri);
  // Finding the app and scanning takes minutes; reading a code takes seconds.
  const readAfterMs = pairing === undefined ? readingMs(chance, shown) : chance.between(40_000, 180_000);
  const code = person.hasPhone ? phones.code(person.name, now + readAfterMs + person.driftMs) : undefined;
  if (code === undefined) return { does: 'cancel', afterMs: 15_000 };
  return answer(chance.happens(person.slips) ? otherCode(code) : code, readAfterMs + chance.between(2000, 5000));
}

/** Whoever hears that a code was used already waits for the next one. */
function readingMs(chance: Chance, shown: readonly Message[]): number {
  const used = shown.some((message) => message.type === 'notice' && message.text.includes('used already'));
  return used ? 30_000 : chance.between(2000, 10_000);
}

/** The last digit wrong. */
function otherCode(code: string): string {
  return code.slice(0, -1) + ((Number(code.at(-1)) + 1) % 10);
}
