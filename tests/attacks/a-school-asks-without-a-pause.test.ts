import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBeside } from '../support/another-school.ts';
import { createSchool, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let loud: School;
let quiet: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  loud = await createSchool(server);
  quiet = await createSchool(await openBeside(server, 'The quiet one'), ' of the other');
});
afterAll(() => server?.stop());

/** The other school asks until it is told to stop. */
function asking(school: School) {
  let isOver = false;
  const statuses: number[] = [];
  const ended = (async () => {
    while (!isOver) statuses.push((await school.reviewer.get('/api/recordings')).status);
  })();
  return {
    async stop() {
      isOver = true;
      await ended;
      return statuses;
    },
  };
}

test('a school that asks 200 times at once is answered each time, and the other one in between', async () => {
  const other = asking(quiet);
  const answers = await Promise.all(Array.from({ length: 200 }, () => loud.reviewer.get('/api/recordings')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const between = await other.stop();
  expect(between.length).toBeGreaterThan(20);
  expect(new Set(between)).toEqual(new Set([200]));
});

test('bodies that never end, and answers that nobody reads, hold up no other request of their school', async () => {
  const { port } = new URL(server.url);
  const cookie = loud.teacher.headers.cookie!;
  const ask = (head: string) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(`${head}\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n`);
    return socket;
  };
  const other = asking(quiet);
  const sockets: Socket[] = [];
  for (let n = 0; n < 50; n++) {
    sockets.push(ask('POST /api/lessons HTTP/1.1'), ask('GET /api/recordings HTTP/1.1'));
    sockets.at(-2)!.write('Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{');
    sockets.at(-1)!.write('\r\n');
  }
  try {
    for (let n = 0; n < 10; n++) expect((await loud.reviewer.get('/api/recordings')).status).toBe(200);
  } finally {
    for (const socket of sockets) socket.destroy();
    await other.stop();
  }
});

test('whoever goes while they wait leaves their turn to the next', async () => {
  const other = asking(quiet);
  const gone = new AbortController();
  const lost = Array.from({ length: 50 }, () =>
    fetch(`${server.url}/api/recordings`, { headers: loud.reviewer.headers, signal: gone.signal }).then(
      () => 'answered',
      () => 'gone',
    ),
  );
  gone.abort();
  expect(await Promise.all(lost)).toContain('gone');
  expect((await loud.reviewer.get('/api/recordings')).status).toBe(200);
  await other.stop();
});
