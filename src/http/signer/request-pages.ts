import type { Answer } from '../../domain/evidence.ts';
import type { Language } from '../../domain/language.ts';
import type { Reader } from '../../domain/reader.ts';
import { textsIn } from '../../language/catalogue.ts';
import { fill } from '../../language/fill.ts';
import { questionWords } from '../../language/question-words.ts';
import type { openRequest } from '../../pipeline/signing/get-signer-page.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';

export type OpenRequest = Awaited<ReturnType<typeof openRequest>>;

/** The pages of one request, in their order. */
export const steps = ['read', 'record', 'audiences', 'check'] as const;
export type Step = (typeof steps)[number];

/** What was filled in so far; it travels with the form, so that nothing is kept before it is signed. */
export interface Filled {
  readonly answers: readonly (Answer | null)[];
  readonly isNoted: boolean;
  readonly isResponsible: boolean;
  readonly typedName: string;
  /** The answer that stood when the first page was made. */
  readonly after: string | null;
}

interface Shown {
  readonly request: OpenRequest;
  readonly filled: Filled;
  readonly home: string;
  readonly action: string;
  readonly language: Language;
}

/** The pages that this request has: without a question about audiences there is no page for it. */
export function stepsOf({ questions }: OpenRequest): readonly Step[] {
  const hasPlain = questions.some(({ audience }) => audience === null);
  const hasAudience = questions.some(({ audience }) => audience !== null);
  return steps.filter((step) => (step !== 'record' || hasPlain) && (step !== 'audiences' || hasAudience));
}

export function stepPage(step: Step, shown: Shown, problems: Page['problems'] = []): Page {
  const { request, home, language } = shown;
  const { signing: t } = textsIn(language);
  const own = stepsOf(request);
  const place = fill(t.step, { step: own.indexOf(step) + 1, steps: own.length });
  const about =
    request.class === null
      ? fill(t.about, { subject: request.subject })
      : fill(t.aboutClass, { subject: request.subject, class: request.class });
  const title = {
    read: fill(t.asksYou, { school: request.terms.school }),
    record: t.questionsTitle,
    audiences: t.audiencesTitle,
    check: t.checkTitle,
  }[step];
  const body = { read: readBody, record: questionsBody, audiences: questionsBody, check: checkBody }[step](shown, step);
  return {
    title,
    home,
    problems,
    body: html`<p class="quiet">${place} · ${about}</p>${body}`,
  };
}

function readBody(shown: Shown): Html {
  const { request, language } = shown;
  const { signing: t } = textsIn(language);
  const { terms } = request;
  const { notice, consent } = terms.texts[language];
  const day = (one: string) =>
    new Intl.DateTimeFormat(t.locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${one}T00:00:00Z`));
  const facts: readonly (readonly [string, string])[] = [
    [t.facts.course, terms.course],
    [t.facts.reason, terms.reason],
    [t.facts.when, fill(t.facts.span, { from: day(terms.from), until: day(terms.until) })],
    [t.facts.sites, terms.sites.join(', ')],
    [t.facts.channel, terms.channel],
    [t.facts.keptUntil, terms.keptUntil === null ? t.facts.keptByRules : day(terms.keptUntil)],
  ];
  return html`<dl class="facts">${facts.filter(([, value]) => value !== '').map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${
  request.isChild
    ? html`<section><h2>${t.childTitle}</h2><div class="text">${t.childShort.map((one) => html`<p>${one}</p>`)}</div></section>
<details><summary>${t.noticeWhole}</summary><div class="text">${paragraphs(notice.text)}</div></details>`
    : html`<section><h2>${t.noticeTitle}</h2><div class="text">${paragraphs(notice.text)}</div></section>`
}
<details><summary>${t.consentTitle}</summary><div class="text">${paragraphs(consent.text)}</div></details>
<form method="post" action="${shown.action}">
<input type="hidden" name="from" value="read">
${carried(shown, ['noted'])}
${check('noted', t.noted, shown.filled.isNoted)}
${bar(shown, 'read')}
</form>`;
}

function questionsBody(shown: Shown, step: Step): Html {
  const { request, filled, language } = shown;
  const { signing: t } = textsIn(language);
  const reader: Reader = request.isChild ? 'child' : 'adult';
  const own = request.questions
    .map((question, at) => ({ ...question, at }))
    .filter(({ audience }) => (audience === null) === (step === 'record'));
  const help = {
    guardian: t.noHelp,
    self: request.isChild ? t.noHelpChild : t.noHelpSelf,
    site_representative: t.noHelpSite,
  };
  return html`<p>${help[request.capacity]}</p>
<form method="post" action="${shown.action}">
<input type="hidden" name="from" value="${step}">
${carried(
  shown,
  own.map(({ at }) => `q${at}`),
)}
${own.map(({ at, needsPaper, ...question }) => {
  const { label, text } = questionWords(question, reader, language);
  const option = (answer: Answer, word: string) =>
    html`<label class="choice"><input type="radio" name="q${at}" value="${answer}" ${
      filled.answers[at] === answer && html`checked`
    } ${answer === 'yes' && html`id="q${at}"`}> ${word}</label>`;
  return html`<fieldset><legend>${label}</legend><p>${text}</p>${needsPaper && html`<p class="quiet">${t.paperToo}</p>`}<div class="choices">${option('yes', t.yes)}${option('no', t.no)}</div></fieldset>`;
})}
${bar(shown, step)}
</form>`;
}

function checkBody(shown: Shown): Html {
  const { request, filled, language } = shown;
  const { signing: t } = textsIn(language);
  const reader: Reader = request.isChild ? 'child' : 'adult';
  const isYes = filled.answers.includes('yes');
  const needsSecond = request.questions.some(
    ({ needsSecondThing }, at) => needsSecondThing && filled.answers[at] === 'yes',
  );
  return html`<form method="post" action="${shown.action}">
<input type="hidden" name="from" value="check"><button class="default" name="to" value="sign" tabindex="-1" aria-hidden="true"></button>
${carried(shown, ['responsible', 'typedName'])}
<dl class="facts answers">${request.questions.map(({ audience, purpose }, at) => {
    const step = audience === null ? 'record' : 'audiences';
    const { label } = questionWords({ audience, purpose }, reader, language);
    const answer = filled.answers[at] === 'yes' ? t.yes : t.no;
    return html`<div><dt>${label}</dt><dd><strong>${answer}</strong> <button class="link" name="to" value="${step}">${t.change}<span class="hidden"> ${label}</span></button></dd></div>`;
  })}</dl>
${isYes && request.capacity === 'guardian' && check('responsible', t.responsible, filled.isResponsible)}
${
  isYes &&
  html`<p class="field"><label for="typedName">${t.yourName}</label><input id="typedName" name="typedName" autocomplete="name" maxlength="200" value="${filled.typedName}"></p>
<div class="drawing" hidden data-drawing><p id="drawing-label">${t.drawing}</p><p class="quiet">${t.drawingHelp}</p><svg role="img" aria-labelledby="drawing-label" viewBox="0 0 300 120"></svg><button type="button" class="plain" data-clear>${t.clear}</button><input type="hidden" name="strokes" value=""></div>`
}
${
  needsSecond &&
  html`<p class="field"><label for="digits">${t.digits}</label><span class="quiet" id="digits-help">${t.digitsHelp}</span><input id="digits" name="digits" inputmode="numeric" autocomplete="off" maxlength="4" size="6" aria-describedby="digits-help"></p>`
}
${isYes && html`<p class="quiet">${t.simple}</p>`}
<p class="bar"><button name="to" value="sign">${isYes ? t.sign : t.send}</button> <button class="plain" name="to" value="back">${t.back}</button></p>
</form>`;
}

/** The one bar of a page: on to what is next, back, and no to everything at once. */
function bar({ request, language }: Shown, step: Step): Html {
  const { signing: t } = textsIn(language);
  const isFirst = stepsOf(request)[0] === step;
  return html`<p class="bar"><button name="to" value="next">${t.continue}</button> ${
    !isFirst && html`<button class="plain" name="to" value="back">${t.back}</button>`
  } <button class="plain" name="to" value="no">${t.noToAll}</button></p>`;
}

function check(name: string, label: string, isTicked: boolean): Html {
  return html`<p><label class="choice"><input type="checkbox" id="${name}" name="${name}" value="yes" ${isTicked && html`checked`}> ${label}</label></p>`;
}

/** What was filled in on the other pages. */
function carried({ filled }: Shown, here: readonly string[]): Html {
  const values: [string, string][] = [
    ...filled.answers.flatMap((answer, at): [string, string][] => (answer === null ? [] : [[`q${at}`, answer]])),
    ['after', filled.after ?? ''],
    ...(filled.isNoted ? [['noted', 'yes'] as [string, string]] : []),
    ...(filled.isResponsible ? [['responsible', 'yes'] as [string, string]] : []),
    ...(filled.typedName === '' ? [] : [['typedName', filled.typedName] as [string, string]]),
  ];
  return html`${values
    .filter(([name]) => !here.includes(name))
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}

export const paragraphs = (text: string): Html => html`${text.split(/\n{2,}/).map((one) => html`<p>${one}</p>`)}`;
