import {
  attendanceFields,
  attendanceMapping,
  type attendanceRoutes as contract,
  voiceFields,
} from '../../contract/attendance.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import { decideRows, undoDecisions } from '../../pipeline/attendance/decide-rows.ts';
import { getAttendance } from '../../pipeline/attendance/get-attendance.ts';
import { removePersons } from '../../pipeline/attendance/remove-persons.ts';
import { removeReport } from '../../pipeline/attendance/remove-report.ts';
import { type TakenReport, takeReport } from '../../pipeline/attendance/take-report.ts';
import { takeVoice } from '../../pipeline/attendance/take-voice.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import type { Handlers } from '../mount.ts';
import { parse } from '../parse.ts';
import { receiveForm } from '../receive-form.ts';
import { tellIn } from '../tell.ts';

type Own = keyof typeof contract;

export function attendanceRoutes(outside: Outside): Pick<Handlers, Own> {
  const view = async (lessonId: Id, language: Language) => {
    const { missing, ...rest } = await getAttendance(outside, lessonId);
    return { ...rest, missing: missing.map(tellIn(language).reason) };
  };
  return {
    async takeAttendanceReport({ caller, params, req, res, language }) {
      let taken: TakenReport | undefined;
      await receiveForm(req, res, async ({ stream, name, fields }) => {
        const { mapping, ...answers } = parse(attendanceFields, fields);
        taken = await takeReport(outside, caller, params.lessonId, {
          bytes: stream,
          fileName: name ?? '–',
          answers: { ...present(answers), ...(mapping === undefined ? {} : { mapping: parseMapping(mapping) }) },
        });
      });
      if (!taken) throw new Refusal('NO_FILE', { reasons: [{ code: 'NO_FILE' }] });
      return tellTaken(taken, language);
    },
    getAttendance: ({ params, language }) => view(params.lessonId, language),
    async decideAttendees({ caller, params, body, language }) {
      await decideRows(outside, caller, params.lessonId, body.rows);
      return view(params.lessonId, language);
    },
    async undoAttendees({ caller, params, body, language }) {
      await undoDecisions(outside, caller, params.lessonId, body.rowIds);
      return view(params.lessonId, language);
    },
    async takeVoice({ caller, params, req, res }) {
      let taken: Awaited<ReturnType<typeof takeVoice>> | undefined;
      await receiveForm(req, res, async ({ stream, name, fields, signal }) => {
        const said = parse(voiceFields, fields);
        taken = await takeVoice(outside, caller, params.recordingId, {
          bytes: stream,
          fileName: name,
          ...said,
          signal,
        });
      });
      if (!taken) throw new Refusal('NO_FILE', { reasons: [{ code: 'NO_FILE' }] });
      return taken;
    },
    async removeAttendanceReport({ caller, params, body }) {
      await removeReport(outside, caller, params, body.why);
    },
    removePersons: ({ caller, params, body }) => removePersons(outside, caller, params.recordingId, body),
  };
}

/** Without what is not there. */
const present = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };

function parseMapping(written: string) {
  try {
    return parse(attendanceMapping, JSON.parse(written) as unknown);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refusal('INVALID_REQUEST', {
      reasons: [
        {
          code: 'INVALID_FORMAT',
          subject: { kind: 'field', id: 'mapping' },
          params: { field: 'mapping', format: 'JSON' },
        },
      ],
      cause: error,
    });
  }
}

function tellTaken(taken: TakenReport, language: Language) {
  const nothing = { id: null, rows: 0, quarantined: [], questions: [], table: null };
  if (taken.outcome === 'report') return { ...nothing, ...taken, quarantined: [...taken.quarantined] };
  if (taken.outcome === 'question')
    return {
      ...nothing,
      outcome: taken.outcome,
      questions: taken.questions.map(tellIn(language).attendanceQuestion),
    };
  const { headings, suggested, sample } = taken.table;
  const table = { headings: [...headings], suggested: { ...suggested }, sample: sample.map((cells) => [...cells]) };
  return { ...nothing, outcome: taken.outcome, table };
}
