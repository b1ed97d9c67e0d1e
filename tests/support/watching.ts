import type { TestServer } from './server.ts';

/**
 * Reads media to its end, and waits until the log records it: the served bytes are logged once the last one has left,
 * so a reader can ask the log a moment too early.
 */
export async function watchToTheEnd(server: TestServer, path: string, headers: Record<string, string> = {}) {
  const { read } = server.context.outside.database;
  const noted = () => read.auditArrival.count({ where: { canonical: { contains: '"action":"media.served"' } } });
  const before = await noted();
  const response = await fetch(`${server.url}${path}`, { headers });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${path} is not served: ${response.status}`);
  const deadline = Date.now() + 20_000;
  while ((await noted()) === before) {
    if (Date.now() > deadline) throw new Error(`nothing on the log says that ${path} was served`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Reads on as slowly as a viewer: the right to read is checked once a second, and a recording on this machine would be
 * through before that. Returns how the answer ended, and how many bytes of it came.
 */
export async function readSlowly(reader: ReadableStreamDefaultReader<Uint8Array>) {
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { end: 'whole', bytes };
      bytes += value.length;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } catch {
    return { end: 'broken', bytes };
  }
}

/** Like the browser that opened a personal link: the path of its media, and the cookie that goes along. */
export const asViewer = (link: { id: string; token: string }) => ({
  path: `/media/${link.id}`,
  headers: { cookie: `emanet-watch-${link.id}=${link.token}` },
});
