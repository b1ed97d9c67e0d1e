import { type Language, languageTags } from '../../domain/language.ts';
import { textsIn } from '../../language/catalogue.ts';
import type { PlainPage } from '../web-pages.ts';
import { type Html, html } from './html.ts';

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** What is wrong with what was sent; the first thing on the page, and the title says so. */
  readonly problems?: readonly { readonly text: string; readonly field: string | null }[];
  /** Address of the page of the link, for changing the language; null: there is none. */
  readonly home: string | null;
}

/** A page as what `plain.html` says in its places. It works without script; with one, a signature can be drawn. */
export function layout({ title, body, problems = [], home }: Page, language: Language): PlainPage {
  const { signing: t } = textsIn(language);
  const isWrong = problems.length > 0;
  return {
    language,
    title: html`${isWrong ? t.errorPrefix.replace('{title}', title) : title}`.html,
    body: html`<header><span class="brand">Emanet</span>${home !== null && languageForm(home, language, t.language)}</header>
<main>
${isWrong && errorSummary(problems, t.problem)}
<h1>${title}</h1>
${body}
</main>
${home !== null && html`<footer><p>${t.keepPrivate}</p></footer>`}`.html,
  };
}

function languageForm(home: string, language: Language, label: string): Html {
  return html`<form method="post" action="${home}/language" class="language" aria-label="${label}">${languageTags
    .filter((tag) => tag !== language)
    .map(
      (tag) => html`<button name="language" value="${tag}" lang="${tag}">${textsIn(tag).signing.ownName}</button>`,
    )}</form>`;
}

function errorSummary(problems: NonNullable<Page['problems']>, title: string): Html {
  return html`<div class="problems" role="alert" tabindex="-1" autofocus id="problems"><h2>${title}</h2><ul>${problems.map(
    ({ text, field }) => html`<li>${field === null ? text : html`<a href="#${field}">${text}</a>`}</li>`,
  )}</ul></div>`;
}
