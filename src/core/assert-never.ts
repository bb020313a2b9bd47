/** The end of an exhaustive switch: a new member of the union makes this a type error. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
