const said = (name: string): string | null =>
  document.querySelector<HTMLMetaElement>(`meta[name="emanet-${name}"]`)?.content ?? null;

/** Name of the provider of single sign-on; null: there is none. The page says so: nobody is signed in yet who could ask. */
export const providerName = (): string | null => said('provider');

/** Whether people sign in with a password of this server, or a passkey. */
export const signsInLocally = (): boolean => said('local-sign-in') !== 'off';
