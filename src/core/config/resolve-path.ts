/** The absolute path of `path`, counted from an absolute folder: `.` and `..` taken away by their text (POSIX). */
export function resolvePath(folder: string, path: string): string {
  const steps: string[] = [];
  for (const step of `${path.startsWith('/') ? '' : `${folder}/`}${path}`.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}
