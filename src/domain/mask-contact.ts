import type { ContactKind } from './person.ts';

const hidden = '…';

/** What a mail server said, without the addresses that it names. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(/[^\s<>@,;:"]+@[^\s<>@,;:"]+/g, hidden);
}

/**
 * An address of which its owner sees that it is theirs, and nobody else learns it: `a…@okul.example`, `…45`. What is too
 * short to hide anything is hidden as a whole.
 */
export function maskContact(kind: ContactKind, value: string): string {
  if (kind === 'email') {
    const at = value.lastIndexOf('@');
    const [first] = at > 1 ? new Intl.Segmenter().segment(value.slice(0, at)) : [];
    return at < 1 ? hidden : `${first?.segment ?? ''}${hidden}${value.slice(at)}`;
  }
  const digits = value.replaceAll(/\D/g, '');
  return digits.length > 5 ? `${hidden}${digits.slice(-2)}` : hidden;
}
