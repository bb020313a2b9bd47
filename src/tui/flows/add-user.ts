/** Adding a user: a form, then, where the password was made here, that password once. */
import { accountTextProblem } from '../../core/directory/account-text.ts';
import type { PasswordChoice } from '../../core/directory/password-choice.ts';
import { sentence } from '../../core/directory/refusal.ts';
import { nameProblem, nameProblemText, ROLES, type Role } from '../../core/user.ts';
import { inert } from '../../core/visible-text.ts';
import { type Desk, isRefusal } from '../desk.ts';
import { fillIn, type Values } from '../dialogues/form.tsx';
import { tell } from '../dialogues/tell.tsx';
import type { FieldSpec } from '../field.ts';

/** `groups`: those there are, named in the form's help. */
export async function addUser(desk: Desk, groups: readonly string[]): Promise<void> {
  let made: { readonly name: string; readonly initialPassword: string | undefined } | undefined;
  const end = await fillIn(desk, {
    title: 'New user',
    deed: 'Add',
    fields: (values) => fieldsFor(values, groups),
    async send(values) {
      if (passwordsDiffer(values)) return PASSWORDS_DIFFER;
      const outcome = await desk.act('Adding the user', (actor) =>
        desk.directory.addUser(actor, {
          name: values.name ?? '',
          display: values.display ?? '',
          group: values.group ?? '',
          role: roleOf(values.role),
          password: passwordOf(values),
        }),
      );
      if (outcome === undefined) return '';
      if (isRefusal(outcome)) return [outcome.text, outcome.hint ?? ''].join(' ').trim();
      made = { name: outcome.user.name, initialPassword: outcome.initialPassword };
      return 'done';
    },
  });
  if (end === 'given-up' || made === undefined) return;
  if (made.initialPassword === undefined) desk.tell(`${inert(made.name)} is added.`);
  else await showInitialPassword(desk, made.name, made.initialPassword);
}

/** Shown once; it is changed at the first log-on, and dead after a week. */
export function showInitialPassword(desk: Desk, name: string, password: string): Promise<void> {
  return tell(desk, {
    title: `Password of ${name}`,
    secret: 'secret',
    body: {
      paragraphs: [
        `Give ${name} this password. It has to be changed at the first log-on, stops working after a week, and is not shown again.`,
      ],
      list: [password],
    },
  });
}

export function roleChoices(): readonly { readonly value: Role; readonly label: string }[] {
  return ROLES.map((role) => ({ value: role, label: ROLE_LABELS[role] }));
}

export function roleOf(value: string | undefined): Role {
  return ROLES.find((role) => role === value) ?? 'user';
}

/** The fields for a password that an admin chooses or has made. */
export function passwordFields(values: Values): readonly FieldSpec[] {
  const how: FieldSpec = {
    kind: 'choice',
    name: 'how',
    label: 'Password',
    choices: [
      { value: 'generated', label: 'make one' },
      { value: 'given', label: 'type one' },
      { value: 'none', label: 'none (the host checks its own)' },
    ],
  };
  if (values.how !== 'given') return [how];
  return [
    how,
    { kind: 'secret', name: 'password', label: 'New password' },
    { kind: 'secret', name: 'again', label: 'Again' },
    {
      kind: 'choice',
      name: 'thereafter',
      label: 'At the next log-on',
      choices: [
        { value: 'must-change', label: 'has to be changed' },
        { value: 'stays', label: 'stays' },
      ],
    },
  ];
}

export function passwordOf(values: Values): PasswordChoice {
  if (values.how === 'none') return { kind: 'none' };
  if (values.how !== 'given') return { kind: 'generated' };
  const thereafter = values.thereafter === 'stays' ? 'stays' : 'must-change';
  return { kind: 'given', password: values.password ?? '', thereafter };
}

export function passwordsDiffer(values: Values): boolean {
  return values.how === 'given' && values.password !== values.again;
}

export const PASSWORDS_DIFFER = 'The two passwords are not the same.';

export function textProblem(what: string): (typed: string) => string | undefined {
  return (typed) => {
    const problem = accountTextProblem(what, typed);
    return problem === undefined ? undefined : sentence(problem);
  };
}

const ROLE_LABELS: Readonly<Record<Role, string>> = {
  user: 'user (no console)',
  helpdesk: 'helpdesk (unlock, passwords, codes, QR of users)',
  auditor: 'auditor (reads)',
  admin: 'admin',
};

function fieldsFor(values: Values, groups: readonly string[]): readonly FieldSpec[] {
  const help = groups.length === 0 ? undefined : `There are: ${groups.slice(0, 12).join(', ')}`;
  return [
    {
      kind: 'text',
      name: 'name',
      label: 'User name',
      help: 'What the user types at log-on.',
      problem(typed) {
        const problem = typed === '' ? undefined : nameProblem(typed);
        return problem === undefined ? undefined : sentence(nameProblemText(problem, typed));
      },
    },
    { kind: 'text', name: 'display', label: 'Display name', problem: textProblem('a display name') },
    {
      kind: 'text',
      name: 'group',
      label: 'Group',
      problem: textProblem('a group'),
      ...(help === undefined ? {} : { help }),
    },
    { kind: 'choice', name: 'role', label: 'Role', choices: roleChoices(), initial: 'user' },
    ...passwordFields(values),
  ];
}
