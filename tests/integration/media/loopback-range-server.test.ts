import { get, type IncomingMessage } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registerOnLoopback } from '../../../src/adapters/ffmpeg/loopback-range-server.ts';
import type { MediaSource } from '../../../src/pipeline/ports/media.ts';
import { bufferSource } from '../../support/media.ts';

const content = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 251));

async function serving(source: MediaSource = bufferSource(content, 64)) {
  const registration = await registerOnLoopback(source);
  onTestFinished(() => registration.revoke());
  return registration;
}

describe('the loopback range server', () => {
  it.each([
    [undefined, 200, 0, 1000],
    ['bytes=0-0', 206, 0, 1],
    ['bytes=10-19', 206, 10, 20],
    ['bytes=990-', 206, 990, 1000],
    ['bytes=990-5000', 206, 990, 1000],
    ['bytes=-5', 206, 995, 1000],
    ['bytes=-5000', 206, 0, 1000],
    ['bytes=0-1,5-6', 200, 0, 1000],
    ['items=0-1', 200, 0, 1000],
  ])('answers Range %s with %i and exactly those bytes', async (range, status, start, end) => {
    const { url } = await serving();
    const response = await fetch(url, range === undefined ? {} : { headers: { range } });
    expect(response.status).toBe(status);
    expect(response.headers.get('cache-control')).toBe('no-store');
    if (status === 206) expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/1000`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(content.subarray(start, end));
  });

  it.each(['bytes=1000-', 'bytes=-0'])('refuses Range %s', async (range) => {
    const { url } = await serving();
    const response = await fetch(url, { headers: { range } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */1000');
  });

  it('answers HEAD without reading the source', async () => {
    const source = bufferSource(content);
    const { url } = await serving(source);
    const response = await fetch(url, { method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe('1000');
    expect(source.reads).toEqual([]);
  });

  it('knows no other path and no other method', async () => {
    const { url, token } = await serving();
    expect(token.length).toBeGreaterThanOrEqual(43);
    expect((await fetch(url.replace(token, ''))).status).toBe(404);
    expect((await fetch(`${url}x`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect(new URL(url).hostname).toBe('127.0.0.1');
  });

  it('is gone after it was revoked', async () => {
    const registration = await registerOnLoopback(bufferSource(content));
    await registration.revoke();
    await expect(fetch(registration.url)).rejects.toThrow();
  });

  it('stops reading when the client goes, and calls that no fault of the source', async () => {
    let ended = false;
    const { url, failure } = await serving({
      bytes: 1e9,
      async *read() {
        try {
          for (;;) yield Buffer.alloc(65_536);
        } finally {
          ended = true;
        }
      },
    });
    const response = await new Promise<IncomingMessage>((resolve) => get(url, resolve));
    response.once('readable', () => response.destroy());
    await expect.poll(() => ended).toBe(true);
    expect(failure()).toBeUndefined();
  });

  it('keeps the fault of a source that fails midway', async () => {
    const fault = new Error('tag does not verify');
    const { url, failure } = await serving({
      bytes: 1000,
      // biome-ignore lint/correctness/useYield: it fails before its first byte
      async *read() {
        throw fault;
      },
    });
    await expect(fetch(url).then((response) => response.arrayBuffer())).rejects.toThrow();
    expect(failure()).toBe(fault);
  });
});
