/** The operating system's account that runs this process, by its user id: the environment could say anything. */
import { userInfo } from 'node:os';

export function shellAccount(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the system's list (containers).
    return `uid-${process.geteuid?.() ?? 'unknown'}`;
  }
}
