import { type Language, languageTags } from '../domain/language.ts';
import type { DeliveryKind } from '../domain/request.ts';
import { textsIn } from './catalogue.ts';
import { escapeHtml } from './escape-html.ts';
import { fill } from './fill.ts';
import type { Texts } from './texts.ts';

/** What a letter to a signer says. */
export interface SignerMail {
  readonly kind: DeliveryKind;
  readonly signer: string;
  readonly school: string;
  readonly url: string;
  readonly about: readonly { readonly subject: string; readonly course: string; readonly answerBy: Date }[];
}

interface Words {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * A letter to a signer in their language, or where it is not known in every one, one below the other. The subject line names
 * the school and no child: it is read over shoulders and on locked screens.
 */
export function signerMail(mail: SignerMail, language: Language | null): Words {
  const languages = language === null ? languageTags : [language];
  const parts = languages.map((one) => wordsIn(mail, one));
  return {
    subject: [...new Set(parts.map(({ subject }) => subject))].join(' / '),
    text: parts.map(({ text }) => text).join('\n-- \n\n'),
    html: `<!doctype html><html lang="${languages[0]}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head><body style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:1em">${parts.map(({ html }) => html).join('<hr>')}</body></html>`,
  };
}

function wordsIn({ kind, signer, school, url, about }: SignerMail, language: Language): Words {
  const { signing } = textsIn(language);
  const t = signing.mail;
  const day = (at: Date) => new Intl.DateTimeFormat(signing.locale, { dateStyle: 'long' }).format(at);
  const { lead, subject } = leadIn(t)[kind];
  const isQuestion = kind === 'asked' || kind === 'reminder';
  const greeting = signer === '' ? t.greeting : fill(t.greetingTo, { name: signer });
  const lines = about.map((one) =>
    isQuestion
      ? fill(t.about, { subject: one.subject, course: one.course, day: day(one.answerBy) })
      : fill(t.aboutTold, { subject: one.subject, course: one.course }),
  );
  const button = isQuestion ? t.answer : t.look;
  const after = kind === 'told' ? t.toldAfter : t.askedAfter;
  const closing = fill(t.closing, { school });
  return {
    subject: fill(subject, { school }),
    text: `${[greeting, fill(lead, { school }), lines.map((line) => `- ${line}`).join('\n'), `${button}:\n${url}`, after, closing].join('\n\n')}\n`,
    html: `<div lang="${language}"><p>${escapeHtml(greeting)}</p><p>${escapeHtml(fill(lead, { school }))}</p><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul><p><a href="${escapeHtml(url)}" style="display:inline-block;padding:.6em 1.2em;background:#1d4f91;color:#ffffff;text-decoration:none;border-radius:.3em">${escapeHtml(button)}</a></p><p>${escapeHtml(url)}</p><p>${escapeHtml(after)}</p><p>${escapeHtml(closing)}</p></div>`,
  };
}

const leadIn = (t: Texts['signing']['mail']) =>
  ({
    asked: { lead: t.asked, subject: t.askedSubject },
    reminder: { lead: t.reminder, subject: t.reminderSubject },
    told: { lead: t.told, subject: t.toldSubject },
    renewed: { lead: t.renewed, subject: t.renewedSubject },
  }) satisfies Record<DeliveryKind, { lead: string; subject: string }>;
