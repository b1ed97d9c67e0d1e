/**
 * Readers of JSON from beyond the types, such as a column of the database. Each returns the value typed, or throws and
 * names the place. Members that no reader asks for are left out.
 */
export type Reader<T> = (value: unknown, at?: string) => T;

/** Stored JSON is not what this version writes. The message names the place and no value. */
class WrongShape extends Error {
  override readonly name = 'WrongShape';
  constructor(at: string, wanted: string) {
    super(`stored JSON: ${at} is no ${wanted}`);
  }
}

const top = 'the value';

export const text: Reader<string> = (value, at = top) => {
  if (typeof value !== 'string') throw new WrongShape(at, 'text');
  return value;
};

export const number: Reader<number> = (value, at = top) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new WrongShape(at, 'number');
  return value;
};

export const bool: Reader<boolean> = (value, at = top) => {
  if (typeof value !== 'boolean') throw new WrongShape(at, 'boolean');
  return value;
};

export const oneOf =
  <T extends string>(values: readonly T[]): Reader<T> =>
  (value, at = top) => {
    const found = values.find((one) => one === value);
    if (found === undefined) throw new WrongShape(at, values.join(' or '));
    return found;
  };

export const orNull =
  <T>(read: Reader<T>): Reader<T | null> =>
  (value, at = top) =>
    value === null ? null : read(value, at);

export const list =
  <T>(read: Reader<T>): Reader<T[]> =>
  (value, at = top) => {
    if (!Array.isArray(value)) throw new WrongShape(at, 'list');
    return value.map((one, index) => read(one, `${at}[${index}]`));
  };

type Members = Readonly<Record<string, Reader<unknown>>>;
type Read<M extends Members> = { [Name in keyof M]: ReturnType<M[Name]> };

/** An object with members that have to be there, and some that may be. */
export const object =
  <Needed extends Members, Possible extends Members = Record<never, never>>(
    needed: Needed,
    possible?: Possible,
  ): Reader<Read<Needed> & Partial<Read<Possible>>> =>
  (value, at = top) => {
    const members = membersOf(value, at);
    const found: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(needed)) found[name] = read(members[name], `${at}.${name}`);
    for (const [name, read] of Object.entries(possible ?? {}))
      if (members[name] !== undefined) found[name] = read(members[name], `${at}.${name}`);
    // Every member was read by the reader of its name, just now.
    return found as Read<Needed> & Partial<Read<Possible>>;
  };

/** An object whose members are all of one kind. */
export const record =
  <T>(read: Reader<T>): Reader<Record<string, T>> =>
  (value, at = top) =>
    Object.fromEntries(
      Object.entries(membersOf(value, at)).map(([name, member]) => [name, read(member, `${at}.${name}`)]),
    );

function membersOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongShape(at, 'object');
  return { ...value };
}
