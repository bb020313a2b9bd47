/** What the launcher found the terminal to be, and made of it, before Node was up. The first prompt need not find out again. */

export type PreparedTerminal =
  /** Nobody looked, or stdin is no terminal. */
  | 'unknown'
  /** Stdin is one, without echo and signals. */
  | 'quiet'
  /** Stdin and stdout are; and what is typed waits key by key, as in raw mode. */
  | 'raw';

/** Takes the launcher's word out of the environment: what is run from here on has nothing to do with it. */
export function takePreparedTerminal(environment: NodeJS.ProcessEnv): PreparedTerminal {
  const { GATEHOUSE_QUIETED: word } = environment;
  delete environment.GATEHOUSE_QUIETED;
  if (word === undefined) return 'unknown';
  return word === 'raw' ? 'raw' : 'quiet';
}
