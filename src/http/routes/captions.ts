import type { Request, Response } from 'express';
import { captionsFields, type captionsRoutes as contract } from '../../contract/captions.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import { changeCaptions } from '../../pipeline/captions/change-captions.ts';
import { findLanguage } from '../../pipeline/captions/find-captions.ts';
import { getCaptions } from '../../pipeline/captions/get-captions.ts';
import { listCaptions, viewCaptions } from '../../pipeline/captions/list-captions.ts';
import { removeCaptions } from '../../pipeline/captions/remove-captions.ts';
import { type TakenCaptions, takeCaptions } from '../../pipeline/captions/take-captions.ts';
import { undoCaptions } from '../../pipeline/captions/undo-captions.ts';
import { assertUploader } from '../../pipeline/intake/take-upload.ts';
import type { Caller } from '../../pipeline/ports/caller.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import type { Handlers } from '../mount.ts';
import { parse } from '../parse.ts';
import { receiveForm } from '../receive-form.ts';
import { tellIn } from '../tell.ts';

type Own = keyof typeof contract;
interface FormRequest {
  readonly req: Request;
  readonly res: Response;
  readonly language: Language;
}

export function captionsRoutes(outside: Outside): Pick<Handlers, Own> {
  const view = async ({ recordingId, language }: { recordingId: Id; language: string }, reader: Language) =>
    tellIn(reader).captions(viewCaptions(await findLanguage(outside.database.read, recordingId, language)));
  const take = async (caller: Caller, recordingId: Id, { req, res, language }: FormRequest) => {
    let taken: TakenCaptions | undefined;
    await receiveForm(req, res, async ({ stream, fields }) => {
      taken = await takeCaptions(outside, caller, recordingId, { bytes: stream, ...parse(captionsFields, fields) });
    });
    if (!taken) throw new Refusal('NO_FILE', { reasons: [{ code: 'NO_FILE' }] });
    return { ...taken, notices: taken.notices.map(tellIn(language).captionsNotice) };
  };
  return {
    takeCaptions: ({ caller, params, ...form }) => take(caller, params.recordingId, form),
    async attachCaptions({ caller, params, ...form }) {
      await assertUploader(outside, caller, params.uploadId);
      return take(caller, params.uploadId, form);
    },
    listCaptions: async ({ params, language }) => ({
      items: (await listCaptions(outside, params.recordingId)).map(tellIn(language).captions),
    }),
    getCaptions: async ({ caller, params, query, language }) =>
      tellIn(language).captions(await getCaptions(outside, caller, { ...params, ...query })),
    async changeCaptions({ caller, params, body, language }) {
      await changeCaptions(outside, caller, params, body);
      return view(params, language);
    },
    async undoCaptions({ caller, params, body, language }) {
      await undoCaptions(outside, caller, params, body);
      return view(params, language);
    },
    async removeCaptions({ caller, params, query, language }) {
      await removeCaptions(outside, caller, params, query.version);
      return view(params, language);
    },
  };
}
