/** The label: the text after `Auto:` or `Central:`, which an authenticator app shows as the issuer (SPEC §2). */
import { visibleProblem } from '../visible-text.ts';

export const LABEL_MAX_CHARACTERS = 64;

export type LabelProblem = 'empty' | 'too-long' | 'colon' | 'invisible-character';

/** What is wrong with a label, white space around it aside; undefined when it may stand. */
export function labelProblem(label: string): LabelProblem | undefined {
  const trimmed = label.trim();
  if (trimmed === '') return 'empty';
  // In UTF-16 units first: nothing that long has as few characters, and it need not be taken apart.
  if (trimmed.length > LABEL_MAX_CHARACTERS * 2 || [...trimmed].length > LABEL_MAX_CHARACTERS) return 'too-long';
  if (visibleProblem(trimmed) || TRIMMED_IN_SILENCE.test(label)) return 'invisible-character';
  // The app splits `issuer:account` at the colon (Google Authenticator's key URI format).
  if (trimmed.includes(':')) return 'colon';
  return undefined;
}

/** What JavaScript calls white space, and a line of config.ini may not have in it. */
const TRIMMED_IN_SILENCE = /[\n\v\f\r\u2028\u2029\ufeff]/;

const LABEL_PROBLEM_TEXT: Readonly<Record<LabelProblem, string>> = {
  empty: 'the label is missing',
  'too-long': `the label has more than ${LABEL_MAX_CHARACTERS} characters`,
  'invisible-character': 'the label has a control, direction or zero-width character in it',
  colon: 'the label has a colon in it, where authenticator apps would split it',
};

export function labelProblemText(problem: LabelProblem): string {
  return LABEL_PROBLEM_TEXT[problem];
}

/** What would be right, whatever is wrong. */
export const LABEL_RULE = `write 1 to ${LABEL_MAX_CHARACTERS} visible characters without a colon, such as "Codectomy St Elsewhere LIVE"`;

const SYSTEM_TYPE = /\b(live|prod(uction)?|acceptance|acc|uat|test(ing)?|train(ing)?|demo|dev(elopment)?|staging)\b/i;

/** Advice for a label that may stand but will confuse people with more than one account; undefined when it is good. */
export function labelAdvice(label: string): string | undefined {
  const words = label.trim().split(/\s+/);
  if (SYSTEM_TYPE.test(label) && words.length > 1) return undefined;
  return 'Name the facility and the system type (LIVE, ACCEPTANCE ...), so that users can tell their accounts apart.';
}
