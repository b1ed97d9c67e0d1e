import type { Answer } from '../../api/types.ts';
import { label, text } from '../../words/current.ts';

/** One entry of the log as an answer has it. */
export type Shown = Answer<'readAudit'>['entries'][number];

/** What stands on the log (docs/audit-log.md, "An entry"); the answer itself does not promise its form. */
interface Entry {
  readonly at: string;
  readonly actor: { readonly kind: string; readonly id?: string };
  readonly action: string;
  readonly outcome: string;
  readonly object?: {
    readonly kind: string;
    readonly id: string;
    readonly lessonId?: string;
    readonly recordingId?: string;
  };
  readonly details?: unknown;
}

export const entryIn = ({ entry }: Shown): Entry => entry as Entry;

/** Whose the pseudonyms of an answer are, as they were told with it. */
export type Names = ReadonlyMap<string, string>;

export const namesIn = (persons: Answer<'readAudit'>['persons']): Names =>
  new Map(persons.flatMap(({ pseudonym, name }) => (name === null ? [] : [[pseudonym, name] as const])));

/** The pseudonyms in a value of an entry of which the name is known. */
export const pseudonymsIn = (value: unknown, names: Names): string[] =>
  [...new Set(JSON.stringify(value ?? null).match(/person-[\w-]{22}/g) ?? [])].filter((id) => names.has(id));

export const sentenceOf = (shown: Shown): string => label('auditAction', entryIn(shown).action);

const kinds: Readonly<Record<string, () => string>> = {
  staff: () => text('actor_staff'),
  viewer: () => text('actor_viewer'),
  system: () => text('actor_system'),
  nobody: () => text('actor_nobody'),
};
export const kindName = (kind: string): string => kinds[kind]?.() ?? kind;

/** Who acted, by name where it is known. */
export function actorName({ kind, id }: Entry['actor'], names: Names): string {
  if (id === undefined) return kindName(kind);
  return names.get(id) ?? (kind === 'system' ? `${kindName(kind)}: ${id}` : id);
}
