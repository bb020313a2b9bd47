/**
 * Editing display name, group and role. Where somebody else edited the user meanwhile, the form says what is different and
 * overwrites nothing; sending it once more is then a decision.
 */
import type { User } from '../../core/ports.ts';
import { type Desk, isRefusal } from '../desk.ts';
import { fillIn, type Values } from '../dialogues/form.tsx';
import { tell } from '../dialogues/tell.tsx';
import { roleChoices, roleOf, textProblem } from './add-user.ts';

export async function editUser(desk: Desk, user: User): Promise<void> {
  let seen = user;
  await fillIn(desk, {
    title: `Edit ${user.name}`,
    deed: 'Save',
    fields: () => [
      {
        kind: 'text',
        name: 'display',
        label: 'Display name',
        initial: user.display,
        problem: textProblem('a display name'),
      },
      { kind: 'text', name: 'group', label: 'Group', initial: user.group, problem: textProblem('a group') },
      { kind: 'choice', name: 'role', label: 'Role', initial: user.role, choices: roleChoices() },
    ],
    async send(values) {
      const changes = changesOf(values, user);
      if (Object.keys(changes).length === 0) {
        desk.tell('Nothing was changed.');
        return 'done';
      }
      const outcome = await desk.act('Saving', (actor) =>
        desk.directory.editUser(actor, { id: user.id, expectedVersion: seen.version, changes }),
      );
      if (outcome === undefined) return '';
      if (!isRefusal(outcome)) {
        desk.tell(`${user.name} is saved.`);
        return 'done';
      }
      if (outcome.code !== 'conflict' || outcome.current === undefined)
        return [outcome.text, outcome.hint].join(' ').trim();
      const differences = differencesOf(seen, outcome.current, values);
      seen = outcome.current;
      await tell(desk, {
        title: 'Edited meanwhile',
        tone: 'warning',
        body: {
          paragraphs: [
            `Somebody else edited ${user.name} while this form was open. Nothing of yours is saved yet.`,
            ...differences,
            'Back in the form, Enter saves yours over it; Esc leaves it as it is now.',
          ],
        },
      });
      return 'Edited meanwhile by somebody else.';
    },
  });
}

/** Only what was changed here: the rest stays as others left it. */
function changesOf(values: Values, user: User) {
  const { display = user.display, group = user.group } = values;
  const role = roleOf(values.role ?? user.role);
  return {
    ...(display === user.display ? {} : { display }),
    ...(group === user.group ? {} : { group }),
    ...(role === user.role ? {} : { role }),
  };
}

/** What somebody else changed, a sentence each. */
export function differencesOf(before: User, now: User, mine: Values): readonly string[] {
  const fields = [
    { label: 'Display name', was: before.display, is: now.display, yours: mine.display },
    { label: 'Group', was: before.group, is: now.group, yours: mine.group },
    { label: 'Role', was: before.role, is: now.role, yours: mine.role },
    { label: 'Account', was: accountText(before), is: accountText(now), yours: undefined },
    { label: 'Password', was: before.passwordHash, is: now.passwordHash, yours: undefined, hidden: 'changed' },
  ];
  const changed = fields.filter(({ was, is }) => was !== is);
  if (changed.length === 0) return ['What was changed is not in this form.'];
  return changed.map(({ label, was, is, yours, hidden }) =>
    hidden === undefined
      ? `${label}: was "${was}", is "${is}" now${yours === undefined || yours === is ? '' : `; yours is "${yours}"`}.`
      : `${label}: ${hidden}.`,
  );
}

function accountText(user: User): string {
  return user.disabled ? 'disabled' : 'enabled';
}
