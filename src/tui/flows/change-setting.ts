/** One setting in a form of its own: what is typed is checked at once, and what comes of it said before anything is kept. */
import { type ChangeRemark, changeRemarks } from '../../core/config/change-remarks.ts';
import { LABEL_RULE, labelProblem, labelProblemText } from '../../core/config/label.ts';
import { readMode } from '../../core/config/mode.ts';
import type { Mode } from '../../core/config/model.ts';
import { reasonText } from '../../core/config/problem.ts';
import { readValue } from '../../core/config/read-value.ts';
import type { Setting } from '../../core/config/setting.ts';
import { sentence } from '../../core/directory/refusal.ts';
import { appPreview } from '../components/app-preview.ts';
import type { Drafted, DraftRow } from '../config-draft.ts';
import type { DialogueDesk } from '../desk.ts';
import { fillIn, type PreviewLine, type Values } from '../dialogues/form.tsx';
import type { FieldSpec } from '../field.ts';

export type ChangeRequest = {
  readonly row: DraftRow;
  /** What the file and the rest of the draft make with this value. */
  readonly drafted: (value: string) => Drafted;
  readonly before: Parameters<typeof changeRemarks>[1];
  /** Whose account the preview shows. */
  readonly user: string;
};

/** The new value, as it would be typed into the file; undefined: given up. */
export async function changeSetting(desk: DialogueDesk, request: ChangeRequest): Promise<string | undefined> {
  const { key, setting } = request.row.shown;
  let value: string | undefined;
  const end = await fillIn(desk, {
    title: key,
    intro: setting.help,
    deed: 'Keep; nothing is saved yet',
    fields: (values) => (setting.kind === 'mode' ? modeFields(request.row.value, values) : [valueField(request.row)]),
    preview: (values) => previewOf(request, typedValue(setting, values)),
    async send(values) {
      const typed = typedValue(setting, values);
      const reading = readValue(setting, typed);
      if (!reading.ok) return sentence(reasonText(reading));
      value = typed;
      return 'done';
    },
  });
  return end === 'sent' ? value : undefined;
}

/** How a mode is called where one is chosen. */
export const MODE_CHOICES: readonly { readonly value: Mode['kind']; readonly label: string }[] = [
  { value: 'auto', label: 'Auto: users pair by themselves' },
  { value: 'central', label: 'Central: administrators hand out QR codes' },
  { value: 'off', label: 'Off: no second factor for anybody' },
];

export function labelField(initial: string): FieldSpec {
  return {
    kind: 'text',
    name: 'label',
    label: 'Label',
    help: 'What authenticator apps show. Name facility and system type: LIVE, ACCEPTANCE ...',
    initial,
    problem(typed) {
      const problem = typed === '' ? undefined : labelProblem(typed);
      return problem === undefined ? undefined : `${sentence(labelProblemText(problem))} ${sentence(LABEL_RULE)}`;
    },
  };
}

const TONES: Readonly<Record<ChangeRemark['level'], PreviewLine['tone']>> = {
  danger: 'error',
  warning: 'warning',
  note: 'plain',
};

export function remarkLine({ level, text }: ChangeRemark): PreviewLine {
  return { tone: TONES[level], text: level === 'note' ? text : `! ${text}` };
}

function modeFields(value: string, values: Values): readonly FieldSpec[] {
  const reading = readMode(value);
  const mode: Mode | undefined = reading.ok ? reading.value : undefined;
  const label = mode === undefined || mode.kind === 'off' ? '' : mode.label;
  const choice: FieldSpec = {
    kind: 'choice',
    name: 'mode',
    label: 'Mode',
    choices: MODE_CHOICES,
    initial: mode?.kind ?? 'auto',
  };
  return (values.mode ?? mode?.kind ?? 'auto') === 'off' ? [choice] : [choice, labelField(label)];
}

function valueField({ shown: { setting }, value }: DraftRow): FieldSpec {
  const unit = setting.unit === undefined ? '' : ` ${setting.unit}`;
  const fallback = setting.fallbackText === '' ? 'nothing' : setting.fallbackText;
  const help = `Allowed: ${setting.allowed}${unit}. Default: ${fallback}.`;
  const common = { name: 'value', label: setting.key, initial: value, help };
  if (setting.choices.length > 0) {
    return { ...common, kind: 'choice', choices: setting.choices.map((one) => ({ value: one, label: one })) };
  }
  return {
    ...common,
    kind: 'text',
    problem(typed) {
      const reading = readValue(setting, typed);
      return reading.ok ? undefined : sentence(reasonText(reading));
    },
  };
}

function typedValue(setting: Setting<unknown>, values: Values): string {
  if (setting.kind !== 'mode') return values.value ?? '';
  if (values.mode === 'off') return 'Off';
  return `${values.mode === 'central' ? 'Central' : 'Auto'}:${values.label ?? ''}`;
}

function previewOf({ row, drafted, before, user }: ChangeRequest, value: string): readonly PreviewLine[] {
  const { key, setting } = row.shown;
  if (!readValue(setting, value).ok) return [];
  const outcome = drafted(value);
  if (outcome.kind === 'problems') return outcome.texts.map((text) => ({ tone: 'error', text: `! ${text}` }));
  const { mode } = outcome.config;
  const label = key !== '2FA' || mode === undefined || mode.kind === 'off' ? undefined : mode.label;
  const remarks = changeRemarks(key, before, outcome.config).map(remarkLine);
  if (label === undefined) return remarks;
  const [head = '', ...app] = appPreview(label, user);
  return [{ tone: 'plain', text: head }, ...app.map((text): PreviewLine => ({ tone: 'strong', text })), ...remarks];
}
