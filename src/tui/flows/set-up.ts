/**
 * The set-up wizard of a first start: mode, label, first administrator. Nothing is made before its last step, Esc goes one step back and
 * keeps what was typed (but for passwords), and what is there already is not overwritten.
 */
import { dirname, join } from 'node:path';
import { LABEL_RULE, labelAdvice, labelProblem, labelProblemText } from '../../core/config/label.ts';
import type { Mode } from '../../core/config/model.ts';
import { SETTINGS } from '../../core/config/settings.ts';
import { sentence } from '../../core/directory/refusal.ts';
import type { ShownQr } from '../../core/directory/two-factor-care.ts';
import { toFault } from '../../core/errors.ts';
import { nameProblem, nameProblemText } from '../../core/user.ts';
import { appPreview } from '../components/app-preview.ts';
import type { DialogueDesk } from '../desk.ts';
import { fillIn, type PreviewLine, type Values } from '../dialogues/form.tsx';
import { PASSWORDS_DIFFER } from './add-user.ts';
import { labelField, MODE_CHOICES } from './change-setting.ts';

export type SetUpRequest = { readonly mode: Mode; readonly adminName: string; readonly password: string };

export type SetUpDone = {
  /** As it is stored. */
  readonly admin: string;
  /** Central: the administrator's own, to be shown before signing in. */
  readonly qr: ShownQr | undefined;
};

export type SetUpService = {
  /** Where config.ini will be. */
  readonly configFile: string;
  /** Faults: those of `initFacility`. */
  init(request: SetUpRequest): Promise<SetUpDone>;
};

/** Undefined: given up, and nothing was made. */
export async function setUp(desk: DialogueDesk, service: SetUpService): Promise<SetUpDone | undefined> {
  let kind: Mode['kind'] = 'auto';
  let label = '';
  let adminName = '';
  let step: 'mode' | 'label' | 'administrator' = 'mode';
  for (;;) {
    switch (step) {
      case 'mode': {
        const chosen = await askMode(desk, kind);
        if (chosen === undefined) return undefined;
        kind = chosen;
        step = kind === 'off' ? 'administrator' : 'label';
        break;
      }
      case 'label': {
        const asked = await askLabel(desk, label);
        label = asked.label;
        step = asked.end === 'sent' ? 'administrator' : 'mode';
        break;
      }
      case 'administrator': {
        const mode: Mode = kind === 'off' ? { kind } : { kind, label: label.trim() };
        const asked = await askAdministrator(desk, { mode, adminName, service });
        if (asked.done !== undefined) return asked.done;
        adminName = asked.adminName;
        step = kind === 'off' ? 'mode' : 'label';
        break;
      }
    }
  }
}

const MODE_TEXT: Readonly<Record<Mode['kind'], readonly PreviewLine[]>> = {
  auto: [
    {
      tone: 'plain',
      text: 'Whoever has to use two-factor is shown a QR code at the next log-on, scans it with an authenticator app, and is paired. You need do nothing for each of them.',
    },
  ],
  central: [
    {
      tone: 'plain',
      text: 'You show or print the QR code of each user and hand it out. Until then there is no entry for that user. Choose this where who gets a code has to be seen in person.',
    },
  ],
  off: [
    {
      tone: 'warning',
      text: '! Nobody is asked for a code: the password alone lets people in. Two-factor can be switched on later, on the Config screen.',
    },
  ],
};

async function askMode(desk: DialogueDesk, kind: Mode['kind']): Promise<Mode['kind'] | undefined> {
  let chosen = kind;
  const end = await fillIn(desk, {
    title: 'Set up Gatehouse: how codes get to people',
    intro:
      'There is no facility here yet. These questions make one: its config.ini, database, key, audit trail, and you as its first administrator. Nothing is made before the last of them.',
    deed: 'Go on',
    fields: () => [{ kind: 'choice', name: 'mode', label: 'Mode', choices: MODE_CHOICES, initial: kind }],
    preview: (values) => [
      ...MODE_TEXT[modeKindOf(values)],
      { tone: 'muted', text: 'Left and Right choose. It can be changed at any time.' },
    ],
    async send(values) {
      chosen = modeKindOf(values);
      return 'done';
    },
  });
  return end === 'sent' ? chosen : undefined;
}

function modeKindOf(values: Values): Mode['kind'] {
  return MODE_CHOICES.find(({ value }) => value === values.mode)?.value ?? 'auto';
}

async function askLabel(
  desk: DialogueDesk,
  initial: string,
): Promise<{ readonly end: 'sent' | 'given-up'; readonly label: string }> {
  let label = initial;
  const end = await fillIn(desk, {
    title: 'Set up Gatehouse: the label',
    intro:
      'Every system that a user pairs with is an account in the app on the phone, and the label is all that tells them apart. Name the facility and the system type.',
    deed: 'Go on',
    fields: () => [labelField(initial)],
    preview(values) {
      label = values.label ?? '';
      return labelPreview(label);
    },
    async send(values) {
      const problem = labelProblem(values.label ?? '');
      return problem === undefined ? 'done' : `${sentence(labelProblemText(problem))} ${sentence(LABEL_RULE)}`;
    },
  });
  return { end, label };
}

function labelPreview(label: string): readonly PreviewLine[] {
  if (label.trim() === '') return [{ tone: 'muted', text: 'For example: Codectomy St Elsewhere LIVE' }];
  if (labelProblem(label) !== undefined) return [];
  const [head = '', ...app] = appPreview(label.trim(), 'alice');
  const advice = labelAdvice(label);
  return [
    { tone: 'plain', text: head },
    ...app.map((text): PreviewLine => ({ tone: 'strong', text })),
    ...(advice === undefined ? [] : [{ tone: 'warning', text: `! ${advice}` } as const]),
  ];
}

async function askAdministrator(
  desk: DialogueDesk,
  { mode, adminName, service }: { readonly mode: Mode; readonly adminName: string; readonly service: SetUpService },
): Promise<{ readonly done: SetUpDone | undefined; readonly adminName: string }> {
  let name = adminName;
  let making: Promise<SetUpDone | undefined> = Promise.resolve(undefined);
  await fillIn(desk, {
    title: 'Set up Gatehouse: the first administrator',
    deed: 'Set it up',
    fields: () => [
      {
        kind: 'text',
        name: 'name',
        label: 'User name',
        help: 'What you type at log-on. Further administrators can be added later; have two.',
        initial: adminName,
        problem(typed) {
          const problem = typed === '' ? undefined : nameProblem(typed);
          return problem === undefined ? undefined : sentence(nameProblemText(problem, typed));
        },
      },
      { kind: 'secret', name: 'password', label: 'Password', help: passwordHelp(mode) },
      { kind: 'secret', name: 'again', label: 'Again', help: 'The same password once more.' },
    ],
    preview(values) {
      name = values.name ?? '';
      return makesText(mode, service.configFile);
    },
    async send(values) {
      if (values.password !== values.again) return PASSWORDS_DIFFER;
      let refused = '';
      making = service
        .init({ mode, adminName: values.name ?? '', password: values.password ?? '' })
        .catch((thrown: unknown) => {
          const { message, hint } = toFault(thrown);
          refused = hint === undefined ? message : `${message} ${hint}`;
          return undefined;
        });
      return (await making) === undefined ? refused : 'done';
    },
  });
  // Left while it was being made: it is there all the same.
  return { done: await making, adminName: name };
}

function passwordHelp(mode: Mode): string {
  const { fallback } = SETTINGS[mode.kind === 'off' ? 'Password.MinLengthWithout2FA' : 'Password.MinLength'];
  return `At least ${fallback} characters. Several words make a good one.`;
}

const NEXT_TEXT: Readonly<Record<Mode['kind'], string>> = {
  auto: 'Then you sign in and pair your own phone: have an authenticator app at hand.',
  central: 'Then your own QR code is shown: have an authenticator app at hand.',
  off: 'Then you sign in.',
};

function makesText(mode: Mode, configFile: string): readonly PreviewLine[] {
  const data = join(dirname(configFile), dirname(SETTINGS['Store.Path'].fallback));
  return [
    { tone: 'plain', text: 'This makes, and overwrites nothing:' },
    { tone: 'strong', text: `    ${configFile}` },
    { tone: 'strong', text: `    ${data} (database, key, audit trail)` },
    { tone: 'plain', text: NEXT_TEXT[mode.kind] },
  ];
}
