/** The sixty people of the demo's hospital, and what each of them has done about two-factor so far. */
import { ROLES, type Role } from '../src/core/user.ts';

/**
 * `paired` logs on with a phone, once 2FA is required of the group; `late` has not been in since; `issued` was handed a QR code and
 * has not used it; `later` puts it off; `plain` has no two-factor yet; `away` has never logged on; `left` is disabled.
 */
export const STORIES = ['paired', 'late', 'issued', 'later', 'plain', 'away', 'left'] as const;
export type Story = (typeof STORIES)[number];

export type DemoPerson = {
  readonly name: string;
  readonly display: string;
  readonly group: string;
  readonly role: Role;
  readonly story: Story;
};

/** One password for all: it is there to be typed, not to keep anybody out. */
export const DEMO_PASSWORD = 'tulips do not sing';

export const DEMO_ADMIN = 'ada';

/** How far the roll-out is: groups that need a code, by days ago; those that are asked from a date on, by days from now. */
export const ROLL_OUT = {
  required: { IT: 6, Emergency: 5, 'Intensive Care': 4, 'Ward 3': 2 },
  fromDate: { Theatre: 12 },
} as const;

const STAFF = `
IT
  ada     Ada Okafor          admin      paired
  ben     Ben Castellan       admin      paired
  hana    Hana Novak          helpdesk   paired
  ines    Inês Carvalho       auditor    paired
Emergency
  alice   Alice Moss          user       paired
  amir    Amir Haddad         user       paired
  bruno   Bruno Keller        user       paired
  chen    Chen Li             user       paired
  dora    Dora Lindqvist      user       paired
  emil    Emil Sørensen       user       paired
  fatima  Fatima Zahra        user       paired
  goran   Goran Petrović      user       issued
  greta   Greta Vogel         user       paired
  omar    Omar Farouk         user       late
Intensive Care
  hugo    Hugo Marchand       user       paired
  ida     Ida Bergström       user       paired
  ivo     Ivo Horvat          user       paired
  jana    Jana Dvořák         user       paired
  karim   Karim Benali        user       paired
  lena    Lena Hofmann        user       paired
  marco   Marco Ricci         user       paired
  nadia   Nadia Ivanova       user       late
  oscar   Oscar Whitfield     user       late
Ward 3
  paula   Paula Jiménez       user       paired
  priya   Priya Raman         user       paired
  quinn   Quinn Donnelly      user       paired
  rosa    Rosa Almeida        user       paired
  samir   Samir Aziz          user       paired
  selma   Selma Kaya          user       paired
  tomas   Tomás Herrera       user       issued
  una     Una Byrne           user       late
  viktor  Viktor Szabó        user       late
  wanda   Wanda Kowalska      user       late
Theatre
  xavier  Xavier Roux         user       paired
  yara    Yara Mansour        user       paired
  zoe     Zoë Papadaki        user       later
  anton   Anton Weiss         user       later
  bella   Bella Romano        user       later
  carl    Carl Nyström        user       later
  diana   Diana Popescu       user       late
  erik    Erik Johansen       user       late
Pharmacy
  felix   Felix Brandt        user       plain
  gina    Gina Moretti        user       plain
  henry   Henry Ashworth      user       plain
  irma    Irma Laine          user       plain
  jonas   Jonas Peeters       user       plain
  katya   Katya Orlova        user       away
Ward 4
  liam    Liam Gallagher      user       plain
  mei     Mei Tanaka          user       plain
  nils    Nils Eriksen        user       plain
  olga    Olga Bondar         user       plain
  pavel   Pavel Černý         user       plain
  rita    Rita Fernandes      user       plain
  stefan  Stefan Ionescu      user       left
  tara    Tara McKenna        user       away
Records
  ulla    Ulla Virtanen       user       plain
  vera    Vera Dimitrova      user       plain
  willem  Willem de Vries     user       plain
  yusuf   Yusuf Demir         user       left
  zita    Zita Nagy           user       away
`;

export const DEMO_PEOPLE: readonly DemoPerson[] = readStaff(STAFF);

function readStaff(text: string): readonly DemoPerson[] {
  let group = '';
  const people: DemoPerson[] = [];
  for (const line of text.trim().split('\n')) {
    if (!line.startsWith(' ')) {
      group = line;
      continue;
    }
    const [name = '', display = '', role = '', story = ''] = line.trim().split(/ {2,}/);
    people.push({ name, display, group, role: oneOf(ROLES, role), story: oneOf(STORIES, story) });
  }
  return people;
}

function oneOf<Word extends string>(words: readonly Word[], typed: string): Word {
  const word = words.find((known) => known === typed);
  if (word === undefined) throw new Error(`The staff list says "${typed}".`);
  return word;
}
