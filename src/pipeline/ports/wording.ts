import type { Terms } from '../../domain/terms.ts';

/** Texts of the product that become part of a record. All other words are chosen at the edge. */
export interface Wording {
  /** The notice and the consent with which a school begins, in every language. */
  terms(school: string): Terms['texts'];
}
