import type { Evidence } from '../domain/evidence.ts';
import type { Terms } from '../domain/terms.ts';

/**
 * One answer under the field names of ISO/IEC TS 27560:2023, as the guide of the Data Privacy Vocabularies and Controls
 * Community Group has them (docs/permission-record.md maps them, field by field). One question, one record: so that an
 * event is never about two purposes. Null: Emanet does not hold it. It is computed from evidence and terms alone.
 */
export interface ConsentRecord {
  readonly schema_version: string;
  readonly record_id: string;
  readonly pii_principal_id: string | null;
  readonly pii_processing: {
    readonly privacy_notice: string;
    readonly language: string | null;
    readonly purposes: readonly {
      readonly purpose: string;
      readonly purpose_description: string;
      readonly lawful_basis: string;
      readonly pii_information: readonly { readonly pii_type: string }[];
      readonly pii_controllers: readonly string[];
      readonly collection_method: string;
      readonly processing_method: null;
      readonly storage_locations: null;
      readonly retention_period: string | null;
      readonly processing_locations: readonly string[];
      readonly geographic_restrictions: null;
      readonly services: readonly string[];
      readonly jurisdiction: null;
      readonly recipient_third_parties: readonly string[];
      readonly withdrawal_method: readonly string[];
      readonly privacy_rights: null;
      readonly codes_of_conduct: null;
      readonly impact_assessment: null;
      readonly authority_party: null;
    }[];
  };
  readonly party_identification: readonly {
    readonly party_id: string;
    readonly party_name: string;
    readonly party_role: string;
    readonly party_type: string | null;
    readonly party_address: null;
    readonly party_email: null;
    readonly party_phone: null;
    readonly party_url: null;
    readonly party_contact: null;
  }[];
  readonly event: readonly {
    readonly event_time: string;
    readonly validity_duration: string | null;
    readonly entity_id: string;
    readonly event_type: string;
    readonly event_state: string;
  }[];
}

/** The records of one signature: one for each question of its terms, in their order. */
export function toConsentRecords(evidence: Evidence, terms: Terms): ConsentRecord[] {
  return evidence.answers.map((answered) => toConsentRecord(evidence, terms, answered));
}

const schemaVersion = 'ISO/IEC TS 27560:2023';
/** The school and the signer within one record, where no identifier of their own is known. */
const controller = 'school';

function toConsentRecord(
  evidence: Evidence,
  terms: Terms,
  { purpose, audience, answer }: Evidence['answers'][number],
): ConsentRecord {
  const { signer, subject } = evidence;
  const signerId = signer.id ?? 'signer';
  const isOfRecording = purpose === 'keep' || purpose === 'release';
  const end = isOfRecording ? terms.keptUntil : terms.until;
  const unknownParty = {
    party_address: null,
    party_email: null,
    party_phone: null,
    party_url: null,
    party_contact: null,
  };
  return {
    schema_version: schemaVersion,
    // An objection to one lesson is no record of the course: it has a name of its own.
    record_id: [evidence.permission ?? evidence.id, purpose, ...(audience === null ? [] : [audience])].join('/'),
    pii_principal_id: subject.kind === 'person' ? subject.id : null,
    pii_processing: {
      privacy_notice: `sha256:${evidence.terms}`,
      language: evidence.notice?.language ?? null,
      purposes: [
        {
          purpose,
          purpose_description: terms.reason,
          lawful_basis: 'dpv:Consent',
          pii_information: ['name', 'picture', 'voice'].map((pii_type) => ({ pii_type })),
          pii_controllers: [controller],
          collection_method: terms.channel,
          processing_method: null,
          storage_locations: null,
          retention_period: isOfRecording ? terms.keptUntil : null,
          processing_locations: terms.sites,
          geographic_restrictions: null,
          services: [terms.course, ...(evidence.lesson === null ? [] : [evidence.lesson])],
          jurisdiction: null,
          recipient_third_parties: audience === null ? [] : [audience],
          withdrawal_method: [
            ...(evidence.tokenSha256 === null ? [] : ['personal_link']),
            ...['paper', 'email', 'spoken'],
          ],
          privacy_rights: null,
          codes_of_conduct: null,
          impact_assessment: null,
          authority_party: null,
        },
      ],
    },
    party_identification: [
      {
        party_id: controller,
        party_name: terms.school,
        party_role: 'controller',
        party_type: 'organisation',
        ...unknownParty,
      },
      {
        party_id: signerId,
        party_name: signer.name,
        party_role: signer.capacity,
        party_type: signer.relation,
        ...unknownParty,
      },
    ],
    event: [
      {
        event_time: evidence.answeredAt,
        validity_duration: end === null ? null : `${terms.from}/${end}`,
        entity_id: signerId,
        event_type: evidence.event,
        event_state: stateOf(evidence.event, answer),
      },
    ],
  };
}

function stateOf(event: Evidence['event'], answer: Evidence['answers'][number]['answer']): string {
  if (answer === 'yes') return 'dpv:ConsentGiven';
  return event === 'withdrawn' ? 'dpv:ConsentWithdrawn' : 'dpv:ConsentRefused';
}
