import { createHash } from 'node:crypto';
import * as openid from 'openid-client';
import { Refusal } from '../../domain/errors.ts';
import type { RoleMapping } from '../../domain/role-mapping.ts';
import {
  type HandedOver,
  NotBelieved,
  type ProvidedPerson,
  type SignOn,
  type SignOnPurpose,
} from '../../pipeline/ports/sign-on.ts';
import { askProvider, isLoopback, ProviderSilent } from './ask-provider.ts';
import { readClaims } from './read-claims.ts';
import { createSignOutReader } from './read-sign-out.ts';
import { createSeal } from './seal.ts';

/** What belongs to one journey to the provider and back; the browser that makes it keeps it. */
interface Journey {
  readonly purpose: SignOnPurpose;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly begunAt: number;
}

export interface SignOnOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly name: string;
  readonly scopes: string;
  readonly groupsClaim: string;
  readonly mapping: RoleMapping;
  readonly makesAccounts: boolean;
  readonly linksByEmail: boolean;
  readonly trustsSecondFactor: boolean;
  readonly authSecret: string;
  /** Where the provider sends browsers back to. */
  readonly callbackUrl: () => string;
}

const journeyMs = 10 * 60_000;
/** What the provider says of itself is asked for again after so long. */
const discoveryMs = 60 * 60_000;
/** How far the clocks of the provider and of this machine may be apart. */
const skewMs = 60_000;

/**
 * OpenID Connect Core 1.0, authorization code flow, with PKCE (RFC 7636), state, nonce, the issuer in the answer (RFC 9207)
 * and signatures of ID tokens checked by the provider's keys.
 */
export function createSignOn(options: SignOnOptions): SignOn {
  const { issuer, clientId, clientSecret, callbackUrl } = options;
  const { seal, open } = createSeal<Journey>(options.authSecret, 'journeys to the provider');
  const handovers = createSeal<HandedOver>(options.authSecret, 'sessions handed over');
  const readSignOut = createSignOutReader(clientId);
  let known: { readonly at: number; readonly provider: Promise<openid.Configuration> } | null = null;
  const discover = (): Promise<openid.Configuration> => {
    if (known !== null && Date.now() - known.at < discoveryMs) return known.provider;
    const execute = [openid.enableNonRepudiationChecks];
    if (isLoopback(new URL(issuer).hostname)) execute.push(openid.allowInsecureRequests);
    const provider = openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      execute,
      [openid.customFetch]: askProvider,
    });
    const next = { at: Date.now(), provider };
    known = next;
    provider.catch(() => {
      if (known === next) known = null;
    });
    return provider;
  };
  const provider = () =>
    discover().catch((cause) => {
      throw new Refusal('PROVIDER_UNAVAILABLE', { cause });
    });

  return {
    name: options.name,
    mapping: options.mapping,
    makesAccounts: options.makesAccounts,
    linksByEmail: options.linksByEmail,
    trustsSecondFactor: options.trustsSecondFactor,
    async begin(purpose, language) {
      const config = await provider();
      const journey: Journey = {
        purpose,
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
        begunAt: Date.now(),
      };
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: callbackUrl(),
        scope: options.scopes,
        state: journey.state,
        nonce: journey.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(journey.verifier),
        code_challenge_method: 'S256',
        ui_locales: language,
        // A session is handed over, or confirmed, to nobody who did not just show who they are.
        ...(purpose.kind !== 'sign-in' ? { prompt: 'login', max_age: '0' } : {}),
      });
      return { url: url.href, sealed: seal(journey) };
    },
    readSignOut: async (token) => readSignOut(await provider(), token),
    handOver: (session) => handovers.seal(session),
    takeOver: (code) => handovers.open(code),
    async finish(query, sealed) {
      const journey = sealed === null ? null : open(sealed);
      if (journey === null) throw new NotBelieved('journey', 'begun in another browser');
      if (Date.now() - journey.begunAt > journeyMs) throw new NotBelieved('journey', 'begun too long ago');
      const given = new URLSearchParams(query);
      if (given.get('state') !== journey.state) throw new NotBelieved('journey', 'another state');
      const config = await provider();
      const person = await believe(config, new URL(`${callbackUrl()}?${given}`), journey, options);
      if (journey.purpose.kind !== 'sign-in') assertShownSince(person, journey);
      return {
        person,
        purpose: journey.purpose,
        challengeDigest: createHash('sha256').update(`journey ${journey.state}`).digest('hex'),
        challengeEndsAt: new Date(journey.begunAt + journeyMs),
      };
    },
  };
}

/** Changes the code for tokens, and reads what they say. @throws NotBelieved; Refusal `PROVIDER_UNAVAILABLE`. */
async function believe(
  config: openid.Configuration,
  answer: URL,
  journey: Journey,
  { groupsClaim }: SignOnOptions,
): Promise<ProvidedPerson> {
  try {
    const tokens = await openid.authorizationCodeGrant(config, answer, {
      pkceCodeVerifier: journey.verifier,
      expectedState: journey.state,
      expectedNonce: journey.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new NotBelieved('answer', 'no ID token');
    const said = readClaims(claims, groupsClaim);
    if ((said.groups !== null && said.email !== null) || !config.serverMetadata().userinfo_endpoint) return said;
    // Many providers put into the token only who it is.
    const more = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
    return readClaims({ ...more, ...claims }, groupsClaim);
  } catch (error) {
    if (error instanceof NotBelieved) throw error;
    if (isSilent(error)) throw new Refusal('PROVIDER_UNAVAILABLE', { cause: error });
    if (error instanceof openid.AuthorizationResponseError)
      throw new NotBelieved('refused', error.error.slice(0, 100), { cause: error });
    // Every other error of the library says that the answer is not valid.
    throw new NotBelieved('answer', error instanceof Error ? error.message.slice(0, 200) : 'not valid', {
      cause: error,
    });
  }
}

/** @throws NotBelieved when the provider did not let the person show who they are since the journey was begun. */
function assertShownSince({ authenticatedAt }: ProvidedPerson, { begunAt }: Journey): void {
  if (authenticatedAt === null) throw new NotBelieved('answer', 'no auth_time');
  if (authenticatedAt.getTime() < begunAt - skewMs) throw new NotBelieved('answer', 'auth_time is too old');
}

function isSilent(error: unknown): boolean {
  return (
    error instanceof ProviderSilent || (error instanceof Error && error.cause !== undefined && isSilent(error.cause))
  );
}
