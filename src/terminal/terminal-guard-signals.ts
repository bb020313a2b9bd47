/**
 * Invariant: while a gate asks, no signal that can be caught ends or stops the process by itself. Each either ends the login
 * in good order or does nothing; so the terminal is put back and nothing that ran before reads what is typed next.
 */

export type SignalMeaning = 'cancelled' | 'input-ended';

export type SignalListener = {
  /** The login is to end. May be called more than once. */
  end(meaning: SignalMeaning): void;
  /** The process was stopped (SIGSTOP) and goes on: the terminal may have been changed meanwhile. */
  continued(): void;
};

/** Returns what lets go of the signals again. */
export function catchSignals(listener: SignalListener): () => void {
  const handlers: [NodeJS.Signals, () => void][] = [];
  for (const signal of CANCELLING) handlers.push([signal, () => listener.end('cancelled')]);
  for (const signal of ENDING) handlers.push([signal, () => listener.end('input-ended')]);
  for (const signal of IGNORED) handlers.push([signal, () => {}]);
  handlers.push(['SIGCONT', () => listener.continued()]);
  const caught = handlers.filter(([signal, handler]) => canCatch(signal, handler));
  return () => {
    for (const [signal, handler] of caught) process.off(signal, handler);
  };
}

const CANCELLING = ['SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

/** Hang-up, and whatever else would end the process. SIGABRT and its like come from Node's own ruin and are not caught. */
const ENDING = ['SIGHUP', 'SIGALRM', 'SIGVTALRM', 'SIGXCPU', 'SIGIO', 'SIGPWR', 'SIGSTKFLT', 'SIGSYS'] as const;

/**
 * TSTP and its like would give the shell back the terminal in mid-password; USR1 would open Node's debugger. PIPE and XFSZ
 * come back as an error of the write; a handler makes `exec` reset them to what the command expects.
 */
const IGNORED = ['SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGXFSZ'] as const;

/** False for a signal that this platform does not have. */
function canCatch(signal: NodeJS.Signals, handler: () => void): boolean {
  try {
    process.on(signal, handler);
    return true;
  } catch {
    return false;
  }
}
