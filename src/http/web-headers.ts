import type { Request, Response } from 'express';

/** The request's headers in the form of the Fetch standard, as libraries want them. */
export function webHeaders(req: Request): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

export function sendCookies(res: Response, cookies: readonly string[]): void {
  if (cookies.length > 0) res.setHeader('Set-Cookie', [...cookies]);
}
