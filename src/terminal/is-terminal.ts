/** Asks whether a descriptor is a terminal. It loads Node's terminal and network modules, which the first prompt has no time for. */
export function isTerminal(fd: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(fd);
}
