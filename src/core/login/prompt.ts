/** Which question is open in a state. Front ends draw it; nothing else decides what may be answered. */
import type { Ask } from './message.ts';
import type { LoginState } from './state.ts';
import { CODE_OFFER_LABEL, FIELD_LABELS, OFFER_LABEL, RECOVERY_OFFER_LABEL, RECOVERY_SHOWN_LABEL } from './wording.ts';

export type Prompt = Omit<Ask, 'type' | 'id'>;

/** Undefined where the machine waits for the store, or is done. */
export function promptOf(state: LoginState): Prompt | undefined {
  switch (state.at) {
    case 'username':
      return { field: 'username', label: FIELD_LABELS.username, secret: false };
    case 'password':
      return { field: 'password', label: FIELD_LABELS.password, secret: true };
    case 'code':
      return { field: 'code', label: FIELD_LABELS.code, secret: false };
    case 'new-password':
      return { field: 'new-password', label: FIELD_LABELS['new-password'], secret: true };
    case 'repeat-password':
      return { field: 'repeat-password', label: FIELD_LABELS['repeat-password'], secret: true };
    case 'offer': {
      const text = state.now === 'pair' ? OFFER_LABEL : CODE_OFFER_LABEL;
      return choice(text.replace('{days}', String(state.person.factor.deferrableDays)), [state.now, 'later']);
    }
    case 'recovery-offer':
      return choice(RECOVERY_OFFER_LABEL, ['show', 'skip']);
    case 'recovery-shown':
      return choice(RECOVERY_SHOWN_LABEL, ['continue']);
    default:
      return undefined;
  }
}

function choice(label: string, options: readonly string[]): Prompt {
  return { field: 'choice', label, secret: false, options };
}
