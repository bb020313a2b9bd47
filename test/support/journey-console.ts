/** An admin at the console, in a real pseudoterminal: goes where the screen says, and waits for what it says. */
import { GATEHOUSE } from './gatehouse-process.ts';
import { JOURNEY_PASSWORD, type JourneyFacility } from './journey-facility.ts';
import { openPty, type PtyOptions, type PtyScreen } from './pty-screen.ts';

export type JourneyConsole = {
  readonly screen: PtyScreen;
  /** One key or more, then waits for the screen that they lead to. */
  press(keys: string, leadsTo: RegExp): Promise<string>;
  /** One of the screens that Tab goes through, by its title. */
  goTo(title: 'Overview' | 'Users' | 'Config' | 'Audit'): Promise<void>;
  /** User Properties, from the list. */
  openUser(name: string): Promise<void>;
  /** Own password and code, where the console asks for them once more. */
  confirmIdentity(leadsTo: RegExp): Promise<string>;
  /** Leaves, and gives the exit status. */
  leave(): Promise<number>;
};

export type ConsoleSize = Pick<PtyOptions, 'columns' | 'rows'>;

/** Signed in, on the Overview. */
export async function signIn(at: JourneyFacility, name = 'root', size: ConsoleSize = {}): Promise<JourneyConsole> {
  const screen = openPty(GATEHOUSE, [], { folder: at.folder, ...size });
  await screen.until(/› User name/);
  screen.type(`${name}\r`);
  await screen.until(/› Password/);
  screen.type(`${JOURNEY_PASSWORD}\r`);
  await screen.until(/› Code/);
  screen.type(`${at.phone(name).next()}\r`);
  await screen.until(/Gatehouse · (Overview|Users)/);
  return signedIn(at, name, screen);
}

export function signedIn(at: JourneyFacility, name: string, screen: PtyScreen): JourneyConsole {
  async function press(keys: string, leadsTo: RegExp): Promise<string> {
    screen.type(keys);
    return screen.until(leadsTo);
  }

  async function goTo(title: string): Promise<void> {
    const there = new RegExp(`Gatehouse · ${title}`);
    for (let tabs = 0; tabs < 6 && !there.test(screen.text()); tabs += 1) {
      const here = titleOf(screen.text());
      screen.type('\t');
      await screen.until((now) => titleOf(now) !== here);
    }
    await screen.until(there);
  }

  return {
    screen,
    press,
    goTo,
    async openUser(userName) {
      await goTo('Users');
      // Whatever was searched and filtered before.
      await press('u', /^ *\d+ users/m);
      await press(`/${userName}\r`, new RegExp(`1 of \\d+ users[\\s\\S]*› +${userName} `));
      await press('\r', new RegExp(`User Properties[\\s\\S]*^ *${userName}$[\\s\\S]*Recent activity`, 'm'));
    },
    async confirmIdentity(leadsTo) {
      await press(`${JOURNEY_PASSWORD}\r`, /› Code/);
      return press(`${at.phone(name).next()}\r`, leadsTo);
    },
    async leave() {
      screen.type('\x1bOR');
      return screen.exited;
    },
  };
}

function titleOf(screen: string): string {
  return /Gatehouse · ([A-Z]\w*( [A-Z]\w*)?)/.exec(screen)?.[1] ?? '';
}
