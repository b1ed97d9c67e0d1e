import { mustHave } from '../domain/must-have.ts';
import { FormClient } from './form-client.ts';

/** Who signs in the demo: name and the last digits of their telephone. */
export interface DemoSigner {
  readonly name: string;
  readonly digits: string;
}

const linkIn = (text: string): string => mustHave(/\/s\/[\w-]{22}/.exec(text)?.[0], 'link in a mail of the demo');

/** Opens the link of a letter and the first request on it, as a browser without script does. */
async function openRequest(url: string, letter: string, language: string): Promise<FormClient> {
  const client = await new FormClient(url, language).get(linkIn(letter));
  return client.get(mustHave(client.links(/\/requests\//)[0], `request on ${client.path}: ${client.text}`));
}

/** Says yes to everything, signs, and returns the page that follows. */
export async function sayYes(url: string, letter: string, signer: DemoSigner, language: string): Promise<FormClient> {
  const client = await openRequest(url, letter, language);
  await client.press('to', 'next', { noted: 'yes' });
  for (let pages = 0; pages < 3 && !client.page.includes('name="to" value="sign"'); pages++) {
    const questions = [...client.page.matchAll(/type="radio" name="(q\d+)"/g)].map(([, name = '']) => [name, 'yes']);
    await client.press('to', 'next', Object.fromEntries(questions));
  }
  await client.press('to', 'sign', { responsible: 'yes', typedName: signer.name, digits: signer.digits });
  return assertDone(client);
}

/** Says no to everything: two presses. */
export async function sayNo(url: string, letter: string, language: string): Promise<FormClient> {
  const client = await openRequest(url, letter, language);
  await client.press('to', 'no');
  await client.press('to', 'sign');
  return assertDone(client);
}

/** Takes the answer back by the same link. */
export async function takeBack(url: string, letter: string, language: string): Promise<FormClient> {
  const client = await new FormClient(url, language).get(linkIn(letter));
  await client.get(mustHave(client.links(/\/answers\/[^/]+$/)[0], 'answer on the page'));
  await client.get(mustHave(client.links(/\/withdraw$/)[0], 'withdrawal on the page'));
  await client.press('', '');
  return assertDone(client);
}

function assertDone(client: FormClient): FormClient {
  if (client.status !== 200 || !/\/done\//.test(client.path)) throw new Error(`${client.path}: ${client.text}`);
  return client;
}
