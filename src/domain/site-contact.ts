/**
 * What the contact of a site says. It is one line as somebody typed it, such as `Oya Su <oya@museum.example>, 0312 000 12 37`.
 */

const mail = /[^\s@,;<>()]+@[^\s@,;<>()]+/g;
const phone = /\+?\d[\d ()/.-]{5,}\d/g;

/** The first e-mail address in it; null: there is none. */
export function mailIn(contact: string): string | null {
  return contact.match(mail)?.[0] ?? null;
}

/** The telephone numbers in it, as written. */
export function phonesIn(contact: string): string[] {
  return contact.match(phone) ?? [];
}

/** Who represents the site: what is left without addresses; all of it where nothing is. */
export function nameIn(contact: string): string {
  const rest = contact
    .replaceAll(mail, ' ')
    .replaceAll(phone, ' ')
    .replaceAll(/[<>()[\],;:]/g, ' ');
  const name = rest.replaceAll(/\s+/g, ' ').trim();
  return name === '' ? contact.trim() : name;
}
