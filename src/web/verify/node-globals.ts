import { Buffer } from 'buffer/';

/** The verifier was written for Node: here it finds the one global of it that it uses. Imported before everything else. */
Object.assign(globalThis, { Buffer });
