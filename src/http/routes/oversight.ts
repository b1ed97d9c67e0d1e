import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csvHeader, toCsvLine } from '../../audit/csv.ts';
import { formatLine } from '../../audit/export-format.ts';
import type { AuditAction } from '../../domain/audit-event.ts';
import type { Language } from '../../domain/language.ts';
import { anomalyText } from '../../language/anomaly-text.ts';
import { textsIn } from '../../language/catalogue.ts';
import { faultText } from '../../language/fault-text.ts';
import { evidenceWords } from '../../papers/evidence-report.ts';
import { checkAudit } from '../../pipeline/oversight/check-audit.ts';
import { makeEvidencePack } from '../../pipeline/oversight/evidence.ts';
import { exportAudit } from '../../pipeline/oversight/export-audit.ts';
import { forgetPerson } from '../../pipeline/oversight/forget-person.ts';
import { listJobs } from '../../pipeline/oversight/list-jobs.ts';
import { pauseJobs } from '../../pipeline/oversight/pause-jobs.ts';
import { readAnomalies } from '../../pipeline/oversight/read-anomalies.ts';
import { readAudit } from '../../pipeline/oversight/read-audit.ts';
import { readParticipant } from '../../pipeline/oversight/read-participant.ts';
import { readViewers } from '../../pipeline/oversight/read-viewers.ts';
import { retryJob } from '../../pipeline/oversight/retry-job.ts';
import { summariseJobs } from '../../pipeline/oversight/summarise-jobs.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import type { Handlers } from '../mount.ts';

type Own =
  | 'readAudit'
  | 'exportAudit'
  | 'checkAudit'
  | 'readViewers'
  | 'readParticipant'
  | 'readAnomalies'
  | 'makeEvidencePack'
  | 'forgetPerson'
  | 'listJobs'
  | 'pauseJobs'
  | 'retryJob';

export function oversightRoutes(outside: Outside): Pick<Handlers, Own> {
  /** The counts of the current minute belong to an auditor's answer. */
  const { tally } = outside;
  return {
    async readAudit({ caller, query, language }) {
      await tally.flush();
      const { cursor, limit, ...filter } = query;
      return withSentences(await readAudit(outside, caller, filter, { cursor, limit }), language);
    },
    async exportAudit({ caller, query, res }) {
      const { format, ...filter } = query;
      await tally.flush();
      const { entries, checkpoint, lines: exported } = await exportAudit(outside, caller, filter);
      res.setHeader('Emanet-Entries', entries);
      // A table has no room for the checkpoint.
      res.setHeader('Emanet-Checkpoint', Buffer.from(checkpoint, 'utf8').toString('base64'));
      res.setHeader('Content-Type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl');
      res.setHeader('Content-Disposition', `attachment; filename="audit.${format}"`);
      async function* lines() {
        if (format === 'csv') yield `\uFEFF${csvHeader}`; // the mark makes Excel read UTF-8
        for await (const line of exported)
          if (format === 'jsonl') yield formatLine(line);
          else if ('seq' in line) yield toCsvLine(line);
      }
      await pipeline(Readable.from(lines()), res);
    },
    async checkAudit({ caller, language }) {
      const { faults, ...check } = await checkAudit(outside, caller);
      return {
        ...check,
        faults: faults.map((fault) => ({ fault: fault.fault, sentence: faultText(fault, language) })),
      };
    },
    readViewers: ({ caller, params }) => readViewers(outside, caller, params.recordingId),
    async readParticipant({ caller, query, language }) {
      const { cursor, limit, ...who } = query;
      return withSentences(await readParticipant(outside, caller, who, { cursor, limit }), language);
    },
    async makeEvidencePack({ caller, params, res }) {
      const { about: kind, subjectId: id } = params;
      const pack = await makeEvidencePack(outside, caller, { kind, id }, evidenceWords);
      res.setHeader('Content-Type', 'application/zip');
      res.setHeader('Content-Disposition', `attachment; filename="emanet-${kind}-${id}.zip"`);
      await pipeline(pack, res);
    },
    async readAnomalies({ caller, query, language }) {
      await tally.flush();
      const { rules, ...found } = await readAnomalies(outside, caller, query.days);
      return {
        ...found,
        rules: rules.map(({ rule, params }) => ({ rule, sentence: anomalyText(rule, params, language) })),
      };
    },
    forgetPerson: ({ caller, params }) => forgetPerson(outside, caller, { kind: params.kind, id: params.personId }),
    listJobs: async () => ({ items: await listJobs(outside), kinds: await summariseJobs(outside) }),
    pauseJobs: ({ caller, params, body }) => pauseJobs(outside, caller, params.jobKind, body.paused),
    retryJob: ({ caller, params }) => retryJob(outside, caller, params.jobId),
  };
}

/** A page of the log with a sentence for each entry. */
function withSentences<Page extends Awaited<ReturnType<typeof readAudit>>>(page: Page, language: Language) {
  const { auditAction } = textsIn(language).labels;
  return {
    ...page,
    entries: page.entries.map((one) => ({
      ...one,
      sentence: auditAction[one.entry.action as AuditAction] ?? one.entry.action,
    })),
  };
}
