/** A value that is always there. Where it is not, the fault is in our code. @throws Error that names what is missing. */
export function mustHave<T>(value: T, what: string): NonNullable<T> {
  if (value === undefined || value === null) throw new Error(`there is no ${what}`);
  return value;
}
