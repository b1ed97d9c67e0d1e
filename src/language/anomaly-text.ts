import type { AnomalyRule } from '../domain/anomaly.ts';
import type { Language } from '../domain/language.ts';
import { textsIn } from './catalogue.ts';
import { fill } from './fill.ts';
import type { Text } from './texts.ts';

/** A rule of what stands out, with the number at which it speaks (`domain/anomaly.ts`, `anomalyParams`). */
export const anomalyText = (
  rule: AnomalyRule,
  params: Readonly<Record<string, string | number>>,
  language: Language,
): string => fill(textsIn(language).labels.anomaly[rule] as Text<string>, params);
