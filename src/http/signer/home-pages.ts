import type { Language } from '../../domain/language.ts';
import { textsIn } from '../../language/catalogue.ts';
import { fill } from '../../language/fill.ts';
import { questionWords } from '../../language/question-words.ts';
import type { findAct, getSignerPage, openAnswer } from '../../pipeline/signing/get-signer-page.ts';
import type { previewBySigner } from '../../pipeline/signing/withdraw-by-signer.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';

type Of<F extends (...given: never[]) => unknown> = Awaited<ReturnType<F>>;

const about = (one: { readonly subject: string; readonly class: string | null }) =>
  one.class === null ? one.subject : `${one.subject}, ${one.class}`;

function clock(language: Language, timeZone: string) {
  const { locale } = textsIn(language).signing;
  return {
    when: (at: Date) =>
      `${new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone }).format(at)} (${timeZone})`,
    day: (at: Date) => new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone }).format(at),
  };
}

/** What waits, and what was answered. */
export function homePage(found: Of<typeof getSignerPage>, home: string, language: Language): Page {
  const { signing: t } = textsIn(language);
  const { signer, school, timeZone, requests, answers } = found;
  const { when, day } = clock(language, timeZone);
  const open = requests.filter(({ state }) => state === 'open');
  const over = requests.filter(({ state }) => state !== 'open' && state !== 'answered');
  // The last answer about somebody in a course is the one that stands.
  const shown = answers.filter((one, at) => answers.findIndex((other) => other.about === one.about) === at);
  const canAnswer = new Set(requests.filter(({ state }) => state === 'answered').map(({ id }) => id));
  return {
    title: fill(t.hello, { name: signer.name }),
    home,
    body: html`<p>${fill(t.forSchool, { school })}</p>
${signer.isReplaced && html`<p class="note">${t.replaced}</p>`}
<section><h2>${t.waiting}</h2>${
      open.length === 0
        ? html`<p class="quiet">${t.nothingWaits}</p>`
        : html`<ul class="cards">${open.map(
            (one) =>
              html`<li><h3>${about(one)}</h3><p>${one.course}</p><p class="quiet">${fill(t.answerBy, { day: day(one.answerBy) })}</p>${
                !signer.isReplaced &&
                html`<p><a class="button" href="${home}/requests/${one.id}">${t.answer}<span class="hidden">: ${about(one)}, ${one.course}</span></a></p>`
              }</li>`,
          )}</ul>`
    }</section>
<section><h2>${t.given}</h2>${
      shown.length === 0
        ? html`<p class="quiet">${t.nothingGiven}</p>`
        : html`<ul class="cards">${shown.map(
            (one) =>
              html`<li><h3>${about(one)}</h3><p>${one.course}</p><p><strong>${one.isPartial ? t.grantedPartly : t.status[one.status]}</strong></p><p class="quiet">${fill(t.answeredOn, { when: when(one.at) })}</p><p><a href="${home}/answers/${one.id}">${t.seeAnswer}<span class="hidden">: ${about(one)}, ${one.course}</span></a>${
                one.requestId !== null &&
                canAnswer.has(one.requestId) &&
                !signer.isReplaced &&
                html` · <a href="${home}/requests/${one.requestId}">${t.changeAnswer}<span class="hidden">: ${about(one)}, ${one.course}</span></a>`
              }</p></li>`,
          )}</ul>`
    }</section>
${over.length > 0 && html`<ul class="quiet">${over.map((one) => html`<li>${about(one)}, ${one.course}: ${t.over[one.state as keyof typeof t.over]}</li>`)}</ul>`}`,
  };
}

/** One answer, with what exists because of it. */
export function answerPage(found: Of<typeof openAnswer>, home: string, action: string, language: Language): Page {
  const { signing: t, labels } = textsIn(language);
  const { when, day } = clock(language, found.timeZone);
  const { purposes, releaseTo, declined, declinedTo } = found.answers;
  const line = (
    purpose: (typeof purposes)[number],
    audience: (typeof releaseTo)[number] | null,
    isYes: boolean,
  ): Html =>
    html`<div><dt>${questionWords({ purpose, audience }, 'adult', language).label}</dt><dd><strong>${isYes ? t.yes : t.no}</strong></dd></div>`;
  const canTakeBack = found.status === 'granted';
  return {
    title: about(found),
    home,
    body: html`<p>${found.course}</p><p><strong>${t.status[found.status]}</strong></p><p class="quiet">${fill(t.answeredOn, { when: when(found.at) })}</p>
<section><h2>${t.yourAnswers}</h2><dl class="facts answers">
${purposes.filter((one) => one !== 'release').map((one) => line(one, null, true))}
${declined.filter((one) => one !== 'release').map((one) => line(one, null, false))}
${releaseTo.map((one) => line('release', one, true))}${declinedTo.map((one) => line('release', one, false))}
</dl>
${canTakeBack && html`<p><a class="button plain" href="${action}/withdraw">${t.withdraw}</a></p>`}</section>
<section><h2>${t.lessons}</h2>${
      found.lessons.length === 0
        ? html`<p class="quiet">${t.noLessons}</p>`
        : html`<ul class="cards">${found.lessons.map(
            (lesson) =>
              html`<li><h3>${lesson.title}</h3><p>${day(lesson.plannedStart)}</p>${
                lesson.recordings.length === 0
                  ? html`<p class="quiet">${t.noRecording}</p>`
                  : lesson.recordings.map(
                      ({ state, by }) =>
                        html`<p>${fill(t.recordingIs, { state: labels.recordingState[state] })}</p><p class="quiet">${
                          by.length === 0
                            ? t.nobodyWatched
                            : by
                                .map(({ kind, minutes }) =>
                                  fill(t.watched, { who: t.who[kind as keyof typeof t.who], minutes }),
                                )
                                .join(', ')
                        }</p>`,
                    )
              }${
                found.isOfPerson &&
                html`<form method="post" action="${action}/lessons/${lesson.id}">${lesson.isObjectedTo && html`<p class="note">${t.objected}</p>`}<button class="plain" name="do" value="${lesson.isObjectedTo ? 'lift' : 'object'}">${lesson.isObjectedTo ? t.liftObjection : t.objectTo}<span class="hidden">: ${lesson.title}, ${day(lesson.plannedStart)}</span></button></form>`
              }</li>`,
          )}</ul>`
    }</section>
${
  found.evidence.length > 0 &&
  html`<section><h2>${t.receipts}</h2><p class="quiet">${t.receiptHelp}</p><ul>${found.evidence.map(
    ({ id, event, at }) =>
      html`<li>${fill(t.receiptOf[event], { when: when(at) })}: ${receiptLinks(home, id, language)}</li>`,
  )}</ul></section>`
}
<p><a href="${home}">${t.home}</a></p>`,
  };
}

const receiptLinks = (home: string, evidenceId: string, language: Language): Html => {
  const { signing: t } = textsIn(language);
  return html`<a href="${home}/receipts/${evidenceId}.pdf">${t.receiptPdf}</a>, <a href="${home}/receipts/${evidenceId}.json" download>${t.receiptJson}</a>`;
};

/** What a withdrawal stops, before it happens. */
export function withdrawPage(
  found: Of<typeof previewBySigner>,
  home: string,
  action: string,
  language: Language,
): Page {
  const { signing: t } = textsIn(language);
  const day = (at: Date) =>
    new Intl.DateTimeFormat(t.locale, { dateStyle: 'long', timeZone: found.timeZone }).format(at);
  return {
    title: t.withdrawTitle,
    home,
    body: html`<p>${found.subject}</p><p>${t.withdrawText}</p>
${
  found.recorded.length === 0
    ? html`<p>${t.withdrawNothing}</p>`
    : html`<p>${t.withdrawStops}</p><ul>${found.recorded.map((one) => html`<li>${one.title}, ${day(one.plannedStart)}</li>`)}</ul><p class="quiet">${t.withdrawNot}</p>`
}
<form method="post" action="${action}"><p class="bar"><button>${t.withdrawYes}</button> <a class="button plain" href="${home}">${t.back}</a></p></form>`,
  };
}

/** After an act: what it was, and its receipt. `isReady`: the receipt has been made. */
export function donePage(act: Of<typeof findAct>, home: string, language: Language): Page {
  const { signing: t } = textsIn(language);
  const isNo = act.permission.status === 'refused';
  const title = { answered: isNo ? t.doneNo : t.doneYes, withdrawn: t.doneWithdrawn, objected: t.doneObjected }[
    act.event
  ];
  const text = { answered: isNo ? t.doneNoText : t.doneText, withdrawn: t.doneWithdrawnText, objected: t.doneText }[
    act.event
  ];
  return {
    title,
    home,
    body: html`<p>${text}</p><section><h2>${t.receipt}</h2><p>${receiptLinks(home, act.id, language)}</p><p class="quiet">${t.receiptHelp}</p></section><p><a class="button plain" href="${home}">${t.home}</a></p>`,
  };
}

export const wrongPage = (language: Language): Page => ({
  title: textsIn(language).signing.wrongTitle,
  home: null,
  body: html`<p>${textsIn(language).signing.wrongText}</p>`,
});
