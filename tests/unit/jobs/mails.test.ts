import { expect, test } from 'vitest';
import type { Mail } from '../../../src/domain/mail.ts';
import { createTasks } from '../../../src/jobs/tasks.ts';

/** What the mail server is given. No other part of the server is needed for it. */
async function sent(mail: Mail, language: string | null) {
  const letters: { to: string; subject: string; text: string }[] = [];
  const mailer = {
    send: async (letter: (typeof letters)[number]) => void letters.push(letter),
    hand: () => Promise.reject(new Error('not a letter to a signer')),
  };
  const attempt = { signal: new AbortController().signal, isLast: true, job: '1.0' };
  await createTasks({} as never, mailer)['send-mail']({ to: 'auditor@school.example', language, mail }, attempt);
  return letters[0]!;
}
const digest: Mail = { kind: 'log_digest', day: '2026-06-30', enclosed: ['<checkpoint>', '<digest>'] };

test('to an address without an account a mail speaks every language, and encloses once', async () => {
  const { subject, text } = await sent(digest, null);
  expect(subject).toBe('Emanet: 2026-06-30');
  expect(text).toContain('Günlüğün o günkü mührü');
  expect(text).toContain('The checkpoint of the log on that day');
  expect(text.split('<checkpoint>')).toHaveLength(2);
  expect(text).toMatch(/<checkpoint>\n<digest>$/);
});

test('to an account it speaks the account’s language', async () => {
  expect((await sent({ kind: 'log_forked' }, 'en')).subject).toBe('Emanet: a copy of the log does not fit');
  expect((await sent({ kind: 'log_forked' }, 'tr')).text).not.toContain('Tell your auditor');
});
