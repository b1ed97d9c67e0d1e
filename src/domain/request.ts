/**
 * What becomes of a request to one signer about one subject. `lapsed`: the time to answer is over; sending again opens it
 * again. `cancelled`: whom it is about left the course. `superseded`: the terms changed.
 */
export const requestStates = ['open', 'answered', 'lapsed', 'cancelled', 'superseded'] as const;
export type RequestState = (typeof requestStates)[number];

/**
 * How a request stands at `now`: it lapses on the instant, whether or not that is written down yet, and what was answered in
 * earlier terms than `inForce` is not answered in them again.
 */
export function requestStateAt(
  request: { readonly state: RequestState; readonly answerBy: Date; readonly digest: string },
  inForce: string | null,
  now: Date,
): RequestState {
  if (request.state === 'answered' && request.digest !== inForce) return 'superseded';
  if (request.state === 'open' && request.answerBy <= now) return 'lapsed';
  return request.state;
}

/**
 * Why a mail goes to a signer. `told`: somebody else answered about the same child. `renewed`: their link was revoked, and this
 * is the new one.
 */
export const deliveryKinds = ['asked', 'reminder', 'told', 'renewed'] as const;
export type DeliveryKind = (typeof deliveryKinds)[number];

/**
 * What becomes of a mail. `refused`: the mail server would not take it. `bounced`: it came back later. `unknown`: the
 * process ended while the mail server was asked, and nobody sends it a second time.
 */
export const deliveryStates = ['queued', 'accepted', 'refused', 'bounced', 'unknown'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** The texts of a school that a signer reads: the information, and what is consented to. */
export const textKinds = ['notice', 'consent'] as const;
export type TextKind = (typeof textKinds)[number];
