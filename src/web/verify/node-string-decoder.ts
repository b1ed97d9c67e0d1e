/** What the verifier uses of `node:string_decoder`, for browsers: UTF-8 that comes in pieces. */
export class StringDecoder {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  write(octets: Uint8Array): string {
    return this.#decoder.decode(octets, { stream: true });
  }

  end(): string {
    return this.#decoder.decode();
  }
}
