import { parseVerifyingKey } from '../../src/vault/keyring.ts';
import { findSigner } from '../../src/vault/sign.ts';
import { arrivals, type TestServer } from './server.ts';

/** Whether the log alone shows that the result of a recording was signed with the key that its runner registered with. */
export async function verifyFromLog(server: TestServer, recordingId: string): Promise<boolean> {
  const entries = (await arrivals(server, 'runner.')) as unknown as {
    action: string;
    object: { id: string };
    details: Record<string, string>;
  }[];
  const accepted = entries.find(
    ({ action, object }) => action === 'runner.result_accepted' && object.id === recordingId,
  );
  const { statement = '', signature = '' } = accepted?.details ?? {};
  const runnerId = JSON.parse(statement).runner as string;
  const registered = entries.find(({ action, object }) => action === 'runner.registered' && object.id === runnerId);
  const key = await parseVerifyingKey(registered?.details.publicKey ?? '');
  return (await findSigner(statement, signature, [key])) === registered?.details.fingerprint;
}
