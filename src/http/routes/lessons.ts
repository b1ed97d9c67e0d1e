import { pipeline } from 'node:stream/promises';
import { documentKindOf, extensionOf, headBytes } from '../../domain/document-kind.ts';
import { addParticipant } from '../../pipeline/lesson/add-participant.ts';
import { addSite } from '../../pipeline/lesson/add-site.ts';
import { announceRecording } from '../../pipeline/lesson/announce-recording.ts';
import { approveChannel } from '../../pipeline/lesson/approve-channel.ts';
import { askGate } from '../../pipeline/lesson/ask-gate.ts';
import { assessChannel } from '../../pipeline/lesson/assess-channel.ts';
import { changeLesson } from '../../pipeline/lesson/change-lesson.ts';
import { changeSchool } from '../../pipeline/lesson/change-school.ts';
import { createLesson } from '../../pipeline/lesson/create-lesson.ts';
import { getLesson } from '../../pipeline/lesson/get-lesson.ts';
import { getSchool } from '../../pipeline/lesson/get-school.ts';
import { listChannels } from '../../pipeline/lesson/list-channels.ts';
import { listLessons } from '../../pipeline/lesson/list-lessons.ts';
import { previewChannelWithdrawal } from '../../pipeline/lesson/preview-channel-withdrawal.ts';
import { withdrawChannel } from '../../pipeline/lesson/withdraw-channel.ts';
import { answerPermission } from '../../pipeline/permission/answer-permission.ts';
import { getPermission } from '../../pipeline/permission/get-permission.ts';
import { listPermissions } from '../../pipeline/permission/list-permissions.ts';
import { openDocument } from '../../pipeline/permission/open-document.ts';
import { openReceipt } from '../../pipeline/permission/open-receipt.ts';
import { previewWithdrawal } from '../../pipeline/permission/preview-withdrawal.ts';
import { recordPermission } from '../../pipeline/permission/record-permission.ts';
import { sealDocument } from '../../pipeline/permission/seal-document.ts';
import { withdrawPermission } from '../../pipeline/permission/withdraw-permission.ts';
import type { OpenSource } from '../../pipeline/ports/media.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { cursorOf, momentOf } from '../cursor.ts';
import type { Handlers } from '../mount.ts';
import { receiptPdf } from '../receipt-pdf.ts';
import { receiveForm } from '../receive-form.ts';
import { tellIn } from '../tell.ts';

type Own =
  | 'getSchool'
  | 'changeSchool'
  | 'listChannels'
  | 'approveChannel'
  | 'assessChannel'
  | 'previewChannelWithdrawal'
  | 'withdrawChannel'
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
  | 'previewWithdrawal'
  | 'putDocument'
  | 'getReceipt'
  | 'getDocument';

/** Documents from before the check of their content have no ending. */
async function nameOf(source: OpenSource): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.read(0, Math.min(headBytes, source.bytes))) pieces.push(Uint8Array.from(piece));
  const kind = documentKindOf(Buffer.concat(pieces));
  return kind === null ? 'permission' : `permission.${extensionOf[kind]}`;
}

export function lessonRoutes(outside: Outside): Pick<Handlers, Own> {
  return {
    getSchool: () => getSchool(outside),
    async changeSchool({ caller, body, language }) {
      const { waiting, ...school } = await changeSchool(outside, caller, body);
      return { ...school, waiting: waiting && tellIn(language).change(waiting) };
    },
    listChannels: async () => ({ items: await listChannels(outside) }),
    approveChannel: ({ caller, body }) => approveChannel(outside, caller, body.name),
    assessChannel: ({ caller, params, body }) => assessChannel(outside, caller, params.channelId, body),
    previewChannelWithdrawal: ({ params }) => previewChannelWithdrawal(outside, params.channelId),
    withdrawChannel: ({ caller, params, body }) => withdrawChannel(outside, caller, params.channelId, body),

    async listLessons({ query: { cursor, limit = 1_000, ...query }, relation, signedIn }) {
      const teacherId = relation === 'own' ? signedIn.person.id : undefined;
      const after = cursor === undefined ? undefined : momentOf(cursor);
      const { items, next } = await listLessons(outside, { ...query, limit, after, teacherId });
      return { items, next: cursorOf(next) };
    },
    createLesson: ({ caller, body }) => createLesson(outside, caller, body),
    getLesson: ({ params }) => getLesson(outside, params.lessonId),
    changeLesson: ({ caller, params, body }) => changeLesson(outside, caller, params.lessonId, body),
    announce: ({ caller, params, body }) => announceRecording(outside, caller, params.lessonId, body),
    addSite: ({ caller, params, body }) => addSite(outside, caller, params.lessonId, body),
    addParticipant: ({ caller, params, body }) => addParticipant(outside, caller, params.lessonId, body),
    async getGate({ params, query, language }) {
      const question = query.audience
        ? ({ kind: 'release', audience: query.audience } as const)
        : { kind: query.to ?? 'upload' };
      return tellIn(language).withReasons(await askGate(outside, params.lessonId, question));
    },

    async listPermissions({ caller, params }) {
      return { items: await listPermissions(outside, caller, params.lessonId) };
    },
    recordPermission: ({ caller, params, body }) => recordPermission(outside, caller, params.lessonId, body),
    answerPermission: ({ caller, params, body }) => answerPermission(outside, caller, params.permissionId, body),
    previewWithdrawal: ({ params }) => previewWithdrawal(outside, params.permissionId),
    withdrawPermission: ({ caller, params, body }) => withdrawPermission(outside, caller, params.permissionId, body),
    async putDocument({ caller, params, req, res }) {
      let taken = false;
      await receiveForm(req, res, async (file) => {
        taken = true;
        await sealDocument(outside, caller, params.permissionId, { bytes: file.stream, signal: file.signal });
      });
      return getPermission(outside, params.permissionId, taken);
    },
    async getReceipt({ caller, params, res, language }) {
      const receipt = await openReceipt(outside, caller, params.permissionId);
      const pdf = await receiptPdf(outside, receipt, language);
      res.setHeader('Content-Disposition', 'attachment; filename="emanet-receipt.pdf"');
      res.type('application/pdf').send(pdf);
    },
    async getDocument({ caller, params, res }) {
      const source = await openDocument(outside, caller, params.permissionId);
      try {
        // Downloaded and never shown here, whatever its content: no browser opens it as a page of ours.
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
