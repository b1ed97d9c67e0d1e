/**
 * What becomes of a request to one signer about one subject. `lapsed`: the time to answer is over; sending again opens it
 * again. `cancelled`: whom it is about left the course. `superseded`: the terms changed.
 */
export const requestStates = ['open', 'answered', 'lapsed', 'cancelled', 'superseded'] as const;

/** What becomes of a mail. `refused`: the mail server would not take it. `bounced`: it came back later. */
export const deliveryStates = ['queued', 'accepted', 'refused', 'bounced'] as const;

/** The texts of a school that a signer reads: the information, and what is consented to. */
export const textKinds = ['notice', 'consent'] as const;
