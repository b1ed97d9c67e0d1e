/** What a new school does first, in this order. */
export const firstSteps = [
  'name_school',
  'choose_rules',
  'assess_channel',
  'invite_staff',
  'test_mail',
  'import_people',
  'open_course',
] as const;
export type FirstStep = (typeof firstSteps)[number];
