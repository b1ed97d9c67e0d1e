import { z } from 'zod';
import { firstSteps } from '../domain/first-step.ts';
import { storageKinds } from '../domain/storage-kind.ts';
import { administrator, list, type Route } from './route.ts';
import { id, maybeTime, time } from './values.ts';

const setting = z
  .object({
    name: z.string(),
    about: z.string().meta({ description: 'What it is for, as docs/operations.md says' }),
    isSecret: z.boolean(),
    isSet: z.boolean().meta({ description: 'It differs from its default' }),
    value: z.string().nullable().meta({ description: 'Null: a secret, or nothing' }),
  })
  .meta({ id: 'Setting' });
const mailState = z
  .object({
    sendsMail: z.boolean().meta({ description: 'A mail server is set up' }),
    readsBounces: z.boolean().meta({ description: 'A mailbox is read for what comes back' }),
    testedAt: maybeTime.meta({ description: 'When the mail server last took a test mail' }),
    waitingForSigners: z.number(),
    waitingForStaff: z.number(),
    oldestWaiting: maybeTime,
    lastSent: maybeTime.meta({ description: 'When the mail server last took a mail to a signer' }),
    undeliverable: z
      .object({
        count: z.number(),
        items: z.array(
          z.object({
            person: z.object({ id, name: z.string() }),
            address: z.string().nullable().meta({ description: 'So masked that only its owner knows it' }),
            since: time,
            why: z.string().nullable(),
          }),
        ),
      })
      .meta({ description: 'Addresses that mail comes back from, the last 200' }),
  })
  .meta({ id: 'MailState' });
const figures = { objects: z.number(), bytes: z.number() };
const storage = z
  .object({ ...figures, items: z.array(z.object({ kind: z.enum(storageKinds), ...figures })) })
  .meta({ id: 'Storage', description: 'What the database knows in the object store' });

export const installationRoutes = {
  listSettings: {
    method: 'get',
    path: '/api/settings',
    tag: 'Installation',
    summary: 'Settings in force; of a secret only whether it is set',
    access: administrator,
    scope: null,
    status: 200,
    answer: list(setting),
  },
  getMail: {
    method: 'get',
    path: '/api/mail',
    tag: 'Installation',
    summary: 'How mail stands: the server, what waits, what comes back',
    access: administrator,
    scope: null,
    status: 200,
    answer: mailState,
  },
  getStorage: {
    method: 'get',
    path: '/api/storage',
    tag: 'Installation',
    summary: 'How much is kept, by what it is',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: storage,
  },
  listFirstSteps: {
    method: 'get',
    path: '/api/first-steps',
    tag: 'Installation',
    summary: 'What a new school does first, and what of it is done',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: list(
      z
        .object({
          step: z.enum(firstSteps),
          done: z.boolean(),
          at: maybeTime.meta({ description: 'When it was done first, where that is known' }),
        })
        .meta({ id: 'FirstStep' }),
    ),
  },
} as const satisfies Record<string, Route>;
