import { readAnswer } from '../../pipeline/ports/read-answer.ts';

const timeoutMs = 10_000;
/** Discovery, keys and tokens are a few kilobytes; many groups make a token longer. */
const mostAnswered = 512 * 1024;

/** The provider does not answer, or answers what cannot be read; it says nothing about whoever came back. */
export class ProviderSilent extends Error {
  override readonly name = 'ProviderSilent';
}

export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/**
 * One request to the provider, within a limit of time and size, over https; on this machine http will do.
 * @throws ProviderSilent.
 */
export async function askProvider(
  url: string,
  {
    method,
    headers,
    body,
  }: { method: string; headers: NonNullable<RequestInit['headers']>; body?: RequestInit['body'] | undefined },
): Promise<Response> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    throw new ProviderSilent('the provider names an address without https');
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method, headers, body: body ?? null, redirect: 'manual', signal });
    const text = await readAnswer(response, mostAnswered);
    if (response.status >= 500) throw new Error(`it answered ${response.status}`);
    return new Response(text === '' ? null : text, { status: response.status, headers: response.headers });
  } catch (cause) {
    throw new ProviderSilent('the provider does not answer', { cause });
  }
}
