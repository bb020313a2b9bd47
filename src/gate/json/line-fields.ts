/** A line of the wire as an object: its own fields only, for what a prototype has is no field of the line. */

export type Fields = Readonly<Record<string, unknown>>;

/** Undefined for anything but a JSON object. */
export function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return Object.assign(Object.create(null), value);
  } catch {
    return undefined;
  }
}
