/** The names that the launcher drops from the environment: one list, in bin/gatehouse, for both. */

/** `launcher` is the text of bin/gatehouse. */
export function droppedNames(launcher: string): readonly string[] {
  const [, list = ''] = /^unset ((?:[A-Z0-9_ ]|\\\n)+)$/m.exec(launcher) ?? [];
  const names = list.split(/[\s\\]+/).filter((name) => name !== '');
  if (!names.includes('NODE_OPTIONS')) throw new Error('bin/gatehouse has no list of names that it drops any more.');
  return names;
}
