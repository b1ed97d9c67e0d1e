#!/usr/bin/env node
import { createServer } from 'node:http';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

if (process.argv[2] === 'readyz') {
  const answer = await fetch('http://127.0.0.1:8025/readyz').catch(() => null);
  process.exit(answer?.ok ? 0 : 1);
}
const letters = [];
new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData(stream, { envelope }, done) {
    simpleParser(stream).then(({ subject, text }) => {
      const to = envelope.rcptTo.map(({ address }) => ({ Address: address }));
      letters.unshift({ ID: String(letters.length + 1), To: to, Subject: subject, Text: text });
      done();
    }, done);
  },
}).listen(1025);
createServer(({ url }, answer) => {
  const id = /^\/api\/v1\/message\/(\d+)$/.exec(url)?.[1];
  const found = url.startsWith('/api/v1/messages')
    ? { messages: letters.map(({ Text, ...summary }) => summary) }
    : letters.find(({ ID }) => ID === id);
  answer.statusCode = url === '/readyz' || found ? 200 : 404;
  answer.end(found ? JSON.stringify(found) : '');
}).listen(8025);
