import { pipeline } from 'node:stream/promises';
import { documentKindOf, extensionOf, headBytes } from '../../domain/document-kind.ts';
import type { Audience, Purpose, Route, SignerCapacity } from '../../domain/permission.ts';
import * as lessons from '../../pipeline/lesson/lessons.ts';
import * as school from '../../pipeline/lesson/school.ts';
import { openDocument, sealDocument } from '../../pipeline/permission/documents.ts';
import * as permissions from '../../pipeline/permission/permissions.ts';
import type { OpenSource, Outside } from '../../pipeline/ports.ts';
import type { Handlers } from '../mount.ts';
import { receiveForm } from '../receive-form.ts';

type Own =
  | 'getSchool'
  | 'changeSchool'
  | 'listChannels'
  | 'approveChannel'
  | 'assessChannel'
  | 'listLessons'
  | 'createLesson'
  | 'getLesson'
  | 'changeLesson'
  | 'announce'
  | 'addSite'
  | 'addParticipant'
  | 'getGate'
  | 'listPermissions'
  | 'recordPermission'
  | 'answerPermission'
  | 'withdrawPermission'
  | 'putDocument'
  | 'getDocument';

/** Documents from before their content was looked at have no ending. */
async function nameOf(source: OpenSource): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.read(0, Math.min(headBytes, source.bytes))) pieces.push(Uint8Array.from(piece));
  const kind = documentKindOf(Buffer.concat(pieces));
  return kind === null ? 'permission' : `permission.${extensionOf[kind]}`;
}

type PermissionRow = Awaited<ReturnType<typeof permissions.recordPermission>>;

/** Columns of free text that the contract knows as closed sets. */
const toPermission = (row: PermissionRow) => ({
  ...row,
  purposes: row.purposes as Purpose[],
  releaseTo: row.releaseTo as Audience[],
  route: row.route as Route,
  signerCapacity: row.signerCapacity as SignerCapacity | null,
});

export function lessonRoutes(outside: Outside): Pick<Handlers, Own> {
  return {
    getSchool: () => school.getSchool(outside),
    changeSchool: ({ caller, body }) => school.changeSchool(outside, caller, body),
    listChannels: async () => ({ items: await school.listChannels(outside) }),
    approveChannel: ({ caller, body }) => school.approveChannel(outside, caller, body.name),
    assessChannel: ({ caller, params, body }) => school.assessChannel(outside, caller, params.channelId, body),

    async listLessons({ relation, signedIn }) {
      return { items: await lessons.listLessons(outside, relation === 'own' ? signedIn!.person.id : null) };
    },
    createLesson: ({ caller, body }) => lessons.createLesson(outside, caller, body),
    getLesson: ({ params }) => lessons.getLesson(outside, params.lessonId),
    changeLesson: ({ caller, params, body }) => lessons.changeLesson(outside, caller, params.lessonId, body),
    announce: ({ caller, params, body }) => lessons.announceRecording(outside, caller, params.lessonId, body),
    addSite: ({ caller, params, body }) => lessons.addSite(outside, caller, params.lessonId, body),
    addParticipant: ({ caller, params, body }) => lessons.addParticipant(outside, caller, params.lessonId, body),
    getGate: ({ params, query }) =>
      lessons.askGate(
        outside,
        params.lessonId,
        query.audience ? { kind: 'release', audience: query.audience } : { kind: 'keep' },
      ),

    async listPermissions({ caller, params }) {
      return { items: (await permissions.listPermissions(outside, caller, params.lessonId)).map(toPermission) };
    },
    recordPermission: async ({ caller, params, body }) =>
      toPermission(await permissions.recordPermission(outside, caller, params.lessonId, body)),
    answerPermission: async ({ caller, params, body }) =>
      toPermission(await permissions.answerPermission(outside, caller, params.permissionId, body)),
    withdrawPermission: async ({ caller, params, body }) =>
      toPermission(await permissions.withdrawPermission(outside, caller, params.permissionId, body.note)),
    async putDocument({ caller, params, req, res }) {
      let taken = false;
      await receiveForm(req, res, async (file) => {
        taken = true;
        await sealDocument(outside, caller, params.permissionId, { bytes: file.stream, signal: file.signal });
      });
      return toPermission(await permissions.getPermission(outside, params.permissionId, taken));
    },
    async getDocument({ caller, params, res }) {
      const source = await openDocument(outside, caller, params.permissionId);
      try {
        // Taken away and never shown here, whatever it is: no browser opens it as a page of ours.
        res.setHeader('Content-Type', 'application/octet-stream');
        res.setHeader('Content-Disposition', `attachment; filename="${await nameOf(source)}"`);
        res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
        res.setHeader('Content-Length', String(source.bytes));
        await pipeline(source.read(0, source.bytes), res);
      } finally {
        source.close();
      }
    },
  };
}
