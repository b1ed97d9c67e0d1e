/**
 * What a person says a row is. `persons`: one or several, who sat at one screen. `staff`: somebody who works for the
 * school and has no entry among the people. `not_a_person`: a program, or a screen that nobody sat at. `never_admitted`:
 * waited and was not let in.
 */
export const attendeeDecisionKinds = ['persons', 'staff', 'not_a_person', 'never_admitted'] as const;
export type AttendeeDecisionKind = (typeof attendeeDecisionKinds)[number];

export interface AttendeeDecision {
  readonly kind: AttendeeDecisionKind;
  /** At least one for `persons`; empty for every other kind. */
  readonly personIds: readonly string[];
}
