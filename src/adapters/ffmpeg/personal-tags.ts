import type { MediaProbe } from '../../pipeline/ports/media.ts';

type PersonalKind = 'location' | 'device' | 'person' | 'free_text' | 'time' | 'email';

/**
 * Names of tags that tell where, when, by whom or with what a recording was made. Matched on the last part of a dotted
 * name.
 */
const personalNames: readonly (readonly [RegExp, PersonalKind])[] = [
  [/location|gps|iso6709|coordinates|^(©)?xyz$/i, 'location'],
  [/(^|[._-])(make|model|manufacturer|device|serial|software|android|camera)/i, 'device'],
  [
    /(artist|author|director|producer|composer|performer|owner|publisher|encoded_by|person|participant|creator)/i,
    'person',
  ],
  [/(comment|description|synopsis|keywords|title)/i, 'free_text'],
  [/(creation|date)/i, 'time'],
];

const email = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+/u;
/** Written by every muxer; identifies nobody. */
const harmless =
  /^(major_brand|minor_version|compatible_brands|handler_name|vendor_id|language|encoder|duration|bps.*|number_of_.*|_statistics.*)$/i;

/**
 * Tags that may identify a person, a place or a device, each once: the tag's name and what kind it is, never its value.
 */
export function personalTags(tags: MediaProbe['tags']): { readonly what: PersonalKind; readonly tag: string }[] {
  const found = new Map<string, { what: PersonalKind; tag: string }>();
  const add = (what: PersonalKind, tag: string) => found.set(`${tag}:${what}`, { what, tag });
  for (const { name, value } of tags) {
    if (value.trim() === '') continue;
    if (email.test(value)) add('email', name);
    if (harmless.test(name)) continue;
    const kind = personalNames.find(([pattern]) => pattern.test(name))?.[1];
    if (kind !== undefined) add(kind, name);
  }
  return [...found.values()];
}
