/** An account as authenticator apps list it: what a label will look like to those who have to tell systems apart by it. PURE. */

export function appPreview(label: string, user: string): readonly string[] {
  return ['The app on the phone will show', `    ${label}: ${user}`, '    492 039'];
}
