/** A name to show, never a path: the last part, without control or direction characters, at most 200 characters. */
export function cleanName(name: string | undefined): string | null {
  if (!name) return null;
  const last = name.replace(/^.*[/\\]/s, '');
  const clean = last
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .normalize('NFC')
    .trim();
  return clean === '' ? null : [...clean].slice(0, 200).join('');
}
