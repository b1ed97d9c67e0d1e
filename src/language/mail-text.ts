import type { Language } from '../domain/language.ts';
import type { Mail } from '../domain/mail.ts';
import { anomalyText } from './anomaly-text.ts';
import { textsIn } from './catalogue.ts';
import { changeText } from './change-text.ts';
import { fill } from './fill.ts';
import { reasonText } from './reason-text.ts';

/** A mail in words. */
export function mailText(mail: Mail, language: Language): { readonly subject: string; readonly text: string } {
  const { mail: t } = textsIn(language);
  const paragraphs = (...parts: readonly string[]) => `${parts.join('\n\n')}\n`;
  switch (mail.kind) {
    case 'account':
      return { subject: t.accountSubject, text: paragraphs(mail.at, t.notice[mail.notice], t.unlessYou, mail.url) };
    case 'test':
      return { subject: t.testSubject, text: paragraphs(t.test, mail.url) };
    case 'invitation':
      return { subject: t.invitationSubject, text: paragraphs(t.invitation, mail.url) };
    case 'emergency_used':
      return { subject: t.emergencyUsedSubject, text: paragraphs(t.emergencyUsed, mail.url) };
    case 'administrator_invited':
      return {
        subject: t.administratorInvitedSubject,
        text: paragraphs(fill(t.administratorInvited, { name: mail.name }), mail.url),
      };
    case 'password_reset':
      return {
        subject: t.passwordResetSubject,
        text: paragraphs(t.passwordReset, mail.url, t.passwordResetOnce),
      };
    case 'factor_reset_asked':
      return {
        subject: t.factorResetSubject,
        text: paragraphs(fill(t.factorReset, { name: mail.name }), mail.url),
      };
    case 'change_waits':
      return {
        subject: t.changeWaitsSubject,
        text: paragraphs(changeText(mail.change, language), fill(t.changeWaits, { day: mail.effectiveOn })),
      };
    case 'retention_week': {
      const section = (title: string, lines: readonly string[]) => [
        title,
        ...(lines.length > 0 ? lines.map((line) => `- ${line}`) : [t.nothing]),
        '',
      ];
      const soon = mail.soon.map(({ day, lesson, lessonDay, reason, holds }) => {
        const held = holds.map((hold) => ` [${reasonText(hold, language)}]`).join('');
        return `${day}: ${lesson} (${lessonDay}). ${reason ? reasonText(reason, language) : ''}${held}`;
      });
      const erased = mail.erased.map((one) => `${one.day}: ${one.lesson} (${one.recordingId}), ${t.why[one.why]}`);
      const holds = mail.holds.map((one) => `${one.day}: ${one.lesson}. ${one.reason}`);
      return {
        subject: t.weekSubject,
        text: [...section(t.soon, soon), ...section(t.erased, erased), ...section(t.holds, holds)].join('\n'),
      };
    }
    case 'log_forked':
      return { subject: t.forkedSubject, text: paragraphs(t.forked) };
    case 'anomalies': {
      const lines = mail.found.map(({ rule, params, count }) => `- ${anomalyText(rule, params, language)} (${count})`);
      return { subject: t.anomaliesSubject, text: paragraphs(t.anomalies, lines.join('\n'), mail.url) };
    }
    case 'object_damaged': {
      const { id, code, detail } = mail;
      return { subject: t.damagedSubject, text: paragraphs(fill(t.damaged, { id, code, detail })) };
    }
    case 'runner_disabled': {
      const why = textsIn(language).labels.runnerFault[mail.why];
      return { subject: t.runnerSubject, text: paragraphs(fill(t.runner, { name: mail.name, why })) };
    }
    case 'log_digest':
      return { subject: fill(t.digestSubject, { day: mail.day }), text: t.digest };
  }
}
