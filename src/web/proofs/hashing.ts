/** Hashes of the log's tree by Web Crypto: RFC 6962, section 2.1, over SHA-256. */
export type Octets = Uint8Array<ArrayBuffer>;

export const hashBytes = 32;

export const sha256 = async (octets: Octets): Promise<Octets> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', octets));

export const utf8 = (text: string): Octets => new TextEncoder().encode(text);

/** SHA-256(0x00 ‖ entry). */
export const leafHash = (canonical: string): Promise<Octets> => sha256(utf8(`\0${canonical}`));

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Octets, right: Octets): Promise<Octets> {
  const octets = new Uint8Array(1 + 2 * hashBytes);
  octets[0] = 1;
  octets.set(left, 1);
  octets.set(right, 1 + hashBytes);
  return sha256(octets);
}

export const isSame = (a: Octets, b: Octets): boolean =>
  a.length === b.length && a.every((octet, at) => octet === b[at]);

export const toBase64 = (octets: Octets): string => btoa(String.fromCharCode(...octets));

export const toHex = (octets: Octets): string =>
  Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');

/** Strict: null for a text that is not the only way to write these octets. */
export function fromBase64(text: string): Octets | null {
  try {
    const octets = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    return toBase64(octets) === text ? octets : null;
  } catch (error) {
    if (error instanceof DOMException) return null; // what `atob` throws for text that is no base64
    throw error;
  }
}
