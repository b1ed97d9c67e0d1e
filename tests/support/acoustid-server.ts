import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in for AcoustID's web service: keeps what it is asked, and answers what it is told to. */
export async function startAcoustIdServer() {
  const asked: { path: string; form: URLSearchParams; bytes: number }[] = [];
  const state = { status: 200, body: JSON.stringify({ status: 'ok', results: [] }) };
  const http = createServer(async (req, res) => {
    let text = '';
    for await (const piece of req) text += piece;
    asked.push({ path: req.url ?? '', form: new URLSearchParams(text), bytes: text.length });
    res.writeHead(state.status, { 'content-type': 'application/json' }).end(state.body);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    asked,
    answer(body: unknown, status = 200) {
      state.status = status;
      state.body = typeof body === 'string' ? body : JSON.stringify(body);
    },
    async stop() {
      http.closeAllConnections();
      http.close();
    },
  };
}
