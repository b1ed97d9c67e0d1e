import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ivOctets = 12;
const tagOctets = 16;
/** A browser keeps 4,096 octets of a cookie. */
const mostLetters = 3_500;

/**
 * Seals what others keep for us, under AES-256-GCM with a key made of AUTH_SECRET for this purpose alone: whoever asks for
 * much of it stores nothing here, and nobody else reads or makes it.
 */
export function createSeal<Content>(authSecret: string, purpose: string) {
  const key = new Uint8Array(hkdfSync('sha256', authSecret, '', `emanet ${purpose}`, 32));
  return {
    seal(content: Content): string {
      const iv = randomBytes(ivOctets);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagOctets });
      const body = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64url');
    },
    /** Null: it is not ours. */
    open(sealed: string): Content | null {
      const octets = Buffer.from(sealed.slice(0, mostLetters), 'base64url');
      if (octets.length <= ivOctets + tagOctets) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, octets.subarray(0, ivOctets), { authTagLength: tagOctets });
      decipher.setAuthTag(octets.subarray(-tagOctets));
      const begun = decipher.update(octets.subarray(ivOctets, -tagOctets));
      let rest: Buffer;
      try {
        rest = decipher.final();
      } catch {
        return null; // the tag does not fit
      }
      return JSON.parse(Buffer.concat([begun, rest]).toString('utf8'));
    },
  };
}
