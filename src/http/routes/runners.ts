import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { type runnerRoutes as contract, resultFields } from '../../contract/runner.ts';
import { Refusal } from '../../domain/errors.ts';
import { digestToken } from '../../pipeline/core/token.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { removeRunner, setRunnerDisabled } from '../../pipeline/runners/disable-runner.ts';
import { giveLeaseBack, renewLease } from '../../pipeline/runners/hold-lease.ts';
import { listRunners } from '../../pipeline/runners/list-runners.ts';
import { type LeasedBody, openLeasedBody } from '../../pipeline/runners/open-body.ts';
import { inviteRunner, registerRunner } from '../../pipeline/runners/register-runner.ts';
import { takeLease } from '../../pipeline/runners/take-lease.ts';
import { takeResult } from '../../pipeline/runners/take-result.ts';
import { answerMediaRequest } from '../media-request.ts';
import type { Handlers } from '../mount.ts';
import { parse } from '../parse.ts';
import { receiveForm } from '../receive-form.ts';

export function runnerRoutes(outside: Outside): Pick<Handlers, keyof typeof contract> {
  return {
    listRunners: async () => ({ items: await listRunners(outside) }),
    inviteRunner: ({ caller }) => inviteRunner(outside, caller),
    changeRunner: ({ caller, params, body }) => setRunnerDisabled(outside, caller, params.runnerId, body.disabled),
    removeRunner: ({ caller, params }) => removeRunner(outside, caller, params.runnerId),
    registerRunner: async ({ caller, body }) =>
      registerRunner(await outside.schools.ofSecret('runner-invitation', digestToken(body.token)), caller, body),
    takeLease: ({ caller, body }) => takeLease(outside, caller, body),
    renewLease: ({ caller, params, body }) => renewLease(outside, caller, params.leaseId, body),
    giveLeaseBack: ({ caller, params, query }) => giveLeaseBack(outside, caller, params.leaseId, query.why),
    async getLeasedBody({ caller, params, req, res }) {
      const body = await openLeasedBody(outside, caller, params.leaseId);
      await sendBody(req, res, body).finally(body.close);
    },
    async takeResult({ caller, params, req, res }) {
      let isTaken = false;
      await receiveForm(req, res, async ({ stream, fields, signal }) => {
        await takeResult(outside, caller, params.leaseId, { ...parse(resultFields, fields), result: stream, signal });
        isTaken = true;
      });
      if (!isTaken) throw new Refusal('NO_FILE', { reasons: [{ code: 'NO_FILE' }] });
    },
  };
}

async function sendBody(req: Request, res: Response, body: LeasedBody): Promise<void> {
  const etag = `"${body.sha256}"`;
  res.setHeader('Accept-Ranges', 'bytes');
  res.setHeader('ETag', etag);
  const answer = answerMediaRequest(
    { method: req.method, range: req.get('range'), ifRange: req.get('if-range') },
    { bytes: body.bytes, etag },
  );
  if (!('start' in answer)) {
    res.setHeader('Content-Range', `bytes */${body.bytes}`);
    throw new Refusal('RANGE_NOT_SATISFIABLE');
  }
  const { start, end, status } = answer;
  res.status(status);
  res.setHeader('Content-Type', 'application/octet-stream');
  res.setHeader('Content-Length', String(end - start));
  if (status === 206) res.setHeader('Content-Range', `bytes ${start}-${end - 1}/${body.bytes}`);
  const gone = new AbortController();
  res.once('close', () => gone.abort(res.errored ?? undefined));
  try {
    await pipeline(body.read(start, end, gone.signal), res);
  } catch (error) {
    // A runner that stops ends the request; that is no fault.
    if (!(gone.signal.aborted && !(error instanceof Refusal))) throw error;
  }
}
