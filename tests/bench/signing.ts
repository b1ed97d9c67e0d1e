import type { FormClient } from '../../src/demo/form-client.ts';
import { openContactBook } from '../../src/pipeline/core/people-key.ts';
import setUpServices from '../support/global-setup.ts';
import { startMailServer } from '../support/mail-server.ts';
import { createSchool, ok } from '../support/school.ts';
import { startTestServer } from '../support/server.ts';
import { fillIn, openCourse, takeInClass } from '../support/signing.ts';
import { type Bench, median, percentile95 } from './measure.ts';

/**
 * (b) Guardians who press "sign" on their filled-in page at any moment of the same minute, until they see "thank you" with
 * the receipt made. The peer is one guardian after another with nobody beside them, in the same run.
 */
export const signing: Bench = {
  about: 'guardians who answer in the same minute',
  async measure({ isQuick, say }) {
    const guardians = isQuick ? 12 : 200;
    const alone = isQuick ? 3 : 20;
    const minuteMs = isQuick ? 3_000 : 60_000;
    process.env.S3_SERVERS ??= '';
    const stopServices = await setUpServices();
    const mailServer = await startMailServer();
    const server = await startTestServer({ SMTP_URL: mailServer.url, MAIL_FROM: 'okul@okul.example' });
    try {
      const school = await createSchool(server);
      const families = Array.from({ length: guardians + alone }, (_, at) => ({
        pupil: `Pupil ${at}`,
        guardians: [[`Guardian ${at}`, `guardian.${at}@family.example`, '0532 000 12 34']] as const,
      }));
      const { id } = await openCourse(school, await takeInClass(school, '9/A', families));
      ok(await school.teacher.post(`/api/courses/${id}/requests`));
      const { database } = server.context.outside;
      const links = await database.read.signerLink.findMany();
      const tokens = await database.transact({ actor: { kind: 'system', id: 'bench' } }, async (tx) => {
        const book = await openContactBook(server.context.outside, tx.db);
        return links.map((link) => book.token(link.id));
      });
      const forms: FormClient[] = [];
      for (const token of tokens) forms.push(await fillIn(server, `/s/${token}`));
      const sign = async (form: FormClient) => {
        const began = performance.now();
        await form.press('to', 'sign', { typedName: 'Guardian', responsible: 'yes' });
        if (!form.text.includes('Thank you')) throw new Error(`no thanks: ${form.text.slice(0, 200)}`);
        return performance.now() - began;
      };
      say('  one after another');
      const single: number[] = [];
      for (const form of forms.splice(0, alone)) single.push(await sign(form));
      say(`  ${forms.length} within a minute`);
      // Every moment is as likely as another: they come in clusters, as people do.
      const together = await Promise.all(
        forms.map(async (form) => {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * minuteMs));
          return sign(form);
        }),
      );
      const kept = await database.read.permission.count({ where: { courseId: id, status: 'granted' } });
      if (kept !== families.length) throw new Error(`${kept} answers of ${families.length}`);
      return [
        {
          name: `(b) ${forms.length} guardians in the same minute, p95`,
          value: percentile95(together),
          unit: 'ms',
          peer: 'one alone, median',
          peerValue: median(single),
          ratio: percentile95(together) / median(single),
          bar: 'below 300 ms',
          ok: percentile95(together) < 300,
        },
      ];
    } finally {
      await server.stop();
      await mailServer.stop();
      await stopServices();
    }
  },
};
