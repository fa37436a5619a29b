import type { ConceptMap } from '@medplum/fhirtypes';

type Group = NonNullable<ConceptMap['group']>[number];

const conceptMap = (name: string, ...group: Group[]): ConceptMap => ({
  resourceType: 'ConceptMap',
  status: 'active',
  url: `http://example.org/${name}`,
  group,
});
const one = (unmapped?: Group['unmapped']): Group => ({
  source: 'http://example.org/a',
  target: 'http://example.org/x',
  element: [
    { code: '1', target: [{ code: 'one', display: 'One', equivalence: 'equal' }] },
    { code: 'none', target: [{ equivalence: 'unmatched' }] },
  ],
  ...(unmapped ? { unmapped } : {}),
});
const two: Group = {
  source: 'http://example.org/b',
  target: 'http://example.org/y',
  element: [{ code: '2', target: [{ code: 'two', equivalence: 'equal' }] }],
};
/** As R5 writes it: `relationship` where R4 has `equivalence`, other names for what to do with the rest. */
const five = {
  source: 'http://example.org/a',
  target: 'http://example.org/x',
  element: [
    { code: '1', target: [{ code: 'not-this', relationship: 'not-related-to' }] },
    {
      code: '2',
      target: [
        { code: 'wide', relationship: 'related-to' },
        { code: 'same', relationship: 'equivalent' },
      ],
    },
  ],
  unmapped: { mode: 'use-source-code' },
} as unknown as Group;

/** The ConceptMaps outside the maps of the suite. */
export const CONCEPT_MAPS: ConceptMap[] = [
  conceptMap('codes', one(), two),
  conceptMap('provided', one({ mode: 'provided' })),
  conceptMap('fixed', one({ mode: 'fixed', code: 'other', display: 'Other' })),
  conceptMap('elsewhere', one({ mode: 'other-map', url: 'http://example.org/codes' }), two),
  conceptMap('five', five),
];
