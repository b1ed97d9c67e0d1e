/** No bounce of a mail of ours is larger: they return at most the mail itself. */
export const mostBounceBytes = 1024 ** 2;

/** The mailbox that mails come back to. */
export interface BounceMailbox {
  /**
   * Hands out the messages that were not marked yet, the oldest first, and marks each for which `look` says so. Nothing is
   * deleted or moved. What has more than `mostBounceBytes` comes as null.
   * @throws Error if the mail server cannot be reached, or breaks off: what is not marked then comes again.
   */
  each(look: (message: Uint8Array | null) => Promise<{ readonly isDone: boolean }>): Promise<void>;
}
