import { Api, signedInStaff, testPassword } from '../support/api.ts';
import setUpServices from '../support/global-setup.ts';
import { startTestServer } from '../support/server.ts';
import { type Bench, median, type Row } from './measure.ts';

/** How far two medians may lie apart, as a share, for a stranger to learn nothing from a few hundred answers. */
const apart = 0.05;

/**
 * (a) How long a "no" takes: an address that nobody has, one with a wrong password, one with a wrong code, and one that is
 * locked, 200 of each in turn. The peer is the address that nobody has, in the same run.
 */
export const answering: Bench = {
  about: 'how long a refused sign-in takes, by what was wrong with it',
  async measure({ isQuick, say }) {
    const times = isQuick ? 3 : 200;
    process.env.S3_SERVERS ??= '';
    const stopServices = await setUpServices();
    const server = await startTestServer({ WORKER: 'false', TRUST_PROXY: '1' });
    try {
      const people = await Promise.all(
        [...Array(2)].map((_, n) => signedInStaff(server, `Bench ${'AB'[n]}`, ['teacher'])),
      );
      const [known, locked] = people as [(typeof people)[0], (typeof people)[0]];
      const { read } = server.context.outside.database;
      const cases: Record<string, () => object> = {
        'an address that nobody has': () => ({
          email: `${crypto.randomUUID()}@school.example`,
          password: 'not the one',
        }),
        'a wrong password': () => ({ email: known.email, password: 'not the one at all' }),
        'a wrong code': () => ({ email: known.email, password: testPassword, code: '000000' }),
        'a locked address': () => ({ email: locked.email, password: testPassword, code: '000000' }),
      };
      const took = new Map<string, number[]>(Object.keys(cases).map((name) => [name, []]));
      for (let n = 0; n < times; n++) {
        for (const [name, body] of Object.entries(cases)) {
          // Only what is to be locked is locked, and no address has failed too often.
          await read.signInFailure.deleteMany();
          if (name === 'a locked address') for (let at = 0; at < 5; at++) await reserve(server, locked.email);
          const api = new Api(server.url, { 'x-forwarded-for': `10.${n % 250}.${took.size}.${Math.floor(n / 250)}` });
          const began = performance.now();
          const { status } = await api.post('/api/session', body());
          took.get(name)!.push(performance.now() - began);
          if (status !== 401) throw new Error(`${name} was answered with ${status}`);
        }
        if (n % 20 === 19) say(`  ${n + 1} of each`);
      }
      const peer = median(took.get('an address that nobody has')!);
      return [...took].map(([name, all]): Row => {
        const value = median(all);
        const ratio = value / peer;
        return {
          name: `(a) refused: ${name}, median of ${times}`,
          value,
          unit: 'ms',
          peer: 'an address that nobody has',
          peerValue: peer,
          ratio,
          bar: `within ${apart * 100} %`,
          ok: Math.abs(ratio - 1) <= apart,
        };
      });
    } finally {
      await server.stop();
      await stopServices();
    }
  },
};

async function reserve(server: Awaited<ReturnType<typeof startTestServer>>, email: string): Promise<void> {
  const { reserveAttempt } = await import('../../src/pipeline/staff/attempts.ts');
  await reserveAttempt(server.context.outside, email);
}
