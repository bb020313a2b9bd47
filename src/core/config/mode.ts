/** The value of the `2FA` key: `Auto:<label>`, `Central:<label>` or `Off` (FAQ; SPEC §2). */
import { assertNever } from '../assert-never.ts';
import { LABEL_RULE, labelProblem, labelProblemText } from './label.ts';
import type { Mode } from './model.ts';
import { quoted, type Reading } from './problem.ts';

export const MODE_FORMS = 'Auto:<label>, Central:<label> or Off';

/** Provider names are read whatever their case; the label is kept as it is written, white space around it aside. */
export function readMode(text: string): Reading<Mode> {
  const colon = text.indexOf(':');
  const provider = (colon < 0 ? text : text.slice(0, colon)).trim();
  const label = colon < 0 ? '' : text.slice(colon + 1).trim();
  switch (provider.toLowerCase()) {
    case 'auto':
      return withLabel(label, { kind: 'auto', label });
    case 'central':
      return withLabel(label, { kind: 'central', label });
    case 'off':
      if (colon < 0) return { ok: true, value: { kind: 'off' } };
      return { ok: false, wrong: 'Off takes no label', right: `write ${MODE_FORMS}` };
    case 'sms':
      return { ok: false, wrong: 'SMS codes are no longer supported', right: 'use Auto: or Central:' };
    case 'radius':
      return { ok: false, wrong: 'Radius: is not available in this version', right: `write ${MODE_FORMS}` };
    case '':
      return { ok: false, wrong: 'the mode is missing', right: `write ${MODE_FORMS}` };
    default:
      return { ok: false, wrong: `there is no provider ${quoted(provider)}`, right: `write ${MODE_FORMS}` };
  }
}

export function modeText(mode: Mode): string {
  switch (mode.kind) {
    case 'auto':
      return `Auto:${mode.label}`;
    case 'central':
      return `Central:${mode.label}`;
    case 'off':
      return 'Off';
    default:
      return assertNever(mode);
  }
}

function withLabel(label: string, mode: Mode): Reading<Mode> {
  const problem = labelProblem(label);
  if (problem === undefined) return { ok: true, value: mode };
  return { ok: false, wrong: labelProblemText(problem), right: LABEL_RULE };
}
