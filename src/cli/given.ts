type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields that have a value: options that were not said are left out, not undefined. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  const present: Given<Fields> = {};
  for (const name in fields) {
    const value = fields[name];
    if (hasValue(value)) present[name] = value;
  }
  return present;
}

function hasValue<Value>(value: Value): value is Exclude<Value, undefined> {
  return value !== undefined;
}
