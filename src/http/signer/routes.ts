import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { Refusal } from '../../domain/errors.ts';
import type { Answer } from '../../domain/evidence.ts';
import { isId } from '../../domain/ids.ts';
import { isLanguage, type Language, languageTags } from '../../domain/language.ts';
import type { LimitName } from '../../domain/limits.ts';
import { textsIn } from '../../language/catalogue.ts';
import { reasonText } from '../../language/reason-text.ts';
import { watchCommits } from '../../pipeline/ports/commit-watch.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { answerRequest } from '../../pipeline/signing/answer-request.ts';
import {
  findAct,
  getSignerPage,
  noteReceiptRead,
  openAnswer,
  openRequest,
  setSignerLanguage,
  signerLanguage,
} from '../../pipeline/signing/get-signer-page.ts';
import { makeReceipt } from '../../pipeline/signing/make-receipt.ts';
import { objectToLesson } from '../../pipeline/signing/object-to-lesson.ts';
import { previewBySigner, withdrawBySigner } from '../../pipeline/signing/withdraw-by-signer.ts';
import { changes } from '../mount.ts';
import { receiptPdf } from '../receipt-pdf.ts';
import { sendPlain } from '../web-pages.ts';
import { answerPage, donePage, homePage, withdrawPage, wrongPage } from './home-pages.ts';
import { html } from './html.ts';
import { layout, type Page } from './layout.ts';
import { type Filled, type OpenRequest, type Step, stepPage, steps, stepsOf } from './request-pages.ts';

const limit: LimitName = 'link';
/** A signature that somebody draws for a minute. */
const mostBodyBytes = 128 * 1024;
const mostStrokes = 100_000;

/**
 * The pages of a personal link. They are whole pages of HTML whose forms post, so that they work without script; GET changes
 * nothing, and POST answers with a page or a redirect (RFC 9110, 15.4.4). Every wrong link is one page, whatever is wrong.
 */
export function signerRoutes(app: Express, outside: Outside): void {
  const router = express.Router({ strict: true, caseSensitive: true });
  const form = express.urlencoded({ extended: false, limit: mostBodyBytes, parameterLimit: 200 });
  const get = (path: string, handle: (asked: Asked) => Promise<unknown>) => router.get(path, guarded(outside, handle));
  const post = (path: string, handle: (asked: Asked) => Promise<unknown>) =>
    router.post(path, form, guarded(outside, handle));

  get('/:token', async ({ token, home, show, choose }) => {
    const found = await getSignerPage(outside, token);
    show((language) => homePage(found, home, language), choose(found.signer.language));
  });
  post('/:token/language', async ({ token, home, res, field }) => {
    const language = field('language');
    if (!isLanguage(language)) throw new Refusal('INVALID_REQUEST');
    await setSignerLanguage(outside, token, language);
    res.cookie('emanet-language', language, { sameSite: 'strict', httpOnly: true, path: '/s/' });
    res.redirect(303, home);
  });
  get('/:token/requests/:id', async ({ token, id, home, show, choose, res }) => {
    const request = await openRequest(outside, token, id);
    if (request.state !== 'open' && request.state !== 'answered') return res.redirect(303, home);
    const filled = {
      answers: request.questions.map(({ before }) => before),
      isNoted: false,
      isResponsible: false,
      typedName: '',
      after: request.after,
    };
    const action = `${home}/requests/${id}`;
    return show(
      (language) => stepPage(stepsOf(request)[0] ?? 'check', { request, filled, home, action, language }),
      choose(request.signer.language),
    );
  });
  post('/:token/requests/:id', (asked) => moveOn(outside, asked));
  get('/:token/done/:id', async ({ token, id, home, show, choose }) => {
    const act = await findAct(outside, token, id);
    show((language) => donePage(act, home, language), choose(act.signer.language));
  });
  get('/:token/answers/:id', async ({ token, id, home, show, choose }) => {
    const found = await openAnswer(outside, token, id);
    show((language) => answerPage(found, home, `${home}/answers/${id}`, language), choose(found.signer.language));
  });
  get('/:token/answers/:id/withdraw', async ({ token, id, home, show, choose }) => {
    const found = await previewBySigner(outside, token, id);
    show((language) => withdrawPage(found, home, `${home}/answers/${id}/withdraw`, language), choose(found.language));
  });
  post('/:token/answers/:id/withdraw', async ({ token, id, home, res, req, choose }) => {
    const language = choose(await signerLanguage(outside, token));
    const button = textsIn(language).signing.withdrawYes;
    const { evidenceId } = await withdrawBySigner(outside, token, id, { ...pressedBy(req), language, button });
    await finish(outside, res, home, evidenceId);
  });
  post('/:token/answers/:id/lessons/:lessonId', async ({ token, id, home, res, req, choose, field, param }) => {
    const language = choose(await signerLanguage(outside, token));
    const isLifted = field('do') === 'lift';
    const { objectTo, liftObjection } = textsIn(language).signing;
    const button = isLifted ? liftObjection : objectTo;
    const to = { permissionId: id, lessonId: param('lessonId'), isLifted };
    const { evidenceId } = await objectToLesson(outside, token, to, { ...pressedBy(req), language, button });
    await finish(outside, res, evidenceId === null ? `${home}/answers/${id}` : home, evidenceId);
  });
  get('/:token/receipts/:file', async ({ token, param, req, res, choose, home, show }) => {
    const [, id = '', kind] = /^([0-9a-f-]{36})\.(pdf|json)$/.exec(param('file')) ?? [];
    if (!isId(id)) throw new Refusal('NOT_FOUND');
    await noteReceiptRead(outside, token, id, req.ip);
    const receipt = await makeReceipt(outside, id);
    if (!receipt) throw new Refusal('NOT_FOUND');
    const language = choose(await signerLanguage(outside, token));
    if (kind === 'json') {
      res.setHeader('Content-Disposition', 'attachment; filename="emanet-receipt.json"');
      return res.type('application/json').send(receipt.text);
    }
    try {
      const pdf = await receiptPdf(outside, receipt, language);
      res.setHeader('Content-Disposition', 'inline; filename="emanet-receipt.pdf"');
      return res.type('application/pdf').send(pdf);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'NOT_PRINTABLE') throw error;
      const { signing: t } = textsIn(language);
      const why = error.reasons.map((reason) => reasonText(reason, language)).join(' ');
      const body = html`<p>${t.receiptNot.replace('{why}', why)}</p><p><a href="${home}/receipts/${id}.json" download>${t.receiptJson}</a></p>`;
      return show(() => ({ title: t.receipt, home, body }), language, 422);
    }
  });
  router.use((_req, _res, next) => next(new Refusal('NOT_FOUND')));
  router.use(answerWithPage);
  app.use('/s', router);
}

interface Asked {
  readonly token: string;
  /** The `:id` of the path. */
  readonly id: string;
  readonly home: string;
  readonly req: Request;
  readonly res: Response;
  param(name: string): string;
  /** A field of the form; empty: it is not there. */
  field(name: string): string;
  /** The language to answer in: chosen on the page, else the one on record, else the browser's. */
  choose(onRecord: string | null): Language;
  show(page: (language: Language) => Page, language: Language, status?: number): void;
}

/** Refuses who guessed too often, and knows a token and an id by their form before anything is looked up. */
function guarded(outside: Outside, handle: (asked: Asked) => Promise<unknown>): RequestHandler {
  return async (req, res) => {
    res.locals.route = `${req.method} /s/:token`;
    const address = req.ip ?? '';
    outside.limits.assertOpen(limit, address);
    const param = (name: string) => {
      const value = (req.params as Record<string, string>)[name] ?? '';
      if (name !== 'token' && name !== 'file' && !isId(value)) throw new Refusal('NOT_FOUND');
      return value;
    };
    const token = param('token');
    const home = `/s/${encodeURIComponent(token)}`;
    res.locals.home = home;
    try {
      if (!/^[\w-]{22}$/.test(token)) throw new Refusal('LINK_NOT_VALID');
      const asked: Asked = {
        token,
        get id() {
          return param('id');
        },
        home,
        req,
        res,
        param,
        field: (name) => {
          const value: unknown = (req.body as Record<string, unknown> | undefined)?.[name];
          return typeof value === 'string' ? value : '';
        },
        choose: (onRecord) => languageOf(req, onRecord),
        show: (page, language, status = 200) => answer(res, page(language), language, status),
      };
      await (changes(req) ? watchCommits(() => handle(asked)) : handle(asked));
    } catch (error) {
      if (error instanceof Refusal && error.code === 'LINK_NOT_VALID') await outside.limits.note(limit, address);
      throw error;
    }
  };
}

function answer(res: Response, page: Page, language: Language, status: number): Promise<void> {
  res.status(status).setHeader('Content-Language', language);
  return sendPlain(res, layout(page, language));
}

function languageOf(req: Request, onRecord: string | null): Language {
  const [, chosen] = /(?:^|;\s*)emanet-language=(\w+)/.exec(req.get('cookie') ?? '') ?? [];
  if (isLanguage(chosen)) return chosen;
  if (isLanguage(onRecord)) return onRecord;
  const accepted = req.acceptsLanguages(...languageTags);
  return isLanguage(accepted) ? accepted : languageTags[0];
}

const pressedBy = (req: Request) => ({ address: req.ip, agent: req.get('user-agent')?.slice(0, 500) ?? null });

/** The receipt is made before "done" is shown; what keeps it from being made now does not undo the act (`make-receipt`). */
async function finish(outside: Outside, res: Response, home: string, evidenceId: string | null): Promise<void> {
  if (evidenceId === null) return res.redirect(303, home);
  await makeReceipt(outside, evidenceId);
  res.redirect(303, `${home}/done/${evidenceId}`);
}

/** One page of a request was filled in: on to the next, back, to one of them, or signed. */
async function moveOn(outside: Outside, asked: Asked): Promise<unknown> {
  const { token, id, home, req, res, field, choose, show } = asked;
  const request = await openRequest(outside, token, id);
  const language = choose(request.signer.language);
  const action = `${home}/requests/${id}`;
  const own = stepsOf(request);
  const from = own.find((step) => step === field('from')) ?? own[0] ?? 'check';
  const to = field('to');
  const filled = filledOf(request, field, to === 'no');
  const goTo = (step: Step, problems: Page['problems'] = []) =>
    show(
      () => stepPage(step, { request, filled, home, action, language }, problems),
      language,
      problems.length > 0 ? 422 : 200,
    );
  const at = own.indexOf(from);
  if (to === 'back') return goTo(own[Math.max(0, at - 1)] ?? from);
  if (to === 'no') return goTo('check');
  const direct = steps.find((step) => step === to);
  if (direct && own.includes(direct)) return goTo(direct);
  const problems = problemsOf(request, filled, from, language);
  if (problems.length > 0) return goTo(from, problems);
  if (to !== 'sign') return goTo(own[at + 1] ?? 'check');
  const open = own.find((step) => problemsOf(request, filled, step, language).length > 0);
  const isNo = filled.answers.every((answer) => answer === 'no');
  if (open && !isNo) return goTo(open, problemsOf(request, filled, open, language));
  const { signing: t } = textsIn(language);
  const strokes = field('strokes');
  try {
    const { evidenceId } = await answerRequest(outside, token, {
      requestId: id,
      after: filled.after,
      answers: filled.answers.map((answer) => answer ?? 'no'),
      typedName: filled.typedName,
      isNoted: filled.isNoted,
      declaresResponsibility: request.capacity === 'guardian' ? filled.isResponsible : null,
      strokes: isDrawing(strokes) ? strokes : null,
      secondThing: field('digits') || null,
      language,
      ticks: [
        { label: t.noted, ticked: filled.isNoted },
        ...(request.capacity === 'guardian' ? [{ label: t.responsible, ticked: filled.isResponsible }] : []),
      ],
      button: isNo ? t.send : t.sign,
      ...pressedBy(req),
    });
    return await finish(outside, res, home, evidenceId);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'WRONG_STATE') throw error;
    const told = error.reasons.map((reason) => ({
      text: reasonText(reason, language),
      field: fieldOf[reason.code] ?? null,
    }));
    return goTo('check', told);
  }
}

const fieldOf: Readonly<Record<string, string>> = {
  NAME_MISSING: 'typedName',
  RESPONSIBILITY_MISSING: 'responsible',
  SECOND_THING_MISSING: 'digits',
  SECOND_THING_WRONG: 'digits',
};

function filledOf({ questions }: OpenRequest, field: Asked['field'], isNoToAll: boolean): Filled {
  const answerOf = (text: string): Answer | null => (text === 'yes' || text === 'no' ? text : null);
  return {
    answers: questions.map((_, at) => (isNoToAll ? 'no' : answerOf(field(`q${at}`)))),
    isNoted: field('noted') === 'yes',
    isResponsible: field('responsible') === 'yes',
    typedName: [...field('typedName').trim()].slice(0, 200).join(''),
    after: field('after').slice(0, 60) || null,
  };
}

/** What is still open on one page. */
function problemsOf(
  request: OpenRequest,
  filled: Filled,
  step: Step,
  language: Language,
): NonNullable<Page['problems']> {
  const tell = (code: 'NOT_NOTED' | 'QUESTIONS_OPEN') => reasonText({ code }, language);
  if (step === 'read') return filled.isNoted ? [] : [{ text: tell('NOT_NOTED'), field: 'noted' }];
  if (step === 'check') return [];
  const open = request.questions.findIndex(
    ({ audience }, at) => (audience === null) === (step === 'record') && filled.answers[at] === null,
  );
  return open === -1 ? [] : [{ text: tell('QUESTIONS_OPEN'), field: `q${open}` }];
}

/** Strokes as numbers and nothing else: lists of points. No pattern tells it, for one with nested repeats takes hours. */
function isDrawing(text: string): boolean {
  if (text === '' || text.length > mostStrokes) return false;
  const isList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0;
  try {
    const strokes: unknown = JSON.parse(text);
    return isList(strokes) && strokes.every((stroke) => isList(stroke) && stroke.every(Number.isFinite));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Refusals as pages: a wrong link looks the same whatever is wrong with it. A fault is told of the log and not to the reader. */
function answerWithPage(error: unknown, req: Request, res: Response, next: NextFunction): void {
  res.locals.sendPage = (code: string | null) => {
    const language = languageOf(req, null);
    const { signing: t } = textsIn(language);
    const page = (title: string, text: string): Page => ({ title, home: null, body: html`<p>${text}</p>` });
    if (code === 'LINK_NOT_VALID' || code === 'NOT_FOUND') return answer(res, wrongPage(language), language, 404);
    if (code === 'TOO_MANY_REQUESTS') return answer(res, page(t.busyTitle, t.busyText), language, 429);
    if (code === 'STATE_CHANGED')
      return answer(res, { ...page(t.busyTitle, t.changedText), home: res.locals.home }, language, 409);
    if (code === 'OUTCOME_UNKNOWN') {
      const doubt = page(t.busyTitle, textsIn(language).problems.OUTCOME_UNKNOWN);
      return answer(res, { ...doubt, home: res.locals.home }, language, 503);
    }
    if (code?.endsWith('_UNAVAILABLE') || code === 'SHUTTING_DOWN')
      return answer(res, page(t.busyTitle, t.busyText), language, 503);
    if (code !== null) return answer(res, page(t.wrongTitle, t.wrongText), language, 400);
    return answer(res, page(t.faultTitle, t.faultText), language, 500);
  };
  next(error);
}
