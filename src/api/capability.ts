import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceInteraction,
} from '@medplum/fhirtypes';
import { parametersOf } from '../fhir/search/parameters.ts';
import { RELEASED_TYPES } from '../fhir/search/released-types.ts';
import { EXITS, type Exit } from './pull/exits.ts';

type RestResource = CapabilityStatementRestResource;

/** Doors for more than reading; they stand in `register-routes.ts`, `audit-routes.ts` and `explain-routes.ts`. */
const OTHERS: readonly RestResource[] = [
  {
    type: 'Consent',
    interaction: [{ code: 'create' }, { code: 'update' }, { code: 'search-type' }],
    searchParam: [PATIENT()],
  },
  { type: 'AuditEvent', interaction: [{ code: 'search-type' }], searchParam: [PATIENT()] },
];

const OWN = 'http://gezinspoort.nl/fhir/OperationDefinition';

function PATIENT() {
  return { name: 'patient', type: 'reference' as const };
}

/** What the FHIR base can do, for `GET /fhir/metadata`: the table of exits with the types that some view lets out, and the doors of the register and the log. */
export function capability(publicUrl: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-25',
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    software: { name: 'Gezinspoort' },
    implementation: { description: 'Exchange gateway of an Integrale Gezinspoli', url: `${publicUrl}/fhir` },
    rest: [
      {
        mode: 'server',
        security: {
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
        },
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        operation: [...operations(undefined), { name: 'explain', definition: `${OWN}/explain` }],
        resource: [...[...RELEASED_TYPES].map(released), ...OTHERS],
      },
    ],
  };
}

function released(type: string): RestResource {
  const codes = new Set(EXITS.flatMap((one) => interactionsOn(one, type)));
  const operation = operations(type);
  return {
    type: type as RestResource['type'],
    interaction: [...codes].map((code) => ({ code })),
    versioning: 'versioned',
    ...(codes.has('search-type') && {
      searchInclude: references(type).map((name) => `${type}:${name}`),
      searchRevInclude: [...RELEASED_TYPES].flatMap((other) =>
        [...parametersOf(other)]
          .filter(([, one]) => one.type === 'reference' && one.target?.some((target) => target === type))
          .map(([name]) => `${other}:${name}`),
      ),
      searchParam: [
        PATIENT(),
        ...[...parametersOf(type)]
          .filter(([name]) => name !== 'patient')
          .map(([name, one]) => ({ name, type: one.type })),
      ],
    }),
    ...(operation.length > 0 && { operation }),
  };
}

const references = (type: string): string[] =>
  [...parametersOf(type)].filter(([, one]) => one.type === 'reference').map(([name]) => name);

function interactionsOn({ path, named }: Exit, type: string): CapabilityStatementRestResourceInteraction['code'][] {
  if (!named || !('interaction' in named)) return [];
  const [, first = ''] = path.split('/');
  // A document is read by the id of what carries it, and by nothing else.
  return first === type || (first === ':type' && type !== 'Binary') ? [named.interaction] : [];
}

const operations = (type: string | undefined) =>
  EXITS.flatMap(({ named }) =>
    named && 'operation' in named && named.type === type
      ? [{ name: named.operation, definition: named.definition }]
      : [],
  );
