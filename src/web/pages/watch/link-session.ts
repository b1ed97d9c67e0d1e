/** What the server says of a personal link. */
export type LinkState = 'valid' | 'notValid' | 'busy' | 'offline';

/** Gives the token for a cookie: no address holds it. Resolves to where the link's media is. @throws the answer. */
export async function openLink(token: string): Promise<{ readonly linkId: string; readonly address: string }> {
  const answer = await fetch('/api/watch', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
    cache: 'no-store',
  });
  if (!answer.ok) throw answer;
  const { linkId } = (await answer.json()) as { linkId: string };
  return { linkId, address: `/media/${linkId}` };
}

/** What a failed request says of the link. */
export function stateOf(error: unknown): Exclude<LinkState, 'valid'> {
  if (error instanceof Response) return error.status >= 400 && error.status < 500 ? 'notValid' : 'busy';
  console.warn('no answer', error);
  return 'offline';
}

/** Asks whether the link still holds: what the browser has buffered must not outlive a withdrawal. */
export async function askLink(token: string, address: string): Promise<LinkState> {
  try {
    const { status } = await fetch(address, { method: 'HEAD', cache: 'no-store' });
    if (status === 200) return 'valid';
    if (status >= 500) return 'busy';
    await openLink(token); // the cookie may have come to its end before the link
    return 'valid';
  } catch (error) {
    return stateOf(error);
  }
}

/** Where a viewer stopped, by link, in milliseconds; it stays on this device. */
const placeOf = (linkId: string) => `emanet-place:${linkId}`;
export const keptPlace = (linkId: string): number => Number(localStorage.getItem(placeOf(linkId)) ?? 0);
export const keepPlace = (linkId: string, ms: number): void =>
  localStorage.setItem(placeOf(linkId), String(Math.round(ms)));
export const forgetPlace = (linkId: string): void => localStorage.removeItem(placeOf(linkId));
